package lifetest

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"
)

// noon is when every history begins. All times of a history are whole hours
// from it, so that what begins, ends and is asked for often meets.
var noon = time.Date(2026, time.June, 1, 12, 0, 0, 0, time.UTC)

func hour(n int) time.Time { return noon.Add(time.Duration(n) * time.Hour) }

// created is the hour in which every object was made.
const created = -48

// absent is the hour, or the confidence, that an object does not state.
const absent = -1000

// fact is one version of one indicator.
type fact struct {
	object   int
	modified int // the hour of the version
	// spelling is how many digits the seconds of modified have after the point.
	spelling int
	revoked  bool

	terms []term
	// apart writes one observation for each term.
	apart bool
	// broken is a pattern that nobody can read.
	broken bool

	from, until int // hours, or absent
	confidence  int // or absent
	marking     marking
	types       []string
	labels      []string
}

func (f *fact) head() head { return head{indicatorID(f.object), f.modified, f.revoked} }

func indicatorID(number int) string { return fmt.Sprintf("indicator--%d", number) }

func (f *fact) name() string { return fmt.Sprintf("the words of %d at %d", f.object, f.modified) }

// String is how a history tells of the fact.
func (f *fact) String() string {
	if f.revoked {
		return fmt.Sprintf("%d@%d revoked", f.object, f.modified)
	}
	words := []string{fmt.Sprintf("%d@%d %s", f.object, f.modified, f.pattern())}
	for _, w := range []struct {
		name  string
		value int
	}{{"from", f.from}, {"until", f.until}, {"confidence", f.confidence}, {"spelling", f.spelling}} {
		if w.value != absent {
			words = append(words, fmt.Sprint(w.name, "=", w.value))
		}
	}
	return strings.Join(append(words, "marked "+f.marking.name, fmt.Sprint(f.types), fmt.Sprint(f.labels)), " ")
}

func (f *fact) pattern() string {
	if f.broken {
		return "[domain-name:value = 'a.example'"
	}
	comparisons := make([]string, len(f.terms))
	for i, t := range f.terms {
		comparisons[i] = t.comparison()
	}
	if f.apart {
		return "[" + strings.Join(comparisons, "] OR [") + "]"
	}
	return "[(" + strings.Join(comparisons, ") OR (") + ")]"
}

// stix writes the fact as the hub hands it over (STIX 2.1, section 4.7).
func (f *fact) stix() json.RawMessage {
	members := map[string]any{
		"type": "indicator", "spec_version": "2.1", "id": indicatorID(f.object), "name": f.name(),
		"created": hour(created), "modified": spell(hour(f.modified), f.spelling),
		"pattern": f.pattern(), "pattern_type": "stix",
	}
	if f.from != absent {
		members["valid_from"] = hour(f.from)
	}
	if f.until != absent {
		members["valid_until"] = hour(f.until)
	}
	if f.confidence != absent {
		members["confidence"] = f.confidence
	}
	if len(f.types) > 0 {
		members["indicator_types"] = f.types
	}
	if len(f.labels) > 0 {
		members["labels"] = f.labels
	}
	if f.revoked {
		members["revoked"] = true
	}
	f.marking.mark(members)
	return write(members)
}

// spell writes an instant with so many digits after the point: the same instant
// has several spellings, and they are one version (STIX 2.1, section 3.2).
func spell(t time.Time, digits int) string {
	if digits == 0 {
		return t.Format(time.RFC3339)
	}
	return t.Format("2006-01-02T15:04:05." + strings.Repeat("0", digits) + "Z07:00")
}

// marking is a way to mark an object.
type marking struct {
	name string
	// object are the ids of object_marking_refs, pattern and words those of
	// granular markings of the pattern and of the name.
	object, pattern, words []string
	// level is what it means for the indicator, "" where it means nothing, and
	// nameLevel for its name alone (section 7.2).
	level, nameLevel string
	// unknown is a marking that means what the source says of it, if it does.
	unknown bool
}

const (
	clear1       = "marking-definition--613f2e26-407d-48c7-9eca-b8e91df99dc9"
	clear2       = "marking-definition--94868c89-83c2-464b-929b-a1a8aa3c8487"
	green1       = "marking-definition--34098fce-860f-48ae-8e50-ebd3cc5e41da"
	amber2       = "marking-definition--55d920b0-5e8b-4f79-9ee9-91f868d9b421"
	amberStrict2 = "marking-definition--939a9414-2ddd-4d32-a0cd-375ea402b003"
	red1         = "marking-definition--5e57c739-391a-4eb3-b6be-7d15ca92d5ed"
	nobodys      = "marking-definition--00000000-0000-4000-8000-000000000001"
)

var markings = []marking{
	{name: "not"},
	{name: "white", object: []string{clear1}, level: "clear"},
	{name: "clear", object: []string{clear2}, level: "clear"},
	{name: "green", object: []string{green1}, level: "green"},
	{name: "amber", object: []string{amber2}, level: "amber"},
	{name: "amber+strict", object: []string{amberStrict2}, level: "amber+strict"},
	{name: "red", object: []string{red1}, level: "red"},
	{name: "unknown", object: []string{nobodys}, unknown: true},
	{name: "green and red", object: []string{green1, red1}, level: "red"},
	{name: "green, the pattern amber", object: []string{green1}, pattern: []string{amber2}, level: "amber"},
	{name: "green, the name red", object: []string{green1}, words: []string{red1}, level: "green", nameLevel: "red"},
	{name: "amber, the name green", object: []string{amber2}, words: []string{green1}, level: "amber", nameLevel: "green"},
}

func (m marking) mark(members map[string]any) {
	if len(m.object) > 0 {
		members["object_marking_refs"] = m.object
	}
	granular := slices.Concat(granularOf("pattern", m.pattern), granularOf("name", m.words))
	if len(granular) > 0 {
		members["granular_markings"] = granular
	}
}

func granularOf(selector string, ids []string) []map[string]any {
	var all []map[string]any
	for _, id := range ids {
		all = append(all, map[string]any{"marking_ref": id, "selectors": []string{selector}})
	}
	return all
}
