package pipeline

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/indicatord/indicatord/internal/indicator"
	"github.com/indicatord/indicatord/internal/store"
	"github.com/indicatord/indicatord/outputs"
)

// ErrCannotVerify says that an output cannot read its tool back.
var ErrCannotVerify = errors.New("this output cannot read its tool back")

// Verification is what a look at the tool has found.
type Verification struct {
	// Wanted counts what the tool has accepted, Verified what is there as it was
	// accepted.
	Wanted   int `json:"wanted"`
	Verified int `json:"verified"`
	Missing  int `json:"missing"`
	Extra    int `json:"extra"`
	Changed  int `json:"changed"`
	// Examples are some of the values that differ, each with what is wrong.
	Examples []string `json:"examples,omitempty"`
	// Repaired is set where the difference is to be mended by the next delivery.
	Repaired bool `json:"repaired,omitempty"`
}

// Drifted reports whether the tool holds something else than it accepted.
func (v *Verification) Drifted() bool { return v.Missing+v.Extra+v.Changed > 0 }

// mostExamples bounds the examples of a verification.
const mostExamples = 20

// Verify reads the tool back and compares it with the ledger: what the tool has
// accepted should be there, and nothing else. What it has not been offered yet is
// no drift. With repair, the next delivery offers what is missing or changed once
// more, and takes out what is known and extra; what is extra and unknown to the
// store, a [outputs.Cleaner] takes out at once. Tools that cannot be read back give
// [ErrCannotVerify].
func (d *Deliverer) Verify(ctx context.Context, repair bool) (Verification, error) {
	verifier, ok := d.Output.(outputs.Verifier)
	if !ok {
		return Verification{}, ErrCannotVerify
	}
	r, err := d.begin(ctx)
	if err != nil {
		return Verification{}, err
	}
	r.mode = nothing
	o := &offering{round: r}
	diff, err := verifier.Verify(ctx, outputs.Delivery{Now: r.now, Changes: o.changes(ctx), All: o.all(ctx)})
	if err != nil {
		return Verification{}, fmt.Errorf("reading the tool of %s back: %w", d.Name, err)
	}
	v := verificationOf(&diff)
	if !repair || !v.Drifted() {
		return v, nil
	}
	v.Repaired = true
	return v, r.repair(ctx, &diff)
}

func verificationOf(d *outputs.Difference) Verification {
	v := Verification{Wanted: d.Wanted, Missing: len(d.Missing), Extra: len(d.Extra), Changed: len(d.Changed)}
	v.Verified = max(0, v.Wanted-v.Missing-v.Changed)
	for _, some := range []struct {
		what string
		keys []indicator.Key
	}{{"missing", d.Missing}, {"extra", d.Extra}, {"changed", d.Changed}} {
		for _, k := range some.keys {
			if len(v.Examples) == mostExamples {
				return v
			}
			v.Examples = append(v.Examples, some.what+": "+k.Kind.String()+" "+k.Value)
		}
	}
	return v
}

// repair writes into the ledger what the tool really has, so that the next
// delivery finds the differences.
func (r *round) repair(ctx context.Context, diff *outputs.Difference) error {
	lost := append(append([]indicator.Key{}, diff.Missing...), diff.Changed...)
	ids, err := r.Store.IDs(ctx, append(lost, diff.Extra...))
	if err != nil {
		return err
	}
	if err := r.clean(ctx, diff.Extra, ids); err != nil {
		return err
	}
	changes := make([]store.LedgerChange, 0, len(ids))
	for i, k := range append(lost, diff.Extra...) {
		id, known := ids[k]
		if !known {
			continue // a whole list leaves it out, and a tool of changes was cleaned of it
		}
		change := store.LedgerChange{Entry: id, Clear: true}
		if i >= len(lost) {
			change.Digest = 1 // the digest of no view: whatever the view says differs
		}
		changes = append(changes, change)
	}
	if err := r.Store.Record(ctx, r.Name, changes, r.now); err != nil {
		return err
	}
	r.delivered = false // the next delivery is a first one: whole lists are written again
	again := r.from
	again.Policy = mixed
	return r.Store.Advance(ctx, r.Name, again)
}

// clean takes out of the tool what is extra and has no entry in the store that
// could be delivered as a removal.
func (r *round) clean(ctx context.Context, extra []indicator.Key, known map[indicator.Key]int64) error {
	cleaner, can := r.Output.(outputs.Cleaner)
	if !can {
		return nil
	}
	unknown := slices.DeleteFunc(slices.Clone(extra), func(k indicator.Key) bool { return known[k] != 0 })
	if len(unknown) == 0 {
		return nil
	}
	if err := cleaner.Clean(ctx, unknown); err != nil {
		return fmt.Errorf("taking out of the tool of %s what nothing in the store has delivered: %w", r.Name, err)
	}
	return nil
}
