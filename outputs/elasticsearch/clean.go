package elasticsearch

import (
	"context"
	"fmt"
	"time"

	"github.com/indicatord/indicatord/internal/indicator"
	"github.com/indicatord/indicatord/outputs"
)

var _ outputs.Cleaner = (*output)(nil)

// Clean implements [outputs.Cleaner]. It deletes the documents of the keys in
// whatever version they are.
func (o *output) Clean(ctx context.Context, extra []indicator.Key) error {
	w := o.writer(&outputs.Delivery{Now: time.Now()})
	w.recording = o.history != nil
	w.unconditional = true
	err := w.writeAll(ctx, removals(extra))
	if err == nil {
		err = w.partial()
	}
	if err != nil {
		return fmt.Errorf("deleting from the Elasticsearch index %s: %w", o.settings.Index, err)
	}
	return nil
}

func removals(keys []indicator.Key) func(yield func(outputs.Change, error) bool) {
	return func(yield func(outputs.Change, error) bool) {
		for _, k := range keys {
			if !yield(outputs.Change{Op: outputs.Remove, Entry: indicator.Entry{Key: k}, Reason: "extra"}, nil) {
				return
			}
		}
	}
}
