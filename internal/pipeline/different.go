package pipeline

import (
	"context"
	"iter"

	"github.com/indicatord/indicatord/internal/indicator"
	"github.com/indicatord/indicatord/internal/store"
	"github.com/indicatord/indicatord/outputs"
)

// different yields the ids of the entries of which the tool has accepted
// something else than the view now shows, and which may be changed now.
func (r *round) different(ctx context.Context) iter.Seq2[int64, error] {
	return func(yield func(int64, error) bool) {
		err := r.eachDifference(ctx, func(record *store.Record, d *difference) bool {
			return !r.mode.allows(record, d) || yield(record.ID, nil)
		})
		if err != nil {
			yield(0, err)
		}
	}
}

// eachDifference calls f with every entry of which the tool has accepted
// something else than the view now shows, until f returns false.
func (r *round) eachDifference(ctx context.Context, f func(*store.Record, *difference) bool) error {
	for record, err := range r.records(ctx) {
		if err != nil {
			return err
		}
		if d, differs := r.difference(&record); differs && !f(&record, &d) {
			return nil
		}
	}
	return nil
}

func (r *round) records(ctx context.Context) iter.Seq2[store.Record, error] {
	if r.whole() {
		return r.Store.Entries(ctx, r.reading())
	}
	return r.Store.Changed(ctx, r.reading(), r.from.Sequence, r.until)
}

// reading leaves out the kinds that the output does not take, once its ledger
// cannot hold any of them: a changed policy may have left some behind.
func (r *round) reading() store.Reading {
	reading := store.Reading{Output: r.Name, InFull: r.Policy.NeedsText()}
	if r.from.Policy != mixed {
		reading.Kinds = r.Policy.Select.Kinds
	}
	return reading
}

// difference is what has to be done about an entry.
type difference struct {
	op     outputs.Op
	view   indicator.Entry
	digest uint64
}

// difference compares the view of a record with its ledger. What the tool has
// refused for good is not offered again until it changes.
func (r *round) difference(record *store.Record) (difference, bool) {
	view, visible := r.Policy.View(&record.Entry, r.now)
	if !visible {
		return difference{op: outputs.Remove, view: view}, record.Delivered != 0
	}
	d := difference{op: outputs.Add, view: view, digest: r.digest(&view)}
	if record.Delivered != 0 && record.Delivered != store.MaybeAdded {
		d.op = outputs.Update
	}
	return d, d.digest != record.Delivered && d.digest != record.Refused
}

// digest identifies what an output is shown of an entry. It is neither 0 nor one
// of the store's digests of nothing.
//
// The strictest marking that an output may see hides names in objects that it may
// see otherwise, and which they are is known only with their texts: so it is a part
// of what is shown. What is enforced is the same with any names.
func (r *round) digest(view *indicator.Entry) uint64 {
	shown := view.Revision()
	if !r.Policy.Enforcing {
		shown ^= mixed64(uint64(r.Policy.Select.MaxTLP))
	}
	return min(max(shown, 1), store.MaybeChanged-1)
}
