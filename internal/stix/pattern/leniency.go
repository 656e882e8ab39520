package pattern

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// Leniencies is a set of spellings that the grammar or the vocabulary refuses
// and [Parse] understands all the same, because producers write them.
type Leniencies uint8

// The leniencies. Their names are stable.
const (
	// LenientUnquotedHashKey is hashes.SHA-256 for hashes.'SHA-256', which the
	// grammar refuses and OpenCTI writes.
	LenientUnquotedHashKey Leniencies = 1 << iota
	// LenientHashAlias is hashes.SHA256 for hashes.'SHA-256', and so on.
	LenientHashAlias
	// LenientHashCase is hashes.md5 for hashes.MD5, and so on.
	LenientHashCase

	// AllLeniencies holds every one.
	AllLeniencies = LenientUnquotedHashKey | LenientHashAlias | LenientHashCase
)

// leniencies are the names, in the order of the constants, each with a sentence
// for the operator.
var leniencies = [...]struct{ name, meaning string }{
	{"unquoted-hash-key", "A hash key with a hyphen stands without quotes, as in file:hashes.SHA-256."},
	{"hash-key-alias", "A hash key lacks the hyphen of its algorithm, as in file:hashes.SHA256."},
	{"hash-key-case", "A hash key is not in the letter case of its algorithm, as in file:hashes.md5."},
}

// LeniencyNames returns the name of each leniency, in the order of the
// constants.
func LeniencyNames() []string {
	names := make([]string, len(leniencies))
	for i, l := range leniencies {
		names[i] = l.name
	}
	return names
}

// ParseLeniency returns the set that holds the one leniency of that name.
func ParseLeniency(name string) (Leniencies, error) {
	at := slices.Index(LeniencyNames(), name)
	if at < 0 {
		return 0, fmt.Errorf("unknown leniency %q: want one of %s", name, strings.Join(LeniencyNames(), ", "))
	}
	return 1 << at, nil
}

// Has reports whether every leniency of want is in the set.
func (l Leniencies) Has(want Leniencies) bool { return l&want == want }

// Names returns the names of the leniencies, in the order of the constants.
func (l Leniencies) Names() []string {
	var names []string
	for i, known := range leniencies {
		if l.Has(1 << i) {
			names = append(names, known.name)
		}
	}
	return names
}

// Meanings returns for each leniency of the set a sentence for the operator, in
// the order of [Leniencies.Names].
func (l Leniencies) Meanings() []string {
	var meanings []string
	for i, known := range leniencies {
		if l.Has(1 << i) {
			meanings = append(meanings, known.meaning)
		}
	}
	return meanings
}

// UnmarshalText reads the name of one leniency.
func (l *Leniencies) UnmarshalText(text []byte) (err error) {
	*l, err = ParseLeniency(string(text))
	return err
}

// String returns the names of the leniencies, with commas between them.
func (l Leniencies) String() string { return strings.Join(l.Names(), ",") }

// LeniencyCounts counts by leniency. It is comparable, and the zero value counts
// none. JSON has it by name.
type LeniencyCounts [len(leniencies)]int

// Add counts each leniency of the set once.
func (c *LeniencyCounts) Add(l Leniencies) {
	for i := range c {
		if l.Has(1 << i) {
			c[i]++
		}
	}
}

// MarshalJSON writes the counts by name, without those of zero.
func (c LeniencyCounts) MarshalJSON() ([]byte, error) {
	named := map[string]int{}
	for i, n := range c {
		if n > 0 {
			named[leniencies[i].name] = n
		}
	}
	return json.Marshal(named)
}
