package store

import (
	"cmp"
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"iter"
	"slices"
	"strings"

	"github.com/indicatord/indicatord/internal/indicator"
)

// chunkSize is how many entries one reading transaction covers. Reads are cut
// into chunks, because a reader that stays open keeps the write-ahead log from
// being folded back, and an output may take its time.
const chunkSize = 5000

// Reading says what to read of the entries.
type Reading struct {
	// Output adds what this output has accepted, "" for none.
	Output string
	// Kinds bounds the kinds; empty means all.
	Kinds []indicator.Kind
	// InFull reads the objects' texts too, and the entries' sequence numbers and
	// times of change, which are those of the birth otherwise.
	InFull bool
}

// Record is an entry with all its assertions, those that hold and those that do
// not, and what an output has of it.
type Record struct {
	ID    int64
	Entry indicator.Entry
	// Delivered is the digest of what the output has accepted, 0 where it has
	// nothing, [MaybeAdded] or [MaybeChanged] where that is not known.
	Delivered uint64
	// Refused is the digest of what the output refused for good, or 0.
	Refused uint64
}

// Entries yields all entries in the order of their birth. It does not hold the
// store between chunks: what changes meanwhile has a sequence number above that
// of the beginning, see [Store.Sequence].
func (s *Store) Entries(ctx context.Context, r Reading) iter.Seq2[Record, error] {
	return s.births(ctx, r, 0, 1<<62, "")
}

// Changed yields every entry whose last change has a sequence number above
// since and at most until, each once.
func (s *Store) Changed(ctx context.Context, r Reading, since, until uint64) iter.Seq2[Record, error] {
	return func(yield func(Record, error) bool) {
		stopped := false
		relay := func(record Record, err error) bool {
			stopped = !yield(record, err)
			return !stopped
		}
		s.births(ctx, r, int64(since), int64(until), " AND NOT EXISTS (SELECT 1 FROM touched t WHERE t.entry = e.id)")(relay)
		if !stopped {
			s.touches(ctx, r, int64(since), int64(until))(relay)
		}
	}
}

// Sequence returns the number of the newest change of any entry.
func (s *Store) Sequence(ctx context.Context) (uint64, error) {
	var n numbers
	if err := n.load(ctx, s.read); err != nil {
		return 0, err
	}
	return uint64(n.sequence), nil
}

func (s *Store) births(ctx context.Context, r Reading, since, until int64, and string) iter.Seq2[Record, error] {
	return s.inPieces(ctx, r, since, until,
		"SELECT coalesce(max(id), 0) FROM (SELECT id FROM entries WHERE id > ? AND id <= ? ORDER BY id LIMIT ?) AS chunk",
		" WHERE e.id > ? AND e.id <= ?"+and, " ORDER BY e.id, a.object")
}

func (s *Store) touches(ctx context.Context, r Reading, since, until int64) iter.Seq2[Record, error] {
	return s.inPieces(ctx, r, since, until,
		"SELECT coalesce(max(sequence), 0) FROM (SELECT sequence FROM touched WHERE sequence > ? AND sequence <= ? ORDER BY sequence LIMIT ?) AS chunk",
		" WHERE e.id IN (SELECT entry FROM touched WHERE sequence > ? AND sequence <= ?)", " ORDER BY e.id, a.object")
}

// inPieces reads from since to until, chunk by chunk: bound finds where a chunk
// ends, where and order select it.
func (s *Store) inPieces(ctx context.Context, r Reading, since, until int64, bound, where, order string) iter.Seq2[Record, error] {
	return func(yield func(Record, error) bool) {
		reader, err := s.newReader(ctx, r)
		if err != nil {
			yield(Record{}, err)
			return
		}
		ahead := &readAhead{reader: reader, query: reader.query(where, order), bound: bound}
		for records, err := range ahead.chunks(ctx, since, until) {
			if err != nil {
				yield(Record{}, fmt.Errorf("reading entries: %w", err))
				return
			}
			if !yieldAll(records, yield) {
				return
			}
		}
	}
}

// reader turns rows, one for each assertion, into records. It does not change,
// and may be used by several goroutines.
type reader struct {
	store   *Store
	what    Reading
	output  int64
	sources map[int64]string
}

func (s *Store) newReader(ctx context.Context, r Reading) (*reader, error) {
	output, err := idByName(ctx, s.read, "outputs", r.Output)
	if err != nil {
		return nil, err
	}
	sources, err := s.sourceNames(ctx)
	return &reader{store: s, what: r, output: output, sources: sources}, err
}

func (s *Store) sourceNames(ctx context.Context) (map[int64]string, error) {
	rows, err := s.read.QueryContext(ctx, "SELECT id, name FROM sources")
	if err != nil {
		return nil, fmt.Errorf("reading the sources: %w", err)
	}
	defer rows.Close()
	names := make(map[int64]string)
	for rows.Next() {
		var id int64
		var name string
		if err := rows.Scan(&id, &name); err != nil {
			return nil, fmt.Errorf("reading the sources: %w", err)
		}
		names[id] = name
	}
	return names, rows.Err()
}

// query joins only what is asked for: most of the time of a long read is spent
// on rows of tables. The ledger is read apart, in the same order: a seek for
// every entry would cost more than the whole scan.
func (r *reader) query(where, order string) string {
	columns := "e.id, e.kind, e.value, e.seen," +
		" coalesce(a.object, 0), coalesce(a.source, 0), coalesce(a.revision, 0), coalesce(a.version, 0)," +
		" coalesce(a.valid_from, 0), coalesce(a.valid_until, 0), coalesce(a.facets, 0)"
	from := " FROM entries e LEFT JOIN assertions a ON a.entry = e.id"
	if r.what.InFull {
		columns += ", coalesce(t.sequence, e.id), coalesce(t.at, e.seen), x.text, i.threats"
		from += " LEFT JOIN texts x ON x.object = a.object LEFT JOIN indicated i ON i.object = a.object LEFT JOIN touched t ON t.entry = e.id"
	} else {
		columns += ", e.id, e.seen, NULL, NULL"
	}
	return "SELECT " + columns + from + where + r.kinds() + order
}

func (r *reader) kinds() string {
	if len(r.what.Kinds) == 0 {
		return ""
	}
	numbers := make([]string, len(r.what.Kinds))
	for i, k := range r.what.Kinds {
		numbers[i] = fmt.Sprint(uint8(k))
	}
	return " AND e.kind IN (" + strings.Join(numbers, ",") + ")"
}

func (r *reader) read(ctx context.Context, query string, args ...any) ([]Record, error) {
	rows, err := r.store.read.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var records []Record
	for rows.Next() {
		if records, err = r.scan(rows, records); err != nil {
			return nil, err
		}
	}
	if err := rows.Err(); err != nil {
		return nil, err
	}
	return records, r.readLedger(ctx, records)
}

// readLedger adds what the output has accepted or refused of the records.
func (r *reader) readLedger(ctx context.Context, records []Record) error {
	if r.output == 0 || len(records) == 0 {
		return nil
	}
	if err := r.readDigests(ctx, records, "ledger", func(record *Record, digest uint64) { record.Delivered = digest }); err != nil {
		return err
	}
	return r.readDigests(ctx, records, "refusals", func(record *Record, digest uint64) { record.Refused = digest })
}

// readDigests reads a table of digests along the records. Records that lie far
// apart are sought one by one.
func (r *reader) readDigests(ctx context.Context, records []Record, table string, set func(*Record, uint64)) error {
	byID := make([]*Record, len(records))
	for i := range records {
		byID[i] = &records[i]
	}
	slices.SortFunc(byID, func(x, y *Record) int { return cmp.Compare(x.ID, y.ID) })
	first, last := byID[0].ID, byID[len(byID)-1].ID
	query := "SELECT entry, digest FROM " + table + " WHERE output = ? AND "
	if last-first < int64(4*len(byID)) {
		return r.matchDigests(ctx, byID, set, query+"entry BETWEEN ? AND ? ORDER BY entry", r.output, first, last)
	}
	for len(byID) > 0 {
		n := min(recordsAtOnce, len(byID))
		args := make([]any, 0, n+1)
		args = append(args, r.output)
		for _, record := range byID[:n] {
			args = append(args, record.ID)
		}
		if err := r.matchDigests(ctx, byID[:n], set, query+"entry IN ("+marks(n)+") ORDER BY entry", args...); err != nil {
			return err
		}
		byID = byID[n:]
	}
	return nil
}

// matchDigests walks the rows and the records side by side: both are in the
// order of ids.
func (r *reader) matchDigests(ctx context.Context, byID []*Record, set func(*Record, uint64), query string, args ...any) error {
	rows, err := r.store.read.QueryContext(ctx, query, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var entry, digest int64
		if err := rows.Scan(&entry, &digest); err != nil {
			return err
		}
		for len(byID) > 0 && byID[0].ID < entry {
			byID = byID[1:]
		}
		if len(byID) > 0 && byID[0].ID == entry {
			set(byID[0], uint64(digest))
		}
	}
	return rows.Err()
}

// assertionRow is one row of the query.
type assertionRow struct {
	id, kind, seen, sequence, at int64
	value, text, threats         sql.RawBytes
	assertion                    storedAssertion
	source                       int64
}

// scan adds one row to the records: rows of an entry follow each other.
func (r *reader) scan(rows *sql.Rows, records []Record) ([]Record, error) {
	var row assertionRow
	a := &row.assertion
	err := rows.Scan(&row.id, &row.kind, &row.value, &row.seen,
		&a.object, &row.source, &a.revision, &a.version, &a.validFrom, &a.validUntil, &a.facets,
		&row.sequence, &row.at, &row.text, &row.threats)
	if err != nil {
		return records, err
	}
	if n := len(records); n == 0 || records[n-1].ID != row.id {
		records = append(records, row.record())
	}
	if a.object == 0 {
		return records, nil
	}
	assertion, err := r.assertion(&row)
	entry := &records[len(records)-1].Entry
	entry.Assertions = append(entry.Assertions, assertion)
	return records, err
}

func (row *assertionRow) record() Record {
	return Record{
		ID: row.id,
		Entry: indicator.Entry{
			Key:       indicator.Key{Kind: indicator.Kind(row.kind), Value: string(row.value)},
			Sequence:  uint64(row.sequence),
			FirstSeen: FromMicros(row.seen),
			Changed:   FromMicros(row.at),
		},
	}
}

func (r *reader) assertion(row *assertionRow) (indicator.Assertion, error) {
	a := indicator.Assertion{
		Source:     r.sources[row.source],
		Version:    FromMicros(row.assertion.version),
		ValidFrom:  FromMicros(row.assertion.validFrom),
		ValidUntil: FromMicros(row.assertion.validUntil),
		Revision:   mix(row.assertion.object, row.assertion.revision),
	}
	unpackFacets(&a, row.assertion.facets)
	if row.text == nil {
		return a, nil
	}
	a.Object = new(indicator.Object)
	if err := json.Unmarshal(row.text, a.Object); err != nil {
		return a, fmt.Errorf("the text of object %d: %w", row.assertion.object, err)
	}
	if row.threats == nil {
		return a, nil
	}
	if err := json.Unmarshal(row.threats, &a.Object.Threats); err != nil {
		return a, fmt.Errorf("the threats of object %d: %w", row.assertion.object, err)
	}
	return a, nil
}

// mix makes one number of an object and a sequence number, such that different
// pairs all but surely differ (the finalizer of SplitMix64).
func mix(object, sequence int64) uint64 {
	x := uint64(object)*0x9e3779b97f4a7c15 ^ uint64(sequence)
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}
