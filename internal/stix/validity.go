package stix

import (
	"time"

	"github.com/indicatord/indicatord/internal/indicator"
)

// validFrom returns when the indicator begins to hold. A producer that leaves
// out the property, which it must not, means from the start.
func (o *object) validFrom() time.Time {
	for _, t := range []time.Time{o.ValidFrom, o.Created, o.Modified} {
		if !t.IsZero() {
			return t.UTC()
		}
	}
	return time.Time{}
}

// limit ends an assertion when the site's lifetime is over, where that is
// before the end that the hub gives. A lifetime of 0 is no limit, and from an
// object that gives no time at all none can be counted.
func limit(a *indicator.Assertion, lifetime time.Duration) {
	if lifetime <= 0 {
		return
	}
	from := a.ValidFrom
	if a.Version.After(from) {
		from = a.Version
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

func stamp(t time.Time) string { return t.Format(time.RFC3339Nano) }
