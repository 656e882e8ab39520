package ecs

import (
	"testing"
	"time"
)

func TestInstantOf(t *testing.T) {
	west := time.FixedZone("west", -5*3600)
	for name, test := range map[string]struct {
		time time.Time
		want Instant
	}{
		"of another zone":     {time.Date(2026, 1, 1, 0, 0, 0, 0, west), "2026-01-01T05:00:00Z"},
		"with milliseconds":   {time.Date(2026, 1, 1, 0, 0, 0, 120e6, time.UTC), "2026-01-01T00:00:00.12Z"},
		"zero":                {time.Time{}, ""},
		"zero, of some zone":  {time.Time{}.In(west), ""},
		"before the year 0":   {time.Date(-1, 1, 1, 0, 0, 0, 0, time.UTC), ""},
		"in UTC of year 1e4":  {time.Date(9999, 12, 31, 23, 59, 59, 0, west), ""},
		"the last of all":     {time.Date(9999, 12, 31, 23, 59, 59, 999999999, time.UTC), "9999-12-31T23:59:59.999999999Z"},
		"as JSON always does": {time.Date(0, 1, 1, 0, 0, 0, 1, time.UTC), "0000-01-01T00:00:00.000000001Z"},
	} {
		if got := InstantOf(test.time); got != test.want {
			t.Errorf("%s: %q, want %q", name, got, test.want)
		}
	}
}
