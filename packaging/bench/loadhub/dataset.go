package main

import (
	"fmt"
	"math"
	"time"
)

// dataset says what is served.
type dataset struct {
	size       uint64
	generation int
	churn      float64
}

// The dates of the two generations: when the first record of each was added.
// Every record is a microsecond younger than the one before it.
var (
	firstAdded  = time.Date(2026, 10, 1, 0, 0, 0, 0, time.UTC)
	secondAdded = time.Date(2026, 10, 2, 0, 0, 0, 0, time.UTC)
)

func (d dataset) validate() error {
	switch {
	case d.size < 1 || d.size > 1<<32:
		return fmt.Errorf("-n %d: want 1 to 2^32", d.size)
	case d.generation != 1 && d.generation != 2:
		return fmt.Errorf("-generation %d: want 1 or 2", d.generation)
	case !(d.churn > 0 && d.churn <= 1):
		return fmt.Errorf("-churn %v: want more than 0 and at most 1", d.churn)
	}
	return nil
}

// stride is the distance between two indicators that change.
func (d dataset) stride() uint64 { return uint64(math.Round(1 / d.churn)) }

// changed counts the indicators that have a second version.
func (d dataset) changed() uint64 {
	if d.generation == 1 {
		return 0
	}
	return (d.size + d.stride() - 1) / d.stride()
}

// last is the highest position: the first versions come first, then the second
// ones.
func (d dataset) last() uint64 { return d.size + d.changed() }

// version is one version of one indicator.
type version struct {
	number uint64 // of the indicator, from 0
	second bool
}

// at returns what stands at a position, from 1. It is false for a first version
// that has been replaced.
func (d dataset) at(position uint64) (version, bool) {
	if position > d.size {
		return version{number: (position - d.size - 1) * d.stride(), second: true}, true
	}
	number := position - 1
	return version{number: number}, d.generation == 1 || number%d.stride() != 0
}

// added is when the record at a position was added.
func (d dataset) added(position uint64) time.Time {
	if position > d.size {
		return secondAdded.Add(time.Duration(position-d.size-1) * time.Microsecond)
	}
	return firstAdded.Add(time.Duration(position-1) * time.Microsecond)
}

// after returns the last position that was added at t or before, 0 for none.
func (d dataset) after(t time.Time) uint64 {
	if !t.Before(secondAdded) {
		return d.size + count(secondAdded, t, d.changed())
	}
	return count(firstAdded, t, d.size)
}

// count is how many of most records were added from start on, one each
// microsecond, when t had come.
func count(start, t time.Time, most uint64) uint64 {
	if t.Before(start) {
		return 0
	}
	return min(most, uint64(t.Sub(start)/time.Microsecond)+1)
}
