package store

import (
	"context"
	"fmt"
	"iter"
	"slices"
	"time"

	"github.com/indicatord/indicatord/internal/indicator"
)

// Find returns the entries of the given keys, in full, in the order of their
// birth. Keys of which nothing was ever asserted are left out.
func (s *Store) Find(ctx context.Context, keys []indicator.Key) ([]Record, error) {
	ids, err := s.lookUpEntries(ctx, s.read, keys)
	if err != nil {
		return nil, err
	}
	wanted := make([]int64, 0, len(keys))
	for _, k := range keys {
		if id, ok := ids[k]; ok {
			wanted = append(wanted, id)
		}
	}
	var found []Record
	for record, err := range s.Records(ctx, Reading{InFull: true}, wanted) {
		if err != nil {
			return nil, err
		}
		found = append(found, record)
	}
	return found, nil
}

// Records yields the entries with the given ids, in the order of ids. The kinds
// of r are not asked.
func (s *Store) Records(ctx context.Context, r Reading, ids []int64) iter.Seq2[Record, error] {
	r.Kinds = nil
	return func(yield func(Record, error) bool) {
		reader, err := s.newReader(ctx, r)
		for len(ids) > 0 && err == nil {
			n := min(recordsAtOnce, len(ids))
			var records []Record
			if records, err = reader.byID(ctx, ids[:n]); err == nil && !yieldAll(records, yield) {
				return
			}
			ids = ids[n:]
		}
		if err != nil {
			yield(Record{}, err)
		}
	}
}

// recordsAtOnce bounds a list of ids in a query.
const recordsAtOnce = 500

func yieldAll(records []Record, yield func(Record, error) bool) bool {
	for _, record := range records {
		if !yield(record, nil) {
			return false
		}
	}
	return true
}

// byID reads records and puts them in the order of ids.
func (r *reader) byID(ctx context.Context, ids []int64) ([]Record, error) {
	args := make([]any, len(ids))
	place := make(map[int64]int, len(ids))
	for i, id := range ids {
		args[i], place[id] = id, i
	}
	records, err := r.read(ctx, r.query(" WHERE e.id IN ("+marks(len(ids))+")", " ORDER BY e.id, a.object"), args...)
	if err != nil {
		return nil, fmt.Errorf("reading entries: %w", err)
	}
	slices.SortFunc(records, func(x, y Record) int { return place[x.ID] - place[y.ID] })
	return records, nil
}

// IDs returns the ids of the entries of the given keys. Keys of which nothing was
// ever asserted are left out.
func (s *Store) IDs(ctx context.Context, keys []indicator.Key) (map[indicator.Key]int64, error) {
	return s.lookUpEntries(ctx, s.read, keys)
}

// Holding is what an output has of an entry.
type Holding struct {
	Output string `json:"output"`
	// Since is when the tool accepted the entry as it now is.
	Since time.Time `json:"since,omitzero"`
	// Refused is the tool's reason not to take it, "" where it has it.
	Refused string `json:"refused,omitempty"`
}

// Holdings returns which outputs hold the entry or have refused it.
func (s *Store) Holdings(ctx context.Context, entry int64) ([]Holding, error) {
	rows, err := s.read.QueryContext(ctx, `
		SELECT o.name, l.since, '' FROM ledger l JOIN outputs o ON o.id = l.output WHERE l.entry = ?1 AND l.digest <> ?2
		UNION ALL SELECT o.name, f.at, f.reason FROM refusals f JOIN outputs o ON o.id = f.output WHERE f.entry = ?1
		ORDER BY 1`, entry, storedDigest(MaybeAdded))
	if err != nil {
		return nil, fmt.Errorf("reading who holds an entry: %w", err)
	}
	defer rows.Close()
	var all []Holding
	for rows.Next() {
		var h Holding
		var at int64
		if err := rows.Scan(&h.Output, &at, &h.Refused); err != nil {
			return nil, fmt.Errorf("reading who holds an entry: %w", err)
		}
		h.Since = FromMicros(at)
		all = append(all, h)
	}
	return all, rows.Err()
}

// RejectsOf returns what was rejected of a value, or of an object by its id, at
// most 100.
func (s *Store) RejectsOf(ctx context.Context, text string) ([]StoredReject, error) {
	return s.readRejects(ctx, "r.value = ?1 OR r.stix_id = ?1", text, 100)
}
