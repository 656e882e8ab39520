package ecs

import "time"

// Instant is a time in UTC as RFC 3339 writes it, with what it has of fractions of
// a second; "" is none. It is a text, since encoding/json writes a [time.Time] at
// several times the cost, and a document holds eight.
type Instant string

// InstantOf returns t, and "" where t is zero or RFC 3339 cannot write it:
// "9999-12-31T23:59:59-05:00" is in the year 10000 in UTC.
func InstantOf(t time.Time) Instant {
	t = t.UTC()
	if year := t.Year(); t.IsZero() || year < 0 || year > 9999 {
		return ""
	}
	return Instant(t.Format(time.RFC3339Nano))
}
