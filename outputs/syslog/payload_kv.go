package syslog

// keyValue writes an event as key="value", separated by spaces. A quote and a
// backslash in a value have a backslash before them.
type keyValue struct {
	origin origin
	record record
}

// kvPairs is the notation of key="value".
var kvPairs = pairs{before: " ", assign: `="`, after: `"`, escape: appendQuoted, truncated: ` truncated="true"`}

func (p *keyValue) append(dst []byte, room int, e *event) ([]byte, string) {
	start := len(dst)
	p.record.fill(&p.origin, e)
	dst = append(dst, `time="`...)
	dst = e.at.UTC().AppendFormat(dst, timestamp)
	dst = append(dst, '"')
	dst, fits := kvPairs.appendRecord(dst, start+room, &p.record)
	if !fits {
		return dst[:start], tooLong
	}
	return dst, ""
}

// appendQuoted writes one character of a value between quotes.
func appendQuoted(dst []byte, r rune) []byte {
	if r == '"' || r == '\\' {
		return append(dst, '\\', byte(r))
	}
	return appendNeutral(dst, r)
}
