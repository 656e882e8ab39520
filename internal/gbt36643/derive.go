package gbt36643

import (
	"errors"
	"slices"

	"github.com/indicatord/indicatord/internal/stix"
)

// Derive gives the values of an indicator with what it asserts of them, as
// [stix.Derive] does. A record of another sort gives no more than its rejects.
func (r *Record) Derive(opts stix.Options) stix.Derived {
	d := stix.Derived{Header: stix.Header{ID: r.ID, Type: r.Sort, Modified: r.version}}
	if r.Indicator != nil {
		derived, err := stix.Derive(r.Indicator, opts)
		if errors.Is(err, stix.ErrNoID) { // it was made with one
			derived = d
		}
		d = derived
	}
	d.Notes = append(d.Notes, r.Notes...)
	slices.Sort(d.Notes)
	d.Notes = slices.Compact(d.Notes)
	if d.Header.Revoked || len(r.Rejects) == 0 {
		return d
	}
	// The record's rejects say why there is no pattern, if there is none.
	d.Rejects = slices.DeleteFunc(d.Rejects, func(r stix.Reject) bool { return r.Code == stix.CodeNoPattern })
	d.Rejects = append(slices.Clone(r.Rejects), d.Rejects...)
	r.leave(&d)
	return d
}

// leave adds to what the pattern left over what never came into it.
func (r *Record) leave(d *stix.Derived) {
	d.Object.Remainder = append(d.Object.Remainder, r.remainder...)
	slices.Sort(d.Object.Remainder)
	d.Object.Remainder = slices.Compact(d.Object.Remainder)
	shared := d.Object
	for i := range d.Assertions {
		d.Assertions[i].Assertion.Object = &shared
	}
}
