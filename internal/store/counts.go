package store

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/indicatord/indicatord/internal/indicator"
)

// CountEntries counts, by kind, the entries of which something live is asserted.
func (s *Store) CountEntries(ctx context.Context) (map[string]int, error) {
	rows, err := s.read.QueryContext(ctx, fmt.Sprintf(`SELECT e.kind, count(*) FROM entries e
		WHERE EXISTS (SELECT 1 FROM assertions a WHERE a.entry = e.id AND a.facets >> %d & 3 = 0) GROUP BY e.kind`, stateShift))
	if err != nil {
		return nil, fmt.Errorf("counting entries: %w", err)
	}
	return scanKindCounts(rows)
}

// CountKinds counts the entries of the given kinds, or all where none is given,
// whether or not anything live is asserted of them.
func (s *Store) CountKinds(ctx context.Context, kinds []indicator.Kind) (int, error) {
	r := reader{what: Reading{Kinds: kinds}}
	var n int
	if err := s.read.QueryRowContext(ctx, "SELECT count(*) FROM entries e WHERE 1 = 1"+r.kinds()).Scan(&n); err != nil {
		return 0, fmt.Errorf("counting entries: %w", err)
	}
	return n, nil
}

func scanKindCounts(rows *sql.Rows) (map[string]int, error) {
	defer rows.Close()
	counts := make(map[string]int)
	for rows.Next() {
		var kind indicator.Kind
		var n int
		if err := rows.Scan(&kind, &n); err != nil {
			return nil, fmt.Errorf("counting entries: %w", err)
		}
		counts[kind.String()] = n
	}
	return counts, rows.Err()
}
