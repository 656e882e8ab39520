package pipeline

import (
	"context"
	"iter"
	"slices"

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
	noted   bool // the store knows what is being offered
}

// offered is one entry that was handed to the output, or is part of a whole
// view whose acceptance moves the ledger.
type offered struct {
	entry  int64
	digest uint64
	op     outputs.Op
	clear  bool // an earlier refusal is over, if this is accepted
	// doubtful is an entry that was offered before without an answer.
	doubtful bool
}

// changes yields the portion's changes in full, as the store has them when they
// are asked for.
func (o *offering) changes(ctx context.Context) iter.Seq2[outputs.Change, error] {
	return func(yield func(outputs.Change, error) bool) {
		o.offered = o.offered[:0]
		if err := o.announce(ctx); err != nil {
			yield(outputs.Change{}, err)
			return
		}
		for record, err := range o.Store.Records(ctx, store.Reading{Output: o.Name, InFull: true}, o.ids) {
			if err != nil {
				yield(outputs.Change{}, err)
				return
			}
			d, differs := o.difference(&record)
			if !differs || !o.mode.allows(&record, &d) {
				continue
			}
			o.note(&record, d)
			if !yield(o.change(&record, d), nil) {
				return
			}
		}
	}
}

// announce notes durably what is about to be offered. A process that is killed
// after the tool has taken it, and before the ledger says so, would otherwise
// leave in the tool what nobody knows that it holds.
func (o *offering) announce(ctx context.Context) error {
	if o.noted || len(o.ids) == 0 {
		return nil
	}
	o.noted = true
	return o.Store.Offer(ctx, o.Name, o.ids)
}

func (o *offering) note(record *store.Record, d difference) {
	o.offered = append(o.offered, offered{
		entry: record.ID, digest: d.digest, op: d.op, clear: record.Refused != 0,
		doubtful: record.Delivered == store.MaybeAdded || record.Delivered == store.MaybeChanged,
	})
}

func (o *offering) change(record *store.Record, d difference) outputs.Change {
	if d.op != outputs.Remove {
		return outputs.Change{Op: d.op, Entry: d.view}
	}
	gone := indicator.Entry{Key: record.Entry.Key, Sequence: record.Entry.Sequence}
	return outputs.Change{Op: d.op, Entry: gone, Reason: o.Policy.Because(&record.Entry, o.now)}
}

// doubt notes what was offered without an answer. The tool may have taken it, so
// it counts as different even where the view comes back to what the ledger said:
// otherwise the tool would keep what nobody knows that it holds. It is noted
// although ctx may have ended, for that is one way to lose an answer.
func (o *offering) doubt(ctx context.Context) error {
	changes := make([]store.LedgerChange, 0, len(o.offered))
	for _, offer := range o.offered {
		if change, moves := offer.doubt(); moves {
			changes = append(changes, change)
		}
	}
	if !o.noted && len(changes) == 0 {
		return nil
	}
	return o.Store.Record(context.WithoutCancel(ctx), o.Name, changes, o.now)
}

// doubt is what the ledger says of an entry that the tool may have taken, and
// whether it does not say so already.
func (o *offered) doubt() (store.LedgerChange, bool) {
	digest := store.MaybeChanged
	if o.op == outputs.Add {
		digest = store.MaybeAdded
	}
	return store.LedgerChange{Entry: o.entry, Digest: digest, Clear: o.clear}, !o.doubtful
}

// record moves the ledger by what the tool accepted, and counts.
func (o *offering) record(ctx context.Context, partial *outputs.PartialError) error {
	refusals, err := o.refusals(ctx, partial)
	if err != nil {
		return err
	}
	if o.noted && len(o.offered) == 0 {
		return o.Store.Record(ctx, o.Name, nil, o.now)
	}
	for portion := range slices.Chunk(o.offered, changesAtOnce) {
		changes := make([]store.LedgerChange, 0, len(portion))
		for _, offer := range portion {
			if change, moves := o.answer(offer, refusals); moves {
				changes = append(changes, change)
			}
			delete(refusals, offer.entry)
		}
		if err := o.Store.Record(ctx, o.Name, changes, o.now); err != nil {
			return err
		}
	}
	return o.release(ctx, refusals)
}

// release takes out of the ledger what the tool had accepted before and now
// refuses, although nothing about it has changed: a list that it is not in has
// taken its place.
func (o *offering) release(ctx context.Context, refusals map[int64]outputs.Refusal) error {
	if !o.whole || len(refusals) == 0 {
		return nil
	}
	o.listed = true
	changes := make([]store.LedgerChange, 0, len(refusals))
	for entry, refusal := range refusals {
		change := store.LedgerChange{Entry: entry}
		if refusal.Doubtful && !refusal.Final {
			change.Digest = store.MaybeChanged
		}
		changes = append(changes, change)
		if refusal.Final {
			o.counts.Refused++
		} else {
			o.counts.Pending++
		}
	}
	return o.Store.Record(ctx, o.Name, changes, o.now)
}

// answer is what the tool's answer about one entry does to the ledger.
func (o *offering) answer(offer offered, refusals map[int64]outputs.Refusal) (store.LedgerChange, bool) {
	refusal, refused := refusals[offer.entry]
	switch {
	case !refused:
		o.count(offer.op)
		return store.LedgerChange{Entry: offer.entry, Digest: offer.digest, Clear: offer.clear}, true
	case refusal.Final:
		o.counts.Refused++
		return store.LedgerChange{Entry: offer.entry, Digest: offer.digest, Refused: reason(refusal)}, true
	}
	o.counts.Pending++
	if refusal.Doubtful {
		return offer.doubt()
	}
	return store.LedgerChange{Entry: offer.entry}, o.whole && offer.op == outputs.Update
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

// refusals finds the entries of the keys that the tool refused.
func (o *offering) refusals(ctx context.Context, partial *outputs.PartialError) (map[int64]outputs.Refusal, error) {
	if partial == nil {
		return nil, nil
	}
	keys := make([]indicator.Key, len(partial.Refused))
	for i, r := range partial.Refused {
		keys[i] = r.Key
	}
	ids, err := o.Store.IDs(ctx, keys)
	if err != nil {
		return nil, err
	}
	refusals := make(map[int64]outputs.Refusal, len(keys))
	for _, r := range partial.Refused {
		if id, known := ids[r.Key]; known {
			refusals[id] = r
		}
	}
	return refusals, nil
}

// reason is never empty: an empty reason in the ledger is an acceptance.
func reason(r outputs.Refusal) string {
	if r.Reason == "" {
		return "refused without a reason"
	}
	return r.Reason
}
