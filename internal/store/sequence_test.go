package store

import (
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/indicatord/indicatord/internal/indicator"
)

func TestBirthsAndTouchesAreNumberedAlike(t *testing.T) {
	s := openTest(t)
	mustApply(t, s, batch(version("indicator--1", 1, "a.example"), version("indicator--2", 1, "b.example"), version("indicator--3", 1, "c.example")))
	first := sequenceOf(t, s)
	if got, want := changed(t, s, 0), []string{"a.example", "b.example", "c.example"}; !slices.Equal(got, want) {
		t.Errorf("born: %q, want %q", got, want)
	}
	mustApply(t, s, batch(version("indicator--2", 2, "b.example", "d.example")))
	if got := changed(t, s, first); !slices.Equal(got, []string{"d.example", "b.example"}) {
		t.Errorf("after the second batch: %q", got)
	}
	second := sequenceOf(t, s)
	if got := changed(t, s, second); got != nil {
		t.Errorf("nothing has changed since, but %q", got)
	}
	mustApply(t, s, batch(revocation("indicator--2", 3)))
	if got := changed(t, s, first); !slices.Equal(got, []string{"b.example", "d.example"}) {
		t.Errorf("since the first batch: %q", got)
	}
	if got := len(changed(t, s, 0)); got != 4 {
		t.Errorf("since the beginning %d entries changed, want each of the 4 once", got)
	}
}

// TestChangesEndAtUntil: an entry that changes again after until is left for the
// next time.
func TestChangesEndAtUntil(t *testing.T) {
	s := openTest(t)
	mustApply(t, s, batch(version("indicator--1", 1, "a.example"), version("indicator--2", 1, "b.example")))
	until := sequenceOf(t, s)
	mustApply(t, s, batch(version("indicator--1", 2, "a.example")))
	var got []string
	for _, r := range collect(t, s.Changed(t.Context(), Reading{}, 0, until)) {
		got = append(got, r.Entry.Key.Value)
	}
	if want := []string{"b.example"}; !slices.Equal(got, want) {
		t.Errorf("up to %d: %q, want %q", until, got, want)
	}
	if got := changed(t, s, until); !slices.Equal(got, []string{"a.example"}) {
		t.Errorf("after %d: %q", until, got)
	}
}

// TestReadingInChunks reads more than one transaction covers, of births and of
// touches, and stops early where the reader does.
func TestReadingInChunks(t *testing.T) {
	s := openTest(t)
	const n = chunkSize + 321
	b := largeBatch(n)
	mustApply(t, s, b)
	since := sequenceOf(t, s)
	for i := range b.Objects {
		b.Objects[i] = version(b.Objects[i].ID, 2, b.Objects[i].Assertions[0].Key.Value)
	}
	if got := len(changed(t, s, 0)); got != n {
		t.Errorf("%d births, want %d", got, n)
	}
	mustApply(t, s, b)
	got := changed(t, s, since)
	slices.Sort(got)
	if len(slices.Compact(got)) != n {
		t.Errorf("%d touches, want %d", len(got), n)
	}
	seen := 0
	for _, err := range s.Changed(t.Context(), Reading{}, 0, sequenceOf(t, s)) {
		if err != nil {
			t.Fatal(err)
		}
		if seen++; seen == 3 {
			break
		}
	}
	if seen != 3 {
		t.Errorf("read %d entries after the end", seen)
	}
}

func TestReadingKinds(t *testing.T) {
	s := openTest(t)
	o := version("indicator--1", 1, "a.example", "b.example", "203.0.113.9")
	o.Assertions[2].Key.Kind = indicator.IP
	mustApply(t, s, batch(o))
	held := records(t, s)[1]
	if err := s.Record(t.Context(), "list", []LedgerChange{{Entry: held.ID, Digest: 7}}, noon); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		reading Reading
		want    []string
	}{
		{Reading{}, []string{"a.example", "b.example", "203.0.113.9"}},
		{Reading{Kinds: []indicator.Kind{indicator.IP}}, []string{"203.0.113.9"}},
		{Reading{Kinds: []indicator.Kind{indicator.URL}}, nil},
		{Reading{Kinds: []indicator.Kind{indicator.IP}, Output: "list"}, []string{"203.0.113.9"}},
		{Reading{Kinds: []indicator.Kind{indicator.IP, indicator.Domain}, Output: "list"}, []string{"a.example", "b.example", "203.0.113.9"}},
		{Reading{Output: "another"}, []string{"a.example", "b.example", "203.0.113.9"}},
	} {
		var got []string
		for _, r := range collect(t, s.Entries(t.Context(), c.reading)) {
			got = append(got, r.Entry.Key.Value)
			if r.ID == held.ID && c.reading.Output == "list" && r.Delivered != 7 {
				t.Errorf("%+v: delivered %d", c.reading, r.Delivered)
			}
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%+v (-want +got):\n%s", c.reading, diff)
		}
	}
}

// TestRecordsKeepTheOrderOfIDs, and leave out what is not there.
func TestRecordsKeepTheOrderOfIDs(t *testing.T) {
	s := openTest(t)
	mustApply(t, s, largeBatch(1200))
	var ids []int64
	for id := int64(1200); id > 0; id -= 2 {
		ids = append(ids, id)
	}
	var got []int64
	for _, r := range collect(t, s.Records(t.Context(), Reading{InFull: true}, append([]int64{99999}, ids...))) {
		got = append(got, r.ID)
	}
	if !slices.Equal(got, ids) {
		t.Errorf("%d records in another order than their %d ids", len(got), len(ids))
	}
}

func TestFind(t *testing.T) {
	s := openTest(t)
	if found, err := s.Find(t.Context(), []indicator.Key{domain("a.example")}); found != nil || err != nil {
		t.Errorf("an empty store finds %v, %v", found, err)
	}
	mustApply(t, s, batch(version("indicator--1", 1, "a.example", "b.example")))
	found, err := s.Find(t.Context(), []indicator.Key{domain("a.example"), domain("c.example"), {Kind: indicator.URL, Value: "b.example"}})
	if err != nil || len(found) != 1 || found[0].Entry.Key != domain("a.example") {
		t.Fatalf("found %+v, %v, want a.example alone", found, err)
	}
	if a := found[0].Entry.Assertions; len(a) != 1 || a[0].Object == nil || a[0].Object.ID != "indicator--1" {
		t.Errorf("it is found with %+v, want the object in full", a)
	}
}

// TestReopening holds that a store that is closed between any two steps goes on
// as if it had stayed open.
func TestReopening(t *testing.T) {
	dir := t.TempDir()
	open := openTest(t)
	reopened := openIn(t, dir)
	for step := range 6 {
		b := batch()
		for i := range 5 {
			b.Objects = append(b.Objects, version(fmt.Sprintf("indicator--%d", i*step%7), step, fmt.Sprintf("d%d.example", (i+step)%9)))
		}
		if want, got := mustApply(t, open, b), mustApply(t, reopened, b); want != got {
			t.Errorf("step %d counted %+v, want %+v", step, got, want)
		}
		closeStore(t, reopened)
		reopened = openIn(t, dir)
		if diff := cmp.Diff(said(t, open), said(t, reopened)); diff != "" {
			t.Fatalf("step %d (-open +reopened):\n%s", step, diff)
		}
		if diff := cmp.Diff(changed(t, open, 0), changed(t, reopened, 0)); diff != "" {
			t.Errorf("step %d changed (-open +reopened):\n%s", step, diff)
		}
		checkConsistent(t, reopened)
	}
}
