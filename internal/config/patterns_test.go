package config

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/indicatord/indicatord/internal/stix/pattern"
)

// withPatterns is a configuration whose connector has a block of patterns.
func withPatterns(block string) string {
	return strings.Replace(whole, "    reconcile:", "    patterns: "+block+"\n    reconcile:", 1)
}

func TestParsePatterns(t *testing.T) {
	all := pattern.AllLeniencies
	limits := pattern.Options{MaxBytes: 1 << 20, MaxDepth: 64, MaxTerms: 20_000}
	refusing := func(l pattern.Leniencies) pattern.Options {
		o := limits
		o.Refuse = l
		return o
	}
	tests := []struct {
		name, block string
		reading     pattern.Options
		reduction   pattern.Reduction
	}{
		{"the defaults", "{}", limits, pattern.Reduction{}},
		{"no leniency", "{lenient: []}", refusing(all), pattern.Reduction{}},
		{"one leniency", "{lenient: [hash-key-case]}", refusing(all &^ pattern.LenientHashCase), pattern.Reduction{}},
		{
			"every leniency", "{lenient: [" + strings.Join(pattern.LeniencyNames(), ", ") + "]}", limits, pattern.Reduction{},
		},
		{
			"two shapes", "{widen: [hash-and-file, weak-hashes]}", limits,
			pattern.Reduction{Widen: pattern.ShapeHashAndFile | pattern.ShapeWeakHashes},
		},
		{
			"every shape", "{widen: [" + strings.Join(pattern.ShapeNames(), ", ") + "]}", limits,
			pattern.Reduction{Widen: pattern.ShapeHashAndFile | pattern.ShapeAddressAndPort | pattern.ShapeDomainAndAddress | pattern.ShapeWeakHashes | pattern.ShapeParts},
		},
		{"prefixes by the letter", "{cidr_equality: refuse}", limits, pattern.Reduction{RefuseCIDREquality: true}},
		{
			"limits", "{max_bytes: 100, max_depth: 2, max_terms: 3}",
			pattern.Options{MaxBytes: 100, MaxDepth: 2, MaxTerms: 3}, pattern.Reduction{},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p := parseRight(t, withPatterns(tt.block)).Connectors[0].Patterns
			if diff := cmp.Diff(tt.reading, p.Reading()); diff != "" {
				t.Errorf("reading (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(tt.reduction, p.Reduction()); diff != "" {
				t.Errorf("reduction (-want +got):\n%s", diff)
			}
		})
	}
}

func TestEveryLeniencyIsOnByDefault(t *testing.T) {
	p := defaultPatterns()
	if got := len(p.Lenient); got != len(pattern.LeniencyNames()) || p.Reading().Refuse != 0 {
		t.Errorf("%d leniencies are on, %s is off", got, p.Reading().Refuse)
	}
}
