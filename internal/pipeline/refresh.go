package pipeline

import (
	"context"
	"errors"
	"fmt"

	"github.com/indicatord/indicatord/outputs"
)

// ErrCannotRefresh says that an output has no way to tell its tool again what it
// has.
var ErrCannotRefresh = errors.New("this output cannot refresh its tool")

// Refresh tells the tool again what it has accepted, and nothing else: changes
// are for [Deliverer.Deliver], which also knows what must not be made now. The
// ledger stays as it is. An [outputs.PartialError] says that all was told, and some
// of it refused. Outputs that have nothing to refresh give [ErrCannotRefresh].
func (d *Deliverer) Refresh(ctx context.Context) (DeliveryCounts, error) {
	refresher, ok := d.Output.(outputs.Refresher)
	if !ok {
		return DeliveryCounts{}, ErrCannotRefresh
	}
	r, err := d.begin(ctx)
	if err != nil {
		return DeliveryCounts{}, err
	}
	r.mode = nothing
	o := &offering{round: r}
	receipt, err := refresher.Refresh(ctx, outputs.Delivery{Now: r.now, Changes: o.changes(ctx), All: o.all(ctx)})
	r.countReceipt(receipt)
	if partial, ok := errors.AsType[*outputs.PartialError](err); ok {
		r.counts.Refused = len(partial.Refused)
	}
	if err != nil {
		return r.counts, fmt.Errorf("refreshing the tool of %s: %w", d.Name, err)
	}
	return r.counts, nil
}
