package guard

import (
	"fmt"
	"net/netip"
)

// Verdict is what a [Set] says of an indicator.
type Verdict uint8

// The verdicts. What is Clear is enforced as it is, and of what is Split its
// pieces are. All others hold the indicator back.
const (
	Clear      Verdict = iota // nothing speaks against it
	Split                     // it contains protected addresses, and goes around them in pieces
	Protected                 // it would block something protected
	Fragmented                // it contains protected addresses, and going around them takes too many pieces
	TooBroad                  // it stands for more than anybody can answer for
)

var verdictNames = [...]string{"clear", "split", "protected", "fragmented", "too-broad"}

// String returns the name of the verdict, such as "too-broad".
func (v Verdict) String() string {
	if int(v) < len(verdictNames) {
		return verdictNames[v]
	}
	return fmt.Sprintf("verdict(%d)", uint8(v))
}

// Finding is what a [Set] says of one indicator, and why.
type Finding struct {
	Verdict Verdict
	// Rule is what is protected, nil where the verdict is Clear or TooBroad for
	// its breadth. Of several it is the first. It must not be changed.
	Rule *Rule
	// Contains is the number of protected blocks of addresses that a prefix
	// contains, where it is Split or Fragmented.
	Contains int
	// Pieces are the prefixes that are left of one that is Split: in ascending
	// order, no two overlapping, as few as possible, none holding a protected
	// address.
	Pieces []netip.Prefix

	value string
	broad string
	limit int
}

// Held reports whether the indicator must not be enforced in any form.
func (f *Finding) Held() bool { return f.Verdict > Split }

// Reason says in words for a person what the verdict rests on, "" where it is
// Clear.
func (f *Finding) Reason() string {
	switch f.Verdict {
	case Split:
		return fmt.Sprintf("%s contains %s; it is enforced in %s around that", f.value, f.contents(), count(len(f.Pieces), "piece"))
	case Protected:
		return f.whyProtected()
	case Fragmented:
		return fmt.Sprintf("%s contains %s; going around that takes more than %s", f.value, f.contents(), count(f.limit, "piece"))
	case TooBroad:
		return f.broad
	}
	return ""
}

func (f *Finding) contents() string {
	if f.Contains == 1 {
		return "the protected " + f.Rule.origin()
	}
	return fmt.Sprintf("%s, the first of them %s", count(f.Contains, "protected block"), f.Rule.origin())
}

func (f *Finding) whyProtected() string {
	if f.value == f.Rule.Key.Value {
		return f.Rule.origin() + " is protected"
	}
	return fmt.Sprintf("%s would block what is protected: %s", f.value, f.Rule.origin())
}

func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}
