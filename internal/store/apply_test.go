package store

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/indicatord/indicatord/internal/indicator"
)

func TestApplyStoresWhatIsAsserted(t *testing.T) {
	s := openTest(t)
	o := version("indicator--1", 1, "a.example")
	o.Assertions[0].Assertion = indicator.Assertion{
		Version: o.Version, ValidFrom: noon.Add(-time.Hour), ValidUntil: noon.Add(time.Hour), End: indicator.EndCeiling,
		Confidence: 85, TLP: indicator.TLPAmberStrict, Types: indicator.TypeMalicious | indicator.TypeOther,
		Direction: indicator.DirectionBoth, Scope: indicator.ScopeSubdomains, Exactness: indicator.Compound,
	}
	mustApply(t, s, batch(o))
	got := records(t, s)
	want := o.Assertions[0].Assertion
	want.Source, want.Object = "hub", &indicator.Object{ID: "indicator--1", Name: "version 1"}
	if len(got) != 1 || len(got[0].Entry.Assertions) != 1 {
		t.Fatalf("stored %+v, want one entry with one assertion", got)
	}
	a := got[0].Entry.Assertions[0]
	if a.Revision == 0 {
		t.Error("the assertion has no revision")
	}
	a.Revision = 0
	if diff := cmp.Diff(want, a); diff != "" {
		t.Errorf("read back differently (-want +got):\n%s", diff)
	}
	e := got[0].Entry
	if e.Key != domain("a.example") || !e.FirstSeen.Equal(noon) || !e.Changed.Equal(noon) || e.Sequence == 0 {
		t.Errorf("the entry is %+v", e)
	}
}

// TestFacetsAreKept holds that no value of a small attribute touches another.
func TestFacetsAreKept(t *testing.T) {
	for _, a := range []indicator.Assertion{
		{Confidence: indicator.Unstated},
		{Confidence: 100, TLP: indicator.TLPRed, Direction: indicator.DirectionBoth, Scope: indicator.ScopeSubdomains,
			Exactness: indicator.Compound, End: indicator.EndCeiling, State: indicator.Withdrawn, Types: 0xffff},
		{Confidence: 0, TLP: indicator.TLPClear, Types: indicator.TypeAnomalous},
		{Confidence: indicator.Unstated, State: indicator.Revoked, End: indicator.EndHub, Direction: indicator.DirectionFrom},
	} {
		var got indicator.Assertion
		unpackFacets(&got, packFacets(&a))
		if diff := cmp.Diff(a, got); diff != "" {
			t.Errorf("read back differently (-want +got):\n%s", diff)
		}
		for _, state := range []indicator.State{indicator.Live, indicator.Revoked, indicator.Withdrawn} {
			want := a
			want.State = state
			unpackFacets(&got, withState(packFacets(&a), state))
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("with the state %s (-want +got):\n%s", state, diff)
			}
		}
	}
}

// TestTimesAreKept: the store knows microseconds, and 0 is no time.
func TestTimesAreKept(t *testing.T) {
	for text, want := range map[string]string{
		"0001-01-01T00:00:00Z":        "0001-01-01T00:00:00Z",
		"1969-12-31T23:59:59.999999Z": "1969-12-31T23:59:59.999999Z",
		"1970-01-01T00:00:00Z":        "1970-01-01T00:00:00.000001Z",
		"2026-06-01T12:00:00.123456Z": "2026-06-01T12:00:00.123456Z",
		"9999-12-31T23:59:59.999999Z": "9999-12-31T23:59:59.999999Z",
	} {
		at, err := time.Parse(time.RFC3339Nano, text)
		if err != nil {
			t.Fatal(err)
		}
		if got := FromMicros(Micros(at)).Format(time.RFC3339Nano); got != want {
			t.Errorf("%s is read back as %s, want %s", text, got, want)
		}
	}
}

func TestSameVersionWithOtherContentKeepsTheFirst(t *testing.T) {
	other := version("indicator--1", 1, "b.example")
	for name, batches := range map[string][]Batch{
		"in one batch":   {batch(version("indicator--1", 1, "a.example"), other)},
		"in two batches": {batch(version("indicator--1", 1, "a.example")), batch(other)},
	} {
		t.Run(name, func(t *testing.T) {
			s := openTest(t)
			var total Applied
			for _, b := range batches {
				total.Add(mustApply(t, s, b))
			}
			if want := []string{"a.example: hub indicator--1 at 1, live"}; !slices.Equal(said(t, s), want) {
				t.Errorf("the store says %q, want %q", said(t, s), want)
			}
			if total.New != 1 || total.Conflicting != 1 {
				t.Errorf("counted %+v, want one new and one conflicting", total)
			}
		})
	}
}

// TestVersionsAreComparedAsStored: two versions that differ by less than the
// store keeps are one version, together or apart.
func TestVersionsAreComparedAsStored(t *testing.T) {
	later := version("indicator--1", 1, "b.example")
	later.Version = later.Version.Add(300 * time.Nanosecond)
	for name, batches := range map[string][]Batch{
		"in one batch":   {batch(version("indicator--1", 1, "a.example"), later)},
		"in two batches": {batch(version("indicator--1", 1, "a.example")), batch(later)},
	} {
		s := openTest(t)
		for _, b := range batches {
			mustApply(t, s, b)
		}
		if want := []string{"a.example: hub indicator--1 at 1, live"}; !slices.Equal(said(t, s), want) {
			t.Errorf("%s: the store says %q, want %q", name, said(t, s), want)
		}
	}
}

func TestAnotherPatternReleasesKeys(t *testing.T) {
	s := openTest(t)
	mustApply(t, s, batch(version("indicator--1", 1, "a.example", "b.example")))
	since := sequenceOf(t, s)
	applied := mustApply(t, s, batch(version("indicator--1", 2, "b.example", "c.example")))
	want := []string{
		"a.example: nothing",
		"b.example: hub indicator--1 at 2, live",
		"c.example: hub indicator--1 at 2, live",
	}
	if diff := cmp.Diff(want, said(t, s)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if applied.EntriesNew != 1 || applied.EntriesChange != 2 {
		t.Errorf("counted %+v, want one new entry and two changed", applied)
	}
	if got := changed(t, s, since); len(got) != 3 {
		t.Errorf("changed: %q, want all three entries", got)
	}
}

// TestKeysAreShared: what one object or source says of a key leaves alone what
// another says, and the same id from two sources is two objects.
func TestKeysAreShared(t *testing.T) {
	s := openTest(t)
	other := batch(version("indicator--1", 5, "a.example"))
	other.Source = "other hub"
	mustApply(t, s, batch(version("indicator--1", 1, "a.example"), version("indicator--2", 2, "a.example")))
	mustApply(t, s, other)
	mustApply(t, s, batch(revocation("indicator--1", 3)))
	want := []string{
		"a.example: hub indicator--1 at 3, revoked",
		"a.example: hub indicator--2 at 2, live",
		"a.example: other hub indicator--1 at 5, live",
	}
	if diff := cmp.Diff(want, said(t, s)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	revisions := map[uint64]bool{}
	for i := range records(t, s)[0].Entry.Assertions {
		revisions[records(t, s)[0].Entry.Assertions[i].Revision] = true
	}
	if len(revisions) != 3 {
		t.Errorf("three assertions share %d revisions", len(revisions))
	}
}

func TestAnObjectSaysAKeyOnce(t *testing.T) {
	s := openTest(t)
	mustApply(t, s, batch(version("indicator--1", 1, "a.example", "b.example", "a.example")))
	if got := len(said(t, s)); got != 2 {
		t.Errorf("the store says %q, want each key once", said(t, s))
	}
}

func TestWithdrawal(t *testing.T) {
	withdrawing := func(b Batch, ids ...string) Batch {
		b.Withdrawn = ids
		return b
	}
	const first, second = "indicator--1", "indicator--2"
	for _, c := range []struct {
		name    string
		batches []Batch
		want    []string
	}{
		{"takes an object back",
			[]Batch{batch(version(first, 1, "a.example")), withdrawing(batch(), first, first)},
			[]string{"a.example: hub indicator--1 at 1, withdrawn"}},
		{"of what is not known is nothing",
			[]Batch{withdrawing(batch(version(second, 1, "a.example")), first)},
			[]string{"a.example: hub indicator--2 at 1, live"}},
		{"leaves a revocation",
			[]Batch{batch(version(first, 1, "a.example")), withdrawing(batch(revocation(first, 2)), first)},
			[]string{"a.example: hub indicator--1 at 2, revoked"}},
		{"ends with the same version",
			[]Batch{batch(version(first, 1, "a.example")), withdrawing(batch(), first), batch(version(first, 1, "a.example"))},
			[]string{"a.example: hub indicator--1 at 1, live"}},
		{"ends with a later version",
			[]Batch{batch(version(first, 1, "a.example")), withdrawing(batch(), first), batch(version(first, 2, "b.example"))},
			[]string{"a.example: nothing", "b.example: hub indicator--1 at 2, live"}},
		{"counts for a version of the same batch",
			[]Batch{batch(version(first, 1, "a.example")), withdrawing(batch(version(first, 2, "a.example")), first)},
			[]string{"a.example: hub indicator--1 at 2, withdrawn"}},
		{"counts for a new object of the same batch",
			[]Batch{withdrawing(batch(version(first, 1, "a.example"), version(second, 1, "b.example")), first)},
			[]string{"b.example: hub indicator--2 at 1, live"}},
		{"of a new object ends with the same version",
			[]Batch{withdrawing(batch(version(first, 1, "a.example")), first), batch(version(first, 1, "a.example"))},
			[]string{"a.example: hub indicator--1 at 1, live"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := openTest(t)
			for _, b := range c.batches {
				mustApply(t, s, b)
			}
			if diff := cmp.Diff(c.want, said(t, s)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestWithdrawalIsOfItsSource(t *testing.T) {
	s := openTest(t)
	mustApply(t, s, batch(version("indicator--1", 1, "a.example")))
	other := batch()
	other.Source, other.Withdrawn = "other hub", []string{"indicator--1"}
	if applied := mustApply(t, s, other); applied.Withdrawn != 0 {
		t.Errorf("another source withdrew %d objects", applied.Withdrawn)
	}
	if got := live(t, s); len(got) != 1 {
		t.Errorf("live: %q", got)
	}
}

// TestHostileIDs: an id is an opaque string.
func TestHostileIDs(t *testing.T) {
	s := openTest(t)
	ids := []string{"indicator--1'; DROP TABLE objects; --", "indicator--\x00\x00", "indicator--\x00", "指标--1", "%_", fmt.Sprintf("indicator--%0100000d", 1)}
	var b Batch
	for round := range 2 {
		b = batch()
		for i, id := range ids {
			b.Objects = append(b.Objects, version(id, 1, fmt.Sprintf("d%d.example", i)))
		}
		applied := mustApply(t, s, b)
		if want := len(ids) * (1 - round); applied.New != want || applied.Repeated != len(ids)-want {
			t.Errorf("round %d counted %+v", round, applied)
		}
	}
}

// TestCursorIsTrueOnlyWithItsFacts holds the promise that everything hangs on:
// whatever makes a batch fail, nothing of it remains, and the same batch can be
// stored afterwards.
func TestCursorIsTrueOnlyWithItsFacts(t *testing.T) {
	canceled, cancel := context.WithCancel(t.Context())
	cancel()
	for _, c := range []struct {
		name string
		// hurt makes the next batches fail until heal is called.
		hurt func(*testing.T, *Store) (ctx context.Context, heal func())
	}{
		{"canceled", func(*testing.T, *Store) (context.Context, func()) { return canceled, func() {} }},
		{"a table refuses the last rows", func(t *testing.T, s *Store) (context.Context, func()) {
			execute(t, s, "CREATE TRIGGER refuse BEFORE INSERT ON assertions WHEN new.version > 0 BEGIN SELECT raise(ABORT, 'no'); END")
			return t.Context(), func() { execute(t, s, "DROP TRIGGER refuse") }
		}},
		{"the cursor cannot be written", func(t *testing.T, s *Store) (context.Context, func()) {
			execute(t, s, "CREATE TRIGGER refuse BEFORE UPDATE OF cursor ON sources BEGIN SELECT raise(ABORT, 'no'); END")
			return t.Context(), func() { execute(t, s, "DROP TRIGGER refuse") }
		}},
		{"the disk is full", func(t *testing.T, s *Store) (context.Context, func()) {
			execute(t, s, "PRAGMA max_page_count = "+queryText(t, s, "SELECT page_count FROM pragma_page_count"))
			return t.Context(), func() { execute(t, s, "PRAGMA max_page_count = 1000000000") }
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			if c.name != "canceled" {
				onlySQLite(t, "the trouble is made in its words")
			}
			testFailedBatch(t, c.hurt)
		})
	}
}

func testFailedBatch(t *testing.T, hurt func(*testing.T, *Store) (context.Context, func())) {
	s := openTest(t)
	first := batch(version("indicator--1", 1, "a.example"), version("indicator--2", 1, "b.example"))
	first.Cursor = []byte("first")
	mustApply(t, s, first)
	before, sequence := said(t, s), sequenceOf(t, s)

	second := largeBatch(2000)
	second.Objects = append(second.Objects, version("indicator--1", 2, "c.example"))
	second.Withdrawn = []string{"indicator--2"}
	second.Cursor = []byte("second")
	ctx, heal := hurt(t, s)
	for range 2 {
		if applied, err := s.Apply(ctx, second); err == nil || applied != (Applied{}) {
			t.Fatalf("the batch was stored: %+v, %v", applied, err)
		}
	}
	cursor, err := s.Cursor(t.Context(), "hub")
	if err != nil || string(cursor) != "first" {
		t.Errorf("the cursor is %q, %v", cursor, err)
	}
	if diff := cmp.Diff(before, said(t, s)); diff != "" || sequenceOf(t, s) != sequence {
		t.Errorf("facts have changed (-before +after):\n%s", diff)
	}
	checkConsistent(t, s)

	heal()
	applied := mustApply(t, s, second)
	if applied.New != 2000 || applied.Updated != 1 || applied.Withdrawn != 1 {
		t.Errorf("after the trouble it counted %+v", applied)
	}
	checkConsistent(t, s)
	if cursor, _ := s.Cursor(t.Context(), "hub"); string(cursor) != "second" {
		t.Errorf("the cursor is %q", cursor)
	}
}

// largeBatch holds n new objects with their bytes, each asserting a key of its own.
func largeBatch(n int) Batch {
	b := batch()
	b.Packer = NewPacker()
	for i := range n {
		o := version(fmt.Sprintf("indicator--large-%d", i), 1, fmt.Sprintf("large-%d.example", i))
		o.Place = b.Packer.Add([]byte(o.ID))
		b.Objects = append(b.Objects, o)
	}
	return b
}

func execute(t *testing.T, s *Store, query string) {
	t.Helper()
	if _, err := s.write.ExecContext(t.Context(), query); err != nil {
		t.Fatal(err)
	}
}

func TestApplyNamesTheSourceInItsError(t *testing.T) {
	s := openTest(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := s.Apply(ctx, batch())
	if want := "storing a batch of hub: context canceled"; err == nil || err.Error() != want || !errors.Is(err, context.Canceled) {
		t.Errorf("the error is %v, want %s", err, want)
	}
}

func TestNoCursorLeavesTheOld(t *testing.T) {
	s := openTest(t)
	if cursor, err := s.Cursor(t.Context(), "hub"); cursor != nil || err != nil {
		t.Errorf("a new source has the cursor %q, %v", cursor, err)
	}
	with := batch()
	with.Cursor = []byte("here")
	mustApply(t, s, with)
	mustApply(t, s, batch(version("indicator--1", 1, "a.example")))
	if cursor, _ := s.Cursor(t.Context(), "hub"); string(cursor) != "here" {
		t.Errorf("the cursor is %q", cursor)
	}
}
