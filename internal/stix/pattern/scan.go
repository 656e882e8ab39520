package pattern

import (
	"strings"
	"unicode/utf8"
)

// scanner cuts a pattern into tokens.
type scanner struct {
	text string
	pos  int
}

var punctuation = [utf8.RuneSelf]tokenKind{
	'[': tokenOpenBracket, ']': tokenCloseBracket, '(': tokenOpenParen, ')': tokenCloseParen,
	':': tokenColon, ',': tokenComma, '*': tokenAsterisk,
}

// next returns the token that follows, after space and comments.
func (s *scanner) next() (token, error) {
	if err := s.skipSpace(); err != nil {
		return token{}, err
	}
	start := s.pos
	if start == len(s.text) {
		return token{kind: tokenEnd, start: start, end: start}, nil
	}
	switch c := s.text[start]; {
	case isLetter(c):
		return s.word()
	case c == '\'':
		return s.quoted(tokenString, start)
	case isDigit(c), c == '.', c == '+', c == '-':
		return s.number()
	case c < utf8.RuneSelf && punctuation[c] != tokenEnd:
		return s.take(punctuation[c], 1), nil
	}
	return s.comparator()
}

// take makes a token of the next n bytes.
func (s *scanner) take(kind tokenKind, n int) token {
	start := s.pos
	s.pos += n
	return token{kind: kind, start: start, end: s.pos, text: s.text[start:s.pos]}
}

func (s *scanner) comparator() (token, error) {
	rest := s.text[s.pos:]
	switch {
	case strings.HasPrefix(rest, "=="):
		return s.take(tokenEqual, 2), nil
	case rest[0] == '=':
		return s.take(tokenEqual, 1), nil
	case strings.HasPrefix(rest, "!="), strings.HasPrefix(rest, "<>"):
		return s.take(tokenNotEqual, 2), nil
	case strings.HasPrefix(rest, "<="):
		return s.take(tokenLessEqual, 2), nil
	case rest[0] == '<':
		return s.take(tokenLess, 1), nil
	case strings.HasPrefix(rest, ">="):
		return s.take(tokenGreaterEqual, 2), nil
	case rest[0] == '>':
		return s.take(tokenGreater, 1), nil
	}
	r, _ := utf8.DecodeRuneInString(rest)
	return token{}, syntaxf(s.pos, "the character %q has no place here", r)
}

// word reads a name, a keyword, or a literal that a letter introduces.
func (s *scanner) word() (token, error) {
	start, hyphen := s.pos, false
	end := start + 1
	for end < len(s.text) && isNameByte(s.text[end]) {
		hyphen = hyphen || s.text[end] == '-'
		end++
	}
	if end == start+1 && end < len(s.text) && s.text[end] == '\'' {
		if kind, ok := prefixedLiteral(s.text[start]); ok {
			s.pos = end
			return s.quoted(kind, start)
		}
	}
	t := s.take(tokenName, end-start)
	if hyphen {
		t.kind = tokenHyphenName
	} else if len(t.text) <= len("FOLLOWEDBY") && mayBeKeyword(t.text[0]) {
		if kind, ok := keywords[t.text]; ok {
			t.kind = kind
		}
	}
	return t, nil
}

func prefixedLiteral(c byte) (tokenKind, bool) {
	switch c {
	case 'h':
		return tokenHex, true
	case 'b':
		return tokenBase64, true
	case 't':
		return tokenTimestamp, true
	}
	return tokenEnd, false
}

// mayBeKeyword spares most names, which are in lower case, the look-up.
func mayBeKeyword(c byte) bool { return c >= 'A' && c <= 'Z' || c == 't' || c == 'f' }

// quoted reads from the quote at the position to the one that closes it.
func (s *scanner) quoted(kind tokenKind, start int) (token, error) {
	t := token{kind: kind, start: start}
	from := s.pos + 1
	for i := from; i < len(s.text); i++ {
		switch s.text[i] {
		case '\'':
			s.pos = i + 1
			t.end, t.text = s.pos, s.text[from:i]
			return t, checkLiteral(&t, from)
		case '\\':
			if i+1 == len(s.text) || s.text[i+1] != '\'' && s.text[i+1] != '\\' {
				return t, syntaxf(i, `a backslash in a string must be written \\, and a quote \'`)
			}
			t.escaped = true
			i++
		}
	}
	return t, syntaxf(start, "the quote is never closed")
}

// number reads an integer or a float: [+-]?(0|[1-9][0-9]*) or [+-]?[0-9]*.[0-9]+.
// A dot that no digit follows is the dot of an object path.
func (s *scanner) number() (token, error) {
	start := s.pos
	signed := s.pos
	if c := s.text[start]; c == '+' || c == '-' {
		signed++
	}
	whole := s.digits(signed)
	if whole+1 < len(s.text) && s.text[whole] == '.' && isDigit(s.text[whole+1]) {
		return s.take(tokenFloat, s.digits(whole+1)-start), nil
	}
	switch {
	case whole > signed && s.text[signed] == '0' && whole > signed+1:
		return token{}, syntaxf(start, "a number must not begin with a needless zero")
	case whole > signed:
		return s.take(tokenInteger, whole-start), nil
	case signed == start:
		return s.take(tokenDot, 1), nil
	}
	return token{}, syntaxf(start, "expected a digit after the sign")
}

// digits returns the position after the digits at i.
func (s *scanner) digits(i int) int {
	for i < len(s.text) && isDigit(s.text[i]) {
		i++
	}
	return i
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

func isLetter(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' || c == '_' }

func isNameByte(c byte) bool { return isLetter(c) || isDigit(c) || c == '-' }
