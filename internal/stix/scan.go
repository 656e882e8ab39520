package stix

import (
	"bytes"

	"github.com/go-json-experiment/json/jsontext"
)

// memberScanner walks the members of one JSON object without looking into their
// values. It finds its way in any valid object, and stops in an invalid one at
// the latest where that no longer looks like an object.
type memberScanner struct {
	raw []byte
	pos int
}

// open steps into the object.
func (s *memberScanner) open() bool { return s.skip('{') }

// next returns the name and the value of the next member. Both share memory
// with the object unless the name has escapes; the value keeps its quotes.
func (s *memberScanner) next() (name, value []byte, ok bool) {
	s.skip(',')
	name, ok = s.string()
	if !ok || !s.skip(':') {
		return nil, nil, false
	}
	value, ok = s.value()
	if !ok {
		return nil, nil, false
	}
	if bytes.IndexByte(name, '\\') < 0 {
		return name[1 : len(name)-1], value, true
	}
	unquoted, err := jsontext.AppendUnquote(nil, name)
	return unquoted, value, err == nil
}

// skip steps over space and then over c, if that is there.
func (s *memberScanner) skip(c byte) bool {
	s.space()
	if s.pos < len(s.raw) && s.raw[s.pos] == c {
		s.pos++
		return true
	}
	return false
}

func (s *memberScanner) space() {
	for s.pos < len(s.raw) {
		switch s.raw[s.pos] {
		case ' ', '\t', '\n', '\r':
			s.pos++
		default:
			return
		}
	}
}

// string steps over a string and returns it with its quotes.
func (s *memberScanner) string() ([]byte, bool) {
	s.space()
	start := s.pos
	if start >= len(s.raw) || s.raw[start] != '"' {
		return nil, false
	}
	end := stringEnd(s.raw, start)
	if end < 0 {
		return nil, false
	}
	s.pos = end
	return s.raw[start:end], true
}

// stringEnd returns the place after the string that begins at i, -1 where the
// string does not end.
func stringEnd(raw []byte, i int) int {
	for from := i + 1; ; {
		n := bytes.IndexByte(raw[from:], '"')
		if n < 0 {
			return -1
		}
		end := from + n
		slashes := end
		for raw[slashes-1] == '\\' {
			slashes--
		}
		from = end + 1
		if (end-slashes)%2 == 0 {
			return from
		}
	}
}

// value steps over a value and returns it.
func (s *memberScanner) value() ([]byte, bool) {
	s.space()
	start := s.pos
	if start >= len(s.raw) {
		return nil, false
	}
	switch s.raw[start] {
	case '"':
		return s.string()
	case '{', '[':
		return s.composite()
	}
	for s.pos < len(s.raw) && bytes.IndexByte([]byte(",}] \t\r\n"), s.raw[s.pos]) < 0 {
		s.pos++
	}
	return s.raw[start:s.pos], s.pos > start
}

// composite steps over an object or an array.
func (s *memberScanner) composite() ([]byte, bool) {
	start, depth := s.pos, 0
	for i := start; i < len(s.raw); i++ {
		switch s.raw[i] {
		case '{', '[':
			depth++
		case '}', ']':
			if depth--; depth == 0 {
				s.pos = i + 1
				return s.raw[start:s.pos], true
			}
		case '"':
			end := stringEnd(s.raw, i)
			if end < 0 {
				return nil, false
			}
			i = end - 1
		}
	}
	return nil, false
}
