package addresslist

import (
	"fmt"
	"strconv"

	"github.com/indicatord/indicatord/outputs/addresslist/dialect"
)

// Ceiling is a number that something must not exceed: 0 is what the dialect says,
// and [None] is none at all. It is written as a number, "default" or "none".
type Ceiling int

// None is no ceiling.
const None Ceiling = -1

// String writes the ceiling as the configuration does.
func (c Ceiling) String() string {
	switch c {
	case 0:
		return "default"
	case None:
		return "none"
	}
	return strconv.Itoa(int(c))
}

// MarshalText writes the ceiling as the configuration does.
func (c Ceiling) MarshalText() ([]byte, error) { return []byte(c.String()), nil }

// UnmarshalText reads a ceiling.
func (c *Ceiling) UnmarshalText(text []byte) error {
	switch string(text) {
	case "default":
		*c = 0
		return nil
	case "none":
		*c = None
		return nil
	}
	n, err := strconv.Atoi(string(text))
	if err != nil || n < 1 {
		return fmt.Errorf(`%q is not a limit: want a whole number above 0, "default" or "none"`, text)
	}
	*c = Ceiling(n)
	return nil
}

// of returns the number in effect where the dialect says limit; 0 is none.
func (c Ceiling) of(limit int) int {
	switch c {
	case 0:
		return limit
	case None:
		return 0
	}
	return int(c)
}

// room is how much a list may hold. 0 is any number.
type room struct {
	entries     int // of the whole list
	bytes       int // of one file
	lineBytes   int
	partEntries int
	parts       int
}

// room returns what holds for a reader with the limits. What a reader takes at
// most is said of one file, so a list in parts has it for each of them.
func (s *Settings) room(limits dialect.Limits) room {
	r := room{bytes: s.MaxBytes.of(limits.Bytes), lineBytes: s.MaxLineBytes.of(limits.LineBytes), parts: s.Parts}
	if newPlace(s.name()).parts {
		r.partEntries = s.PartEntries.of(limits.Entries)
		limits.Entries = 0
	}
	r.entries = s.MaxEntries.of(limits.Entries)
	if whole := r.parts * r.partEntries; whole > 0 && (r.entries == 0 || whole < r.entries) {
		r.entries = whole
	}
	return r
}

// wholeBytes is how many bytes all files of a list may have, 0 for any number.
func (r *room) wholeBytes() int {
	if r.partEntries > 0 && r.parts == 0 {
		return 0
	}
	return r.bytes * max(1, r.parts)
}

// bounded reports whether entries may have to be left out.
func (r *room) bounded() bool { return r.entries > 0 || r.wholeBytes() > 0 }
