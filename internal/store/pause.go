package store

import (
	"context"
	"database/sql"
	"fmt"
	"time"
)

// PauseAll is the subject of a pause of everything. The others are
// "connector/NAME" and "output/NAME".
const PauseAll = "all"

// Pause says that something stands still.
type Pause struct {
	Subject string    `json:"subject"`
	Since   time.Time `json:"since"`
	// Until is when it ends by itself, the zero time for never.
	Until  time.Time `json:"until,omitzero"`
	Who    string    `json:"who"`
	Reason string    `json:"reason"`
}

// SetPause stores a pause, in place of an earlier one of the same subject.
func (s *Store) SetPause(ctx context.Context, p Pause) error {
	return s.inTransaction(ctx, "pausing "+p.Subject, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `INSERT INTO pauses(subject, since, until, who, reason) VALUES (?, ?, ?, ?, ?)
			ON CONFLICT(subject) DO UPDATE SET since = excluded.since, until = excluded.until, who = excluded.who, reason = excluded.reason`,
			p.Subject, Micros(p.Since), Micros(p.Until), p.Who, p.Reason)
		return err
	})
}

// EndPause ends a pause, and reports whether there was one.
func (s *Store) EndPause(ctx context.Context, subject string) (bool, error) {
	var n int64
	err := s.inTransaction(ctx, "resuming "+subject, func(tx *sql.Tx) error {
		result, err := tx.ExecContext(ctx, "DELETE FROM pauses WHERE subject = ?", subject)
		if err != nil {
			return err
		}
		n, err = result.RowsAffected()
		return err
	})
	return n > 0, err
}

// Pauses returns what stands still now, by subject.
func (s *Store) Pauses(ctx context.Context, now time.Time) (map[string]Pause, error) {
	rows, err := s.read.QueryContext(ctx, "SELECT subject, since, until, who, reason FROM pauses WHERE until = 0 OR until > ?", Micros(now))
	if err != nil {
		return nil, fmt.Errorf("reading the pauses: %w", err)
	}
	defer rows.Close()
	found := make(map[string]Pause)
	for rows.Next() {
		var p Pause
		var since, until int64
		if err := rows.Scan(&p.Subject, &since, &until, &p.Who, &p.Reason); err != nil {
			return nil, fmt.Errorf("reading the pauses: %w", err)
		}
		p.Since, p.Until = FromMicros(since), FromMicros(until)
		found[p.Subject] = p
	}
	return found, rows.Err()
}
