package indicator

import "strings"

// Notes is a set of remarks on how a canonical form differs in meaning, not in
// spelling alone, from the value as it was written.
type Notes uint16

// The remarks.
const (
	// NoteTrimmed: spaces around the value were removed.
	NoteTrimmed Notes = 1 << iota
	// NoteRefanged: the value was defanged, and [Refang] undid that.
	NoteRefanged
	// NoteRetyped: the value is of another kind than its field said.
	NoteRetyped
	// NoteUnmapped: an IPv4-mapped IPv6 address became the IPv4 address.
	NoteUnmapped
	// NoteHostBits: bits beyond the prefix length were set, and were cleared.
	NoteHostBits
	// NoteRange: a range "a-b" became the prefixes that cover exactly it.
	NoteRange
	// NotePort: a port stood after the address or the name, and is now in
	// [Canonical.Port]. The key alone stands for more than the value did.
	NotePort
	// NoteUserinfo: the user name and password of a URL were dropped.
	NoteUserinfo
	// NoteFragment: the fragment of a URL was dropped; no network sees it.
	NoteFragment
)

var noteNames = [...]string{
	"trimmed", "refanged", "retyped", "unmapped", "host-bits", "range", "port", "userinfo", "fragment",
}

// Has reports whether every remark of want is in the set.
func (n Notes) Has(want Notes) bool { return n&want == want }

// Words returns the name of each remark, in the order of the constants.
func (n Notes) Words() []string {
	var words []string
	for i, name := range noteNames {
		if n&(1<<i) != 0 {
			words = append(words, name)
		}
	}
	return words
}

// String joins the words with commas; no remark gives "".
func (n Notes) String() string { return strings.Join(n.Words(), ",") }
