package store

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/indicatord/indicatord/internal/indicator"
)

func mustOverride(t *testing.T, s *Store, o Override) {
	t.Helper()
	if _, err := s.Override(t.Context(), o); err != nil {
		t.Fatal(err)
	}
}

func overrides(t *testing.T, s *Store, now time.Time) []Override {
	t.Helper()
	all, err := s.Overrides(t.Context(), now)
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// TestOverrides are facts: they replace each other, end, are lifted, come back,
// and are there after a restart.
func TestOverrides(t *testing.T) {
	dir := t.TempDir()
	s := openIn(t, dir)
	allow := Override{Key: domain("a.example"), Reason: "our own supplier", Owner: "wang", Made: noon, Until: noon.Add(time.Hour)}
	deny := Override{Key: domain("b.example"), Deny: true, Scope: indicator.ScopeSubdomains, Reason: "seen in the plant", Owner: "root", Made: noon}
	mustOverride(t, s, allow)
	mustOverride(t, s, deny)
	if diff := cmp.Diff([]Override{allow, deny}, overrides(t, s, noon)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]Override{deny}, overrides(t, s, allow.Until)); diff != "" {
		t.Errorf("when one has ended (-want +got):\n%s", diff)
	}
	closeStore(t, s)
	s = openIn(t, dir)
	changed := allow
	changed.Deny, changed.Made = true, noon.Add(-time.Hour) // the clock went back
	mustOverride(t, s, changed)
	if diff := cmp.Diff([]Override{changed, deny}, overrides(t, s, noon)); diff != "" {
		t.Errorf("another word on the same value (-want +got):\n%s", diff)
	}
	for _, want := range []bool{true, false} {
		if lifted, err := s.Lift(t.Context(), domain("b.example"), noon); lifted != want || err != nil {
			t.Errorf("lifted %t, %v, want %t", lifted, err, want)
		}
	}
	if diff := cmp.Diff([]Override{changed}, overrides(t, s, noon)); diff != "" {
		t.Errorf("after one was lifted (-want +got):\n%s", diff)
	}
	mustOverride(t, s, deny)
	if diff := cmp.Diff([]Override{changed, deny}, overrides(t, s, noon)); diff != "" {
		t.Errorf("said once more (-want +got):\n%s", diff)
	}
	checkConsistent(t, s)
}

// TestOverridesAreAsserted beside what sources say, and end by the sweep.
func TestOverridesAreAsserted(t *testing.T) {
	s := openTest(t)
	mustApply(t, s, batch(version("indicator--1", 1, "a.example")))
	before, _ := s.Sequence(t.Context())
	mustOverride(t, s, Override{Key: domain("a.example"), Reason: "ours", Owner: "wang", Made: noon, Until: noon.Add(time.Hour)})
	found, err := s.Find(t.Context(), []indicator.Key{domain("a.example")})
	if err != nil || len(found) != 1 || len(found[0].Entry.Assertions) != 2 || found[0].Entry.Sequence <= before {
		t.Fatalf("found %+v, %v", found, err)
	}
	own := found[0].Entry.Assertions[1]
	if own.Source != indicator.OwnSource || !own.Types.Has(indicator.TypeBenign) || own.Object.Name != "allow: ours" || own.Object.CreatedBy != "wang" {
		t.Errorf("the site says %+v, %+v", own, own.Object)
	}
	if n, _, err := s.Sweep(t.Context(), noon.Add(2*time.Hour)); n != 1 || err != nil {
		t.Errorf("%d entries are touched at its end, %v", n, err)
	}
}
