package stix

import (
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/indicatord/indicatord/internal/indicator"
	"github.com/indicatord/indicatord/internal/stix/pattern"
)

// instantOrNone is a property of a time whose zero value is that the property is
// absent or null. The first instant of the year 1, which the zero time also is,
// reads as the microsecond after it: an end there must not read as no end.
type instantOrNone struct{ time.Time }

func (t *instantOrNone) UnmarshalJSONFrom(d *jsontext.Decoder) error {
	present := d.PeekKind() != 'n'
	if err := json.UnmarshalDecode(d, &t.Time); err != nil {
		return err
	}
	// A microsecond is the least that the store tells apart.
	if first := (time.Time{}); present && t.Truncate(time.Microsecond).Equal(first) {
		t.Time = first.Add(time.Microsecond)
	}
	return nil
}

// validFrom returns when the indicator begins to hold. A producer that leaves
// out the property, which it must not, means from the start.
func (o *object) validFrom() time.Time {
	for _, t := range []time.Time{o.ValidFrom.Time, o.Created, o.Modified} {
		if !t.IsZero() {
			return t.UTC()
		}
	}
	return time.Time{}
}

// limit ends an assertion when the site's lifetime is over, where that is
// before the end that the hub gives. A lifetime of 0 is no limit, and from an
// object that gives no time at all none can be counted.
//
// A version that claims to be later than now counts as made now, unless now is
// zero: otherwise a hub could put the end off for as long as it likes. A
// valid_from that lies ahead needs no such bound, because the assertion does not
// hold before it.
func limit(a *indicator.Assertion, lifetime time.Duration, now time.Time) {
	if lifetime <= 0 {
		return
	}
	from := a.Version
	if !now.IsZero() && from.After(now) {
		from = now.UTC()
	}
	if a.ValidFrom.After(from) {
		from = a.ValidFrom
	}
	if from.IsZero() {
		return
	}
	end := from.Add(lifetime)
	switch {
	case a.ValidUntil.IsZero():
		a.ValidUntil, a.End = end, indicator.EndLifetime
	case end.Before(a.ValidUntil):
		a.ValidUntil, a.End = end, indicator.EndCeiling
	}
}

// narrow bounds an assertion to the window that the pattern sets for a key, and
// reports whether any time is left.
func narrow(a *indicator.Assertion, w pattern.Window) bool {
	if a.ValidFrom.Before(w.From) {
		a.ValidFrom = w.From
	}
	if !w.Until.IsZero() && (a.ValidUntil.IsZero() || w.Until.Before(a.ValidUntil)) {
		a.ValidUntil, a.End = w.Until, indicator.EndHub
	}
	return a.ValidUntil.IsZero() || a.ValidUntil.After(a.ValidFrom)
}

func stamp(t time.Time) string { return t.Format(time.RFC3339Nano) }
