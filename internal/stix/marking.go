package stix

import (
	"slices"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/indicatord/indicatord/internal/indicator"
)

// knownMarkings are the marking definitions of TLP 1 and TLP 2.0, which every
// producer shares, and the one that OpenCTI made for a level that TLP 1 lacks.
var knownMarkings = map[string]indicator.TLP{
	"marking-definition--613f2e26-407d-48c7-9eca-b8e91df99dc9": indicator.TLPClear,
	"marking-definition--34098fce-860f-48ae-8e50-ebd3cc5e41da": indicator.TLPGreen,
	"marking-definition--f88d31f6-486f-44da-b317-01333bde0b82": indicator.TLPAmber,
	"marking-definition--5e57c739-391a-4eb3-b6be-7d15ca92d5ed": indicator.TLPRed,

	"marking-definition--94868c89-83c2-464b-929b-a1a8aa3c8487": indicator.TLPClear,
	"marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb": indicator.TLPGreen,
	"marking-definition--55d920b0-5e8b-4f79-9ee9-91f868d9b421": indicator.TLPAmber,
	"marking-definition--939a9414-2ddd-4d32-a0cd-375ea402b003": indicator.TLPAmberStrict,
	"marking-definition--e828b379-4e03-4974-9ac4-e53a884c97c1": indicator.TLPRed,

	"marking-definition--826578e1-40ad-459f-bc73-ede076f81f37": indicator.TLPAmberStrict,
}

// extensionTLP is the extension in which TLP 2.0 says its level.
const extensionTLP = "extension-definition--60a3c5c5-0d10-413e-aab3-9e08dde9e88d"

// markingDefinition is what a marking definition says of its level (STIX 2.1,
// section 7.2.1).
type markingDefinition struct {
	ID             string         `json:"id"`
	Name           jsontext.Value `json:"name"`
	DefinitionType jsontext.Value `json:"definition_type"`
	Definition     jsontext.Value `json:"definition"`
	Extensions     jsontext.Value `json:"extensions"`
}

// ReadMarking reads a marking definition as received and tells its level:
// [indicator.TLPUnmarked] for a statement, which sets none. It reports false for
// a definition of which the level cannot be told, and for anything else.
//
// An id of the TLP's own counts whatever the definition says. After it come the
// extension of TLP 2.0, the definition of TLP 1, and the name.
func ReadMarking(raw []byte) (id string, level indicator.TLP, ok bool) {
	var m markingDefinition
	if json.Unmarshal(raw, &m) != nil {
		return "", 0, false
	}
	if level, ok := knownMarkings[m.ID]; ok {
		return m.ID, level, true
	}
	for _, word := range []string{m.extended(), m.defined(), m.named()} {
		if level, err := indicator.ParseTLP(word); err == nil {
			return m.ID, level, true
		}
	}
	return m.ID, indicator.TLPUnmarked, text(m.DefinitionType) == "statement"
}

func (m *markingDefinition) extended() string {
	var extensions map[string]struct {
		TLP string `json:"tlp_2_0"`
	}
	_ = json.Unmarshal(m.Extensions, &extensions)
	return extensions[extensionTLP].TLP
}

func (m *markingDefinition) defined() string {
	var definition struct {
		TLP string `json:"tlp"`
	}
	_ = json.Unmarshal(m.Definition, &definition)
	return definition.TLP
}

// named is the level in a name such as "TLP:AMBER+STRICT".
func (m *markingDefinition) named() string {
	level, found := strings.CutPrefix(strings.ToUpper(text(m.Name)), "TLP:")
	if !found {
		return ""
	}
	return strings.TrimSpace(level)
}

// markings returns the ids of the markings of the object as a whole and of what
// touches says, each once.
func (o *object) markings(touches func(selector string) bool) []string {
	refs := o.ObjectMarkingRefs
	for _, g := range o.GranularMarkings {
		if g.MarkingRef == "" || !slices.ContainsFunc(g.Selectors, touches) || slices.Contains(refs, g.MarkingRef) {
			continue
		}
		refs = append(slices.Clip(refs), g.MarkingRef)
	}
	return refs
}

// propertyOf returns the property that a selector begins with (STIX 2.1, section
// 7.2.3): "labels" of "labels.[0]".
func propertyOf(selector string) string {
	name, _, _ := strings.Cut(selector, ".")
	return name
}

// touchesAssertion reports whether a selector covers what an assertion cannot be
// without. What is said in words can be withheld by itself.
func touchesAssertion(selector string) bool {
	switch propertyOf(selector) {
	case "pattern", "id", "confidence", "valid_from", "valid_until", "modified":
		return true
	}
	return false
}

// touchesThreat reports whether a selector covers the name of a threat.
func touchesThreat(selector string) bool {
	switch propertyOf(selector) {
	case "name", "type", "id":
		return true
	}
	return false
}

// touchesRelation reports whether a selector covers what a relationship says.
func touchesRelation(selector string) bool {
	switch propertyOf(selector) {
	case "relationship_type", "source_ref", "target_ref", "id":
		return true
	}
	return false
}

// level is the strictest level of the markings of the object and of what touches
// says. An unmarked object has the level that the options say; a marking that
// nobody knows may be the strictest.
func (d *Derived) level(o *object, opts *Options, touches func(string) bool) indicator.TLP {
	if o.markingsUnread {
		return indicator.TLPRed
	}
	level := indicator.TLPUnmarked
	for _, id := range o.markings(touches) {
		level = max(level, d.levelOf(id, opts))
	}
	if level == indicator.TLPUnmarked {
		return opts.unmarked()
	}
	return level
}

// levelOf is the level of one marking, and notes one that is not known.
func (d *Derived) levelOf(id string, opts *Options) indicator.TLP {
	if level, ok := knownMarkings[id]; ok {
		return level
	}
	if opts.Markings != nil {
		if level, ok := opts.Markings(id); ok {
			return level
		}
	}
	if !slices.Contains(d.Unresolved, id) {
		d.Unresolved = append(d.Unresolved, id)
	}
	return opts.unknown()
}

// withhold takes out of the text what is marked more strictly than the
// assertions are: whoever may see them may not see it.
func (d *Derived) withhold(o *object, opts *Options, level indicator.TLP) {
	for _, g := range o.GranularMarkings {
		if g.MarkingRef == "" || d.levelOf(g.MarkingRef, opts) <= level {
			continue
		}
		for _, selector := range g.Selectors {
			d.withholdProperty(propertyOf(selector))
		}
	}
}

func (d *Derived) withholdProperty(name string) {
	switch t := &d.Object; name {
	case "name":
		t.Name = ""
	case "description":
		t.Description = ""
	case "created_by_ref":
		t.CreatedBy = ""
	case "labels":
		t.Labels = nil
	case "indicator_types":
		t.Types = nil
	case "kill_chain_phases":
		t.KillChain = nil
	case "external_references":
		t.References = nil
	}
}

func (o *Options) unmarked() indicator.TLP { return orRed(o.UnmarkedTLP) }

func (o *Options) unknown() indicator.TLP { return orRed(o.UnknownTLP) }

func orRed(level indicator.TLP) indicator.TLP {
	if level == indicator.TLPUnmarked {
		return indicator.TLPRed
	}
	return level
}

// MarkingOf returns the id of the marking definition that every producer shares
// for a level (TLP 2.0), "" for [indicator.TLPUnmarked].
func MarkingOf(level indicator.TLP) string { return sharedMarkings[level] }

var sharedMarkings = map[indicator.TLP]string{
	indicator.TLPClear:       "marking-definition--94868c89-83c2-464b-929b-a1a8aa3c8487",
	indicator.TLPGreen:       "marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb",
	indicator.TLPAmber:       "marking-definition--55d920b0-5e8b-4f79-9ee9-91f868d9b421",
	indicator.TLPAmberStrict: "marking-definition--939a9414-2ddd-4d32-a0cd-375ea402b003",
	indicator.TLPRed:         "marking-definition--e828b379-4e03-4974-9ac4-e53a884c97c1",
}
