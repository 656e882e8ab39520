package pattern

import (
	"strings"
	"unicode/utf8"
)

// skipSpace moves to the next token. The grammar counts the Unicode spaces and
// both forms of comment as space.
func (s *scanner) skipSpace() error {
	for s.pos < len(s.text) {
		switch c := s.text[s.pos]; {
		case c == ' ' || c >= '\t' && c <= '\r':
			s.pos++
		case c == '/':
			if err := s.skipComment(); err != nil {
				return err
			}
		case c >= utf8.RuneSelf:
			r, size := utf8.DecodeRuneInString(s.text[s.pos:])
			if !isWideSpace(r) {
				return nil
			}
			s.pos += size
		default:
			return nil
		}
	}
	return nil
}

func (s *scanner) skipComment() error {
	rest := s.text[s.pos:]
	switch {
	case strings.HasPrefix(rest, "//"):
		end := strings.IndexAny(rest, "\r\n")
		if end < 0 {
			end = len(rest)
		}
		s.pos += end
		return nil
	case strings.HasPrefix(rest, "/*"):
		end := strings.Index(rest[2:], "*/")
		if end < 0 {
			return syntaxf(s.pos, "the comment is never closed")
		}
		s.pos += 2 + end + 2
		return nil
	}
	return syntaxf(s.pos, "the character '/' has no place here")
}

// isWideSpace reports whether r is one of the spaces beyond ASCII that the
// grammar lists. The list is older than Unicode's own, so it is spelled out.
func isWideSpace(r rune) bool {
	switch r {
	case 0x85, 0xa0, 0x1680, 0x2028, 0x2029, 0x202f, 0x205f, 0x3000:
		return true
	}
	return r >= 0x2000 && r <= 0x200a
}
