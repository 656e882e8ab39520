package store

import (
	"context"
	"database/sql"
	"slices"
)

// writeTouched writes the new sequence numbers of entries that were there
// before: a birth is its own number.
func (e *entryChanges) writeTouched(ctx context.Context, tx *sql.Tx, now int64) error {
	type touch struct{ sequence, entry int64 }
	var touches []touch
	for entry, sequence := range e.touched {
		touches = append(touches, touch{sequence, entry})
	}
	slices.SortFunc(touches, func(x, y touch) int { return int(x.sequence - y.sequence) })
	rows := newInserter(tx, orReplace, "touched(sequence, entry, at)")
	for _, t := range touches {
		rows.add(ctx, t.sequence, t.entry, now)
	}
	return rows.flush(ctx)
}
