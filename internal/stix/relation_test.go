package stix

import (
	"encoding/json"
	"maps"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/indicatord/indicatord/internal/indicator"
)

// objectJSON returns an object of the given type with some members.
func objectJSON(t testing.TB, objectType string, more members) []byte {
	t.Helper()
	all := members{"type": objectType, "spec_version": "2.1", "id": objectType + "--1", "modified": "2026-02-01T00:00:00Z"}
	maps.Copy(all, more)
	raw, err := json.Marshal(all)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

func TestRelations(t *testing.T) {
	ends := func(more members) members {
		all := members{"relationship_type": "indicates", "source_ref": "indicator--1", "target_ref": "malware--1"}
		maps.Copy(all, more)
		return all
	}
	plain := &Relation{Source: "indicator--1", Target: "malware--1", TLP: indicator.TLPRed}
	for _, c := range []struct {
		name   string
		object members
		want   *Relation
	}{
		{"indicates, unmarked", ends(nil), plain},
		{"marked", ends(members{"object_marking_refs": []string{tlp2Green}}), &Relation{"indicator--1", "malware--1", indicator.TLPGreen}},
		{
			"an end is marked more strictly",
			ends(members{"object_marking_refs": []string{tlp2Green}, "granular_markings": []members{{"marking_ref": tlp2Amber, "selectors": []string{"target_ref"}}}}),
			&Relation{"indicator--1", "malware--1", indicator.TLPAmber},
		},
		{"another type of relationship", ends(members{"relationship_type": "related-to"}), nil},
		{"without a target", ends(members{"target_ref": ""}), nil},
		{"a target of the wrong type", ends(members{"target_ref": 5}), nil},
		{"revoked", ends(members{"revoked": true}), nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := mustDerive(t, objectJSON(t, "relationship", c.object), Options{})
			if diff := cmp.Diff(c.want, d.Relation); diff != "" || len(d.Rejects) > 0 {
				t.Errorf("(-want +got):\n%s rejects %v", diff, d.Rejects)
			}
		})
	}
}

func TestThreats(t *testing.T) {
	for _, objectType := range []string{"attack-pattern", "campaign", "infrastructure", "intrusion-set", "malware", "threat-actor", "tool"} {
		d := mustDerive(t, objectJSON(t, objectType, members{"name": "Example", "object_marking_refs": []string{tlp2Clear}}), Options{})
		want := &indicator.Threat{Name: "Example", Type: objectType, TLP: indicator.TLPClear}
		if diff := cmp.Diff(want, d.Threat); diff != "" {
			t.Errorf("%s (-want +got):\n%s", objectType, diff)
		}
	}
	for name, raw := range map[string][]byte{
		"without a name": objectJSON(t, "malware", nil),
		"revoked":        objectJSON(t, "malware", members{"name": "Example", "revoked": true}),
		"an identity":    objectJSON(t, "identity", members{"name": "Example"}),
	} {
		if d := mustDerive(t, raw, Options{}); d.Threat != nil {
			t.Errorf("%s: the threat is %v", name, d.Threat)
		}
	}
	secret := members{"name": "Example", "object_marking_refs": []string{tlp2Clear}, "granular_markings": []members{{"marking_ref": tlp2Amber, "selectors": []string{"name"}}}}
	if d := mustDerive(t, objectJSON(t, "malware", secret), Options{}); d.Threat.TLP != indicator.TLPAmber {
		t.Errorf("a name that is marked amber is %s", d.Threat.TLP)
	}
}

func TestReadMarking(t *testing.T) {
	const id = "marking-definition--00000000-0000-4000-8000-000000000009"
	extension := members{extensionTLP: members{"extension_type": "property-extension", "tlp_2_0": "amber+strict"}}
	for _, c := range []struct {
		name  string
		id    string
		more  members
		level indicator.TLP
		ok    bool
	}{
		{"an id of the TLP's own, whatever it says", tlp2Amber, members{"name": "TLP:CLEAR"}, indicator.TLPAmber, true},
		{"the extension of TLP 2.0", id, members{"name": "TLP:CLEAR", "extensions": extension}, indicator.TLPAmberStrict, true},
		{"the definition of TLP 1", id, members{"definition_type": "tlp", "definition": members{"tlp": "white"}}, indicator.TLPClear, true},
		{"the name", id, members{"name": "tlp:Amber+Strict"}, indicator.TLPAmberStrict, true},
		{"a statement", id, members{"definition_type": "statement", "definition": members{"statement": "Copyright"}}, indicator.TLPUnmarked, true},
		{"a level that does not exist", id, members{"definition_type": "tlp", "definition": members{"tlp": "purple"}}, indicator.TLPUnmarked, false},
		{"another scheme", id, members{"name": "PAP:RED"}, indicator.TLPUnmarked, false},
		{"a word that names no scheme", id, members{"name": "green"}, indicator.TLPUnmarked, false},
		{"parts of the wrong type", id, members{"name": 5, "definition": "x", "extensions": []int{1}, "definition_type": 7}, indicator.TLPUnmarked, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			c.more["id"] = c.id
			gotID, level, ok := ReadMarking(objectJSON(t, "marking-definition", c.more))
			if gotID != c.id || level != c.level || ok != c.ok {
				t.Errorf("got %s, %q, %t", gotID, level, ok)
			}
		})
	}
	if _, _, ok := ReadMarking([]byte(`{"id":`)); ok {
		t.Error("half a definition has a level")
	}
}

// TestUnresolved: what nobody has defined yet is told, and counts as the options
// say until it is.
func TestUnresolved(t *testing.T) {
	raw := indicatorJSON(t, members{"object_marking_refs": []string{tlp2Green, statementMark}})
	d := mustDerive(t, raw, Options{})
	if diff := cmp.Diff([]string{statementMark}, d.Unresolved); diff != "" || d.Assertions[0].Assertion.TLP != indicator.TLPRed {
		t.Errorf("level %s, unresolved (-want +got):\n%s", d.Assertions[0].Assertion.TLP, diff)
	}
	if d := mustDerive(t, raw, Options{UnknownTLP: indicator.TLPAmber}); d.Assertions[0].Assertion.TLP != indicator.TLPAmber {
		t.Errorf("an unknown marking that counts as amber is %s", d.Assertions[0].Assertion.TLP)
	}
	resolved := Options{Markings: func(string) (indicator.TLP, bool) { return indicator.TLPUnmarked, true }}
	if d := mustDerive(t, raw, resolved); d.Assertions[0].Assertion.TLP != indicator.TLPGreen || d.Unresolved != nil {
		t.Errorf("resolved: level %s, unresolved %v", d.Assertions[0].Assertion.TLP, d.Unresolved)
	}
}

// TestGranularMarkingsWithhold: a word that is marked more strictly than the
// pattern is in no text, and what is said beside it stays.
func TestGranularMarkingsWithhold(t *testing.T) {
	const secret = "SECRET"
	said := map[string]any{
		"name": secret, "description": secret, "created_by_ref": secret, "labels": []string{secret},
		"indicator_types": []string{secret}, "kill_chain_phases": []members{{"kill_chain_name": secret, "phase_name": secret}},
		"external_references": []members{{"source_name": "open"}, {"source_name": "closed", "url": secret}},
	}
	selectors := map[string]string{"labels": "labels.[0]", "external_references": "external_references.[1].url"}
	for property, value := range said {
		selector := property
		if s, ok := selectors[property]; ok {
			selector = s
		}
		marked := func(marking string) string {
			d := mustDerive(t, indicatorJSON(t, members{
				property: value, "object_marking_refs": []string{tlp2Green},
				"granular_markings": []members{{"marking_ref": marking, "selectors": []string{selector}}},
			}), Options{})
			if d.Assertions[0].Assertion.TLP != indicator.TLPGreen {
				t.Errorf("%s: the level is %s", property, d.Assertions[0].Assertion.TLP)
			}
			text, err := json.Marshal(d.Object)
			if err != nil {
				t.Fatal(err)
			}
			return string(text)
		}
		if text := marked(tlp2Amber); strings.Contains(text, secret) {
			t.Errorf("%s is marked amber and still said: %s", property, text)
		}
		if text := marked(tlp2Clear); !strings.Contains(text, secret) {
			t.Errorf("%s is marked clear and not said: %s", property, text)
		}
	}
	d := mustDerive(t, indicatorJSON(t, members{
		"confidence": 90, "object_marking_refs": []string{tlp2Green},
		"granular_markings": []members{{"marking_ref": tlp2Amber, "selectors": []string{"confidence"}}},
	}), Options{})
	if d.Assertions[0].Assertion.TLP != indicator.TLPAmber {
		t.Errorf("with an amber confidence the level is %s", d.Assertions[0].Assertion.TLP)
	}
}
