package syslog

import (
	"unicode/utf8"

	"github.com/indicatord/indicatord/internal/indicator"
)

// leef writes an event in QRadar's Log Event Extended Format: the keys that
// QRadar knows, then the fields under the names that they have in every payload.
type leef struct {
	origin origin
	// head is the header to the version of the product, with the bar after it.
	head string
	// mark is what version 2.0 has in its header for the delimiter, with the bar
	// after it. It is empty for 1.0.
	mark  string
	pairs pairs

	record, known record
}

// leefTime is devTime, and leefLayout what QRadar, which is written in Java,
// calls its form.
const (
	leefTime   = "2006-01-02T15:04:05.000-0700"
	leefLayout = "yyyy-MM-dd'T'HH:mm:ss.SSSZ"
)

// newLEEF makes the payload of a version. The format has no escape for the
// delimiter, so values are written without it.
func newLEEF(o origin, version string, delimiter rune, mark string) *leef {
	hides := o.hides
	o.hides = func(r rune) bool { return r == delimiter || hides != nil && hides(r) }
	if mark != "" {
		mark += "|"
	}
	head := "LEEF:" + version + "|indicatord|indicatord|" + headerField(withoutBars(o.version), maxAppName) + "|"
	return &leef{origin: o, head: head, mark: mark, pairs: pairs{
		before: string(delimiter), assign: "=", truncated: string(delimiter) + "truncated=true",
		escape: func(dst []byte, r rune) []byte { return appendLEEF(dst, r, delimiter) },
	}}
}

func (p *leef) append(dst []byte, room int, e *event) ([]byte, string) {
	start := len(dst)
	dst = append(dst, p.head...)
	dst = append(dst, e.typeID()...)
	dst = append(dst, '|')
	dst = append(dst, p.mark...)
	dst = append(dst, "cat="...)
	dst = append(dst, category(e)...)
	p.record.fill(&p.origin, e)
	p.fillKnown(e)
	dst = p.pairs.appendAll(dst, p.known.fields)
	dst, fits := p.pairs.appendRecord(dst, start+room, &p.record)
	if !fits {
		return dst[:start], tooLong
	}
	return dst, ""
}

// category is cat, which QRadar reads with the EventID to name an event.
func category(e *event) string {
	switch {
	case e.notice != nil:
		return "agent"
	case e.entry == nil:
		return "refresh"
	}
	return "indicator"
}

// fillKnown fills in the keys that QRadar knows. The host of an indicator is not
// among them: identHostName would make an asset of it.
func (p *leef) fillKnown(e *event) {
	p.known.clear()
	p.known.put("devTime", e.at.UTC().Format(leefTime))
	p.known.put("devTimeFormat", leefLayout)
	p.known.putNumber("sev", int64(max(1, e.severity())))
	if e.entry == nil {
		return
	}
	switch key := e.entry.Key; key.Kind {
	case indicator.IP:
		if prefix := key.Prefix(); prefix.IsSingleIP() {
			for _, name := range ends(e.entry.Direction(), "src", "dst") {
				p.known.put(name, prefix.Addr().String())
			}
		}
	case indicator.URL:
		p.known.put("url", key.Value)
	}
}

// appendLEEF writes one character of a value.
func appendLEEF(dst []byte, r, delimiter rune) []byte {
	if r == delimiter {
		r = utf8.RuneError
	}
	return appendNeutral(dst, r)
}

func withoutBars(text string) string {
	clean := make([]byte, 0, len(text))
	for i := range len(text) {
		if text[i] != '|' {
			clean = append(clean, text[i])
		}
	}
	return string(clean)
}
