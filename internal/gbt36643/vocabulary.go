package gbt36643

import (
	"strings"

	"github.com/indicatord/indicatord/internal/indicator"
)

// lexicon finds what a word means.
type lexicon[T any] struct {
	exact, folded map[string]T
}

func newLexicon[T any](meanings map[string]T) lexicon[T] {
	l := lexicon[T]{exact: meanings, folded: make(map[string]T, len(meanings))}
	for word, meaning := range meanings {
		l.folded[fold(word)] = meaning
	}
	return l
}

// find returns what a word means. Where the reading is loose, letter case and
// blanks around it do not count; different says that they had to be left out.
func (l lexicon[T]) find(word string, loose bool) (meaning T, different, ok bool) {
	if meaning, ok = l.exact[word]; ok || !loose {
		return meaning, false, ok
	}
	meaning, ok = l.folded[fold(word)]
	return meaning, ok, ok
}

// fold is a word without what the mode loose does not look at.
func fold(word string) string { return strings.ToLower(strings.TrimSpace(word)) }

// vocabulary holds the words of a mapping.
type vocabulary struct {
	relationships, constraints, values, severity, markings lexicon[string]
	types                                                  lexicon[judgment]
	confidence                                             lexicon[indicator.Confidence]
	directions                                             lexicon[string]
	truth                                                  lexicon[bool]
}

func newVocabulary(w *words) vocabulary {
	return vocabulary{
		relationships: newLexicon(w.Relationships), constraints: newLexicon(w.Constraints), values: newLexicon(w.Values),
		severity: newLexicon(w.Severity), markings: newLexicon(w.Markings), types: newLexicon(w.Types),
		confidence: newLexicon(w.Confidence), directions: newLexicon(w.Directions), truth: newLexicon(w.Truth),
	}
}

// keySet holds the keys that a record, or a part of one, may have.
type keySet map[string]bool

// newKeySet takes paths, of which the first step is the key.
func newKeySet(paths ...[]string) keySet {
	set := keySet{}
	for _, list := range paths {
		for _, path := range list {
			key, _, _ := strings.Cut(path, ".")
			set[key], set[fold(key)] = true, true
		}
	}
	return set
}
