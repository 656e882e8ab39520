package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/indicatord/indicatord/internal/indicator"
)

// clockTolerance is how far back a time may lie behind the latest one that was
// ever acted on without the clock counting as set back.
const clockTolerance = int64(time.Minute / time.Microsecond)

// advanceClock notes the latest time that was acted on: what began or ended up
// to then is not due any more.
func advanceClock(ctx context.Context, tx *sql.Tx, now int64) error {
	_, err := tx.ExecContext(ctx, `INSERT INTO meta(name, value) VALUES ('clock', ?1)
		ON CONFLICT(name) DO UPDATE SET value = ?1 WHERE CAST(meta.value AS BIGINT) < CAST(?1 AS BIGINT)`, strconv.FormatInt(now, 10))
	if err != nil {
		return fmt.Errorf("noting the time: %w", err)
	}
	return nil
}

// readClock returns the latest time that was acted on, 0 before the first.
func readClock(ctx context.Context, q querier) (int64, error) {
	var latest int64
	err := q.QueryRowContext(ctx, "SELECT CAST(value AS BIGINT) FROM meta WHERE name = 'clock'").Scan(&latest)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return 0, fmt.Errorf("reading the time of the last change: %w", err)
	}
	return latest, nil
}

// rewind puts back what a clock that ran ahead has used up: the times that lie
// ahead again are due again, and an entry that ended among them is touched,
// because it holds after all. An entry that began among them is not: which of
// the two clocks was right nobody can know, and what is enforced stays.
func (s *Store) rewind(ctx context.Context, now int64) (int, error) {
	latest, err := readClock(ctx, s.read)
	if err != nil || now >= latest-clockTolerance {
		return 0, err
	}
	var ended []int64
	err = s.inTransaction(ctx, "setting the clock back", func(tx *sql.Tx) error {
		if ended, err = endedBetween(ctx, tx, now, latest); err != nil {
			return err
		}
		if err := dueAgain(ctx, tx, now, latest); err != nil {
			return err
		}
		changes := entryChanges{touched: make(map[int64]int64, len(ended))}
		for _, entry := range ended {
			changes.touch(entry)
		}
		changes.number(&s.numbers)
		if err := changes.writeTouched(ctx, tx, now); err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, "UPDATE meta SET value = ? WHERE name = 'clock'", strconv.FormatInt(now, 10))
		return err
	})
	return len(ended), err
}

func endedBetween(ctx context.Context, tx *sql.Tx, from, to int64) ([]int64, error) {
	rows, err := tx.QueryContext(ctx, fmt.Sprintf(
		"SELECT DISTINCT entry FROM assertions WHERE valid_until > ? AND valid_until <= ? AND facets >> %d & 3 = %d", stateShift, indicator.Live), from, to)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var entries []int64
	for rows.Next() {
		var entry int64
		if err := rows.Scan(&entry); err != nil {
			return nil, err
		}
		entries = append(entries, entry)
	}
	return entries, rows.Err()
}

func dueAgain(ctx context.Context, tx *sql.Tx, from, to int64) error {
	for _, column := range []string{"valid_from", "valid_until"} {
		_, err := tx.ExecContext(ctx, fmt.Sprintf(`INSERT OR IGNORE INTO due(day, entry, at)
			SELECT %[1]s / %[2]d, entry, %[1]s FROM assertions
			WHERE %[1]s > ? AND %[1]s <= ? AND facets >> %[3]d & 3 = %[4]d`, column, microsPerDay, stateShift, indicator.Live), from, to)
		if err != nil {
			return err
		}
	}
	return nil
}
