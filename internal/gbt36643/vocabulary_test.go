package gbt36643

import (
	"slices"
	"testing"
)

func TestLexicon(t *testing.T) {
	l := newLexicon(map[string]int{"Brute Force": 1, "或": 2})
	for _, tt := range []struct {
		word          string
		loose         bool
		want          int
		different, ok bool
	}{
		{"Brute Force", false, 1, false, true},
		{"Brute Force", true, 1, false, true},
		{"brute force", false, 0, false, false},
		{"brute force", true, 1, true, true},
		{" BRUTE FORCE\t", true, 1, true, true},
		{"brute  force", true, 0, false, false},
		{"　或", true, 2, true, true},
		{"或", false, 2, false, true},
		{"", true, 0, false, false},
	} {
		got, different, ok := l.find(tt.word, tt.loose)
		if got != tt.want || different != tt.different || ok != tt.ok {
			t.Errorf("%q, loose %t: %d, %t, %t", tt.word, tt.loose, got, different, ok)
		}
	}
}

func TestKeysAreFirstStepsOfPaths(t *testing.T) {
	set := newKeySet([]string{"a.b", "C"}, nil, []string{"恶意"})
	for key, want := range map[string]bool{"a": true, "C": true, "c": true, "恶意": true, "b": false, "a.b": false} {
		if set[key] != want {
			t.Errorf("%q is a key: %t", key, set[key])
		}
	}
}

// TestShippedWordsDifferWhenFolded: two words that are one in the mode loose
// would mean one thing or the other by chance.
func TestShippedWordsDifferWhenFolded(t *testing.T) {
	for _, m := range mappings(t) {
		w := &m.table.Words
		checkFolded(t, "relationships", w.Relationships)
		checkFolded(t, "constraints", w.Constraints)
		checkFolded(t, "values", w.Values)
		checkFolded(t, "types", w.Types)
		checkFolded(t, "confidence", w.Confidence)
		checkFolded(t, "severity", w.Severity)
		checkFolded(t, "markings", w.Markings)
		checkFolded(t, "directions", w.Directions)
		checkFolded(t, "truth", w.Truth)
	}
}

func checkFolded[T comparable](t *testing.T, what string, words map[string]T) {
	t.Helper()
	seen := map[string]T{}
	for word, meaning := range sorted(words) {
		if other, again := seen[fold(word)]; again && other != meaning {
			t.Errorf("%s: %q means %v, and in other letters %v", what, word, meaning, other)
		}
		seen[fold(word)] = meaning
	}
}

// TestTypesOfValuesHaveWordsOfTheirOwn: a word names one type.
func TestTypesOfValuesHaveWordsOfTheirOwn(t *testing.T) {
	for _, m := range mappings(t) {
		var all []string
		for name, of := range sorted(m.table.Objects) {
			for _, word := range of.Words {
				if slices.Contains(all, fold(word)) {
					t.Errorf("%s: the word %q is that of another type too", name, word)
				}
				all = append(all, fold(word))
			}
		}
	}
}
