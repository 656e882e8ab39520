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
