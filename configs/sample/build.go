package sample

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
)

// released is when this bundle says that it was made. It is fixed, so that the
// same facts give the same bytes.
var released = time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)

// validUntil is far ahead: the demo is to work for years.
const validUntil = "2036-12-31T00:00:00.000Z"

// Build writes the bundle power-grid.json from a table of published facts, CSV
// with the columns kind, value, campaign, published, reference and note. The
// same table gives the same bytes.
func Build(table io.Reader) ([]byte, error) {
	facts, err := readFacts(table)
	if err != nil {
		return nil, fmt.Errorf("building the sample bundle: %w", err)
	}
	objects := slices.Concat(preface(), indicators(facts), lessons(facts))
	lines := make([]string, len(objects))
	for i, object := range objects {
		lines[i] = string(object)
	}
	var b bytes.Buffer
	fmt.Fprintf(&b, `{"type":"bundle","id":%q,"objects":[`, newID("bundle", "power-grid"))
	fmt.Fprintf(&b, "\n%s\n]}\n", strings.Join(lines, ",\n"))
	return b.Bytes(), nil
}

// author is the identity that all objects name as their creator.
func author() identity {
	who := identity{common: newCommon("identity", "indicatord", released), Class: "organization"}
	who.Name = "indicatord sample data"
	who.Description = "Writes down what others have published, so that a newcomer sees real indicators. See configs/sample/README.md for the sources."
	who.Markings = []string{tlpClear}
	return who
}

// published is the start of an object of the bundle.
func published(objectType, unique string) common {
	c := newCommon(objectType, unique, released)
	c.CreatedBy, c.Markings = author().ID, []string{tlpClear}
	return c
}

// preface is everything but indicators.
func preface() []json.RawMessage {
	objects := []json.RawMessage{
		encode(newMarking(tlpClear, "TLP:CLEAR", "clear")),
		encode(newMarking(tlpGreen, "TLP:GREEN", "green")),
		encode(author()),
	}
	for _, name := range campaignOrder {
		objects = append(objects, encode(campaigns[name].object()))
	}
	return append(objects, encode(killDisk.object()),
		encode(relate("uses", campaigns["TeleBots"].id(), killDisk.id())))
}

// indicators writes one indicator for each fact, and what it indicates. The
// table lists the three hashes of a sample apart and does not say which belong
// together, so each hash stands alone.
func indicators(facts []fact) []json.RawMessage {
	var objects []json.RawMessage
	for _, f := range facts {
		i := f.indicator()
		objects = append(objects, encode(i), encode(relate("indicates", i.ID, campaigns[f.campaign].id())))
	}
	return objects
}

func (f fact) indicator() indicatorObject {
	i := indicatorObject{
		common:         published("indicator", f.kind+" "+f.value),
		Types:          []string{"malicious-activity"},
		Pattern:        equality(f.kind, f.value),
		PatternType:    "stix",
		PatternVersion: "2.1",
		ValidFrom:      timestamp(f.published),
		ValidUntil:     validUntil,
	}
	words := wordings[f.kind]
	i.Name = f.campaign + ": " + words.name
	i.Description, i.Confidence, i.Labels = words.description, words.confidence, words.labels
	i.References = []reference{{Source: "ESET WeLiveSecurity", URL: f.reference}}
	if words.remote {
		i.KillChain = []killChain{{Chain: "lockheed-martin-cyber-kill-chain", Phase: "command-and-control"}}
	}
	i.weaken(f.note)
	return i
}

// wording is what the bundle says of a kind of value.
type wording struct {
	name, description string
	confidence        int
	labels            []string
	remote            bool
}

// The label misp:type is the usual way to say which way traffic goes: STIX has
// no property for it.
var wordings = map[string]wording{
	"ip": {"command and control address", "The malware connects to this address.",
		75, []string{`misp:type="ip-dst"`}, true},
	"domain": {"command and control domain", "The malware connects to a host of this name.",
		75, nil, true},
	"url": {"command and control URL", "The malware fetches this URL.",
		85, nil, true},
	"md5":    {"malware file (MD5)", "A file of the campaign.", 90, nil, false},
	"sha1":   {"malware file (SHA-1)", "A file of the campaign.", 90, nil, false},
	"sha256": {"malware file (SHA-256)", "A file of the campaign.", 90, nil, false},
}

// weaken lowers the confidence where the publisher warned of false positives,
// and tells the reader of "why" the reason.
func (i *indicatorObject) weaken(note string) {
	switch note {
	case noteTor:
		i.Confidence = 30
		i.Types = append(i.Types, "anonymization")
		i.Labels = append(slices.Clone(i.Labels), "tor")
		i.Description += " The publisher warns that most of these addresses were Tor nodes, which many others use too:" +
			" worth an alert, too weak to block. Hence the confidence of 30."
	case noteAbused:
		i.Confidence = 15
		i.Types = []string{"anomalous-activity"}
		i.Labels = append(slices.Clone(i.Labels), "legitimate-service")
		i.Description += " It belongs to a legitimate service that the malware abused: blocking it would cut off that service," +
			" for everyone. Hence the confidence of 15, below what a blocking output should ask for (min_confidence)."
	}
}

// lessons are indicators that no list can enforce exactly, so that a newcomer
// sees rejects with their reasons. We made them up from the same facts.
func lessons(facts []fact) []json.RawMessage {
	var objects []json.RawMessage
	if f, ok := find(facts, "url"); ok {
		objects = append(objects, encode(f.lesson("URL by a wildcard",
			"["+comparison("url:value", "LIKE", "%://88.198.13.116:%/xmlservice")+"]",
			"The pattern describes a family of URLs with LIKE. A list holds single values, so no list can say this.")))
	}
	if f, ok := find(facts, "md5"); ok {
		objects = append(objects, encode(f.lesson("file by hash and name at once",
			"["+comparison("file:hashes.MD5", "=", f.value)+" AND "+comparison("file:name", "=", "favicon.ico")+"]",
			"The pattern asks for a hash and a name together. The hash alone would match more than was asked for.")))
	}
	return objects
}

func find(facts []fact, kind string) (fact, bool) {
	i := slices.IndexFunc(facts, func(f fact) bool { return f.kind == kind && f.campaign == "GreyEnergy" })
	if i < 0 {
		return fact{}, false
	}
	return facts[i], true
}

func (f fact) lesson(name, pattern, description string) indicatorObject {
	i := f.indicator()
	references := i.References
	i.common = published("indicator", "lesson "+name)
	i.References = references
	i.Markings = []string{tlpGreen}
	i.Name, i.Pattern = "A lesson: "+name, pattern
	i.Description = description + " This object was made up, to show what a reject looks like."
	i.Labels, i.Confidence, i.KillChain = []string{"lesson"}, 90, nil
	return i
}
