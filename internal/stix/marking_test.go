package stix

import (
	"testing"

	"github.com/indicatord/indicatord/internal/indicator"
)

const (
	tlp2Clear     = "marking-definition--94868c89-83c2-464b-929b-a1a8aa3c8487"
	tlp2Green     = "marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb"
	tlp2Amber     = "marking-definition--55d920b0-5e8b-4f79-9ee9-91f868d9b421"
	statementMark = "marking-definition--00000000-0000-4000-8000-000000000001"
)

func TestTLP(t *testing.T) {
	refs := func(ids ...any) members { return members{"object_marking_refs": ids} }
	granular := func(id, selector string) []members {
		return []members{{"marking_ref": id, "selectors": []string{selector}}}
	}
	resolve := func(id string) (indicator.TLP, bool) { return indicator.TLPUnmarked, id == statementMark }
	tests := []struct {
		name    string
		changed members
		opts    Options
		want    indicator.TLP
	}{
		{"unmarked", nil, Options{}, indicator.TLPRed},
		{"unmarked, as the site takes it", nil, Options{UnmarkedTLP: indicator.TLPGreen}, indicator.TLPGreen},
		{"TLP 1 white", refs("marking-definition--613f2e26-407d-48c7-9eca-b8e91df99dc9"), Options{}, indicator.TLPClear},
		{"TLP 1 green", refs("marking-definition--34098fce-860f-48ae-8e50-ebd3cc5e41da"), Options{}, indicator.TLPGreen},
		{"TLP 1 amber", refs("marking-definition--f88d31f6-486f-44da-b317-01333bde0b82"), Options{}, indicator.TLPAmber},
		{"TLP 1 red", refs("marking-definition--5e57c739-391a-4eb3-b6be-7d15ca92d5ed"), Options{}, indicator.TLPRed},
		{"TLP 2.0 clear", refs(tlp2Clear), Options{}, indicator.TLPClear},
		{"TLP 2.0 green", refs(tlp2Green), Options{}, indicator.TLPGreen},
		{"TLP 2.0 amber", refs(tlp2Amber), Options{}, indicator.TLPAmber},
		{
			"TLP 2.0 amber+strict",
			refs("marking-definition--939a9414-2ddd-4d32-a0cd-375ea402b003"),
			Options{},
			indicator.TLPAmberStrict,
		},
		{"TLP 2.0 red", refs("marking-definition--e828b379-4e03-4974-9ac4-e53a884c97c1"), Options{}, indicator.TLPRed},
		{
			"OpenCTI's amber+strict",
			refs("marking-definition--826578e1-40ad-459f-bc73-ede076f81f37"),
			Options{},
			indicator.TLPAmberStrict,
		},
		{"the strictest counts", refs(tlp2Green, tlp2Amber, tlp2Clear), Options{}, indicator.TLPAmber},
		{
			"a marking that nobody knows",
			refs(tlp2Clear, statementMark),
			Options{UnmarkedTLP: indicator.TLPClear},
			indicator.TLPRed,
		},
		{"a marking that is no level", refs(tlp2Clear, statementMark), Options{Markings: resolve}, indicator.TLPClear},
		{"no level at all", refs(statementMark), Options{Markings: resolve, UnmarkedTLP: indicator.TLPAmber}, indicator.TLPAmber},
		{
			"granular on the pattern",
			members{"object_marking_refs": []any{tlp2Clear}, "granular_markings": granular(tlp2Amber, "pattern")},
			Options{},
			indicator.TLPAmber,
		},
		{
			"granular on something else",
			members{"object_marking_refs": []any{tlp2Clear}, "granular_markings": granular(tlp2Amber, "pattern_type")},
			Options{},
			indicator.TLPClear,
		},
		{
			"granular language",
			members{"object_marking_refs": []any{tlp2Clear}, "granular_markings": []members{{"lang": "zh", "selectors": []string{"pattern"}}}},
			Options{},
			indicator.TLPClear,
		},
		{"markings that cannot be read", refs(tlp2Clear, 5), Options{UnmarkedTLP: indicator.TLPClear}, indicator.TLPRed},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			d := mustDerive(t, indicatorJSON(t, tt.changed), tt.opts)
			if got := d.Assertions[0].Assertion.TLP; got != tt.want {
				t.Errorf("got %v, want %v", got, tt.want)
			}
		})
	}
}

// TestMarkingOfALevelIsTheLevel: what is written with an id reads as it was meant.
func TestMarkingOfALevelIsTheLevel(t *testing.T) {
	for _, level := range []indicator.TLP{indicator.TLPClear, indicator.TLPGreen, indicator.TLPAmber, indicator.TLPAmberStrict, indicator.TLPRed} {
		if got := knownMarkings[MarkingOf(level)]; got != level {
			t.Errorf("the marking of %v reads as %v", level, got)
		}
	}
	if id := MarkingOf(indicator.TLPUnmarked); id != "" {
		t.Errorf("no level has the marking %q", id)
	}
}
