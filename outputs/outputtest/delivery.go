package outputtest

import (
	"iter"
	"slices"

	"github.com/indicatord/indicatord/internal/indicator"
	"github.com/indicatord/indicatord/outputs"
)

// NewDelivery returns a delivery that offers the whole view in the right order
// and the changes in the given one. Its sequences may be ranged over many times.
func NewDelivery(all []indicator.Entry, changes []outputs.Change) outputs.Delivery {
	all = slices.Clone(all)
	slices.SortFunc(all, func(a, b indicator.Entry) int { return indicator.Compare(a.Key, b.Key) })
	changes = slices.Clone(changes)
	return outputs.Delivery{
		Now:     Now,
		Changes: Sequence(changes, nil),
		All: func(detail outputs.Detail) iter.Seq2[indicator.Entry, error] {
			if detail == outputs.InFull {
				return Sequence(all, nil)
			}
			return keysOnly(all)
		},
	}
}

// Additions returns a change for each entry that adds it.
func Additions(entries []indicator.Entry) []outputs.Change {
	changes := make([]outputs.Change, len(entries))
	for i, e := range entries {
		changes[i] = outputs.Change{Op: outputs.Add, Entry: e}
	}
	return changes
}

// Sequence yields the items and then, where err is not nil, the error.
func Sequence[T any](items []T, err error) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		for _, item := range items {
			if !yield(item, nil) {
				return
			}
		}
		if err != nil {
			var none T
			yield(none, err)
		}
	}
}

// keysOnly yields the entries as the store does where only keys are asked for.
func keysOnly(entries []indicator.Entry) iter.Seq2[indicator.Entry, error] {
	return func(yield func(indicator.Entry, error) bool) {
		for _, e := range entries {
			until, end := e.ValidUntil()
			e.Assertions = []indicator.Assertion{{
				Version:    e.Version(),
				ValidFrom:  e.ValidFrom(),
				ValidUntil: until,
				End:        end,
				Confidence: e.Confidence(),
				TLP:        e.TLP(),
				Direction:  e.Direction(),
				Scope:      e.Scope(),
				Exactness:  e.Exactness(),
			}}
			if !yield(e, nil) {
				return
			}
		}
	}
}
