package store

import (
	"context"
	"database/sql"
	"fmt"
	"time"
)

// What is over is kept for a while, so that people can be told why an entry
// left: a revocation longest, because no later version of the object may count.
const (
	keepWithdrawn = 90 * 24 * time.Hour
	keepRevoked   = 365 * 24 * time.Hour
)

// keepReleased is how long an entry stays of which nothing is asserted any more:
// a delivery that offered it before may still be under way, and will write it
// into a ledger.
const keepReleased = 24 * time.Hour

// maintainSome is how many rows one maintaining transaction takes: others wait
// for it.
const maintainSome = 2000

// Maintained counts what a maintenance has cleared.
type Maintained struct {
	Objects int `json:"objects"` // forgotten, because they were over long ago
	Entries int `json:"entries"` // forgotten, because nothing is said of them
	Packs   int `json:"packs"`   // deleted or written again, because little of them was in use
}

// Maintain keeps the state from growing without end: it forgets objects that
// were withdrawn or revoked long ago, entries of which nothing is asserted and
// which no tool holds, and the bytes of versions that are superseded. It works
// in short transactions; pulls and deliveries go on beside it.
func (s *Store) Maintain(ctx context.Context, now time.Time) (Maintained, error) {
	var m Maintained
	var err error
	if m.Objects, err = s.repeat(ctx, "forgetting objects", func(tx *sql.Tx) (int, error) { return forgetObjects(ctx, tx, now) }); err != nil {
		return m, err
	}
	if m.Entries, err = s.repeat(ctx, "forgetting entries", func(tx *sql.Tx) (int, error) { return forgetEntries(ctx, tx, now) }); err != nil {
		return m, err
	}
	if m.Packs, err = s.repeat(ctx, "deleting packs", func(tx *sql.Tx) (int, error) { return deletePacks(ctx, tx) }); err != nil {
		return m, err
	}
	repacked, err := s.repack(ctx)
	m.Packs += repacked
	return m, err
}

// repeat runs transactions that take some rows each until one takes fewer.
func (s *Store) repeat(ctx context.Context, what string, some func(*sql.Tx) (int, error)) (int, error) {
	total := 0
	for {
		n := 0
		err := s.inTransaction(ctx, what, func(tx *sql.Tx) error {
			var err error
			n, err = some(tx)
			return err
		})
		total += n
		if err != nil || n < maintainSome {
			return total, err
		}
	}
}

// forgetObjects never takes the newest row: the next number is counted from it.
func forgetObjects(ctx context.Context, tx *sql.Tx, now time.Time) (int, error) {
	return deleteEach(ctx, tx, `SELECT id FROM objects WHERE (state = 2 AND changed < ? OR state = 1 AND changed < ?)
		AND id < (SELECT max(id) FROM objects) LIMIT ?`,
		[]any{Micros(now.Add(-keepWithdrawn)), Micros(now.Add(-keepRevoked)), maintainSome},
		"DELETE FROM assertions WHERE (entry, object) IN (SELECT entry, object FROM assertions INDEXED BY assertions_by_object WHERE object = ?)",
		"DELETE FROM texts WHERE object = ?",
		"DELETE FROM rejects WHERE object = ?",
		"DELETE FROM relations WHERE object = ?",
		"DELETE FROM threats WHERE object = ?",
		"DELETE FROM indicated WHERE object = ?",
		"DELETE FROM unresolved WHERE object = ?",
		"DELETE FROM objects WHERE id = ?")
}

// forgetEntries takes neither the newest entry nor the one that was touched
// last, for the same reason. An entry is touched when it loses an assertion.
// While an offer is without an answer, a tool may hold what no ledger tells.
func forgetEntries(ctx context.Context, tx *sql.Tx, now time.Time) (int, error) {
	return deleteEach(ctx, tx, `SELECT entry FROM touched t
		WHERE at < ?
		AND NOT EXISTS (SELECT 1 FROM assertions a WHERE a.entry = t.entry)
		AND NOT EXISTS (SELECT 1 FROM offers)
		AND NOT EXISTS (SELECT 1 FROM outputs o JOIN ledger l ON l.output = o.id AND l.entry = t.entry)
		AND entry < (SELECT max(id) FROM entries)
		AND sequence < (SELECT max(sequence) FROM touched) LIMIT ?`, []any{Micros(now.Add(-keepReleased)), maintainSome},
		"DELETE FROM touched WHERE entry = ?",
		"DELETE FROM refusals WHERE entry = ?",
		"DELETE FROM entries WHERE id = ?")
}

func deletePacks(ctx context.Context, tx *sql.Tx) (int, error) {
	return deleteEach(ctx, tx, `SELECT id FROM packs WHERE id NOT IN (SELECT pack FROM objects)
		AND id < (SELECT max(id) FROM packs) LIMIT ?`, []any{maintainSome},
		"DELETE FROM packs WHERE id = ?")
}

// deleteEach runs the statements for each id that the query finds.
func deleteEach(ctx context.Context, tx *sql.Tx, query string, args []any, statements ...string) (int, error) {
	ids, err := readIDs(ctx, tx, query, args...)
	if err != nil {
		return 0, err
	}
	for _, statement := range statements {
		if err := execEach(ctx, tx, statement, ids); err != nil {
			return 0, err
		}
	}
	return len(ids), nil
}

func execEach(ctx context.Context, tx *sql.Tx, statement string, ids []int64) error {
	prepared, err := tx.PrepareContext(ctx, statement)
	if err != nil {
		return err
	}
	defer func() { _ = prepared.Close() }()
	for _, id := range ids {
		if _, err := prepared.ExecContext(ctx, id); err != nil {
			return err
		}
	}
	return nil
}

func readIDs(ctx context.Context, q querier, query string, args ...any) ([]int64, error) {
	rows, err := q.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var ids []int64
	for rows.Next() {
		var id int64
		if err := rows.Scan(&id); err != nil {
			return nil, err
		}
		ids = append(ids, id)
	}
	return ids, rows.Err()
}

// sparse says when a pack is written again: a quarter of it is in use, or less.
const sparse = "HAVING sum(o.size) * 4 <= p.unpacked"

// repack moves the objects of sparse packs into new ones.
func (s *Store) repack(ctx context.Context) (int, error) {
	packs, err := readIDs(ctx, s.read, "SELECT p.id FROM packs p JOIN objects o ON o.pack = p.id GROUP BY p.id "+sparse)
	if err != nil {
		return 0, fmt.Errorf("looking for packs that are little in use: %w", err)
	}
	// Objects have no index by pack, so the packs are taken many at a time.
	const most = 500
	for done := 0; done < len(packs); done += most {
		some := packs[done:min(done+most, len(packs))]
		err := s.inTransaction(ctx, "packing objects anew", func(tx *sql.Tx) error { return s.repackSome(ctx, tx, some) })
		if err != nil {
			return done, err
		}
	}
	return len(packs), nil
}

func (s *Store) repackSome(ctx context.Context, tx *sql.Tx, packs []int64) error {
	args := make([]any, len(packs))
	for i, id := range packs {
		args[i] = id
	}
	objects, err := readPlaces(ctx, tx, "SELECT id, pack, start, size FROM objects WHERE pack IN ("+marks(len(packs))+") ORDER BY pack, start", args)
	if err != nil {
		return err
	}
	places, packer, err := copyObjects(ctx, tx, objects)
	if err != nil {
		return err
	}
	first := s.numbers.pack + 1
	if err := s.insertPacks(ctx, tx, packer); err != nil {
		return err
	}
	for i, o := range objects {
		_, err := tx.ExecContext(ctx, "UPDATE objects SET pack = ?, start = ? WHERE id = ?", first+int64(places[i].pack), places[i].start, o.row)
		if err != nil {
			return err
		}
	}
	return execEach(ctx, tx, "DELETE FROM packs WHERE id = ?", packs)
}

func readPlaces(ctx context.Context, tx *sql.Tx, query string, args []any) ([]staleObject, error) {
	rows, err := tx.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var objects []staleObject
	for rows.Next() {
		var o staleObject
		if err := rows.Scan(&o.row, &o.pack, &o.start, &o.size); err != nil {
			return nil, err
		}
		objects = append(objects, o)
	}
	return objects, rows.Err()
}

func copyObjects(ctx context.Context, tx *sql.Tx, objects []staleObject) ([]Place, *Packer, error) {
	unpacker, packer := newUnpacker(tx), NewPacker()
	defer unpacker.close()
	places := make([]Place, len(objects))
	for i, o := range objects {
		raw, err := unpacker.object(ctx, o.pack, o.start, o.size)
		if err != nil {
			return nil, nil, err
		}
		places[i] = packer.Add(raw)
	}
	return places, packer, nil
}
