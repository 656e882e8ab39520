package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"time"
)

// Decision is what somebody decided about a held change.
type Decision string

// The decisions.
const (
	Undecided Decision = ""
	Approved  Decision = "approved"
	Rejected  Decision = "rejected"
)

// Hold is a change of an output that waits for somebody to decide, or what a
// source wants to withdraw.
type Hold struct {
	// Output is the name of the output, or the [HeldSource] of a source.
	Output string    `json:"output"`
	Since  time.Time `json:"since"`
	// Digest identifies the change: a decision is about this one alone.
	Digest string `json:"digest"`
	// Shown is the JSON of how much it is.
	Shown    json.RawMessage `json:"shown"`
	Decision Decision        `json:"decision,omitempty"`
	Who      string          `json:"who,omitempty"`
}

// HeldSource is the name under which a withdrawal of a source is held.
func HeldSource(source string) string { return "connector/" + source }

// Hold notes that a change is held. Where another change of the output was held
// before, its decision is void and its time stays.
func (s *Store) Hold(ctx context.Context, h Hold) error {
	return s.inTransaction(ctx, "holding a change of "+h.Output, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `INSERT INTO holds(output, since, digest, shown, decision, who) VALUES (?, ?, ?, ?, '', '')
			ON CONFLICT(output) DO UPDATE SET digest = excluded.digest, shown = excluded.shown, decision = '', who = ''
			WHERE holds.digest <> excluded.digest`, h.Output, Micros(h.Since), h.Digest, string(h.Shown))
		return err
	})
}

// Release forgets that a change of the output was held.
func (s *Store) Release(ctx context.Context, output string) error {
	return s.inTransaction(ctx, "releasing a change of "+output, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, "DELETE FROM holds WHERE output = ?", output)
		return err
	})
}

// Decide notes a decision about the held change with the digest. It reports
// false where no such change is held: it has become another meanwhile.
func (s *Store) Decide(ctx context.Context, output, digest string, d Decision, who string) (bool, error) {
	var n int64
	err := s.inTransaction(ctx, "deciding about a change of "+output, func(tx *sql.Tx) error {
		result, err := tx.ExecContext(ctx, "UPDATE holds SET decision = ?, who = ? WHERE output = ? AND digest = ?", string(d), who, output, digest)
		if err != nil {
			return err
		}
		n, err = result.RowsAffected()
		return err
	})
	return n > 0, err
}

// Holds returns the changes that are held, by output.
func (s *Store) Holds(ctx context.Context) (map[string]Hold, error) {
	rows, err := s.read.QueryContext(ctx, "SELECT output, since, digest, shown, decision, who FROM holds")
	if err != nil {
		return nil, fmt.Errorf("reading what is held: %w", err)
	}
	defer rows.Close()
	found := make(map[string]Hold)
	for rows.Next() {
		var h Hold
		var since int64
		var shown string
		if err := rows.Scan(&h.Output, &since, &h.Digest, &shown, &h.Decision, &h.Who); err != nil {
			return nil, fmt.Errorf("reading what is held: %w", err)
		}
		h.Since, h.Shown = FromMicros(since), json.RawMessage(shown)
		found[h.Output] = h
	}
	return found, rows.Err()
}

// CountLedgerOf returns on how many of the entries that an output's tool has
// accepted a source has, or had, a word.
func (s *Store) CountLedgerOf(ctx context.Context, output, source string) (int, error) {
	var n int
	err := s.read.QueryRowContext(ctx, `SELECT count(*) FROM ledger l JOIN outputs o ON o.id = l.output JOIN sources s ON s.name = ?
		WHERE o.name = ? AND EXISTS (SELECT 1 FROM assertions a WHERE a.entry = l.entry AND a.source = s.id)`, source, output).Scan(&n)
	if err != nil {
		return 0, fmt.Errorf("counting what %s holds of %s: %w", output, source, err)
	}
	return n, nil
}

// CountLedger returns how many entries an output's tool has accepted.
func (s *Store) CountLedger(ctx context.Context, output string) (int, error) {
	var n int
	err := s.read.QueryRowContext(ctx, "SELECT count(*) FROM ledger l JOIN outputs o ON o.id = l.output WHERE o.name = ?", output).Scan(&n)
	if err != nil {
		return 0, fmt.Errorf("counting what %s holds: %w", output, err)
	}
	return n, nil
}
