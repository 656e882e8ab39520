package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strconv"
	"time"
)

// Cursor returns what the last stored page of a source carried, nil before the
// first.
func (s *Store) Cursor(ctx context.Context, source string) ([]byte, error) {
	var cursor []byte
	err := s.read.QueryRowContext(ctx, "SELECT cursor FROM sources WHERE name = ?", source).Scan(&cursor)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("reading the cursor of %s: %w", source, err)
	}
	return cursor, nil
}

// LastComplete returns when a full pull of the source was last complete, the
// zero time for never.
func (s *Store) LastComplete(ctx context.Context, source string) (time.Time, error) {
	var at int64
	err := s.read.QueryRowContext(ctx, "SELECT complete FROM sources WHERE name = ?", source).Scan(&at)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return time.Time{}, fmt.Errorf("reading the last full pull of %s: %w", source, err)
	}
	return FromMicros(at), nil
}

// SetComplete records that a full pull of the source was complete.
func (s *Store) SetComplete(ctx context.Context, source string, at time.Time) error {
	return s.inTransaction(ctx, "recording a full pull of "+source, func(tx *sql.Tx) error {
		id, err := ensureID(ctx, tx, "sources", "name", source)
		if err != nil {
			return err
		}
		if _, err = tx.ExecContext(ctx, "UPDATE sources SET complete = ? WHERE id = ?", Micros(at), id); err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, "INSERT OR IGNORE INTO meta(name, value) VALUES (?, ?)", firstComplete+source, strconv.FormatInt(Micros(at), 10))
		return err
	})
}

// firstComplete begins the names under which the first complete pulls are noted.
const firstComplete = "first complete pull of "

// FirstComplete returns when a pull of the source was complete for the first time,
// the zero time for never.
func (s *Store) FirstComplete(ctx context.Context, source string) (time.Time, error) {
	var at int64
	err := s.read.QueryRowContext(ctx, "SELECT CAST(value AS BIGINT) FROM meta WHERE name = ?", firstComplete+source).Scan(&at)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return time.Time{}, fmt.Errorf("reading the first full pull of %s: %w", source, err)
	}
	return FromMicros(at), nil
}

// SourceCounts is what the store holds of one source.
type SourceCounts struct {
	Name    string         `json:"name"`
	Objects map[string]int `json:"objects"` // by state: live, revoked, withdrawn
	Rejects map[string]int `json:"rejects"` // by code
}

// CountSources counts the objects and rejects of every source.
func (s *Store) CountSources(ctx context.Context) (map[string]SourceCounts, error) {
	counts := make(map[string]SourceCounts)
	err := s.countBy(ctx, "SELECT s.name, CASE o.state WHEN 0 THEN 'live' WHEN 1 THEN 'revoked' ELSE 'withdrawn' END, count(*) FROM objects o JOIN sources s ON s.id = o.source GROUP BY 1, 2",
		func(source, key string, n int) {
			c := sourceCounts(counts, source)
			c.Objects[key] = n
		})
	if err != nil {
		return nil, err
	}
	err = s.countBy(ctx, "SELECT s.name, r.code, count(*) FROM rejects r JOIN sources s ON s.id = r.source GROUP BY 1, 2",
		func(source, code string, n int) { sourceCounts(counts, source).Rejects[code] = n })
	return counts, err
}

func sourceCounts(all map[string]SourceCounts, name string) SourceCounts {
	c, ok := all[name]
	if !ok {
		c = SourceCounts{Name: name, Objects: map[string]int{}, Rejects: map[string]int{}}
		all[name] = c
	}
	return c
}

func (s *Store) countBy(ctx context.Context, query string, yield func(name, key string, n int)) error {
	rows, err := s.read.QueryContext(ctx, query)
	if err != nil {
		return fmt.Errorf("counting: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var name, key string
		var n int
		if err := rows.Scan(&name, &key, &n); err != nil {
			return fmt.Errorf("counting: %w", err)
		}
		yield(name, key, n)
	}
	return rows.Err()
}
