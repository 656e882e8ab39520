package taxii

import (
	"encoding/json"
	"fmt"
	"time"
)

// state is the cursor of a connector: where it stands in each collection.
type state struct {
	// Format is 1.
	Format int `json:"format"`
	// Collections are the positions, by [collection.key]. Those of collections
	// that are not configured any more are kept: they may come back.
	Collections map[string]position `json:"collections"`
}

// position is where a pull stands in one collection and query.
//
// A cycle is one reading of the collection from a time to its end. Only at its
// end does the cursor move, to the latest date that the server gave. What is
// kept of an unfinished cycle is never the server's token for the next page: an
// answer may have been lost, and to send the token again could skip a page. A
// cut cycle starts again from the dates instead.
type position struct {
	// URL is the address in the configuration that led here.
	URL string `json:"url,omitempty"`
	// Cursor is the latest X-TAXII-Date-Added-Last of all finished cycles, zero
	// before the first.
	Cursor time.Time `json:"cursor,omitzero"`
	// Reached is when the cursor was first reached, by the clock of this
	// machine.
	Reached time.Time `json:"reached,omitzero"`
	// Settled says that a whole cycle which began longer than the overlap after
	// Reached has brought nothing later: what was being added when the cursor
	// was reached has been seen, and the overlap is not read again.
	Settled bool `json:"settled,omitempty"`
	// Cycle is what is stored of an unfinished one, nil between cycles.
	Cycle *cycle `json:"cycle,omitempty"`
}

// cycle is an unfinished reading of a collection.
type cycle struct {
	// Base is the added_after that it began with, zero for none.
	Base time.Time `json:"base,omitzero"`
	// Last is the latest date of the pages that are stored, zero if the server
	// gave none.
	Last time.Time `json:"last,omitzero"`
	// Pages counts the pages that are stored.
	Pages int `json:"pages"`
	// Unordered says that the dates of its pages did not rise, so that only
	// Base is safe.
	Unordered bool `json:"unordered,omitempty"`
}

// begin returns the base of the next cycle and the time to read from now: the
// base itself, or a later one that an unfinished cycle has reached.
func (p position) begin(earliest time.Time, overlap time.Duration) (base, from time.Time) {
	if p.Cycle != nil {
		return p.Cycle.Base, p.Cycle.resume(max(overlap, tick))
	}
	base = earliest
	if p.Settled {
		overlap = 0
	}
	if !p.Cursor.IsZero() {
		base = latest(earliest, p.Cursor.Add(-overlap))
	}
	return base, base
}

// finish returns the position after a cycle that began at a time and ended at
// the date.
func (p position) finish(date, began time.Time, overlap time.Duration) position {
	next := position{URL: p.URL, Cursor: date, Reached: began}
	if date.Equal(p.Cursor) && !p.Reached.IsZero() {
		next.Reached = p.Reached
		next.Settled = p.Settled || !began.Before(p.Reached.Add(overlap))
	}
	return next
}

// resume returns a time from which to read on without a loss. Pages come in the
// order of their dates, and equal dates may straddle pages: what was added
// strictly before the last date has been seen, and nothing is known of the rest.
func (c *cycle) resume(back time.Duration) time.Time {
	if c.Unordered || c.Last.IsZero() {
		return c.Base
	}
	return latest(c.Base, c.Last.Add(-back))
}

// decodeState reads a cursor. With an error it returns an empty state.
func decodeState(cursor []byte) (*state, error) {
	empty := &state{Format: 1, Collections: map[string]position{}}
	if cursor == nil {
		return empty, nil
	}
	var s state
	if err := json.Unmarshal(cursor, &s); err != nil {
		return empty, fmt.Errorf("it is not the JSON of a position: %w", err)
	}
	if s.Format != 1 {
		return empty, fmt.Errorf("its format is %d, and this program knows 1", s.Format)
	}
	if s.Collections == nil {
		s.Collections = empty.Collections
	}
	return &s, nil
}

// encode writes the cursor.
func (s *state) encode() ([]byte, error) {
	cursor, err := json.Marshal(s)
	if err != nil {
		return nil, fmt.Errorf("writing the position: %w", err)
	}
	return cursor, nil
}
