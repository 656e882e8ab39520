package pattern

import (
	"strings"
)

// literalKind is the type of a constant.
type literalKind uint8

const (
	literalString literalKind = iota
	literalInteger
	literalFloat
	literalBool
	literalHex
	literalBase64
	literalTimestamp
)

// literal is a constant. The text of a string is without its escapes; that of
// any other kind is as written, without quotes.
type literal struct {
	kind literalKind
	text string
}

var literalKinds = map[tokenKind]literalKind{
	tokenString: literalString, tokenInteger: literalInteger, tokenFloat: literalFloat,
	tokenTrue: literalBool, tokenFalse: literalBool, tokenHex: literalHex,
	tokenBase64: literalBase64, tokenTimestamp: literalTimestamp,
}

// newLiteral reports whether the token is a constant, and returns it.
func newLiteral(t *token) (literal, bool) {
	if t.kind == tokenString {
		return literal{kind: literalString, text: t.unescaped()}, true
	}
	kind, ok := literalKinds[t.kind]
	return literal{kind: kind, text: t.text}, ok
}

var unescape = strings.NewReplacer(`\\`, `\`, `\'`, `'`)

// unescaped returns the text of a string token as its author meant it.
func (t *token) unescaped() string {
	if !t.escaped {
		return t.text
	}
	return unescape.Replace(t.text)
}

var escape = strings.NewReplacer(`\`, `\\`, `'`, `\'`)

// quote writes a string as the language does.
func quote(s string) string { return "'" + escape.Replace(s) + "'" }

// String writes the constant as the language does.
func (l literal) String() string {
	switch l.kind {
	case literalString:
		return quote(l.text)
	case literalHex:
		return "h'" + l.text + "'"
	case literalBase64:
		return "b'" + l.text + "'"
	case literalTimestamp:
		return "t'" + l.text + "'"
	}
	return l.text
}

// checkLiteral checks the form of a literal between its quotes. The text begins
// at offset from.
func checkLiteral(t *token, from int) error {
	switch t.kind {
	case tokenHex:
		if len(t.text)%2 != 0 || !every(t.text, isHexDigit) {
			return syntaxf(from, "a hexadecimal literal takes pairs of hexadecimal digits")
		}
	case tokenBase64:
		if !isBase64(t.text) {
			return syntaxf(from, "a binary literal takes base64 with its padding")
		}
	case tokenTimestamp:
		if !isTimestamp(t.text) {
			return syntaxf(from, "a timestamp is written like 2026-01-31T12:30:00Z, with any fraction of a second")
		}
	}
	return nil
}

func isHexDigit(c byte) bool { return isDigit(c) || c|0x20 >= 'a' && c|0x20 <= 'f' }

func isBase64Digit(c byte) bool {
	return isDigit(c) || c|0x20 >= 'a' && c|0x20 <= 'z' || c == '+' || c == '/'
}

// isBase64 reports whether s is base64 as the grammar has it: at least one
// group of four, the last one padded.
func isBase64(s string) bool {
	if len(s) == 0 || len(s)%4 != 0 {
		return false
	}
	body := strings.TrimSuffix(strings.TrimSuffix(s, "="), "=")
	return every(body, isBase64Digit)
}

func every(s string, ok func(byte) bool) bool {
	for i := range len(s) {
		if !ok(s[i]) {
			return false
		}
	}
	return true
}

// isTimestamp checks a timestamp as the grammar does: the form and the range of
// each number, but not whether the month has that day.
func isTimestamp(s string) bool {
	const form = "0000-00-00T00:00:00"
	if len(s) <= len(form) || s[len(s)-1] != 'Z' {
		return false
	}
	for i := range len(form) {
		if form[i] == '0' && !isDigit(s[i]) || form[i] != '0' && form[i] != s[i] {
			return false
		}
	}
	within := func(i int, low, high byte) bool {
		n := (s[i]-'0')*10 + s[i+1] - '0'
		return low <= n && n <= high
	}
	fraction := s[len(form) : len(s)-1]
	return within(5, 1, 12) && within(8, 1, 31) && within(11, 0, 23) && within(14, 0, 59) && within(17, 0, 60) &&
		(fraction == "" || len(fraction) > 1 && fraction[0] == '.' && every(fraction[1:], isDigit))
}
