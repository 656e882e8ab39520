package store

import (
	"context"
	"database/sql"
	"fmt"
	"time"
)

// sweepLimit bounds one sweeping transaction.
const sweepLimit = 5000

// Sweep gives a new sequence number to every entry that the passing of time
// alone has changed by now: an assertion of it began or ended. It returns how
// many such changes there were, and when the next is due (the zero time for
// never). When the clock has jumped ahead it catches up; when a clock that ran
// ahead is set back, what had ended too early is changed again.
func (s *Store) Sweep(ctx context.Context, now time.Time) (touched int, next time.Time, err error) {
	touched, err = s.rewind(ctx, Micros(now))
	for more := true; more && err == nil; {
		var n int
		n, err = s.sweepSome(ctx, Micros(now))
		touched += n
		more = n == sweepLimit
	}
	if err != nil {
		return touched, time.Time{}, err
	}
	next, err = s.nextDue(ctx)
	return touched, next, err
}

func (s *Store) sweepSome(ctx context.Context, now int64) (int, error) {
	due, err := s.readDue(ctx, now)
	if err != nil || len(due) == 0 {
		return 0, err
	}
	err = s.inTransaction(ctx, "marking entries whose time has come", func(tx *sql.Tx) error {
		changes := entryChanges{touched: make(map[int64]int64, len(due))}
		for _, d := range due {
			if d.known {
				changes.touch(d.entry)
			}
			if _, err := tx.ExecContext(ctx, "DELETE FROM due WHERE day = ? AND entry = ? AND at = ?", d.at/microsPerDay, d.entry, d.at); err != nil {
				return err
			}
		}
		changes.number(&s.numbers)
		if err := changes.writeTouched(ctx, tx, now); err != nil {
			return err
		}
		return advanceClock(ctx, tx, now)
	})
	return len(due), err
}

// dueEntry is an entry whose time has come, and is known unless it was forgotten
// before.
type dueEntry struct {
	entry, at int64
	known     bool
}

func (s *Store) readDue(ctx context.Context, now int64) ([]dueEntry, error) {
	rows, err := s.read.QueryContext(ctx, "SELECT entry, at, EXISTS (SELECT 1 FROM entries WHERE id = entry) FROM due WHERE day <= ? AND at <= ? LIMIT ?", now/microsPerDay, now, sweepLimit)
	if err != nil {
		return nil, fmt.Errorf("reading what is due: %w", err)
	}
	defer rows.Close()
	var due []dueEntry
	for rows.Next() {
		var d dueEntry
		if err := rows.Scan(&d.entry, &d.at, &d.known); err != nil {
			return nil, fmt.Errorf("reading what is due: %w", err)
		}
		due = append(due, d)
	}
	return due, rows.Err()
}

func (s *Store) nextDue(ctx context.Context) (time.Time, error) {
	var at sql.NullInt64
	err := s.read.QueryRowContext(ctx, "SELECT min(at) FROM due WHERE day = (SELECT min(day) FROM due)").Scan(&at)
	if err != nil {
		return time.Time{}, fmt.Errorf("reading what is due next: %w", err)
	}
	return FromMicros(at.Int64), nil
}
