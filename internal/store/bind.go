package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
)

// bound is the name, before that of an output, under which it is kept where the
// output writes to.
const bound = "bound:"

// Bind notes where an output writes to. Where that is elsewhere than before, what
// was delivered is forgotten, for the tool there has none of it, and changed is
// set. The first word of an output changes nothing.
func (s *Store) Bind(ctx context.Context, output, place string) (changed bool, err error) {
	before, err := s.bound(ctx, output)
	if err != nil || before == place {
		return false, err
	}
	err = s.inTransaction(ctx, "noting where "+output+" writes to", func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `INSERT INTO meta(name, value) VALUES (?, ?)
			ON CONFLICT(name) DO UPDATE SET value = excluded.value`, bound+output, place)
		if err != nil || before == "" {
			return err
		}
		return forgetDelivered(ctx, tx, output)
	})
	return before != "", err
}

// bound returns where an output writes to, "" where nobody has said yet.
func (s *Store) bound(ctx context.Context, output string) (string, error) {
	var place string
	err := s.read.QueryRowContext(ctx, "SELECT value FROM meta WHERE name = ?", bound+output).Scan(&place)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return "", fmt.Errorf("reading where %s writes to: %w", output, err)
	}
	return place, nil
}

// forgetDelivered makes an output one that has delivered nothing.
func forgetDelivered(ctx context.Context, tx *sql.Tx, output string) error {
	id, err := ensureID(ctx, tx, "outputs", "name", output)
	if err != nil {
		return err
	}
	for _, table := range []string{"ledger", "refusals", "offers"} {
		if _, err := tx.ExecContext(ctx, "DELETE FROM "+table+" WHERE output = ?", id); err != nil {
			return err
		}
	}
	if _, err := tx.ExecContext(ctx, "UPDATE outputs SET sequence = 0, policy = '', delivered = 0 WHERE id = ?", id); err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, "DELETE FROM holds WHERE output = ?", output)
	return err
}
