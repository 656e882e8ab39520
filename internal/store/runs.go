package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"time"
)

// runsKept is how many runs of each name are kept.
const runsKept = 500

// RunKind says what a run was.
type RunKind string

// The kinds of runs.
const (
	Pull     RunKind = "pull"
	Delivery RunKind = "delivery"
	// Verifying is a look at what a tool really holds.
	Verifying RunKind = "verification"
	// Refreshing is telling a tool again what it has.
	Refreshing RunKind = "refresh"
)

// Run is one pull or one delivery that has ended.
type Run struct {
	Kind    RunKind   `json:"kind"`
	Name    string    `json:"name"`
	Started time.Time `json:"started"`
	Ended   time.Time `json:"ended"`
	// Error is "" for a success. It holds no secret.
	Error string `json:"error,omitempty"`
	// Counts is the run's own JSON.
	Counts json.RawMessage `json:"counts,omitempty"`
}

// AddRun records a run, and forgets the oldest of its name.
func (s *Store) AddRun(ctx context.Context, r Run) error {
	return s.inTransaction(ctx, "recording a run", func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, "INSERT INTO runs(kind, name, started, ended, error, counts) VALUES (?, ?, ?, ?, ?, ?)",
			string(r.Kind), r.Name, Micros(r.Started), Micros(r.Ended), cut(r.Error), string(r.Counts))
		if err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, `DELETE FROM runs WHERE kind = ?1 AND name = ?2 AND id <=
			(SELECT id FROM runs WHERE kind = ?1 AND name = ?2 ORDER BY id DESC LIMIT 1 OFFSET ?3)`, string(r.Kind), r.Name, runsKept)
		return err
	})
}

// LastRuns returns the newest run of a name and the newest that succeeded. Each
// is nil where there was none.
func (s *Store) LastRuns(ctx context.Context, kind RunKind, name string) (last, success *Run, err error) {
	if last, err = s.lastRun(ctx, kind, name, ""); err != nil {
		return nil, nil, err
	}
	success, err = s.lastRun(ctx, kind, name, " AND error = ''")
	return last, success, err
}

func (s *Store) lastRun(ctx context.Context, kind RunKind, name, and string) (*Run, error) {
	rows, err := s.read.QueryContext(ctx, "SELECT started, ended, error, counts FROM runs WHERE kind = ? AND name = ?"+and+" ORDER BY id DESC LIMIT 1", string(kind), name)
	if err != nil {
		return nil, fmt.Errorf("reading the runs of %s: %w", name, err)
	}
	defer rows.Close()
	if !rows.Next() {
		return nil, rows.Err()
	}
	var started, ended int64
	var counts string
	run := &Run{Kind: kind, Name: name}
	if err := rows.Scan(&started, &ended, &run.Error, &counts); err != nil {
		return nil, fmt.Errorf("reading the runs of %s: %w", name, err)
	}
	run.Started, run.Ended, run.Counts = FromMicros(started), FromMicros(ended), json.RawMessage(counts)
	return run, nil
}
