package store

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func all(live int) int  { return live }
func none(live int) int { return 0 }

// fullPull begins a full pull of the hub and brings the objects with the ids.
func fullPull(t *testing.T, s *Store, ids ...string) *Presence {
	t.Helper()
	p, err := s.NewPresence(t.Context(), "hub")
	if err != nil {
		t.Fatal(err)
	}
	headers := make([]Header, len(ids))
	for i, id := range ids {
		headers[i] = Header{ID: id, Version: versionTime(1)}
	}
	familiar, err := s.Familiar(t.Context(), "hub", headers)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range familiar {
		p.Mark(f.Row)
	}
	return p
}

func TestWithdrawMissing(t *testing.T) {
	s := openTest(t)
	other := batch(version("indicator--2", 1, "b.example"))
	other.Source = "other hub"
	mustApply(t, s, other)
	mustApply(t, s, batch(version("indicator--1", 1, "a.example"), version("indicator--2", 1, "b.example"),
		version("indicator--3", 1, "c.example"), revocation("indicator--4", 1)))
	p := fullPull(t, s, "indicator--1", "indicator--5")
	mustApply(t, s, batch(version("indicator--5", 1, "e.example"))) // the pull itself has brought it
	since := sequenceOf(t, s)
	applied, err := s.WithdrawMissing(t.Context(), p, all, noon.Add(time.Hour))
	if err != nil || applied.Withdrawn != 2 || applied.EntriesChange != 2 {
		t.Fatalf("counted %+v, %v, want two withdrawn", applied, err)
	}
	want := []string{
		"a.example: hub indicator--1 at 1, live",
		"b.example: hub indicator--2 at 1, withdrawn",
		"b.example: other hub indicator--2 at 1, live",
		"c.example: hub indicator--3 at 1, withdrawn",
		"e.example: hub indicator--5 at 1, live",
	}
	if diff := cmp.Diff(want, said(t, s)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if got := changed(t, s, since); len(got) != 2 {
		t.Errorf("changed: %q", got)
	}
	checkConsistent(t, s)
}

// TestWithdrawMissingIsBounded: a hub that lost too much is a suspicion, not a
// fact. What was withdrawn before or belongs to others does not count.
func TestWithdrawMissingIsBounded(t *testing.T) {
	s := openTest(t)
	b := batch()
	for i := range 10 {
		b.Objects = append(b.Objects, version(fmt.Sprintf("indicator--%d", i), 1, fmt.Sprintf("d%d.example", i)))
	}
	b.Withdrawn = []string{"indicator--9"}
	mustApply(t, s, b)
	before := said(t, s)
	var asked int
	half := func(live int) int { asked = live; return live / 2 }
	_, err := s.WithdrawMissing(t.Context(), fullPull(t, s, "indicator--0", "indicator--1", "indicator--2", "indicator--3"), half, noon)
	var missing *MissingError
	if !errors.As(err, &missing) || missing.Digest == "" || missing.Missing != 5 || missing.Live != 9 || missing.Most != 4 {
		t.Fatalf("the error is %v, want 5 of 9 missing where 4 may", err)
	}
	if diff := cmp.Diff(before, said(t, s)); diff != "" || asked != 9 {
		t.Errorf("asked for %d; something changed (-before +after):\n%s", asked, diff)
	}
	within := fullPull(t, s, "indicator--0", "indicator--1", "indicator--2", "indicator--3", "indicator--4")
	if applied, err := s.WithdrawMissing(t.Context(), within, half, noon); err != nil || applied.Withdrawn != 4 {
		t.Errorf("counted %+v, %v, want 4 withdrawn", applied, err)
	}
}

func TestWithdrawMissingOfManyObjects(t *testing.T) {
	s := openTest(t)
	mustApply(t, s, largeBatch(5200))
	applied, err := s.WithdrawMissing(t.Context(), fullPull(t, s), all, noon)
	if err != nil || applied.Withdrawn != 5200 || len(live(t, s)) != 0 {
		t.Errorf("counted %+v, %v", applied, err)
	}
	checkConsistent(t, s)
}

func TestWithdrawNothing(t *testing.T) {
	s := openTest(t)
	if applied, err := s.WithdrawMissing(t.Context(), fullPull(t, s), none, noon); err != nil || applied != (Applied{}) {
		t.Errorf("of an empty store %+v, %v", applied, err)
	}
	mustApply(t, s, batch(version("indicator--1", 1, "a.example")))
	if applied, err := s.WithdrawMissing(t.Context(), fullPull(t, s, "indicator--1"), none, noon); err != nil || applied != (Applied{}) {
		t.Errorf("of a complete pull %+v, %v", applied, err)
	}
}

func TestLastComplete(t *testing.T) {
	s := openTest(t)
	if at, err := s.LastComplete(t.Context(), "hub"); !at.IsZero() || err != nil {
		t.Errorf("before the first it was at %s, %v", at, err)
	}
	if err := s.SetComplete(context.Background(), "hub", noon); err != nil {
		t.Fatal(err)
	}
	if at, err := s.LastComplete(t.Context(), "hub"); !at.Equal(noon) || err != nil {
		t.Errorf("it was at %s, %v", at, err)
	}
}
