package store

import (
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/indicatord/indicatord/internal/indicator"
)

func rejected(o Object, code indicator.Code, value string) Object {
	o.Rejects = append(o.Rejects, Reject{ObjectID: o.ID, Code: code, Detail: "because", Value: value})
	return o
}

// codes lists the rejects of a source, the newest first, as "id code".
func codes(t *testing.T, s *Store, source string) []string {
	t.Helper()
	rejects, err := s.Rejects(t.Context(), source, 10_000)
	if err != nil {
		t.Fatal(err)
	}
	lines := []string{}
	for _, r := range rejects {
		lines = append(lines, strings.TrimSpace(r.ObjectID+" "+string(r.Code)))
	}
	return lines
}

// TestRejectsAreOfTheVersion: a new version has its own rejects, and an object
// that is taken back has none.
func TestRejectsAreOfTheVersion(t *testing.T) {
	s := openTest(t)
	for _, c := range []struct {
		name   string
		object Object
		want   []string
	}{
		{"two", rejected(rejected(version("indicator--1", 1, "a.example"), "one", "x"), "two", "y"), []string{"indicator--1 two", "indicator--1 one"}},
		{"an older version changes nothing", rejected(version("indicator--1", 0), "zero", "x"), []string{"indicator--1 two", "indicator--1 one"}},
		{"another", rejected(version("indicator--1", 2, "a.example"), "three", "x"), []string{"indicator--1 three"}},
		{"none", version("indicator--1", 3, "a.example"), []string{}},
		{"one again", rejected(version("indicator--1", 4), "four", "x"), []string{"indicator--1 four"}},
		{"revoked", rejected(revocation("indicator--1", 5), "five", "x"), []string{}},
	} {
		mustApply(t, s, batch(c.object))
		if diff := cmp.Diff(c.want, codes(t, s, "hub")); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.name, diff)
		}
	}
}

func TestUnreadablePartsAreBounded(t *testing.T) {
	s := openTest(t)
	other := batch(rejected(version("indicator--1", 1), "of an object", ""))
	other.Source, other.Unreadable = "other hub", []Reject{{Code: "no-id"}}
	mustApply(t, s, other)
	for round := range 3 {
		b := batch()
		for i := range maxUnreadable/2 + 1 {
			b.Unreadable = append(b.Unreadable, Reject{Code: indicator.Code(fmt.Sprintf("round-%d-%d", round, i))})
		}
		if applied := mustApply(t, s, b); applied.Rejects != maxUnreadable/2+1 {
			t.Errorf("counted %d rejects", applied.Rejects)
		}
	}
	got := codes(t, s, "hub")
	if len(got) != maxUnreadable || got[0] != "round-2-500" || got[len(got)-1] != "round-1-2" {
		t.Errorf("%d rejects are kept, from %s to %s", len(got), got[0], got[len(got)-1])
	}
	if got := len(codes(t, s, "other hub")); got != 2 {
		t.Errorf("the other hub has %d rejects, want 2", got)
	}
	if got := len(codes(t, s, "")); got != maxUnreadable+2 {
		t.Errorf("there are %d rejects in all", got)
	}
}

func TestRejectsAreFoundByValueAndObject(t *testing.T) {
	s := openTest(t)
	mustApply(t, s, batch(rejected(version("indicator--1", 1), "not-a-domain", "a..example")))
	for _, text := range []string{"a..example", "indicator--1"} {
		found, err := s.RejectsOf(t.Context(), text)
		want := []StoredReject{{Source: "hub", At: noon, Reject: Reject{ObjectID: "indicator--1", Code: "not-a-domain", Detail: "because", Value: "a..example"}}}
		if diff := cmp.Diff(want, found); diff != "" || err != nil {
			t.Errorf("%s: %v (-want +got):\n%s", text, err, diff)
		}
	}
	if found, err := s.RejectsOf(t.Context(), "a.example"); found != nil || err != nil {
		t.Errorf("found %v, %v", found, err)
	}
}

func TestCut(t *testing.T) {
	for text, want := range map[string]string{
		"":                                     "",
		"short":                                "short",
		"not UTF-8 \xff\xfe":                   "not UTF-8 \uFFFD",
		strings.Repeat("a", maxDetail):         strings.Repeat("a", maxDetail),
		strings.Repeat("a", maxDetail+1):       strings.Repeat("a", maxDetail) + "…",
		strings.Repeat("a", maxDetail-1) + "电": strings.Repeat("a", maxDetail-1) + "…",
	} {
		if got := cut(text); got != want || !utf8.ValidString(got) {
			t.Errorf("%.20q… is cut to %.20q… of %d bytes, want %d", text, got, len(got), len(want))
		}
	}
}

func TestCountSources(t *testing.T) {
	s := openTest(t)
	b := batch(version("indicator--1", 1, "a.example"), rejected(version("indicator--2", 1), "odd", ""), revocation("indicator--3", 1), version("indicator--4", 1))
	b.Withdrawn, b.Unreadable = []string{"indicator--4"}, []Reject{{Code: "no-id"}, {Code: "no-id"}}
	mustApply(t, s, b)
	counts, err := s.CountSources(t.Context())
	want := map[string]SourceCounts{"hub": {
		Name:    "hub",
		Objects: map[string]int{"live": 2, "revoked": 1, "withdrawn": 1},
		Rejects: map[string]int{"odd": 1, "no-id": 2},
	}}
	if diff := cmp.Diff(want, counts); diff != "" || err != nil {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
}
