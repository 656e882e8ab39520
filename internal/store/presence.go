package store

import (
	"context"
	"database/sql"
	"encoding/binary"
	"fmt"
	"hash/fnv"
	"time"

	"github.com/indicatord/indicatord/internal/indicator"
)

// Presence notes which objects of a source a full pull has brought, one bit
// each. Objects stored after it was made count as present. It is for one
// goroutine.
type Presence struct {
	source string
	last   int64 // the highest row when the pull began
	seen   []uint64
}

// NewPresence begins a full pull of a source.
func (s *Store) NewPresence(ctx context.Context, source string) (*Presence, error) {
	var last int64
	err := s.read.QueryRowContext(ctx, "SELECT coalesce(max(id), 0) FROM objects").Scan(&last)
	if err != nil {
		return nil, fmt.Errorf("beginning a full pull of %s: %w", source, err)
	}
	return &Presence{source: source, last: last, seen: make([]uint64, last/64+1)}, nil
}

// Mark notes the object of a [Familiar.Row]; row 0 is nothing.
func (p *Presence) Mark(row int64) {
	if row > 0 && row <= p.last {
		p.seen[row/64] |= 1 << (row % 64)
	}
}

func (p *Presence) has(row int64) bool { return p.seen[row/64]&(1<<(row%64)) != 0 }

// MissingError says that a full pull lacks more of a source's objects than the
// source may lose at once. Nothing was withdrawn.
type MissingError struct {
	Source              string
	Missing, Live, Most int
	// Digest identifies the objects that are missing.
	Digest string
}

// Error says what was found and what to do.
func (e *MissingError) Error() string {
	return fmt.Sprintf("the full pull of %s lacks %d of its %d objects, more than the %d that may be withdrawn at once (reconcile.max_withdraw): nothing was withdrawn; look at the hub, and approve it with \"indicatord approve connector/%s\" if it is right", e.Source, e.Missing, e.Live, e.Most, e.Source)
}

// WithdrawMissing withdraws the live objects of the source that the pull has
// not brought, unless they are more than most allows of the number that is
// live: then nothing is withdrawn and the error is a [MissingError].
func (s *Store) WithdrawMissing(ctx context.Context, p *Presence, most func(live int) int, now time.Time) (Applied, error) {
	missing, count, err := s.missing(ctx, p)
	if err != nil {
		return Applied{}, err
	}
	if limit := most(count); len(missing) > limit {
		return Applied{}, &MissingError{Source: p.source, Missing: len(missing), Live: count, Most: limit, Digest: digestOf(missing)}
	}
	var total Applied
	for len(missing) > 0 {
		n := min(5000, len(missing))
		applied, err := s.withdraw(ctx, p.source, missing[:n], now)
		if err != nil {
			return total, err
		}
		total.Add(applied)
		missing = missing[n:]
	}
	return total, nil
}

// digestOf identifies rows in their order.
func digestOf(rows []int64) string {
	sum := fnv.New64a()
	var buf [8]byte
	for _, row := range rows {
		binary.LittleEndian.PutUint64(buf[:], uint64(row))
		_, _ = sum.Write(buf[:])
	}
	return fmt.Sprintf("%016x", sum.Sum64())
}

// missing returns the rows that are live, but not present, and how many are live.
func (s *Store) missing(ctx context.Context, p *Presence) (missing []int64, count int, err error) {
	rows, err := s.read.QueryContext(ctx, "SELECT o.id FROM objects o JOIN sources s ON s.id = o.source WHERE s.name = ? AND o.state = 0 AND o.id <= ? ORDER BY o.id", p.source, p.last)
	if err != nil {
		return nil, 0, fmt.Errorf("comparing a full pull of %s: %w", p.source, err)
	}
	defer rows.Close()
	for rows.Next() {
		var row int64
		if err := rows.Scan(&row); err != nil {
			return nil, 0, fmt.Errorf("comparing a full pull of %s: %w", p.source, err)
		}
		count++
		if !p.has(row) {
			missing = append(missing, row)
		}
	}
	return missing, count, rows.Err()
}

func (s *Store) withdraw(ctx context.Context, source string, rows []int64, now time.Time) (Applied, error) {
	var a *applier
	err := s.inTransaction(ctx, "withdrawing objects of "+source, func(tx *sql.Tx) error {
		a = &applier{store: s, tx: tx, batch: &Batch{Source: source}, now: Micros(now)}
		var err error
		if a.source, err = ensureID(ctx, tx, "sources", "name", source); err != nil {
			return err
		}
		for _, row := range rows {
			a.changes = append(a.changes, objectChange{row: row, state: indicator.Withdrawn})
		}
		a.counts.Withdrawn = len(rows)
		return a.runChanges(ctx)
	})
	if err != nil {
		return Applied{}, err
	}
	return a.counts, nil
}
