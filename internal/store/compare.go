package store

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/indicatord/indicatord/internal/indicator"
)

// storedAssertion is a row of assertions.
type storedAssertion struct {
	entry, object                  int64
	revision                       int64
	version, validFrom, validUntil int64
	facets                         int64
}

// sameAs compares what two rows say, not when it was stored.
func (r storedAssertion) sameAs(other storedAssertion) bool {
	r.revision = other.revision
	return r == other
}

// bornEntry is an entry that the batch makes.
type bornEntry struct {
	id  int64
	key indicator.Key
}

// entryChanges is what happens to the entries of a batch: assertions that go,
// assertions that come, and the sequence number of each entry touched that was
// there before. A birth's number is its id.
type entryChanges struct {
	gone      []storedAssertion
	come      []storedAssertion
	touched   map[int64]int64
	firstBorn int64 // 0 where none is born
}

// readBefore reads the assertions that stored versions made.
func (a *applier) readBefore(ctx context.Context) error {
	byRow := make(map[int64]*objectChange)
	var rows []int64
	for i := range a.changes {
		if c := &a.changes[i]; !c.isNew {
			byRow[c.row] = c
			rows = append(rows, c.row)
		}
	}
	slices.Sort(rows)
	return inChunks(rows, func(marks string, args []any) error {
		found, err := readAssertions(ctx, a.tx, "object IN ("+marks+")", args)
		for _, r := range found {
			byRow[r.object].before = append(byRow[r.object].before, r)
		}
		return err
	})
}

func readAssertions(ctx context.Context, q querier, where string, args []any) ([]storedAssertion, error) {
	rows, err := q.QueryContext(ctx, "SELECT entry, object, revision, version, valid_from, valid_until, facets FROM assertions WHERE "+where, args...)
	if err != nil {
		return nil, fmt.Errorf("reading assertions: %w", err)
	}
	defer rows.Close()
	var found []storedAssertion
	for rows.Next() {
		var r storedAssertion
		if err := rows.Scan(&r.entry, &r.object, &r.revision, &r.version, &r.validFrom, &r.validUntil, &r.facets); err != nil {
			return nil, fmt.Errorf("reading assertions: %w", err)
		}
		found = append(found, r)
	}
	return found, rows.Err()
}

// resolveKeys finds or makes the entry of every key that is asserted.
func (a *applier) resolveKeys(ctx context.Context) error {
	keys := a.assertedKeys()
	ids, err := a.store.lookUpEntries(ctx, a.tx, keys)
	if err != nil {
		return err
	}
	for i := range a.changes {
		c := &a.changes[i]
		if c.state != indicator.Live {
			c.after = c.ended()
			continue
		}
		for j := range c.object.Assertions {
			c.after = append(c.after, a.assertionRow(c, &c.object.Assertions[j], ids))
		}
		c.after = oneEach(c.after)
	}
	return nil
}

// ended are the assertions of an object that its source took back: they stay,
// marked, so that people can be told why an entry left.
func (c *objectChange) ended() []storedAssertion {
	rows := slices.Clone(c.before)
	for i := range rows {
		rows[i].facets = withState(rows[i].facets, c.state)
		if c.object != nil && c.stored == nil {
			rows[i].version = Micros(c.object.Version)
		}
	}
	return rows
}

func (a *applier) assertedKeys() []indicator.Key {
	var keys []indicator.Key
	for i := range a.changes {
		if c := &a.changes[i]; c.state == indicator.Live {
			for j := range c.object.Assertions {
				keys = append(keys, c.object.Assertions[j].Key)
			}
		}
	}
	return keys
}

func (a *applier) assertionRow(c *objectChange, as *Assertion, ids map[indicator.Key]int64) storedAssertion {
	id, ok := ids[as.Key]
	if !ok {
		id = a.store.numbers.nextSequence()
		ids[as.Key] = id
		a.born = append(a.born, bornEntry{id, as.Key})
		a.newEntries = append(a.newEntries, located{a.store.hashKey(uint64(as.Key.Kind), as.Key.Value), id})
	}
	return storedAssertion{
		entry: id, object: c.row, version: Micros(as.Version),
		validFrom: Micros(as.ValidFrom), validUntil: Micros(as.ValidUntil), facets: packFacets(&as.Assertion),
	}
}

// oneEach keeps one assertion of an entry: an object that names a value twice
// says it once.
func oneEach(rows []storedAssertion) []storedAssertion {
	if len(rows) < 2 {
		return rows
	}
	slices.SortStableFunc(rows, func(x, y storedAssertion) int { return int(x.entry - y.entry) })
	return slices.CompactFunc(rows, func(x, y storedAssertion) bool { return x.entry == y.entry })
}

// compare finds which entries change, and numbers the changes: births have
// their numbers already, and the numbers of one batch follow each other.
func (a *applier) compare(context.Context) error {
	a.entries.touched = make(map[int64]int64)
	if len(a.born) > 0 {
		a.entries.firstBorn = a.born[0].id
	}
	for i := range a.changes {
		a.compareObject(&a.changes[i])
	}
	a.entries.number(&a.store.numbers)
	a.counts.EntriesNew = len(a.born)
	a.counts.EntriesChange = len(a.entries.touched)
	return nil
}

func (a *applier) compareObject(c *objectChange) {
	if len(c.before) == 0 {
		for _, r := range c.after {
			a.entries.arrive(r)
		}
		return
	}
	before := make(map[int64]storedAssertion, len(c.before))
	for _, r := range c.before {
		before[r.entry] = r
	}
	for _, r := range c.after {
		old, had := before[r.entry]
		delete(before, r.entry)
		if had && old.sameAs(r) && !c.reworded {
			continue
		}
		if had {
			a.entries.leave(old)
		}
		a.entries.arrive(r)
	}
	for _, r := range c.before {
		if _, unclaimed := before[r.entry]; unclaimed {
			a.entries.leave(r)
		}
	}
}

func (e *entryChanges) leave(r storedAssertion) {
	e.gone = append(e.gone, r)
	e.touch(r.entry)
}

func (e *entryChanges) arrive(r storedAssertion) {
	e.come = append(e.come, r)
	e.touch(r.entry)
}

func (e *entryChanges) touch(entry int64) {
	if e.isBorn(entry) {
		return
	}
	if _, ok := e.touched[entry]; !ok {
		e.touched[entry] = 0
	}
}

// number gives every touched entry the next sequence number, in the order of the
// entries, and the new assertions the number of their entry.
func (e *entryChanges) number(n *numbers) {
	for _, entry := range slices.Sorted(maps.Keys(e.touched)) {
		e.touched[entry] = n.nextSequence()
	}
	for i := range e.come {
		entry := e.come[i].entry
		if e.isBorn(entry) {
			e.come[i].revision = entry
		} else {
			e.come[i].revision = e.touched[entry]
		}
	}
}

// isBorn reports whether this batch makes the entry: births have the highest
// ids.
func (e *entryChanges) isBorn(entry int64) bool { return e.firstBorn != 0 && entry >= e.firstBorn }

// lookUpEntries finds the entries of keys. It reads no row for a key that is
// new.
func (s *Store) lookUpEntries(ctx context.Context, q querier, keys []indicator.Key) (map[indicator.Key]int64, error) {
	if err := s.entries.load(ctx, q); err != nil {
		return nil, err
	}
	ids := make(map[indicator.Key]int64, len(keys))
	var candidates []int64
	for _, k := range keys {
		candidates = s.entries.find(candidates, s.hashKey(uint64(k.Kind), k.Value))
	}
	slices.Sort(candidates)
	err := inChunks(slices.Compact(candidates), func(marks string, args []any) error {
		return scanKeys(ctx, q, marks, args, ids)
	})
	if err != nil {
		return nil, fmt.Errorf("looking up entries: %w", err)
	}
	return ids, nil
}

func scanKeys(ctx context.Context, q querier, marks string, args []any, into map[indicator.Key]int64) error {
	rows, err := q.QueryContext(ctx, "SELECT id, kind, value FROM entries WHERE id IN ("+marks+")", args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var id int64
		var k indicator.Key
		if err := rows.Scan(&id, &k.Kind, &k.Value); err != nil {
			return err
		}
		into[k] = id
	}
	return rows.Err()
}
