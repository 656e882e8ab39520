// Package file is an output to a file of documents in the Elastic Common Schema,
// one line for each change, for a log shipper to take elsewhere.
package file

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/indicatord/indicatord/internal/atomicfile"
	"github.com/indicatord/indicatord/internal/ecs"
	"github.com/indicatord/indicatord/outputs"
)

// Output appends to one file.
type Output struct {
	site     string
	log      *slog.Logger
	path     string
	mode     atomicfile.Mode
	rotation rotation
}

// Deliver implements [outputs.Output]. It returns once the lines are on the
// disk. A delivery that fails half way is offered again as a whole, so a line
// may be there twice; indicatord.id and indicatord.sequence tell.
func (o *Output) Deliver(ctx context.Context, d outputs.Delivery) (outputs.Receipt, error) {
	written, err := o.append(ctx, d)
	if err != nil {
		return outputs.Receipt{}, fmt.Errorf("appending to %s: %w", o.path, err)
	}
	return outputs.Receipt{Written: written, Held: -1, Where: o.path}, nil
}

func (o *Output) append(ctx context.Context, d outputs.Delivery) (written int, err error) {
	f := &appender{path: o.path, mode: o.mode, rotation: o.rotation}
	defer func() { err = errors.Join(err, f.close()) }()
	var line bytes.Buffer
	encoder := json.NewEncoder(&line)
	encoder.SetEscapeHTML(false) // People search for "&" and "<" as they are.
	for change, err := range d.Changes {
		if err == nil {
			err = ctx.Err()
		}
		if err != nil {
			return 0, err
		}
		line.Reset()
		if err := encoder.Encode(document(o.site, change, d.Now)); err != nil {
			return 0, fmt.Errorf("the document about %s: %w", change.Entry.Key, err)
		}
		if err := f.appendLine(line.Bytes()); err != nil {
			return 0, err
		}
		written++
	}
	if err := f.finish(); err != nil {
		return 0, err
	}
	o.tidy(ctx, f)
	return written, nil
}

// tidy deals with the files that were set aside. The lines are safe by then, so
// a failure is told and does not make the delivery fail.
func (o *Output) tidy(ctx context.Context, f *appender) {
	if !f.rotated {
		return
	}
	if err := o.rotation.tidy(ctx, f.target); err != nil {
		o.log.Warn("files that were set aside could not be tidied up", "path", o.path, "error", err)
	}
}

// document returns the document about a change. That of a removal is an event
// and not an indicator: rules that match every indicator they find must not take
// it for one.
func document(site string, change outputs.Change, now time.Time) *ecs.Doc {
	doc := ecs.Document(site, &change.Entry, now)
	doc.Event.Action = change.Op.String()
	if change.Op == outputs.Remove {
		doc.Event.Kind = "event"
		doc.Event.Type = []string{"deletion"}
		doc.Event.Reason = change.Reason
	}
	return doc
}

var _ outputs.Output = (*Output)(nil)
