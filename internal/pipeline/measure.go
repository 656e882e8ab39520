package pipeline

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/indicatord/indicatord/internal/indicator"
	"github.com/indicatord/indicatord/internal/store"
	"github.com/indicatord/indicatord/outputs"
)

// measurement adds up what a delivery would change.
type measurement struct {
	change  Change
	sum     uint64
	sources map[string]*Change // of the sources that have a budget
}

func (r *round) newMeasurement() *measurement {
	m := &measurement{sources: map[string]*Change{}}
	for name := range r.Budget.Sources {
		m.sources[name] = new(Change)
	}
	return m
}

// add counts a difference. What the site itself has ordered does not count.
func (m *measurement) add(record *store.Record, d *difference) {
	if own(&record.Entry) {
		return
	}
	m.change.count(d)
	m.sum += mixed64(uint64(record.ID)*0x9e3779b97f4a7c15 ^ d.digest ^ uint64(d.op))
	if len(m.sources) > 0 {
		m.attribute(record, d)
	}
}

func (c *Change) count(d *difference) {
	switch d.op {
	case outputs.Add:
		c.Added++
	case outputs.Update:
		c.Updated++
		if len(d.view.Pieces) > 0 {
			c.Shrunk++
		}
	case outputs.Remove:
		c.Removed++
	}
}

// attribute counts a difference for the sources behind it: of what comes and
// changes those that the view shows, of what leaves those that have, or had, a
// word on it. An object that names a value no longer has none.
func (m *measurement) attribute(record *store.Record, d *difference) {
	said := d.view.Assertions
	if d.op == outputs.Remove {
		said = record.Entry.Assertions
	}
	for i := range said {
		seen := slices.ContainsFunc(said[:i], func(a indicator.Assertion) bool { return a.Source == said[i].Source })
		if c := m.sources[said[i].Source]; c != nil && !seen {
			c.count(d)
		}
	}
}

// judged returns the change with the bounds that it passes.
func (m *measurement) judged(ctx context.Context, r *round) (Change, error) {
	c := m.change
	if c.Added+c.Removed+c.Shrunk == 0 {
		return c, nil
	}
	var err error
	if c.Held, err = r.Store.CountLedger(ctx, r.Name); err != nil {
		return c, err
	}
	loading, err := r.loading(ctx)
	if err != nil {
		return c, err
	}
	first := loading || c.Held == 0
	c.Over = r.Budget.over(&c, first)
	c.Digest = fmt.Sprintf("%016x", m.sum)
	shares, err := m.overShares(ctx, r, first)
	c.Over = append(c.Over, shares...)
	return c, err
}

// overShares says which sources pass their bounds. How many entries a source has
// a word on is counted only where it may be too many.
func (m *measurement) overShares(ctx context.Context, r *round, first bool) ([]string, error) {
	var said []string
	for _, name := range slices.Sorted(maps.Keys(m.sources)) {
		c := m.sources[name]
		if max(c.Added, c.Removed+c.Shrunk) <= free {
			continue
		}
		held, err := r.Store.CountLedgerOf(ctx, r.Name, name)
		if err != nil {
			return nil, err
		}
		said = append(said, r.Budget.Sources[name].over(name, c, held, first)...)
	}
	return said, nil
}

func (s Share) over(name string, c *Change, held int, first bool) []string {
	var said []string
	if s.Added != nil && !first && c.Added > max(free, s.Added(held)) {
		said = append(said, fmt.Sprintf("%s alone adds %d, and at most %d at once", name, c.Added, max(free, s.Added(held))))
	}
	if gone := c.Removed + c.Shrunk; s.Removed != nil && gone > max(free, s.Removed(held)) {
		said = append(said, fmt.Sprintf("%s alone removes or shrinks %d, and at most %d at once", name, gone, max(free, s.Removed(held))))
	}
	return said
}
