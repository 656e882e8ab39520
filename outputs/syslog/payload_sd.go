package syslog

// maxText is the most that MSG holds beside structured data, in bytes. It
// repeats for people what the structured data says for machines.
const maxText = 256

// structuredData writes an event as one element of structured data (RFC 5424,
// section 6.3), and a sentence for people.
type structuredData struct {
	origin origin
	// id is the SD-ID.
	id string

	record         record
	sentence, text []byte
}

// sdPairs is the notation of SD-PARAM.
var sdPairs = pairs{before: " ", assign: `="`, after: `"`, escape: appendSD, truncated: ` truncated="true"`}

func (*structuredData) isStructured() {}

func (p *structuredData) append(dst []byte, room int, e *event) ([]byte, string) {
	const end = "] "
	start := len(dst)
	p.record.fill(&p.origin, e)
	p.sentence = e.appendSentence(p.sentence[:0])
	p.text = appendText(p.text[:0], maxText, p.sentence)
	dst = append(dst, '[')
	dst = append(dst, p.id...)
	dst, fits := sdPairs.appendRecord(dst, start+room-len(end)-len(p.text), &p.record)
	if !fits {
		return dst[:start], tooLong
	}
	dst = append(dst, end...)
	return append(dst, p.text...), ""
}

// appendSD writes one character of a PARAM-VALUE (RFC 5424, section 6.3.3).
func appendSD(dst []byte, r rune) []byte {
	if r == '"' || r == '\\' || r == ']' {
		return append(dst, '\\', byte(r))
	}
	return appendNeutral(dst, r)
}
