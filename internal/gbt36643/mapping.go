package gbt36643

import (
	"time"

	"github.com/indicatord/indicatord/internal/indicator"
)

// Mapping says what the records of one format look like. It never changes, and
// any number of goroutines may use it at once.
type Mapping struct {
	table table
	zone  *time.Location
	words vocabulary
	// keys holds the keys that each sort of record may have, and objectKeys
	// those of each type of value.
	keys, objectKeys map[string]keySet
	// groupKeys and partKeys are those of the parts of observables and of
	// composite expressions.
	groupKeys, partKeys keySet
	// lists and keyed say what sort of records stand at a path of a container.
	lists, keyed lexicon[string]
	// around holds the paths of what such places lie in.
	around lexicon[bool]
	// types finds a type of value by the words for it.
	types lexicon[string]
}

// Format returns the name of the format: [FormatGBT36643] or [FormatThreatBook].
func (m *Mapping) Format() string { return m.table.Format }

// table is a mapping as it is written.
type table struct {
	Format     string                `yaml:"format"`
	Mode       string                `yaml:"mode"`
	Zone       string                `yaml:"zone"`
	Recognise  recognition           `yaml:"recognise"`
	Answer     answer                `yaml:"answer"`
	Container  container             `yaml:"container"`
	Records    map[string]sort       `yaml:"records"`
	Observable observable            `yaml:"observable"`
	Composite  composite             `yaml:"composite"`
	Tags       tags                  `yaml:"tags"`
	Objects    map[string]objectType `yaml:"objects"`
	Words      words                 `yaml:"words"`
}

// The modes of a mapping.
const (
	modeLoose  = "loose"
	modeStrict = "strict"
)

// recognition is what tells the format from others.
type recognition struct {
	Members []string `yaml:"members"`
	IDs     []string `yaml:"ids"`
}

// answer says where a service tells whether it has answered.
type answer struct {
	Code    []string `yaml:"code"`
	OK      []string `yaml:"ok"`
	Message []string `yaml:"message"`
}

// container says where the records are, by paths of member names.
type container struct {
	Lists   map[string]string `yaml:"lists"`
	Keyed   map[string]string `yaml:"keyed"`
	Ignored []string          `yaml:"ignored"`
}

// The roles of a sort of records.
const (
	roleIndicator  = "indicator"
	roleObservable = "observable"
	roleContext    = "context"
)

// anySort stands for whatever sort the id of a record says.
const anySort = "any"

// selfName is the path of the name under which a keyed record stands.
const selfName = "$name"

// sort is one sort of records.
type sort struct {
	Role    string   `yaml:"role"`
	IDs     []string `yaml:"ids"`
	Prefix  string   `yaml:"prefix"`
	Self    string   `yaml:"self"`
	Judged  bool     `yaml:"judged"`
	Fields  fields   `yaml:"fields"`
	Ignored []string `yaml:"ignored"`
}

// fields says under which keys a record has what.
type fields struct {
	ID          []string `yaml:"id"`
	IDRef       []string `yaml:"idref"`
	Version     []string `yaml:"version"`
	Title       []string `yaml:"title"`
	Description []string `yaml:"description"`
	Types       []string `yaml:"types"`
	Malicious   []string `yaml:"malicious"`
	ValidFrom   []string `yaml:"valid_from"`
	ValidTo     []string `yaml:"valid_to"`
	Observable  []string `yaml:"observable"`
	Composite   []string `yaml:"composite"`
	Confidence  []string `yaml:"confidence"`
	Severity    []string `yaml:"severity"`
	Marking     []string `yaml:"marking"`
	Direction   []string `yaml:"direction"`
	Revoked     []string `yaml:"revoked"`
	Labels      []string `yaml:"labels"`
	Tags        []string `yaml:"tags"`
	URL         []string `yaml:"url"`
	CreatedBy   []string `yaml:"created_by"`
}

// all returns every path of the fields.
func (f *fields) all() [][]string {
	return [][]string{
		f.ID, f.IDRef, f.Version, f.Title, f.Description, f.Types, f.Malicious, f.ValidFrom, f.ValidTo, f.Observable,
		f.Composite, f.Confidence, f.Severity, f.Marking, f.Direction, f.Revoked, f.Labels, f.Tags, f.URL, f.CreatedBy,
	}
}

// observable says under which keys an observable has its parts.
type observable struct {
	Groups       []string `yaml:"groups"`
	Relationship []string `yaml:"relationship"`
	Values       []string `yaml:"values"`
	Type         []string `yaml:"type"`
	Constraint   []string `yaml:"constraint"`
}

// composite says under which keys a part of a composite expression has what.
type composite struct {
	Value   []string `yaml:"value"`
	Type    []string `yaml:"type"`
	Ignored []string `yaml:"ignored"`
}

// tags says under which keys an element of the tags has its words, and what they
// are words for.
type tags struct {
	Words []string `yaml:"words"`
	About []string `yaml:"about"`
}

// objectType is one type of value.
type objectType struct {
	Words   []string        `yaml:"words"`
	By      []string        `yaml:"by"`
	Tests   map[string]test `yaml:"tests"`
	Ignored []string        `yaml:"ignored"`
}

// test says that a property equals what stands under one of the keys.
type test struct {
	Is   string   `yaml:"is"` // a STIX object path, or byForm
	Keys []string `yaml:"keys"`
	For  []string `yaml:"for"`
}

// byForm stands for the property that the form of a value says.
const byForm = "by-form"

// words says what the words of the format mean.
type words struct {
	Relationships map[string]string               `yaml:"relationships"`
	Constraints   map[string]string               `yaml:"constraints"`
	Values        map[string]string               `yaml:"values"`
	Types         map[string]judgment             `yaml:"types"`
	Confidence    map[string]indicator.Confidence `yaml:"confidence"`
	Severity      map[string]string               `yaml:"severity"`
	Markings      map[string]string               `yaml:"markings"`
	Directions    map[string]string               `yaml:"directions"`
	Truth         map[string]bool                 `yaml:"truth"`
}

// What a relationship or a constraint may mean.
const (
	meansOr    = "or"
	meansEqual = "equal"
	meansOther = "other"
)

// judgment is what a record says its value is.
type judgment struct {
	Type      string `yaml:"type"` // indicator-type-ov
	Direction string `yaml:"direction"`
	Weak      bool   `yaml:"weak"` // no ground to block
}
