package elasticsearch

import (
	"context"
	"fmt"
	"iter"

	"github.com/indicatord/indicatord/internal/indicator"
	"github.com/indicatord/indicatord/outputs"
)

var _ outputs.Refresher = (*output)(nil)

// Refresh implements [outputs.Refresher]. It writes every document again as it
// is, confirmed now: Elastic's rules look only at documents whose @timestamp is
// of the last thirty days. A document that has become later meanwhile stays.
func (o *output) Refresh(ctx context.Context, d outputs.Delivery) (outputs.Receipt, error) {
	w := o.writer(&d)
	if err := o.prepare(ctx); err != nil {
		return w.receipt(), err
	}
	if err := w.writeAll(ctx, updates(d.All(outputs.InFull))); err != nil {
		return w.receipt(), fmt.Errorf("confirming the documents of the Elasticsearch index %s: %w", o.settings.Index, err)
	}
	return w.receipt(), w.partial()
}

// updates makes a view into changes that write every entry once more, but for
// what is to change anyway: of that, only the key is shown.
func updates(view iter.Seq2[indicator.Entry, error]) iter.Seq2[outputs.Change, error] {
	return func(yield func(outputs.Change, error) bool) {
		for e, err := range view {
			if err == nil && pending(&e) {
				continue
			}
			if !yield(outputs.Change{Op: outputs.Update, Entry: e}, err) {
				return
			}
		}
	}
}
