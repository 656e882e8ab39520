package store

import (
	"bytes"
	"context"
	"database/sql"
	"fmt"
	"time"

	"github.com/indicatord/indicatord/internal/indicator"
)

// Deriver makes an object again from the bytes that were received. It fills
// everything but the place. The bytes are good until it returns.
type Deriver func(raw []byte) (Object, error)

// Stale counts the objects of a source whose assertions were made by other
// rules than those of the fingerprint.
func (s *Store) Stale(ctx context.Context, source, fingerprint string) (int, error) {
	var n int
	err := s.read.QueryRowContext(ctx, `SELECT count(*) FROM objects o JOIN sources s ON s.id = o.source
		WHERE s.name = ? AND o.derivation NOT IN (SELECT id FROM derivations WHERE fingerprint = ?)`, source, fingerprint).Scan(&n)
	if err != nil {
		return 0, fmt.Errorf("counting objects to derive again: %w", err)
	}
	return n, nil
}

// Derive makes the assertions of some stored objects again, by rules with the
// given fingerprint, without a pull. It takes the next few thousand objects
// above the row after that other rules have made, and returns the last row it
// looked at: 0 when there is nothing left.
func (s *Store) Derive(ctx context.Context, source, fingerprint string, after int64, derive Deriver, now time.Time) (last int64, counts Applied, err error) {
	stale, err := s.stale(ctx, source, fingerprint, after)
	if err != nil || len(stale) == 0 {
		return 0, Applied{}, err
	}
	batch := Batch{Source: source, Derivation: fingerprint, Now: now}
	again, err := s.deriveAgain(ctx, stale, derive)
	if err != nil {
		return 0, Applied{}, err
	}
	a := &applier{store: s, batch: &batch, now: Micros(now), changes: again}
	err = s.takeIn(ctx, "deriving objects of "+source+" again", a, func(ctx context.Context) error {
		return inOrder(ctx, a.identify, a.dropMoved, a.compareTexts, a.runChanges)
	})
	if err != nil {
		return 0, Applied{}, err
	}
	a.counts.Updated = len(a.changes)
	return stale[len(stale)-1].row, a.counts, nil
}

// staleObject is an object whose assertions are to be made again.
type staleObject struct {
	row, version int64
	state        indicator.State
	pack         int64
	start, size  int
}

func (s *Store) stale(ctx context.Context, source, fingerprint string, after int64) ([]staleObject, error) {
	rows, err := s.read.QueryContext(ctx, `SELECT o.id, o.version, o.state, o.pack, o.start, o.size
		FROM objects o JOIN sources s ON s.id = o.source
		WHERE s.name = ? AND o.id > ? AND o.derivation NOT IN (SELECT id FROM derivations WHERE fingerprint = ?)
		ORDER BY o.id LIMIT ?`, source, after, fingerprint, chunkSize)
	if err != nil {
		return nil, fmt.Errorf("reading objects to derive again: %w", err)
	}
	defer rows.Close()
	var stale []staleObject
	for rows.Next() {
		var o staleObject
		if err := rows.Scan(&o.row, &o.version, &o.state, &o.pack, &o.start, &o.size); err != nil {
			return nil, fmt.Errorf("reading objects to derive again: %w", err)
		}
		stale = append(stale, o)
	}
	return stale, rows.Err()
}

func (s *Store) deriveAgain(ctx context.Context, stale []staleObject, derive Deriver) ([]objectChange, error) {
	unpacker := newUnpacker(s.read)
	defer unpacker.close()
	changes := make([]objectChange, len(stale))
	for i, o := range stale {
		raw, err := unpacker.object(ctx, o.pack, o.start, o.size)
		if err != nil {
			return nil, err
		}
		object, err := derive(raw)
		if err != nil {
			object = Object{Rejects: []Reject{{Code: CodeNotReadable, Detail: err.Error()}}}
		}
		changes[i] = objectChange{object: &object, row: o.row, state: o.state, stored: &stale[i]}
	}
	return changes, nil
}

// dropMoved leaves out the objects that a pull has changed meanwhile: it used
// the new rules already.
func (a *applier) dropMoved(ctx context.Context) error {
	kept := a.changes[:0]
	for _, c := range a.changes {
		var version int64
		var state indicator.State
		err := a.tx.QueryRowContext(ctx, "SELECT version, state FROM objects WHERE id = ?", c.row).Scan(&version, &state)
		if err != nil {
			return fmt.Errorf("reading object %d: %w", c.row, err)
		}
		if version == c.stored.version && state == c.stored.state {
			kept = append(kept, c)
		}
	}
	a.changes = kept
	return nil
}

// compareTexts finds the objects that other rules now put in other words. The
// text of a new version needs no such look: its assertions change anyway.
func (a *applier) compareTexts(ctx context.Context) error {
	byRow := make(map[int64]*objectChange, len(a.changes))
	rows := make([]int64, len(a.changes))
	for i := range a.changes {
		rows[i] = a.changes[i].row
		byRow[rows[i]] = &a.changes[i]
	}
	return inChunks(rows, func(marks string, args []any) error {
		return a.scanTexts(ctx, marks, args, func(row int64, text []byte) {
			c := byRow[row]
			c.reworded = c.state == indicator.Live && !bytes.Equal(text, c.object.Text)
		})
	})
}

func (a *applier) scanTexts(ctx context.Context, marks string, args []any, yield func(row int64, text []byte)) error {
	rows, err := a.tx.QueryContext(ctx, "SELECT object, text FROM texts WHERE object IN ("+marks+")", args...)
	if err != nil {
		return fmt.Errorf("reading texts: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var row int64
		var text sql.RawBytes
		if err := rows.Scan(&row, &text); err != nil {
			return fmt.Errorf("reading texts: %w", err)
		}
		yield(row, text)
	}
	return rows.Err()
}
