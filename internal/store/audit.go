package store

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"time"
)

// AuditRecord is one thing that somebody did, or that a delivery brought about.
type AuditRecord struct {
	ID  int64     `json:"id"`
	At  time.Time `json:"at"`
	Who string    `json:"who"`
	// Action is a word such as "allow", "pause" or "delivered".
	Action string `json:"action"`
	// Subject is what it was done to: a value, an output.
	Subject string `json:"subject"`
	Reason  string `json:"reason,omitempty"`
	// Before and After are the state of the subject, as JSON; nil for none.
	Before json.RawMessage `json:"before,omitempty"`
	After  json.RawMessage `json:"after,omitempty"`
	// Chain is a digest of the record and of the chain before it.
	Chain string `json:"chain"`
}

// Audit adds a record. Its ID and Chain are the store's own business.
func (s *Store) Audit(ctx context.Context, r AuditRecord) error {
	return s.inTransaction(ctx, "adding to the audit", func(tx *sql.Tx) error { return addAudit(ctx, tx, r) })
}

func addAudit(ctx context.Context, tx *sql.Tx, r AuditRecord) error {
	var last int64
	var chain string
	err := tx.QueryRowContext(ctx, "SELECT id, chain FROM audit ORDER BY id DESC LIMIT 1").Scan(&last, &chain)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return err
	}
	r.ID, r.At = last+1, FromMicros(Micros(r.At))
	_, err = tx.ExecContext(ctx, "INSERT INTO audit(id, at, who, action, subject, reason, before, after, chain) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
		r.ID, Micros(r.At), r.Who, r.Action, r.Subject, r.Reason, string(r.Before), string(r.After), r.chained(chain))
	return err
}

// chained is the digest that follows the one before.
func (r *AuditRecord) chained(before string) string {
	h := sha256.New()
	fmt.Fprintf(h, "%s\n%d\n%d\n%q\n%q\n%q\n%q\n%q\n%q\n", before, r.ID, Micros(r.At), r.Who, r.Action, r.Subject, r.Reason, r.Before, r.After)
	return hex.EncodeToString(h.Sum(nil))
}

// BrokenAuditError says that the audit is not what was written.
type BrokenAuditError struct {
	// ID is the first record that does not follow from the one before.
	ID int64
}

// Error says where the audit breaks.
func (e *BrokenAuditError) Error() string {
	return fmt.Sprintf("the audit was changed: record %d does not follow from the one before it", e.ID)
}

// AuditRecords yields the records from since on, oldest first, and checks that
// each follows from the one before: where one does not, the error is a
// [BrokenAuditError], and the sequence ends.
func (s *Store) AuditRecords(ctx context.Context, since time.Time) iter.Seq2[AuditRecord, error] {
	return func(yield func(AuditRecord, error) bool) {
		rows, err := s.read.QueryContext(ctx, "SELECT id, at, who, action, subject, reason, before, after, chain FROM audit ORDER BY id")
		if err != nil {
			yield(AuditRecord{}, fmt.Errorf("reading the audit: %w", err))
			return
		}
		defer rows.Close()
		var before AuditRecord
		for rows.Next() {
			r, err := scanAudit(rows)
			if err == nil && (r.ID != before.ID+1 || r.chained(before.Chain) != r.Chain) {
				err = &BrokenAuditError{ID: r.ID}
			}
			if err != nil {
				yield(AuditRecord{}, err)
				return
			}
			before = r
			if !r.At.Before(since) && !yield(r, nil) {
				return
			}
		}
		if err := rows.Err(); err != nil {
			yield(AuditRecord{}, fmt.Errorf("reading the audit: %w", err))
		}
	}
}

func scanAudit(rows *sql.Rows) (AuditRecord, error) {
	var r AuditRecord
	var at int64
	var before, after string
	if err := rows.Scan(&r.ID, &at, &r.Who, &r.Action, &r.Subject, &r.Reason, &before, &after, &r.Chain); err != nil {
		return r, fmt.Errorf("reading the audit: %w", err)
	}
	r.At = FromMicros(at)
	if before != "" {
		r.Before = json.RawMessage(before)
	}
	if after != "" {
		r.After = json.RawMessage(after)
	}
	return r, nil
}
