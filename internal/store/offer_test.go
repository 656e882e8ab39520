package store

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"
)

func mustOffer(t *testing.T, s *Store, output string, entries ...int64) {
	t.Helper()
	if err := s.Offer(t.Context(), output, entries); err != nil {
		t.Fatal(err)
	}
}

func wantDoubted(t *testing.T, s *Store, output string, want int) {
	t.Helper()
	if n, err := s.DoubtOffer(t.Context(), output, noon); n != want || err != nil {
		t.Errorf("%d entries are doubted, %v, want %d", n, err, want)
	}
}

// TestAnOfferWithoutAnAnswer outlives the process that made it, and puts what was
// offered in doubt, once.
func TestAnOfferWithoutAnAnswer(t *testing.T) {
	s := openTest(t)
	mustApply(t, s, batch(version("indicator--1", 1, "held.example", "new.example", "doubted.example", "refused.example", "other.example")))
	id := map[string]int64{}
	for _, r := range records(t, s) {
		id[r.Entry.Key.Value] = r.ID
	}
	mustRecord(t, s, "tool", noon, LedgerChange{Entry: id["held.example"], Digest: 5}, LedgerChange{Entry: id["doubted.example"], Digest: MaybeAdded},
		LedgerChange{Entry: id["refused.example"], Digest: 6, Refused: "too long"}, LedgerChange{Entry: id["other.example"], Digest: 7})
	mustOffer(t, s, "another", id["other.example"])
	mustOffer(t, s, "tool", 1, 2, 3)
	mustOffer(t, s, "tool", id["refused.example"], id["new.example"], id["held.example"], id["doubted.example"])
	wantDoubted(t, s, "tool", 4)
	want := map[string][2]uint64{
		"held.example": {MaybeChanged, 0}, "new.example": {MaybeAdded, 0}, "doubted.example": {MaybeAdded, 0},
		"refused.example": {MaybeAdded, 0}, "other.example": {7, 0},
	}
	if diff := cmp.Diff(want, ledger(t, s, "tool")); diff != "" {
		t.Errorf("the ledger (-want +got):\n%s", diff)
	}
	wantDoubted(t, s, "tool", 0)
	wantDoubted(t, s, "unknown", 0)
}

// TestAnAnswerEndsTheOffer, also one that moves nothing.
func TestAnAnswerEndsTheOffer(t *testing.T) {
	s := openTest(t)
	mustApply(t, s, batch(version("indicator--1", 1, "a.example")))
	for _, changes := range [][]LedgerChange{{{Entry: 1, Digest: 5}}, {{Entry: 1}}, nil} {
		mustOffer(t, s, "tool", 1)
		mustOffer(t, s, "another", 1)
		mustRecord(t, s, "tool", noon, changes...)
		wantDoubted(t, s, "tool", 0)
		wantDoubted(t, s, "another", 1)
	}
}

// TestMaintainWaitsForTheAnswer: what was offered may be in the tool.
func TestMaintainWaitsForTheAnswer(t *testing.T) {
	s := openTest(t)
	mustApply(t, s, batchOf(version("indicator--1", 1, "a.example"), version("indicator--2", 1, "b.example"), version("indicator--3", 1, "c.example")))
	mustApply(t, s, batchOf(version("indicator--1", 2, "d.example"), version("indicator--2", 2, "b.example", "e.example")))
	mustOffer(t, s, "tool", 1)
	later := noon.AddDate(0, 0, 9)
	if m := mustMaintain(t, s, later); m.Entries != 0 {
		t.Errorf("%+v is forgotten while an offer is without an answer", m)
	}
	mustRecord(t, s, "tool", later)
	if m := mustMaintain(t, s, later); m.Entries != 1 {
		t.Errorf("%+v is forgotten after the answer, want one entry", m)
	}
}

func TestPackedIDs(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		ids := rapid.SliceOfN(rapid.Int64Min(1), 0, 50).Draw(t, "ids")
		got, err := unpackIDs(packIDs(ids))
		less := func(x, y int64) bool { return x < y }
		if diff := cmp.Diff(ids, got, cmpopts.SortSlices(less), cmpopts.EquateEmpty()); diff != "" || err != nil {
			t.Fatalf("%v (-want +got):\n%s", err, diff)
		}
	})
	if ids, err := unpackIDs([]byte{1, 0x80}); err == nil {
		t.Errorf("a list that is cut off is read as %v", ids)
	}
}
