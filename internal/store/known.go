package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/indicatord/indicatord/internal/indicator"
)

// storedObject is the row of an object, without where its bytes are.
type storedObject struct {
	id       int64
	version  int64
	state    indicator.State
	checksum uint32
	creator  int64 // 0 where the object does not say who made it
}

// Header is what a pull knows of an object before it looks closer.
type Header struct {
	ID       string
	Version  time.Time
	Revoked  bool
	Checksum uint32
}

// Familiar says what the store has of an object that a source shows again.
type Familiar struct {
	// Row identifies the object in a [Presence]; 0 where it is not stored.
	Row int64
	// Settled is true where the store would not change: the object is stored
	// in this version or a later one.
	Settled bool
	// Conflicting is true where the same version is stored with other content,
	// Older where a later version is stored, and AfterRevoked where the version
	// follows a revocation, which none may.
	Conflicting, Older, AfterRevoked bool
}

// Familiar compares what a source shows with what is stored, in the order of
// headers, so that a pull decodes only what is news. [Store.Apply] decides
// again: between the two the store may have moved.
func (s *Store) Familiar(ctx context.Context, source string, headers []Header) ([]Familiar, error) {
	result := make([]Familiar, len(headers))
	sourceID, err := sourceID(ctx, s.read, source)
	if err != nil || sourceID == 0 {
		return result, err
	}
	ids := make([]string, len(headers))
	for i := range headers {
		ids[i] = headers[i].ID
	}
	stored, err := s.lookUpObjects(ctx, s.read, sourceID, ids)
	if err != nil {
		return nil, err
	}
	for i := range headers {
		if o, ok := stored[headers[i].ID]; ok {
			result[i] = familiar(o, &headers[i])
		}
	}
	return result, nil
}

func familiar(o storedObject, h *Header) Familiar {
	version := Micros(h.Version)
	f := Familiar{Row: o.id}
	switch {
	case o.state == indicator.Revoked:
		f.Settled = true
		f.AfterRevoked = version > o.version && !h.Revoked
	case h.Revoked:
	case version < o.version:
		f.Settled, f.Older = true, true
	case version == o.version && o.state == indicator.Live:
		f.Settled = true
		f.Conflicting = o.checksum != h.Checksum
	}
	return f
}

// lookUpObjects finds the rows of objects by their ids. It reads no row for an
// id that is new.
func (s *Store) lookUpObjects(ctx context.Context, q querier, source int64, ids []string) (map[string]storedObject, error) {
	if err := s.objects.load(ctx, q); err != nil {
		return nil, err
	}
	var candidates []int64
	for _, id := range ids {
		candidates = s.objects.find(candidates, s.hashKey(uint64(source), id))
	}
	if len(candidates) == 0 {
		return nil, nil // the usual case of a first pull
	}
	wanted := make(map[string]string, len(ids))
	for _, id := range ids {
		wanted[s.engine.text(id)] = id
	}
	slices.Sort(candidates)
	found := make(map[string]storedObject, len(candidates))
	err := inChunks(slices.Compact(candidates), func(marks string, args []any) error {
		return scanObjects(ctx, q, source, marks, args, func(stixID string, o storedObject) {
			if id, ok := wanted[stixID]; ok {
				found[id] = o
			}
		})
	})
	if err != nil {
		return nil, fmt.Errorf("looking up objects: %w", err)
	}
	return found, nil
}

func scanObjects(ctx context.Context, q querier, source int64, marks string, args []any, yield func(string, storedObject)) error {
	rows, err := q.QueryContext(ctx, "SELECT id, source, stix_id, version, state, checksum, creator FROM objects WHERE id IN ("+marks+")", args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var o storedObject
		var from int64
		var stixID string
		if err := rows.Scan(&o.id, &from, &stixID, &o.version, &o.state, &o.checksum, &o.creator); err != nil {
			return err
		}
		if from == source {
			yield(stixID, o)
		}
	}
	return rows.Err()
}

// sourceID returns the row of a source, 0 where the store has not met it.
func sourceID(ctx context.Context, q querier, name string) (int64, error) {
	return idByName(ctx, q, "sources", name)
}

func idByName(ctx context.Context, q querier, table, name string) (int64, error) {
	var id int64
	err := q.QueryRowContext(ctx, "SELECT id FROM "+table+" WHERE name = ?", name).Scan(&id)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, nil
	}
	if err != nil {
		return 0, fmt.Errorf("looking up %q in %s: %w", name, table, err)
	}
	return id, nil
}

// ensureID returns the row of a name, and makes it where there is none.
func ensureID(ctx context.Context, tx *sql.Tx, table, column, name string) (int64, error) {
	var id int64
	query := fmt.Sprintf("INSERT INTO %[1]s(%[2]s) VALUES (?) ON CONFLICT(%[2]s) DO UPDATE SET %[2]s = excluded.%[2]s RETURNING id", table, column)
	if err := tx.QueryRowContext(ctx, query, name).Scan(&id); err != nil {
		return 0, fmt.Errorf("registering %q in %s: %w", name, table, err)
	}
	return id, nil
}
