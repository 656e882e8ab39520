package gbt36643

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/indicatord/indicatord/internal/indicator"
	"github.com/indicatord/indicatord/internal/stix"
)

// stixIndicator is an indicator as STIX 2.1 says it (section 4.7). What a record
// says wrongly is passed on as it is: reading it is the job of package stix.
type stixIndicator struct {
	Type               string          `json:"type"`
	SpecVersion        string          `json:"spec_version"`
	ID                 string          `json:"id"`
	CreatedBy          string          `json:"created_by_ref,omitzero"`
	Modified           string          `json:"modified,omitzero"`
	Revoked            bool            `json:"revoked,omitzero"`
	Labels             []string        `json:"labels,omitempty"`
	Confidence         any             `json:"confidence,omitzero"`
	ExternalReferences []stixReference `json:"external_references,omitempty"`
	MarkingRefs        []string        `json:"object_marking_refs,omitempty"`
	Name               string          `json:"name,omitzero"`
	Description        string          `json:"description,omitzero"`
	IndicatorTypes     []string        `json:"indicator_types,omitempty"`
	Pattern            string          `json:"pattern,omitzero"`
	PatternType        string          `json:"pattern_type"`
	ValidFrom          string          `json:"valid_from,omitzero"`
	ValidUntil         string          `json:"valid_until,omitzero"`
}

type stixReference struct {
	SourceName string `json:"source_name"`
	URL        string `json:"url"`
}

// writer says one record over again.
type writer struct {
	*file
	record *Record
	sort   *sort
	out    stixIndicator
	// usable is false once something is wrong without which no value of the
	// record can be trusted.
	usable    bool
	direction indicator.Direction
	terms     []string // of the pattern
}

// indicator reads a record with the role of an indicator.
func (f *file) indicator(r *Record, n *node, of *sort) {
	w := writer{file: f, record: r, sort: of, usable: true}
	w.out = stixIndicator{Type: "indicator", SpecVersion: "2.1", ID: r.ID, PatternType: "stix"}
	w.usable = w.checkKeys(n, f.m.keys[r.Sort], "the indicator")
	w.describe(n)
	w.judge(n)
	if w.usable {
		w.values(n)
	}
	w.out.Pattern = strings.Join(w.terms, " OR ")
	object, err := json.Marshal(&w.out)
	if err != nil { // a confidence that is no JSON, which a node never is
		r.reject(stix.CodeInvalidJSON, err.Error(), "")
		return
	}
	r.Indicator = object
}

// checkKeys looks for keys that the mapping does not know. It returns false
// where the mapping is strict and there is one.
func (w *writer) checkKeys(n *node, known keySet, where string) bool {
	return w.checkEach(n, known, where, w.loose())
}

// checkCondition looks for keys that the mapping does not know in what makes the
// pattern. Any of them may be a further condition, and to leave it out would
// widen the pattern: so loose mappings refuse them too.
func (w *writer) checkCondition(n *node, known keySet, where string) bool {
	return w.checkEach(n, known, where, false)
}

func (w *writer) checkEach(n *node, known keySet, where string, ignore bool) bool {
	all := true
	for i := range n.members {
		switch name := n.members[i].name; {
		case name == selfName || known[name]:
		case w.loose() && known[fold(name)]:
			w.noteFolded(name)
		case ignore:
			w.record.note(noteUnknownKey)
		default:
			w.record.reject(CodeUnknownKey, "the mapping does not know this key of "+where, clip(name))
			all = false
		}
	}
	return all
}

func (w *writer) noteFolded(written string) {
	if strings.TrimSpace(written) != written {
		w.record.note(noteStrayBlank)
	}
	if strings.ToLower(written) != written {
		w.record.note(noteLetterCase)
	}
}

// text returns what stands under one of the paths, without blanks around it
// where the mapping is loose.
func (w *writer) text(n *node, paths []string) string {
	found := n.find(paths, w.loose())
	switch {
	case !found.present():
		return ""
	case !found.scalar():
		w.record.reject(stix.CodeWrongType, paths[0]+" is neither a text nor a number", "")
		return ""
	}
	return w.trim(found.text)
}

func (w *writer) trim(text string) string {
	if !w.loose() {
		return text
	}
	trimmed := strings.TrimSpace(text)
	if trimmed != text {
		w.record.note(noteStrayBlank)
	}
	return trimmed
}

// texts returns all that stands under one of the paths, and whether all of it
// could be read.
func (w *writer) texts(n *node, paths []string) (all []string, read bool) {
	read = true
	found := n.find(paths, w.loose())
	for _, element := range found.list() {
		if !element.scalar() {
			w.record.reject(stix.CodeWrongType, paths[0]+" holds something that is neither a text nor a number", "")
			read = false
			continue
		}
		if text := w.trim(element.text); text != "" {
			all = append(all, text)
		}
	}
	return all, read
}

// lookUp finds what a word means.
func lookUp[T any](w *writer, in lexicon[T], word string) (T, bool) {
	meaning, different, ok := in.find(word, w.loose())
	if different {
		w.record.note(noteLetterCase)
	}
	return meaning, ok
}

// unknownWord tells of a word without a meaning. It returns whether the mapping
// lets that pass.
func (w *writer) unknownWord(about, word string) bool {
	if w.loose() {
		w.record.note(noteUnknownWord)
		return true
	}
	w.record.reject(CodeUnknownWord, "the mapping does not know this word for the "+about, clip(word))
	return false
}

// describe reads everything but what the indicator is about.
func (w *writer) describe(n *node) {
	is := &w.sort.Fields
	w.out.CreatedBy = w.text(n, is.CreatedBy)
	w.out.Name, w.out.Description = w.text(n, is.Title), w.text(n, is.Description)
	w.out.Modified = w.instant(n, is.Version)
	w.out.ValidFrom, w.out.ValidUntil = w.instant(n, is.ValidFrom), w.instant(n, is.ValidTo)
	w.out.Revoked, _ = w.truth(n, is.Revoked)
	w.out.Labels, _ = w.texts(n, is.Labels)
	w.out.Confidence = w.confidence(w.text(n, is.Confidence))
	if link := w.text(n, is.URL); link != "" {
		w.out.ExternalReferences = []stixReference{{w.m.table.Format, link}}
	}
	w.mark(n)
	if word := w.text(n, is.Severity); word != "" {
		w.label("severity:" + w.severity(word))
	}
	w.tags(n)
	w.turn(n)
}

func (w *writer) label(label string) {
	if !slices.Contains(w.out.Labels, label) {
		w.out.Labels = append(w.out.Labels, label)
	}
}

// instant writes a time as STIX has it. Without one that is there it is not known
// when the values hold.
func (w *writer) instant(n *node, paths []string) string {
	if found := n.find(paths, w.loose()); found.present() && !found.scalar() {
		w.record.reject(stix.CodeBadTimestamp, paths[0]+" is neither a text nor a number", "")
		w.usable = false
		return ""
	}
	written := w.text(n, paths)
	if t, ok := w.m.instant(written); ok {
		return t.Format(time.RFC3339Nano)
	}
	return written
}

// truth reads a yes or a no, and whether there is one.
func (w *writer) truth(n *node, paths []string) (value, stated bool) {
	found := n.find(paths, w.loose())
	switch {
	case found.kind == 't' || found.kind == 'f':
		return found.kind == 't', true
	case !found.present():
		return false, false
	case !found.scalar():
		w.record.reject(stix.CodeWrongType, paths[0]+" is neither true nor false", "")
		w.usable = false
		return false, false
	}
	value, stated = lookUp(w, w.m.words.truth, w.trim(found.text))
	if !stated { // what it would change is whether the values count at all
		w.record.reject(stix.CodeWrongType, paths[0]+" is neither true nor false", clip(found.text))
		w.usable = false
	}
	return value, stated
}

func (w *writer) confidence(word string) any {
	if word == "" {
		return nil
	}
	if number, ok := lookUp(w, w.m.words.confidence, word); ok {
		return number
	}
	if number, err := parseNode([]byte(word)); err == nil && number.kind == '0' {
		return jsontext.Value(word)
	}
	return word
}

// mark reads how confidential the record is. What cannot be read counts as red,
// as a marking does that nobody knows.
func (w *writer) mark(n *node) {
	words, read := w.texts(n, w.sort.Fields.Marking)
	if !read {
		words = append(words, "unreadable")
	}
	for _, word := range words {
		w.out.MarkingRefs = append(w.out.MarkingRefs, w.marking(word))
	}
}

// marking returns the id of the level's marking definition. A word without a
// meaning gives one that nobody knows, which counts as red.
func (w *writer) marking(word string) string {
	if name, ok := lookUp(w, w.m.words.markings, strings.TrimPrefix(fold(word), "tlp:")); ok {
		level, _ := indicator.ParseTLP(name) // the table was validated
		return stix.MarkingOf(level)
	}
	w.record.note(noteUnknownWord)
	return "marking-definition--" + word
}

func (w *writer) severity(word string) string {
	if meaning, ok := lookUp(w, w.m.words.severity, word); ok {
		return meaning
	}
	w.unknownWord("severity", word)
	return fold(word)
}

// tags makes a label of each tag.
func (w *writer) tags(n *node) {
	found := n.find(w.sort.Fields.Tags, w.loose())
	for _, element := range found.list() {
		about := cmp.Or(w.text(&element, w.m.table.Tags.About), "tag")
		words, _ := w.texts(&element, w.m.table.Tags.Words)
		for _, word := range words {
			w.label(about + ":" + word)
		}
	}
}

// turn reads which way the traffic goes.
func (w *writer) turn(n *node) {
	word := w.text(n, w.sort.Fields.Direction)
	if word == "" {
		return
	}
	name, ok := lookUp(w, w.m.words.directions, word)
	if !ok {
		w.usable = w.unknownWord("direction", word) && w.usable
		return
	}
	w.direction, _ = indicator.ParseDirection(name) // the table was validated
}
