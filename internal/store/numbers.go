package store

import (
	"context"
	"fmt"
)

// numbers are the next ids. They are kept in memory, and read from the tables
// at the start, or in each writing transaction where others write too: the
// highest rows of these tables are never deleted.
type numbers struct {
	sequence int64 // of the last change of any entry
	object   int64
	pack     int64
}

func (n *numbers) load(ctx context.Context, q querier) error {
	err := q.QueryRowContext(ctx, `SELECT
		(SELECT coalesce(max(n), 0) FROM (SELECT max(id) AS n FROM entries UNION ALL SELECT max(sequence) FROM touched) AS newest),
		coalesce((SELECT max(id) FROM objects), 0),
		coalesce((SELECT max(id) FROM packs), 0)`).Scan(&n.sequence, &n.object, &n.pack)
	if err != nil {
		return fmt.Errorf("reading the last numbers of the state: %w", err)
	}
	return nil
}

func (n *numbers) nextSequence() int64 { n.sequence++; return n.sequence }
func (n *numbers) nextObject() int64   { n.object++; return n.object }
func (n *numbers) nextPack() int64     { n.pack++; return n.pack }
