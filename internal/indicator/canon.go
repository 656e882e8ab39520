package indicator

import (
	"iter"
	"strings"
	"unicode"
	"unicode/utf8"
)

// MaxValue is the length in bytes beyond which no value is taken.
const MaxValue = 8 << 10

// Canonical is what [Canon] makes of a value: one key, or for a range of
// addresses several.
type Canonical struct {
	// Key is the first key, and nearly always the only one. Its value may share
	// memory with the value that it was made from.
	Key Key
	// More are the further prefixes of a range, in ascending order.
	More []Key
	// Scope is [ScopeSubdomains] where the value said so itself ("*.example.com"
	// or ".example.com"). A bare name says nothing: what it stands for is for
	// the source's settings to decide.
	Scope Scope
	// Port is the port that stood after an address or a name, 0 where none did.
	Port uint16
	// Notes are remarks on what changed.
	Notes Notes
}

// Keys yields every key, in ascending order.
func (c Canonical) Keys() iter.Seq[Key] {
	return func(yield func(Key) bool) {
		if !yield(c.Key) {
			return
		}
		for _, k := range c.More {
			if !yield(k) {
				return
			}
		}
	}
}

// Options say what a site takes beyond the defaults. The zero value is the
// defaults. Options may be used by any number of goroutines at once.
type Options struct {
	// AllowReserved takes addresses of private and other reserved space, and
	// prefixes and ranges that overlap it, for a source that is the site's own.
	// The unspecified addresses are never taken.
	AllowReserved bool
	// WidestIPv4 and WidestIPv6 are the prefix lengths of the widest prefix, or
	// range of as many addresses, that is taken. Zero means 8 for IPv4 and 19
	// for IPv6. The whole space, "0.0.0.0/0" or "::/0", is never taken.
	WidestIPv4, WidestIPv6 int
	// Refang undoes defanging first, for sources of text that people wrote.
	// It touches no value of a kind that is only carried.
	Refang bool
}

// Canon returns the canonical form of a value under the default [Options]. Two
// values that mean the same have the same keys, and the value of a key is its
// own canonical form. The error is a [*Reject].
func Canon(kind Kind, value string) (Canonical, error) {
	return Options{}.Canon(kind, value)
}

// Canon is [Canon] under the options.
//
// The kind says what field the value was found in. A field for domains often
// holds something else, so the kind of the keys may differ; then the notes say
// [NoteRetyped]. A URL never becomes its host.
func (o Options) Canon(kind Kind, value string) (Canonical, error) {
	c, reject := o.canon(kind, value)
	if reject != nil {
		return Canonical{}, reject
	}
	return c, nil
}

func (o Options) canon(kind Kind, value string) (Canonical, *Reject) {
	if len(value) > MaxValue {
		return Canonical{}, tooLong(value)
	}
	if kind.Carried() {
		return canonCarried(kind, value)
	}
	text, notes := o.clean(value)
	if reject := checkText(text); reject != nil {
		return Canonical{}, reject
	}
	c, reject := o.canonMatched(kind, text)
	if reject != nil {
		return Canonical{}, o.explainDefanged(kind, text, reject)
	}
	c.Notes |= notes
	return c, nil
}

func tooLong(value string) *Reject {
	return rejectf(CodeTooLong, "the value has %d bytes; at most %d are taken", len(value), MaxValue)
}

// clean removes what surrounds and disguises a value.
func (o Options) clean(value string) (string, Notes) {
	var notes Notes
	if o.Refang {
		if plain, changed := Refang(value); changed {
			value, notes = plain, NoteRefanged
		}
	}
	if trimmed := strings.TrimFunc(value, isSpace); len(trimmed) < len(value) {
		return trimmed, notes | NoteTrimmed
	}
	return value, notes
}

// isSpace leaves tabs and line ends alone: they are control characters, and a
// value that holds one was cut out of its text wrongly.
func isSpace(r rune) bool { return r == ' ' || r >= utf8.RuneSelf && unicode.Is(unicode.Zs, r) }

func checkText(text string) *Reject {
	if text == "" {
		return rejectf(CodeEmpty, "the value is empty")
	}
	ascii := true
	for i := range len(text) {
		switch b := text[i]; {
		case b < ' ' || b == 0x7f:
			return rejectf(CodeControlCharacter, "%s holds the control character %#02x at byte %d", quote(text), b, i)
		case b >= utf8.RuneSelf:
			ascii = false
		}
	}
	if ascii {
		return nil
	}
	return checkUnicode(text)
}

func checkUnicode(text string) *Reject {
	for i, r := range text {
		if r == utf8.RuneError && !strings.HasPrefix(text[i:], string(utf8.RuneError)) {
			return rejectf(CodeInvalidUTF8, "%s is not valid UTF-8 at byte %d", quote(text), i)
		}
		if unicode.IsControl(r) {
			return rejectf(CodeControlCharacter, "%s holds the control character %U at byte %d", quote(text), r, i)
		}
	}
	return nil
}

func (o Options) canonMatched(kind Kind, value string) (Canonical, *Reject) {
	switch kind {
	case IP:
		return o.canonAddress(value)
	case Domain:
		return o.canonDomain(value)
	case URL:
		return o.canonURL(value)
	case Email:
		return canonEmail(value)
	case MD5, SHA1, SHA256, SHA512:
		return canonHash(kind, value)
	}
	return Canonical{}, unknownKind(kind)
}

func unknownKind(kind Kind) *Reject {
	return rejectf(CodeUnknownKind, "%s is not a kind of indicator", kind)
}

// explainDefanged replaces a rejection that only defanging caused, because that
// is what the operator can mend.
func (o Options) explainDefanged(kind Kind, value string, reject *Reject) *Reject {
	if o.Refang {
		return reject
	}
	plain, changed := Refang(value)
	if !changed {
		return reject
	}
	o.Refang = true
	if _, err := o.Canon(kind, plain); err != nil {
		return reject
	}
	return rejectf(CodeDefanged, "%s is defanged; if the source writes its values so, set it to refang them", quote(value))
}

// retyped marks the canonical form of a value from a field for domains as being
// of another kind. What turns out to be nothing else either is not a domain.
func retyped(c Canonical, reject *Reject) (Canonical, *Reject) {
	if reject != nil {
		switch reject.Code {
		case CodeNotAddress, CodeNotURL, CodeNotEmail:
			reject = &Reject{Code: CodeNotDomain, Detail: reject.Detail}
		}
	}
	c.Notes |= NoteRetyped
	return c, reject
}
