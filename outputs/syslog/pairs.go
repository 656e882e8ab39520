package syslog

import "unicode/utf8"

// pairs is a notation that writes an event as names with values.
type pairs struct {
	// before stands before each name, assign after it, and after behind each
	// value.
	before, assign, after string
	// escape writes one character of a value so that it neither acts nor ends
	// the value.
	escape func(dst []byte, r rune) []byte
	// truncated marks an event from which something was left out.
	truncated string
}

// appendRecord writes as many of the fields as there is room for before end, in
// their order, and says so in the event where that is not all. It reports false
// where not even the needed ones fit: a shortened value would be another value.
func (p *pairs) appendRecord(dst []byte, end int, r *record) ([]byte, bool) {
	start := len(dst)
	dst = p.appendAll(dst, r.fields[:r.needed])
	if len(dst) > end {
		return dst[:start], false
	}
	details := len(dst)
	dst = p.appendAll(dst, r.fields[r.needed:])
	if len(dst) <= end && !r.clipped {
		return dst, true
	}
	return p.appendMost(dst[:details], end-len(p.truncated), r.fields[r.needed:]), true
}

// appendMost writes what of the fields fits before end, and the mark if there is
// room for it.
func (p *pairs) appendMost(dst []byte, end int, fields []field) []byte {
	if len(dst) > end {
		return dst
	}
	for i := range fields {
		dst = p.appendWithin(dst, end, &fields[i])
	}
	return append(dst, p.truncated...)
}

func (p *pairs) appendAll(dst []byte, fields []field) []byte {
	for i := range fields {
		dst = p.append(dst, &fields[i])
	}
	return dst
}

// append writes one field.
func (p *pairs) append(dst []byte, f *field) []byte {
	dst = p.appendName(dst, f.name)
	value := f.value
	for i := 0; i < len(value); {
		if bare := bareLen(value[i:]); bare > 0 {
			dst = append(dst, value[i:i+bare]...)
			i += bare
			continue
		}
		r, size := utf8.DecodeRune(value[i:])
		dst = p.escape(dst, r)
		i += size
	}
	return append(dst, p.after...)
}

// bareLen is the length of the part at the start of a value that no notation
// escapes: letters, digits, and the marks that addresses, names and times have.
func bareLen[Text string | []byte](value Text) int {
	for i := range len(value) {
		if b := value[i]; b >= utf8.RuneSelf || !isBare[b] {
			return i
		}
	}
	return len(value)
}

var isBare = func() (bare [utf8.RuneSelf]bool) {
	for _, b := range []byte("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz .:/-?%") {
		bare[b] = true
	}
	return bare
}()

// appendWithin writes a field, or what of it fits before end. It never cuts a
// character or an escape in two, and writes nothing where not even one fits.
func (p *pairs) appendWithin(dst []byte, end int, f *field) []byte {
	start := len(dst)
	end -= len(p.after)
	dst = p.appendName(dst, f.name)
	empty := len(dst)
	for _, r := range string(f.value) {
		before := len(dst)
		if dst = p.escape(dst, r); len(dst) <= end {
			continue
		}
		if !f.cut || before == empty {
			return dst[:start]
		}
		dst = dst[:before]
		break
	}
	return append(dst, p.after...)
}

func (p *pairs) appendName(dst []byte, name string) []byte {
	dst = append(dst, p.before...)
	dst = append(dst, name...)
	return append(dst, p.assign...)
}
