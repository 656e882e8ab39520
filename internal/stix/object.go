package stix

import (
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/indicatord/indicatord/internal/indicator"
)

const typeIndicator = "indicator"

// object is a STIX object: the properties that every object may have, those of
// an indicator and those of a relationship (STIX 2.1, sections 3.2, 4.7 and 5.1).
type object struct {
	Type               string              `json:"type"`
	SpecVersion        string              `json:"spec_version"`
	ID                 string              `json:"id"`
	CreatedByRef       string              `json:"created_by_ref"`
	Created            time.Time           `json:"created"`
	Modified           time.Time           `json:"modified"`
	Revoked            bool                `json:"revoked"`
	Labels             []string            `json:"labels"`
	Confidence         jsontext.Value      `json:"confidence"`
	ExternalReferences []externalReference `json:"external_references"`
	ObjectMarkingRefs  []string            `json:"object_marking_refs"`
	GranularMarkings   []granularMarking   `json:"granular_markings"`

	Name            string           `json:"name"`
	Description     string           `json:"description"`
	IndicatorTypes  []string         `json:"indicator_types"`
	Pattern         string           `json:"pattern"`
	PatternType     string           `json:"pattern_type"`
	PatternVersion  string           `json:"pattern_version"`
	ValidFrom       instantOrNone    `json:"valid_from"`
	ValidUntil      instantOrNone    `json:"valid_until"`
	KillChainPhases []killChainPhase `json:"kill_chain_phases"`

	RelationshipType string `json:"relationship_type"`
	SourceRef        string `json:"source_ref"`
	TargetRef        string `json:"target_ref"`

	// markingsUnread is set where a marking is there but cannot be read.
	markingsUnread bool
}

type externalReference struct {
	SourceName string `json:"source_name"`
	URL        string `json:"url"`
	ExternalID string `json:"external_id"`
}

type granularMarking struct {
	MarkingRef string   `json:"marking_ref"`
	Selectors  []string `json:"selectors"`
}

type killChainPhase struct {
	Name  string `json:"kill_chain_name"`
	Phase string `json:"phase_name"`
}

// decode reads an object. Rejects say what is wrong with it, and usable whether
// an indicator may give keys all the same. The error is [ErrNoID].
func decode(raw []byte) (o object, rejects []Reject, usable bool, err error) {
	if json.Unmarshal(raw, &o) == nil {
		if o.ID == "" {
			return o, nil, false, ErrNoID
		}
		return o, nil, true, nil
	}
	o = object{}
	members := map[string]jsontext.Value{}
	if err := json.Unmarshal(raw, &members); err != nil {
		return invalidJSON(raw, err)
	}
	rejects, usable = o.decodeEach(members)
	if o.ID == "" {
		return o, nil, false, ErrNoID
	}
	return o, rejects, usable, nil
}

// invalidJSON tells of an object of which no more than the header can be
// trusted to be there.
func invalidJSON(raw []byte, cause error) (object, []Reject, bool, error) {
	h, err := ReadHeader(raw)
	if err != nil {
		return object{}, nil, false, err
	}
	o := object{ID: h.ID, Type: h.Type, SpecVersion: h.SpecVersion, Modified: h.Modified}
	return o, []Reject{{Code: CodeInvalidJSON, Detail: jsonCause(cause)}}, false, nil
}

func jsonCause(err error) string {
	if syntactic, ok := errors.AsType[*jsontext.SyntacticError](err); ok {
		return syntactic.Error()
	}
	return err.Error()
}

// property is one property of an object that is decoded by itself.
type property struct {
	name string
	into any
	code indicator.Code
	// vital properties are those without which an indicator's keys cannot be
	// trusted.
	vital bool
}

func (o *object) properties() []property {
	return []property{
		{"id", &o.ID, CodeWrongType, true},
		{"type", &o.Type, CodeWrongType, true},
		{"spec_version", &o.SpecVersion, CodeWrongType, false},
		{"created_by_ref", &o.CreatedByRef, CodeWrongType, false},
		{"created", &o.Created, CodeBadTimestamp, false},
		{"modified", &o.Modified, CodeBadTimestamp, true},
		{"revoked", &o.Revoked, CodeWrongType, true},
		{"labels", &o.Labels, CodeWrongType, false},
		{"confidence", &o.Confidence, CodeBadConfidence, false},
		{"external_references", &o.ExternalReferences, CodeWrongType, false},
		{"object_marking_refs", &o.ObjectMarkingRefs, CodeWrongType, false},
		{"granular_markings", &o.GranularMarkings, CodeWrongType, false},
		{"name", &o.Name, CodeWrongType, false},
		{"description", &o.Description, CodeWrongType, false},
		{"indicator_types", &o.IndicatorTypes, CodeWrongType, false},
		{"pattern", &o.Pattern, CodeWrongType, true},
		{"pattern_type", &o.PatternType, CodeWrongType, true},
		{"pattern_version", &o.PatternVersion, CodeWrongType, false},
		{"valid_from", &o.ValidFrom, CodeBadTimestamp, true},
		{"valid_until", &o.ValidUntil, CodeBadTimestamp, true},
		{"kill_chain_phases", &o.KillChainPhases, CodeWrongType, false},
		{"relationship_type", &o.RelationshipType, CodeWrongType, false},
		{"source_ref", &o.SourceRef, CodeWrongType, false},
		{"target_ref", &o.TargetRef, CodeWrongType, false},
	}
}

// decodeEach decodes one property after the other, so that a bad one costs only
// itself.
func (o *object) decodeEach(members map[string]jsontext.Value) (rejects []Reject, usable bool) {
	usable = true
	for _, p := range o.properties() {
		value, ok := members[p.name]
		if !ok {
			continue
		}
		if err := json.Unmarshal(value, p.into); err == nil {
			continue
		}
		rejects = append(rejects, Reject{Code: p.code, Detail: p.name + " cannot be read", Value: clip(string(value))})
		usable = usable && !p.vital
		o.makeDo(p.name, value)
	}
	return rejects, usable
}

// makeDo takes from a property that cannot be read what must not be lost with it:
// a benign value must not be blocked because its type is a string and not a list,
// nor a marking forgotten because another beside it is a number.
func (o *object) makeDo(name string, value jsontext.Value) {
	switch name {
	case "object_marking_refs", "granular_markings":
		o.markingsUnread = true
	case "labels":
		o.Labels = wordsOf(value)
	case "indicator_types":
		if o.IndicatorTypes = wordsOf(value); len(o.IndicatorTypes) == 0 {
			o.IndicatorTypes = []string{"unknown"}
		}
	}
}

// wordsOf returns the strings of a list that holds other things too, or the string
// that stands in place of a list.
func wordsOf(value jsontext.Value) []string {
	elements := []jsontext.Value{value}
	if value.Kind() == '[' {
		_ = json.Unmarshal(value, &elements)
	}
	var words []string
	for _, e := range elements {
		if word := text(e); word != "" {
			words = append(words, word)
		}
	}
	return words
}

// What an object says in words goes into documents, events and terminals, so it
// is cut at these many bytes. The object as received is kept whole.
const (
	maxName        = 1000
	maxURL         = 4000
	maxDescription = 16 << 10
)

func clipped(words []string) []string {
	if !slices.ContainsFunc(words, func(w string) bool { return len(w) > maxName }) {
		return words
	}
	short := make([]string, len(words))
	for i, w := range words {
		short[i] = clipTo(w, maxName)
	}
	return short
}

// clip bounds a text that is only shown.
func clip(s string) string { return clipTo(s, 500) }

func clipTo(s string, most int) string {
	if len(s) <= most {
		return s
	}
	return strings.ToValidUTF8(s[:most], "") + "…"
}

// header returns the header of the object.
func (o *object) header() Header {
	h := Header{ID: o.ID, Type: o.Type, SpecVersion: o.SpecVersion, Modified: o.Modified.UTC(), Revoked: o.Revoked}
	if o.Modified.IsZero() {
		h.Modified = o.Created.UTC()
	}
	return h
}

// text returns what the object says in words.
func (o *object) text() indicator.Object {
	t := indicator.Object{
		ID: o.ID, Type: o.Type, Name: clipTo(o.Name, maxName), Description: clipTo(o.Description, maxDescription), CreatedBy: o.CreatedByRef,
		Labels: clipped(o.Labels), Types: o.types(), Markings: o.markings(touchesAssertion),
	}
	for _, phase := range o.KillChainPhases {
		t.KillChain = append(t.KillChain, phase.Name+":"+phase.Phase)
	}
	for _, ref := range o.ExternalReferences {
		t.References = append(t.References, indicator.Reference{
			Source: clipTo(ref.SourceName, maxName), URL: clipTo(ref.URL, maxURL), ExternalID: clipTo(ref.ExternalID, maxName),
		})
	}
	return t
}

// types returns the indicator types as written. STIX 2.0 has none: there the
// labels hold them, among other words.
func (o *object) types() []string {
	if o.Type != typeIndicator || len(o.IndicatorTypes) > 0 {
		return o.IndicatorTypes
	}
	var types []string
	for _, label := range o.Labels {
		if indicator.TypesOf([]string{label}) != indicator.TypeOther {
			types = append(types, label)
		}
	}
	return types
}
