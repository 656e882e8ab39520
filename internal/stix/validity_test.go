package stix

import (
	"testing"
	"time"

	"github.com/indicatord/indicatord/internal/indicator"
)

func TestLifetime(t *testing.T) {
	const day = 24 * time.Hour
	tests := []struct {
		name     string
		changed  members // modified is 2026-02-01, valid_from 2026-01-01
		lifetime time.Duration
		until    string // empty for no end
		end      indicator.End
	}{
		{"no end and no lifetime", nil, 0, "", indicator.EndNone},
		{"the hub's end", members{"valid_until": "2026-03-01T00:00:00Z"}, 0, "2026-03-01T00:00:00Z", indicator.EndHub},
		{"the site's where the hub gives none", nil, 10 * day, "2026-02-11T00:00:00Z", indicator.EndLifetime},
		{
			"counted from valid_from where that is later",
			members{"valid_from": "2026-04-01T00:00:00Z"},
			10 * day,
			"2026-04-11T00:00:00Z",
			indicator.EndLifetime,
		},
		{
			"the hub's where it is earlier",
			members{"valid_until": "2026-02-05T00:00:00Z"},
			10 * day,
			"2026-02-05T00:00:00Z",
			indicator.EndHub,
		},
		{
			"the hub's where they are the same",
			members{"valid_until": "2026-02-11T00:00:00Z"},
			10 * day,
			"2026-02-11T00:00:00Z",
			indicator.EndHub,
		},
		{
			"a ceiling where the hub's is later",
			members{"valid_until": "9999-12-31T23:59:59Z"},
			10 * day,
			"2026-02-11T00:00:00Z",
			indicator.EndCeiling,
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			opts := Options{Lifetime: map[indicator.Kind]time.Duration{indicator.IP: tt.lifetime, indicator.Domain: time.Hour}}
			a := mustDerive(t, indicatorJSON(t, tt.changed), opts).Assertions[0].Assertion
			var want time.Time
			if tt.until != "" {
				want = at(t, tt.until)
			}
			if !a.ValidUntil.Equal(want) || a.End != tt.end {
				t.Errorf("got %v (%v), want %v (%v)", a.ValidUntil, a.End, want, tt.end)
			}
		})
	}
}

// TestLifetimeOfAVersionFromTheFuture is counted from the time of reading.
func TestLifetimeOfAVersionFromTheFuture(t *testing.T) {
	const lifetime = 10 * 24 * time.Hour
	now := at(t, "2026-03-01T00:00:00Z")
	tests := []struct {
		name    string
		changed members
		now     time.Time
		until   string
		end     indicator.End
	}{
		{"modified before now", nil, now, "2026-02-11T00:00:00Z", indicator.EndLifetime},
		{"modified ahead", members{"modified": "9999-01-01T00:00:00Z"}, now, "2026-03-11T00:00:00Z", indicator.EndLifetime},
		{
			"modified and the hub's end ahead",
			members{"modified": "9999-01-01T00:00:00Z", "valid_until": "9999-06-01T00:00:00Z"},
			now, "2026-03-11T00:00:00Z", indicator.EndCeiling,
		},
		{"no bound without now", members{"modified": "2027-01-01T00:00:00Z"}, time.Time{}, "2027-01-11T00:00:00Z", indicator.EndLifetime},
		{
			"what begins ahead holds for its lifetime from then",
			members{"modified": "9999-01-01T00:00:00Z", "valid_from": "2026-04-01T00:00:00Z"},
			now, "2026-04-11T00:00:00Z", indicator.EndLifetime,
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			opts := Options{Lifetime: map[indicator.Kind]time.Duration{indicator.IP: lifetime}, Now: tt.now}
			a := mustDerive(t, indicatorJSON(t, tt.changed), opts).Assertions[0].Assertion
			if !a.ValidUntil.Equal(at(t, tt.until)) || a.End != tt.end {
				t.Errorf("got %v (%v), want %s (%v)", a.ValidUntil, a.End, tt.until, tt.end)
			}
		})
	}
}

// TestTheFirstInstantIsATime and not the absence of one.
func TestTheFirstInstantIsATime(t *testing.T) {
	for _, first := range []string{
		"0001-01-01T00:00:00Z", "0001-01-01T00:00:00.000Z", "0001-01-01T00:00:00.0000001Z", "0001-01-01T08:00:00+08:00",
	} {
		ends := mustDerive(t, indicatorJSON(t, members{"valid_until": first}), Options{})
		if len(ends.Assertions) != 0 || len(ends.Rejects) != 1 || ends.Rejects[0].Code != CodeValidityReversed {
			t.Errorf("valid_until %s: got %v, want it refused as before valid_from", first, ends.lines())
		}
		timeless := members{"valid_until": first, "valid_from": nil, "created": nil, "modified": nil}
		a := mustDerive(t, indicatorJSON(t, timeless), Options{}).Assertions[0].Assertion
		if a.ValidUntil.UnixMicro() != (time.Time{}).UnixMicro()+1 || a.End != indicator.EndHub {
			t.Errorf("valid_until %s of an object without times: got %v (%v), want it over", first, a.ValidUntil, a.End)
		}
		begins := members{"valid_from": first, "created": nil, "modified": nil}
		opts := Options{Lifetime: map[indicator.Kind]time.Duration{indicator.IP: time.Hour}}
		a = mustDerive(t, indicatorJSON(t, begins), opts).Assertions[0].Assertion
		if a.ValidFrom.IsZero() || a.End != indicator.EndLifetime {
			t.Errorf("valid_from %s: got %v (%v), want a lifetime from then", first, a.ValidFrom, a.End)
		}
	}
}

// TestNullIsNoTime even where other properties have to be read one by one.
func TestNullIsNoTime(t *testing.T) {
	for _, extra := range []string{``, `,"name":1`} {
		raw := `{"type":"indicator","id":"indicator--1","pattern":"[ipv4-addr:value = '45.9.1.2']","pattern_type":"stix",` +
			`"created":"2026-01-01T00:00:00Z","modified":"2026-02-01T00:00:00Z","valid_from":null,"valid_until":null` + extra + `}`
		a := mustDerive(t, []byte(raw), Options{}).Assertions[0].Assertion
		if a.End != indicator.EndNone || !a.ValidUntil.IsZero() || !a.ValidFrom.Equal(at(t, "2026-01-01T00:00:00Z")) {
			t.Errorf("%s\ngot %v to %v (%v), want no end", raw, a.ValidFrom, a.ValidUntil, a.End)
		}
	}
}

func TestEachKindHasItsLifetime(t *testing.T) {
	raw := indicatorJSON(t, members{"pattern": "[ipv4-addr:value = '45.9.1.2' OR domain-name:value = 'evil.org']"})
	d := mustDerive(t, raw, Options{Lifetime: map[indicator.Kind]time.Duration{indicator.Domain: time.Hour}})
	if ip, domain := d.Assertions[0].Assertion, d.Assertions[1].Assertion; ip.End != indicator.EndNone || domain.End != indicator.EndLifetime {
		t.Errorf("got %v and %v, want an end for the domain only", ip.End, domain.End)
	}
}

func TestValidFrom(t *testing.T) {
	tests := []struct {
		name    string
		changed members
		want    string
	}{
		{"as stated", nil, "2026-01-01T00:00:00Z"},
		{"in another zone", members{"valid_from": "2026-01-01T08:00:00+08:00"}, "2026-01-01T00:00:00Z"},
		{"left out", members{"valid_from": nil, "created": "2025-06-01T00:00:00Z"}, "2025-06-01T00:00:00Z"},
		{"and created too", members{"valid_from": nil, "created": nil}, "2026-02-01T00:00:00Z"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := mustDerive(t, indicatorJSON(t, tt.changed), Options{}).Assertions[0].Assertion.ValidFrom
			if got != at(t, tt.want).UTC() {
				t.Errorf("got %v, want %s", got, tt.want)
			}
		})
	}
}
