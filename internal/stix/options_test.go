package stix

import (
	"testing"
	"time"

	"github.com/indicatord/indicatord/internal/indicator"
	"github.com/indicatord/indicatord/internal/stix/pattern"
)

func TestFingerprintTellsSettingsApart(t *testing.T) {
	lifetime := func(kind indicator.Kind, d time.Duration) Options {
		return Options{Lifetime: map[indicator.Kind]time.Duration{kind: d}}
	}
	options := []Options{
		{},
		lifetime(indicator.IP, time.Hour),
		lifetime(indicator.IP, 2*time.Hour),
		lifetime(indicator.Domain, time.Hour),
		{UnmarkedTLP: indicator.TLPGreen},
		{UnknownTLP: indicator.TLPAmber},
		{BareDomain: indicator.ScopeSubdomains},
		{Pattern: pattern.Options{Refuse: pattern.LenientHashCase}},
		{Pattern: pattern.Options{MaxDepth: 3}},
		{Reduction: pattern.Reduction{Widen: pattern.ShapeHashAndFile}},
		{Reduction: pattern.Reduction{RefuseCIDREquality: true}},
		{Reduction: pattern.Reduction{Canon: indicator.Options{Refang: true}}},
		{Reduction: pattern.Reduction{Canon: indicator.Options{WidestIPv4: 16}}},
	}
	seen := map[string]int{}
	for i, o := range options {
		if before, ok := seen[o.Fingerprint()]; ok {
			t.Errorf("options %d and %d have one fingerprint", before, i)
		}
		seen[o.Fingerprint()] = i
	}
}

func TestFingerprintOfTheSame(t *testing.T) {
	many := func() Options {
		o := Options{Lifetime: map[indicator.Kind]time.Duration{}, Markings: func(string) (indicator.TLP, bool) { return 0, false }}
		for _, kind := range indicator.Kinds() {
			o.Lifetime[kind] = time.Duration(kind) * time.Hour
		}
		return o
	}
	if many().Fingerprint() != many().Fingerprint() {
		t.Error("two fingerprints of the same options differ")
	}
	if (Options{}).Fingerprint() != (Options{UnmarkedTLP: indicator.TLPRed}).Fingerprint() {
		t.Error("the default and its value in words differ")
	}
	if (Options{}).Fingerprint() != (Options{Now: time.Now()}).Fingerprint() {
		t.Error("the time of reading is in the fingerprint")
	}
}
