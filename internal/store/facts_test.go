package store

import (
	"context"
	"encoding/json"
	"fmt"
	"hash/crc32"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/indicatord/indicatord/internal/indicator"
)

// noon is the time at which the tests begin.
var noon = time.Date(2026, time.June, 1, 12, 0, 0, 0, time.UTC)

func openTest(tb testing.TB) *Store {
	tb.Helper()
	return openIn(tb, tb.TempDir())
}

func openIn(tb testing.TB, dir string) *Store {
	tb.Helper()
	s, err := open(context.Background(), dir)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { closeStore(tb, s) })
	return s
}

// closeStore may be called more than once, so that a test can reopen.
func closeStore(tb testing.TB, s *Store) {
	tb.Helper()
	lock := s.lock
	s.lock = nil
	if err := s.Close(); err != nil {
		tb.Error(err)
	}
	if lock != nil {
		if err := releaseLock(lock); err != nil {
			tb.Error(err)
		}
	}
}

func domain(name string) indicator.Key { return indicator.Key{Kind: indicator.Domain, Value: name} }

// versionTime is the modification time of an object's version n.
func versionTime(n int) time.Time { return noon.Add(time.Duration(n-1000) * time.Hour) }

// version is version n of an object that asserts the named domains, from a month
// before noon without an end.
func version(id string, n int, names ...string) Object {
	o := Object{ID: id, Type: "indicator", Version: versionTime(n), Checksum: crc32.ChecksumIEEE(fmt.Append(nil, id, n, names))}
	for _, name := range names {
		o.Assertions = append(o.Assertions, Assertion{Key: domain(name), Assertion: indicator.Assertion{
			Version: o.Version, ValidFrom: noon.AddDate(0, -1, 0), Confidence: indicator.Unstated,
		}})
	}
	if len(names) > 0 {
		o.Text, _ = json.Marshal(indicator.Object{ID: id, Name: fmt.Sprintf("version %d", n)})
	}
	return o
}

// revocation is version n of an object, in which its maker takes it back.
func revocation(id string, n int) Object {
	o := version(id, n)
	o.Revoked = true
	return o
}

// lasting bounds the time in which everything that o asserts holds.
func lasting(o Object, from, until time.Time) Object {
	o.Assertions = slices.Clone(o.Assertions)
	for i := range o.Assertions {
		o.Assertions[i].ValidFrom, o.Assertions[i].ValidUntil, o.Assertions[i].End = from, until, indicator.EndHub
	}
	return o
}

// batch is a batch of the source "hub" at noon.
func batch(objects ...Object) Batch {
	return Batch{Source: "hub", Derivation: "rules 1", Objects: objects, Now: noon}
}

func mustApply(tb testing.TB, s *Store, b Batch) Applied {
	tb.Helper()
	applied, err := s.Apply(context.Background(), b)
	if err != nil {
		tb.Fatal(err)
	}
	return applied
}

// failer is what testing.TB and rapid.TB have in common.
type failer interface {
	Helper()
	Fatal(...any)
}

// records reads every entry in full.
func records(tb failer, s *Store) []Record {
	tb.Helper()
	return collect(tb, func(yield func(Record, error) bool) {
		s.Entries(context.Background(), Reading{InFull: true})(yield)
	})
}

func collect(tb failer, sequence func(func(Record, error) bool)) []Record {
	tb.Helper()
	var all []Record
	for r, err := range sequence {
		if err != nil {
			tb.Fatal(err)
		}
		all = append(all, r)
	}
	return all
}

// said tells in lines what the store has of every entry: "value: source id at
// version, state".
func said(tb failer, s *Store) []string {
	tb.Helper()
	var lines []string
	for _, r := range records(tb, s) {
		lines = append(lines, saidOf(r)...)
	}
	slices.Sort(lines)
	return lines
}

func saidOf(r Record) []string {
	if len(r.Entry.Assertions) == 0 {
		return []string{r.Entry.Key.Value + ": nothing"}
	}
	var lines []string
	for i := range r.Entry.Assertions {
		a := &r.Entry.Assertions[i]
		id := "?"
		if a.Object != nil {
			id = a.Object.ID
		}
		n := int(a.Version.Sub(versionTime(0)) / time.Hour)
		lines = append(lines, fmt.Sprintf("%s: %s %s at %d, %s", r.Entry.Key.Value, a.Source, id, n, a.State))
	}
	return lines
}

// live are the lines of said that hold.
func live(tb failer, s *Store) []string {
	tb.Helper()
	return slices.DeleteFunc(said(tb, s), func(line string) bool { return !strings.HasSuffix(line, ", live") })
}

func sequenceOf(tb failer, s *Store) uint64 {
	tb.Helper()
	n, err := s.Sequence(context.Background())
	if err != nil {
		tb.Fatal(err)
	}
	return n
}

// changed are the values of the entries that changed after since, in the order
// of their changes.
func changed(tb failer, s *Store, since uint64) []string {
	tb.Helper()
	found := collect(tb, s.Changed(context.Background(), Reading{InFull: true}, since, sequenceOf(tb, s)))
	slices.SortFunc(found, func(a, b Record) int { return int(a.Entry.Sequence) - int(b.Entry.Sequence) })
	var values []string
	for _, r := range found {
		values = append(values, r.Entry.Key.Value)
	}
	return values
}

// queryText reads one value with plain SQL, as an operator would.
func queryText(tb testing.TB, s *Store, query string, args ...any) string {
	tb.Helper()
	var text string
	if err := s.read.QueryRowContext(context.Background(), "SELECT CAST(("+query+") AS TEXT)", args...).Scan(&text); err != nil {
		tb.Fatal(err)
	}
	return text
}
