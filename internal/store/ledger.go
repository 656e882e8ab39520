package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math"
	"time"
)

// Progress is how far an output has come.
type Progress struct {
	// Sequence is the number up to which every change is delivered.
	Sequence uint64
	// Policy is the fingerprint of the view that was delivered.
	Policy string
	// Delivered is when the tool last accepted something, or had it all.
	Delivered time.Time
}

// The digests of nothing: the entry was offered to the tool, and nobody knows
// what became of it, for the tool's answer is lost. They differ from every
// digest of something, so the entry is offered again, or taken away.
const (
	// MaybeAdded is of an entry that the tool did not hold before.
	MaybeAdded uint64 = math.MaxUint64
	// MaybeChanged is of an entry that the tool did hold: now it may have what it
	// had, what it was offered, or nothing.
	MaybeChanged uint64 = math.MaxUint64 - 1
)

// LedgerChange is one entry that a tool has accepted, or refused for good.
type LedgerChange struct {
	Entry int64
	// Digest is of what was delivered; 0 means that the tool no longer holds it.
	// See [MaybeAdded] too.
	Digest uint64
	// Refused is the tool's reason, "" where it accepted.
	Refused string
	// Clear says that an earlier refusal of the entry is over.
	Clear bool
}

// Progress returns how far an output has come, the zero value for a new one.
func (s *Store) Progress(ctx context.Context, output string) (Progress, error) {
	var p Progress
	var at int64
	err := s.read.QueryRowContext(ctx, "SELECT sequence, policy, delivered FROM outputs WHERE name = ?", output).Scan(&p.Sequence, &p.Policy, &at)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return Progress{}, fmt.Errorf("reading the progress of %s: %w", output, err)
	}
	p.Delivered = FromMicros(at)
	return p, nil
}

// recordSize is how many entries of a ledger one transaction moves.
const recordSize = 10_000

// Record moves the ledger of an output by what its tool has answered, which ends
// its [Store.Offer]; so does an answer that moves nothing.
func (s *Store) Record(ctx context.Context, output string, changes []LedgerChange, now time.Time) error {
	for first := true; first || len(changes) > 0; first = false {
		n := min(recordSize, len(changes))
		err := s.inTransaction(ctx, "recording what "+output+" accepted", func(tx *sql.Tx) error {
			return recordSome(ctx, tx, output, changes[:n], Micros(now))
		})
		if err != nil {
			return err
		}
		changes = changes[n:]
	}
	return nil
}

func recordSome(ctx context.Context, tx *sql.Tx, output string, changes []LedgerChange, now int64) error {
	id, err := ensureID(ctx, tx, "outputs", "name", output)
	if err != nil {
		return err
	}
	accepted := newInserter(tx, orReplace, "ledger(output, entry, digest, since)")
	refused := newInserter(tx, orReplace, "refusals(output, entry, digest, reason, at)")
	for _, c := range changes {
		switch {
		case c.Refused != "":
			refused.add(ctx, id, c.Entry, storedDigest(c.Digest), cut(c.Refused), now)
		case c.Digest == 0:
			err = forget(ctx, tx, "ledger", id, c.Entry)
		default:
			accepted.add(ctx, id, c.Entry, storedDigest(c.Digest), now)
		}
		if c.Clear && err == nil {
			err = forget(ctx, tx, "refusals", id, c.Entry)
		}
		if err != nil {
			return err
		}
	}
	if err := accepted.flush(ctx); err != nil {
		return err
	}
	if err := refused.flush(ctx); err != nil {
		return err
	}
	return endOffer(ctx, tx, id)
}

// storedDigest is a digest as SQLite has it, which knows no number without sign.
func storedDigest(digest uint64) int64 { return int64(digest) }

func forget(ctx context.Context, tx *sql.Tx, table string, output, entry int64) error {
	_, err := tx.ExecContext(ctx, "DELETE FROM "+table+" WHERE output = ? AND entry = ?", output, entry)
	return err
}

// Advance records that an output has everything up to p.
func (s *Store) Advance(ctx context.Context, output string, p Progress) error {
	return s.inTransaction(ctx, "recording the progress of "+output, func(tx *sql.Tx) error {
		id, err := ensureID(ctx, tx, "outputs", "name", output)
		if err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, "UPDATE outputs SET sequence = ?, policy = ?, delivered = ? WHERE id = ?",
			int64(p.Sequence), p.Policy, Micros(p.Delivered), id)
		return err
	})
}

// OldestAccepted returns when an output's tool accepted what of all that it holds
// it accepted first, the zero time where it holds nothing.
func (s *Store) OldestAccepted(ctx context.Context, output string) (time.Time, error) {
	var at int64
	err := s.read.QueryRowContext(ctx, "SELECT coalesce(min(l.since), 0) FROM ledger l JOIN outputs o ON o.id = l.output WHERE o.name = ?", output).Scan(&at)
	if err != nil {
		return time.Time{}, fmt.Errorf("reading since when %s holds what it holds: %w", output, err)
	}
	return FromMicros(at), nil
}

// Held is an output's count of a kind of entry.
type Held map[string]int

// CountHeld counts, by kind, what an output's tool has accepted.
func (s *Store) CountHeld(ctx context.Context, output string) (Held, error) {
	rows, err := s.read.QueryContext(ctx, `SELECT e.kind, count(*) FROM ledger l JOIN outputs o ON o.id = l.output
		JOIN entries e ON e.id = l.entry WHERE o.name = ? AND l.digest <> ? GROUP BY e.kind`, output, storedDigest(MaybeAdded))
	if err != nil {
		return nil, fmt.Errorf("counting what %s holds: %w", output, err)
	}
	return scanKindCounts(rows)
}
