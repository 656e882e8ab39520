package indicator

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// TypeSet is a set of STIX indicator types (indicator-type-ov), one bit each.
// The numbers are stored; a bit keeps its meaning for ever.
type TypeSet uint16

// The types of the open vocabulary, and one bit for any word outside it.
const (
	TypeAnomalous   TypeSet = 1 << iota // anomalous-activity
	TypeAnonymized                      // anonymization
	TypeBenign                          // benign
	TypeCompromised                     // compromised
	TypeMalicious                       // malicious-activity
	TypeAttribution                     // attribution
	TypeUnknown                         // unknown
	TypeOther                           // a word that is not in the vocabulary
)

var typeBits = map[string]TypeSet{
	"anomalous-activity": TypeAnomalous,
	"anonymization":      TypeAnonymized,
	"benign":             TypeBenign,
	"compromised":        TypeCompromised,
	"malicious-activity": TypeMalicious,
	"attribution":        TypeAttribution,
	"unknown":            TypeUnknown,
}

// WeakTypes are those that say something of a value, but not that it is bad
// enough to be blocked.
const WeakTypes = TypeAnomalous | TypeAnonymized | TypeAttribution | TypeUnknown

// ParseType returns the bit of a word of the vocabulary, "other" for any word
// outside it, or "unstated" for none at all, which is the empty set.
func ParseType(word string) (TypeSet, error) {
	switch bit, ok := typeBits[word]; {
	case ok:
		return bit, nil
	case word == "other":
		return TypeOther, nil
	case word == "unstated":
		return 0, nil
	}
	return 0, fmt.Errorf("unknown indicator type %q: want one of %s, other or unstated", word, strings.Join(slices.Sorted(maps.Keys(typeBits)), ", "))
}

// TypesOf returns the set of the given words, in any letter case and with any
// space around them.
func TypesOf(words []string) TypeSet {
	var set TypeSet
	for _, w := range words {
		if bit, ok := typeBits[strings.ToLower(strings.TrimSpace(w))]; ok {
			set |= bit
		} else {
			set |= TypeOther
		}
	}
	return set
}

// Has reports whether every type of want is in the set.
func (s TypeSet) Has(want TypeSet) bool { return s&want == want }
