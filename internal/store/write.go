package store

import (
	"cmp"
	"context"
	"encoding/binary"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/indicatord/indicatord/internal/indicator"
)

// microsPerDay is the width of a bucket of the table due.
const microsPerDay = int64(24 * time.Hour / time.Microsecond)

func (a *applier) writeObjects(ctx context.Context) error {
	firstPack, err := a.writePacks(ctx)
	if err != nil {
		return err
	}
	inserted := newInserter(a.tx, orFail, "objects(id, source, stix_id, type, version, state, changed, derivation, checksum, pack, start, size, creator)")
	texts := newInserter(a.tx, orReplace, "texts(object, text)")
	for i := range a.changes {
		c := &a.changes[i]
		if c.isNew {
			o := c.object
			inserted.add(ctx, c.row, a.source, o.ID, o.Type, Micros(o.Version), int64(c.state), a.now, a.derivation, int64(o.Checksum),
				firstPack+int64(o.Place.pack), o.Place.start, o.Place.size, a.creator(o))
		} else if err := a.updateObject(ctx, c, firstPack); err != nil {
			return err
		}
		if c.object != nil && c.object.Text != nil {
			texts.add(ctx, c.row, string(c.object.Text))
		}
	}
	if err := inserted.flush(ctx); err != nil {
		return err
	}
	if err := texts.flush(ctx); err != nil {
		return err
	}
	return a.writeHashes(ctx, "object_hashes", a.newObjects)
}

func (a *applier) updateObject(ctx context.Context, c *objectChange, firstPack int64) error {
	o := c.object
	if c.stored != nil {
		return a.execute(ctx, "UPDATE objects SET derivation = ? WHERE id = ?", a.derivation, c.row)
	}
	if o == nil {
		return a.execute(ctx, "UPDATE objects SET state = ?, changed = ? WHERE id = ?", int64(c.state), a.now, c.row)
	}
	return a.execute(ctx, `UPDATE objects SET type = ?, version = ?, state = ?, changed = ?, derivation = ?, checksum = ?, pack = ?, start = ?, size = ?,
		creator = CASE creator WHEN 0 THEN ? ELSE creator END WHERE id = ?`,
		o.Type, Micros(o.Version), int64(c.state), a.now, a.derivation, int64(o.Checksum),
		firstPack+int64(o.Place.pack), o.Place.start, o.Place.size, a.creator(o), c.row)
}

// writePacks writes the batch's packs, if any object of it is kept, and returns
// the id of the first.
func (a *applier) writePacks(ctx context.Context) (int64, error) {
	kept := slices.ContainsFunc(a.changes, func(c objectChange) bool { return c.object != nil })
	if a.batch.Packer == nil || !kept {
		return 0, nil
	}
	first := a.store.numbers.pack + 1
	return first, a.store.insertPacks(ctx, a.tx, a.batch.Packer)
}

// writeHashes logs the hashes of new rows, whose ids follow each other.
func (a *applier) writeHashes(ctx context.Context, table string, rows []located) error {
	if len(rows) == 0 {
		return nil
	}
	hashes := make([]byte, 0, 8*len(rows))
	for _, r := range rows {
		hashes = binary.LittleEndian.AppendUint64(hashes, r.hash)
	}
	return a.execute(ctx, "INSERT INTO "+table+"(first, hashes) VALUES (?, ?)", rows[0].id, hashes)
}

func (a *applier) writeEntries(ctx context.Context) error {
	entries := newInserter(a.tx, orFail, "entries(id, kind, value, seen)")
	for _, b := range a.born {
		entries.add(ctx, b.id, int64(b.key.Kind), b.key.Value, a.now)
	}
	if err := entries.flush(ctx); err != nil {
		return err
	}
	if err := a.writeHashes(ctx, "entry_hashes", a.newEntries); err != nil {
		return err
	}
	return a.entries.writeTouched(ctx, a.tx, a.now)
}

// writeAssertions writes in the order of the entries: births append.
func (a *applier) writeAssertions(ctx context.Context) error {
	for _, r := range a.entries.gone {
		if err := a.execute(ctx, "DELETE FROM assertions WHERE entry = ? AND object = ?", r.entry, r.object); err != nil {
			return err
		}
	}
	slices.SortFunc(a.entries.come, func(x, y storedAssertion) int {
		return cmp.Or(cmp.Compare(x.entry, y.entry), cmp.Compare(x.object, y.object))
	})
	rows := newInserter(a.tx, orFail, "assertions(entry, object, source, revision, version, valid_from, valid_until, facets)")
	due := newInserter(a.tx, orIgnore, "due(day, entry, at)")
	for _, r := range a.entries.come {
		rows.add(ctx, r.entry, r.object, a.source, r.revision, r.version, r.validFrom, r.validUntil, r.facets)
		for _, at := range []int64{r.validFrom, r.validUntil} {
			if at > a.now && r.facets>>stateShift&0x3 == int64(indicator.Live) {
				due.add(ctx, at/microsPerDay, r.entry, at)
			}
		}
	}
	if err := rows.flush(ctx); err != nil {
		return err
	}
	return due.flush(ctx)
}

// writeClock notes the time up to which what the batch asserts is not due.
func (a *applier) writeClock(ctx context.Context) error {
	if len(a.entries.come) == 0 {
		return nil
	}
	return advanceClock(ctx, a.tx, a.now)
}

func (a *applier) writeCursor(ctx context.Context) error {
	if a.batch.Cursor == nil {
		return nil
	}
	return a.execute(ctx, "UPDATE sources SET cursor = ? WHERE id = ?", a.batch.Cursor, a.source)
}

func (a *applier) execute(ctx context.Context, query string, args ...any) error {
	if _, err := a.tx.ExecContext(ctx, query, args...); err != nil {
		return fmt.Errorf("%s: %w", strings.Join(strings.Fields(query)[:3], " "), err)
	}
	return nil
}
