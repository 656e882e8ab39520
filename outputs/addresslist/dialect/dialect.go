// Package dialect holds the languages of the tools that read lists. Each is a
// value in a file of its own, and nothing but words: what is listed, how it is
// trimmed and where it is written is decided elsewhere.
//
// To add a dialect, write such a file, name the value in [All], and run the tests
// of the package above with -update: they write the golden file and the
// documentation.
package dialect

import (
	"slices"
	"strings"
	"time"

	"github.com/indicatord/indicatord/internal/indicator"
)

// Dialect is the language that the reader of a list understands.
type Dialect struct {
	// Name is what the configuration calls it.
	Name string
	// Reader is the tool that reads the list, for a person.
	Reader string
	// Source names the document that tells the syntax and the limits.
	Source string
	// Note is what an operator has to know beside, in whole sentences.
	Note string

	// Kinds are the kinds of entries that the language has words for.
	Kinds []indicator.Kind
	// Addresses says which addresses, where it has words for any.
	Addresses Addresses
	// Names says what a name stands for to the reader.
	Names Names
	// Limits are what the reader takes at most. The configuration may say
	// otherwise.
	Limits Limits
	// Options are further words that the operator may choose.
	Options []Option

	// Comment begins a line that the reader skips, "" where there is no such line.
	Comment string
	// InFull is true where the lines need what is said of an entry in words.
	InFull bool
	// OneKind is true where a list holds one kind of value.
	OneKind bool
	// Disjoint is true where no address may be listed twice, so that prefixes are
	// always joined.
	Disjoint bool
	// Minimal is true where a name must not lie below one that is listed with its
	// subdomains.
	Minimal bool
	// Lossy is true where different entries may read the same, though they do not
	// follow one another.
	Lossy bool
	// Serial is true where the header holds [List.Serial], which rises with every
	// change.
	Serial bool

	// Header and Footer write whole lines around all entries. Either may be nil.
	Header, Footer func(*List) string
	// Open writes what stands before the entries of one family of addresses: of
	// IPv6, or of all others. It is nil where nothing does.
	Open func(l *List, ipv6 bool) string
	// Line appends the words for an entry, without what stands between two. Where
	// the language has no words for it, Line says why instead.
	Line func(line []byte, e *indicator.Entry, l *List) ([]byte, Unsaid)
	// Between stands between two entries and End after the last; both are a
	// newline where they are "".
	Between, End string
	// Together is how many entries one opening is for, 0 for any number.
	Together int
	// Farewell is set where the reader keeps what it once read until a line takes
	// it back.
	Farewell *Farewell
}

// Unsaid is why a language has no words for an entry, "" where it has. It does
// not depend on the value: the reasons are counted.
type Unsaid string

// Limits are what a reader takes at most; 0 is no limit that is documented.
type Limits struct {
	Entries   int // of one list
	Bytes     int // of one file
	LineBytes int // of one line, without its end
}

// Option is a word that the operator may choose.
type Option struct {
	Name    string
	Default string
	// About says what it is, for the documentation.
	About string
	// Check reports what is wrong with a value. It is nil where any line of
	// printable text will do.
	Check func(value string) error
}

// Farewell takes back what a list held and does not hold any more.
type Farewell struct {
	// Identity returns what a line is about, "" for a line that is about nothing.
	Identity func(line string) string
	// Line returns the line that takes back what an older line said. It returns ""
	// where that has been said for long enough.
	Line func(old string, now time.Time) string
}

// List is what a dialect may know of the list that it is used for.
type List struct {
	// Name is the name of the output.
	Name string
	// Serial is the number of this version of the list.
	Serial uint32
	// Options holds a value for each option of the dialect.
	Options map[string]string
}

// Addresses says which addresses a language has words for.
type Addresses uint8

// The forms of addresses, to be combined.
const (
	IPv4 Addresses = 1 << iota
	IPv6
	Prefixes

	AnyAddress = IPv4 | IPv6 | Prefixes
)

// Unsaid returns why the language has no words for an address, "" where it has.
func (a Addresses) Unsaid(value string) Unsaid {
	six := strings.IndexByte(value, ':') >= 0
	switch {
	case six && a&IPv6 == 0:
		return "an IPv6 address, and the reader takes IPv4 alone"
	case !six && a&IPv4 == 0:
		return "an IPv4 address, and the reader takes IPv6 alone"
	case a&Prefixes == 0 && strings.IndexByte(value, '/') >= 0:
		return "a prefix, and the reader takes single addresses alone"
	}
	return ""
}

// Names says what a name in a list stands for.
type Names uint8

const (
	// AsWritten leaves it to the reader's configuration: a name is written alike
	// whether or not its subdomains are meant.
	AsWritten Names = iota
	// ByScope has words for a name alone and for a name with its subdomains.
	ByScope
	// Alone has words for a name alone.
	Alone
	// WithSubdomains has words for a name with its subdomains only.
	WithSubdomains
)

// Find returns the dialect of a name.
func Find(name string) (Dialect, bool) {
	all := All()
	at := slices.IndexFunc(all, func(d Dialect) bool { return d.Name == name })
	if at < 0 {
		return Dialect{}, false
	}
	return all[at], true
}

// Has reports whether the language has words for a kind.
func (d *Dialect) Has(kind indicator.Kind) bool { return slices.Contains(d.Kinds, kind) }
