package store

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// ledger reads what an output has of every entry, by the value: what it was
// delivered, and what it refused.
func ledger(t *testing.T, s *Store, output string) map[string][2]uint64 {
	t.Helper()
	all := map[string][2]uint64{}
	for _, r := range collect(t, s.Entries(t.Context(), Reading{Output: output})) {
		if r.Delivered != 0 || r.Refused != 0 {
			all[r.Entry.Key.Value] = [2]uint64{r.Delivered, r.Refused}
		}
	}
	return all
}

func mustRecord(t *testing.T, s *Store, output string, now time.Time, changes ...LedgerChange) {
	t.Helper()
	if err := s.Record(t.Context(), output, changes, now); err != nil {
		t.Fatal(err)
	}
}

func TestLedger(t *testing.T) {
	s := openTest(t)
	mustApply(t, s, batch(version("indicator--1", 1, "a.example", "b.example")))
	a, b := records(t, s)[0].ID, records(t, s)[1].ID
	const large = 1<<63 + 5 // a digest uses all bits
	for _, c := range []struct {
		name    string
		changes []LedgerChange
		want    map[string][2]uint64
	}{
		{"nothing", nil, map[string][2]uint64{}},
		{"accepted", []LedgerChange{{Entry: a, Digest: large}, {Entry: b, Digest: 2}}, map[string][2]uint64{"a.example": {large, 0}, "b.example": {2, 0}}},
		{"again", []LedgerChange{{Entry: a, Digest: large}}, map[string][2]uint64{"a.example": {large, 0}, "b.example": {2, 0}}},
		{"refused: it keeps what it has", []LedgerChange{{Entry: a, Digest: 3, Refused: "too long"}}, map[string][2]uint64{"a.example": {large, 3}, "b.example": {2, 0}}},
		{"accepted after all", []LedgerChange{{Entry: a, Digest: 4, Clear: true}}, map[string][2]uint64{"a.example": {4, 0}, "b.example": {2, 0}}},
		{"removed", []LedgerChange{{Entry: b}}, map[string][2]uint64{"a.example": {4, 0}}},
		{"refused and removed", []LedgerChange{{Entry: a, Digest: 5, Refused: "too long"}}, map[string][2]uint64{"a.example": {4, 5}}},
		{"removed with its refusal", []LedgerChange{{Entry: a, Clear: true}}, map[string][2]uint64{}},
	} {
		mustRecord(t, s, "list", noon, c.changes...)
		if diff := cmp.Diff(c.want, ledger(t, s, "list")); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.name, diff)
		}
	}
	if got := ledger(t, s, "another"); len(got) != 0 {
		t.Errorf("another output has %v", got)
	}
}

// TestLedgersAreApart: what one output accepts is no other's.
func TestLedgersAreApart(t *testing.T) {
	s := openTest(t)
	mustApply(t, s, batch(version("indicator--1", 1, "a.example")))
	id := records(t, s)[0].ID
	mustRecord(t, s, "one", noon, LedgerChange{Entry: id, Digest: 1})
	mustRecord(t, s, "two", noon.Add(time.Hour), LedgerChange{Entry: id, Digest: 2, Refused: "no room"})
	holdings, err := s.Holdings(t.Context(), id)
	want := []Holding{{Output: "one", Since: noon}, {Output: "two", Since: noon.Add(time.Hour), Refused: "no room"}}
	if diff := cmp.Diff(want, holdings); diff != "" || err != nil {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
	mustRecord(t, s, "one", noon, LedgerChange{Entry: id})
	if got := ledger(t, s, "two"); len(got) != 1 {
		t.Errorf("two has %v", got)
	}
}

// TestWhatIsNotKnownIsNotHeld: what a tool may have taken counts as held once the
// tool says so.
func TestWhatIsNotKnownIsNotHeld(t *testing.T) {
	s := openTest(t)
	mustApply(t, s, batch(version("indicator--1", 1, "a.example"), version("indicator--2", 1, "b.example")))
	first, second := records(t, s)[0].ID, records(t, s)[1].ID
	mustRecord(t, s, "list", noon, LedgerChange{Entry: first, Digest: MaybeAdded}, LedgerChange{Entry: second, Digest: MaybeChanged})
	if got := ledger(t, s, "list"); got["a.example"][0] != MaybeAdded || got["b.example"][0] != MaybeChanged {
		t.Errorf("the ledger has %v", got)
	}
	held, err := s.CountHeld(t.Context(), "list")
	if diff := cmp.Diff(Held{"domain": 1}, held); diff != "" || err != nil {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
	for id, want := range map[int64]int{first: 0, second: 1} {
		if holdings, err := s.Holdings(t.Context(), id); len(holdings) != want || err != nil {
			t.Errorf("entry %d is held by %v, %v", id, holdings, err)
		}
	}
}

func TestLedgerInPortions(t *testing.T) {
	s := openTest(t)
	mustApply(t, s, largeBatch(recordSize+100))
	var changes []LedgerChange
	for id := int64(1); id <= recordSize+100; id++ {
		changes = append(changes, LedgerChange{Entry: id, Digest: uint64(id)})
	}
	mustRecord(t, s, "list", noon, changes...)
	held, err := s.CountHeld(t.Context(), "list")
	if diff := cmp.Diff(Held{"domain": recordSize + 100}, held); diff != "" || err != nil {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
	if counts, err := s.CountEntries(t.Context()); err != nil || counts["domain"] != recordSize+100 {
		t.Errorf("counted %v, %v", counts, err)
	}
}

func TestProgress(t *testing.T) {
	s := openTest(t)
	if p, err := s.Progress(t.Context(), "list"); p != (Progress{}) || err != nil {
		t.Errorf("a new output has come to %+v, %v", p, err)
	}
	want := Progress{Sequence: 12, Policy: "view", Delivered: noon}
	if err := s.Advance(t.Context(), "list", want); err != nil {
		t.Fatal(err)
	}
	mustRecord(t, s, "list", noon, LedgerChange{Entry: 1})
	if p, err := s.Progress(t.Context(), "list"); p != want || err != nil {
		t.Errorf("it has come to %+v, %v, want %+v", p, err, want)
	}
}
