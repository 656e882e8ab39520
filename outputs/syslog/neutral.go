package syslog

import (
	"encoding/base64"
	"unicode"
	"unicode/utf8"
)

// replacement takes the place of every character that could act on a receiver
// or a terminal instead of being shown. It is U+FFFD.
const replacement = string(utf8.RuneError)

// acts reports whether a character does something where text is shown or
// stored: it ends a line, moves a cursor, or turns the direction of what
// follows.
func acts(r rune) bool {
	if r < utf8.RuneSelf {
		return r < ' ' || r == 0x7f
	}
	return unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) ||
		r == '\u2028' || r == '\u2029'
}

// appendNeutral writes one character, or the replacement for one that acts.
func appendNeutral(dst []byte, r rune) []byte {
	if acts(r) {
		r = utf8.RuneError
	}
	return utf8.AppendRune(dst, r)
}

// appendText writes at most limit bytes of text, with "…" in place of what does
// not fit. Nothing in it acts on a receiver.
func appendText[Text string | []byte](dst []byte, limit int, text Text) []byte {
	const ellipsis = "…"
	if len(text) <= limit && bareLen(text) == len(text) {
		return append(dst, text...)
	}
	end := len(dst) + limit
	fit := len(dst) // the longest part that leaves room for the ellipsis
	for _, r := range string(text) {
		dst = appendNeutral(dst, r)
		if len(dst) > end {
			return append(dst[:fit], ellipsis...)
		}
		if len(dst)+len(ellipsis) <= end {
			fit = len(dst)
		}
	}
	return dst
}

// neutral returns text without anything that acts.
func neutral(text string) string {
	if isNeutral(text) {
		return text
	}
	var clean []byte
	for _, r := range text {
		clean = appendNeutral(clean, r)
	}
	return string(clean)
}

func isNeutral(text string) bool {
	for i, r := range text {
		if acts(r) || r == utf8.RuneError && !isReplacement(text[i:]) {
			return false
		}
	}
	return true
}

// isReplacement tells U+FFFD in a text from bytes that are not UTF-8.
func isReplacement(text string) bool {
	_, size := utf8.DecodeRuneInString(text)
	return size > 1
}

// clip returns the longest start of text that is shown in at most limit bytes,
// and whether that is all of it. It never cuts a character in two.
func clip(text string, limit int) (string, bool) {
	if len(text)*len(replacement) <= limit {
		return text, true
	}
	shown := 0
	for i, r := range text {
		if acts(r) {
			r = utf8.RuneError
		}
		if shown += utf8.RuneLen(r); shown > limit {
			return text[:i], false
		}
	}
	return text, true
}

// exact returns a value in base64 where an event cannot show it as it is: a few
// kinds, such as user agents, may hold characters that act, and a payload hides
// others. It is empty for every other value.
func exact(value string, hides func(rune) bool) string {
	for i, r := range value {
		if acts(r) || hides != nil && hides(r) || r == utf8.RuneError && !isReplacement(value[i:]) {
			return base64.StdEncoding.EncodeToString([]byte(value))
		}
	}
	return ""
}
