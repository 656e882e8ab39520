package taxii

import (
	"net/http"
	"strings"
	"time"
)

// The headers of TAXII 2.1, section 3.3: when the first and the last object of
// a page were added.
const (
	firstHeader = "X-TAXII-Date-Added-First"
	lastHeader  = "X-TAXII-Date-Added-Last"
)

// tick is the resolution of a TAXII timestamp.
const tick = time.Microsecond

// formatTime writes a TAXII timestamp (section 3.2): six digits of a second and
// Z, which is the only form that every known server takes.
func formatTime(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000000Z") }

// parseTime reads a timestamp as servers write it. What cannot be read is the
// zero time, as if the server had said nothing.
func parseTime(text string) time.Time {
	text = strings.TrimSpace(text)
	for _, layout := range []string{time.RFC3339Nano, "2006-01-02T15:04:05.999999999", "2006-01-02 15:04:05.999999999Z07:00"} {
		t, err := time.Parse(layout, text)
		if t = t.UTC(); err == nil && t.Year() >= 1 && t.Year() <= 9999 {
			return t
		}
	}
	return time.Time{}
}

// addedBetween reads the dates of a page, zero where the server gives none.
func addedBetween(header http.Header) (first, last time.Time) {
	return parseTime(header.Get(firstHeader)), parseTime(header.Get(lastHeader))
}

// latest returns the later of two times.
func latest(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}
