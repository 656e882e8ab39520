package pipeline

import (
	"slices"

	"github.com/indicatord/indicatord/internal/indicator"
	"github.com/indicatord/indicatord/internal/store"
	"github.com/indicatord/indicatord/outputs"
)

// Mode says which changes a delivery may make. What it may not make stays as the
// tool has it, and is made later.
type Mode uint8

// The modes, from the freest.
const (
	// Everything makes every change.
	Everything Mode = iota
	// RemovalsOnly takes out what is to leave, and adds nothing.
	RemovalsOnly
	// OwnOnly makes the changes that the site itself has ordered, and no others:
	// what its people allow and deny takes effect also where all else waits.
	OwnOnly
	// nothing makes no change at all: it shows what the tool has accepted.
	nothing
)

var modeNames = [...]string{"everything", "removals-only", "own-only", "nothing"}

// String returns the mode's name.
func (m Mode) String() string { return modeNames[m] }

// allows reports whether the mode lets a difference be made.
func (m Mode) allows(record *store.Record, d *difference) bool {
	switch m {
	case Everything:
		return true
	case RemovalsOnly:
		return d.op == outputs.Remove || own(&record.Entry)
	case OwnOnly:
		return own(&record.Entry)
	}
	return false
}

// own reports whether the site itself has a word on the entry, or had one.
func own(e *indicator.Entry) bool {
	return slices.ContainsFunc(e.Assertions, func(a indicator.Assertion) bool { return a.Source == indicator.OwnSource })
}
