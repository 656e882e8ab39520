package main

import (
	"fmt"
	"strings"
	"testing"
)

func TestSummaryListsTheMostFrequentFirst(t *testing.T) {
	s := newSummary()
	for _, kind := range []string{"ip", "url", "domain", "domain"} {
		s.values.add(kind)
	}
	var out strings.Builder
	s.print(&out)
	want := "objects   0\nvalues    4\n  domain  2\n  ip      1\n  url     1\nrejects   0\n"
	if out.String() != want {
		t.Errorf("printed\n%swant\n%s", out.String(), want)
	}
}

func TestTallyIsBounded(t *testing.T) {
	words := tally{}
	for i := range 10 * maxWords {
		words.add(fmt.Sprintf("word-%d", i))
	}
	if len(words) != maxWords+1 || words["(further)"] != 9*maxWords {
		t.Errorf("%d words are counted, %d of them together", len(words), words["(further)"])
	}
	words.add("word-1")
	if words["word-1"] != 2 {
		t.Error("a word that is known is counted with the further ones")
	}
}

func TestTypeWord(t *testing.T) {
	for name, want := range map[string]string{
		"indicator":              "indicator",
		"x-mitre-tactic2":        "x-mitre-tactic2",
		"":                       unknownType,
		"Indicator":              unknownType,
		"\x1b[31m":               unknownType,
		strings.Repeat("x", 251): unknownType,
	} {
		if got := typeWord(name); got != want {
			t.Errorf("the type %q is counted as %q, want %q", name, got, want)
		}
	}
}
