package syslog

import (
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// The limits of RFC 5424, section 6, in bytes.
const (
	maxHostname = 255
	maxAppName  = 48
)

// timestamp is TIMESTAMP of RFC 5424, section 6.2.3, with milliseconds.
const timestamp = "2006-01-02T15:04:05.000Z"

// nilValue stands for a header field that has no value.
const nilValue = "-"

// replacement takes the place of every character that could act on a receiver
// or a terminal instead of being shown. It is U+FFFD.
const replacement = string(utf8.RuneError)

// headerField makes text fit for a field of the header: printable US-ASCII
// without spaces, at most limit bytes, and "-" if nothing is left.
func headerField(text string, limit int) string {
	clean := strings.Map(func(r rune) rune {
		if r <= ' ' || r > '~' {
			return -1
		}
		return r
	}, text)
	if clean == "" {
		return nilValue
	}
	return clean[:min(len(clean), limit)]
}

// appendHeader writes HEADER of RFC 5424, section 6.2, and the space after it.
// The PROCID is always nil: a restart of the agent is not an event of interest.
func appendHeader(dst []byte, pri int, at time.Time, host, app, msgID string) []byte {
	dst = append(dst, '<')
	dst = strconv.AppendInt(dst, int64(pri), 10)
	dst = append(dst, ">1 "...)
	dst = at.UTC().AppendFormat(dst, timestamp)
	for _, field := range []string{host, app, nilValue, msgID} {
		dst = append(dst, ' ')
		dst = append(dst, field...)
	}
	return append(dst, ' ')
}

// appendParam writes one SD-PARAM of RFC 5424, section 6.3.3, with the space
// before it.
func appendParam(dst []byte, name, value string) []byte {
	dst = appendParamStart(dst, name)
	for _, r := range value {
		dst = appendEscaped(dst, r)
	}
	return append(dst, '"')
}

// appendCutParam is [appendParam] for a parameter that may be shortened: it
// adds at most room bytes, and nothing where not even one character fits. It
// reports whether the whole value was written. It never cuts a character or an
// escape in two.
func appendCutParam(dst []byte, room int, name, value string) ([]byte, bool) {
	start := len(dst)
	end := start + room - len(`"`)
	dst = appendParamStart(dst, name)
	empty := len(dst)
	for _, r := range value {
		longer := appendEscaped(dst, r)
		if len(longer) > end {
			return closeCutParam(dst, start, empty), false
		}
		dst = longer
	}
	if len(dst) > end {
		return dst[:start], false
	}
	return append(dst, '"'), true
}

// closeCutParam ends a shortened parameter, or takes it back where its value
// is empty.
func closeCutParam(dst []byte, start, empty int) []byte {
	if len(dst) == empty {
		return dst[:start]
	}
	return append(dst, '"')
}

func appendParamStart(dst []byte, name string) []byte {
	dst = append(dst, ' ')
	dst = append(dst, name...)
	return append(dst, `="`...)
}

// appendEscaped writes one character of a PARAM-VALUE: the three characters
// that the grammar needs are escaped, and nothing that acts is let through.
func appendEscaped(dst []byte, r rune) []byte {
	switch {
	case r == '"' || r == '\\' || r == ']':
		return append(dst, '\\', byte(r))
	case acts(r):
		return append(dst, replacement...)
	}
	return utf8.AppendRune(dst, r)
}

// appendText writes at most limit bytes of text for MSG, with "…" in place of
// what does not fit. Nothing in it acts on a receiver.
func appendText(dst []byte, limit int, text string) []byte {
	const ellipsis = "…"
	end := len(dst) + limit
	fit := len(dst) // the longest part that leaves room for the ellipsis
	for _, r := range text {
		if acts(r) {
			r = utf8.RuneError
		}
		dst = utf8.AppendRune(dst, r)
		if len(dst) > end {
			return append(dst[:fit], ellipsis...)
		}
		if len(dst)+len(ellipsis) <= end {
			fit = len(dst)
		}
	}
	return dst
}

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

// appendFrame writes one octet-counted frame of RFC 6587, section 3.4.1.
func appendFrame(dst, message []byte) []byte {
	dst = strconv.AppendInt(dst, int64(len(message)), 10)
	dst = append(dst, ' ')
	return append(dst, message...)
}
