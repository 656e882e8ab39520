package pipeline

import (
	"context"
	"iter"

	"github.com/indicatord/indicatord/internal/indicator"
	"github.com/indicatord/indicatord/internal/store"
	"github.com/indicatord/indicatord/outputs"
)

// offering is one call of an output, and what was offered in it.
type offering struct {
	*round
	ids     []int64
	offered []offered
	whole   bool // the output ranged over the whole view
}

// offered is one entry that was handed to the output.
type offered struct {
	op     outputs.Op
	key    indicator.Key
	change store.LedgerChange
}

// changes yields the portion's changes in full, as the store has them when they
// are asked for.
func (o *offering) changes(ctx context.Context) iter.Seq2[outputs.Change, error] {
	return func(yield func(outputs.Change, error) bool) {
		o.offered = o.offered[:0]
		for record, err := range o.Store.Records(ctx, store.Reading{Output: o.Name, InFull: true}, o.ids) {
			if err != nil {
				yield(outputs.Change{}, err)
				return
			}
			d, differs := o.difference(&record)
			if !differs {
				continue
			}
			o.note(&record, d)
			if !yield(o.change(&record, d), nil) {
				return
			}
		}
	}
}

func (o *offering) note(record *store.Record, d difference) {
	o.offered = append(o.offered, offered{op: d.op, key: record.Entry.Key, change: store.LedgerChange{
		Entry: record.ID, Digest: d.digest, Clear: record.Refused != 0,
	}})
}

func (o *offering) change(record *store.Record, d difference) outputs.Change {
	if d.op != outputs.Remove {
		return outputs.Change{Op: d.op, Entry: d.view}
	}
	gone := indicator.Entry{Key: record.Entry.Key, Sequence: record.Entry.Sequence}
	return outputs.Change{Op: d.op, Entry: gone, Reason: o.Policy.Because(&record.Entry, o.now)}
}

// record moves the ledger by what the tool accepted, and counts.
func (o *offering) record(ctx context.Context, partial *outputs.PartialError) error {
	refusals := refusalsOf(partial)
	changes := make([]store.LedgerChange, 0, len(o.offered))
	for _, offer := range o.offered {
		refusal, refused := refusals[offer.key]
		switch {
		case !refused:
			o.count(offer.op)
		case refusal.Final:
			offer.change = store.LedgerChange{Entry: offer.change.Entry, Digest: offer.change.Digest, Refused: reason(refusal)}
			o.counts.Refused++
		default:
			o.counts.Pending++
			continue
		}
		changes = append(changes, offer.change)
	}
	return o.Store.Record(ctx, o.Name, changes, o.now)
}

func (o *offering) count(op outputs.Op) {
	switch op {
	case outputs.Add:
		o.counts.Added++
	case outputs.Update:
		o.counts.Updated++
	case outputs.Remove:
		o.counts.Removed++
	}
}

func refusalsOf(partial *outputs.PartialError) map[indicator.Key]outputs.Refusal {
	if partial == nil {
		return nil
	}
	refusals := make(map[indicator.Key]outputs.Refusal, len(partial.Refused))
	for _, r := range partial.Refused {
		refusals[r.Key] = r
	}
	return refusals
}

// reason is never empty: an empty reason in the ledger is an acceptance.
func reason(r outputs.Refusal) string {
	if r.Reason == "" {
		return "refused without a reason"
	}
	return r.Reason
}
