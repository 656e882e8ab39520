package syslog

import (
	"context"

	"github.com/indicatord/indicatord/internal/indicator"
	"github.com/indicatord/indicatord/outputs"
)

// Preview implements [outputs.Previewer]: events are written and thrown away. It
// may run while events are sent.
func (o *output) Preview(ctx context.Context, d outputs.Delivery, leave func(indicator.Key, string)) error {
	format, err := newFormatter(&o.settings, o.env)
	if err != nil {
		return err
	}
	var line []byte
	for entry, err := range d.All(outputs.InFull) {
		if err == nil {
			err = ctx.Err()
		}
		if err != nil {
			return err
		}
		var unsaid string
		line, unsaid = format.append(line[:0], d.Now, &outputs.Change{Op: outputs.Add, Entry: entry})
		if unsaid != "" {
			leave(entry.Key, unsaid)
		}
	}
	return nil
}
