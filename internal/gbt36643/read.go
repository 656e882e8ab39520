package gbt36643

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/indicatord/indicatord/internal/indicator"
	"github.com/indicatord/indicatord/internal/stix"
)

// Reading is what a file holds.
type Reading struct {
	// Records are in the order of the file.
	Records []Record
	// Notes count what was understood although it is not by the mapping's
	// letter, or was left aside: see [Record.Notes].
	Notes map[string]int
}

// Record is one record of a file, whatever its sort.
type Record struct {
	// ID is the record's id, "" where it has none.
	ID string
	// Sort is the sort of the record, as the mapping names it, "" where the
	// mapping knows none.
	Sort string
	// Line and Column are where the record begins, counted from 1.
	Line, Column int
	// Raw is the record as received. It shares memory with the file.
	Raw json.RawMessage
	// Indicator is a STIX 2.1 indicator that says the same, but for what
	// Rejects names. It is nil for a record that is no indicator, or that
	// cannot be read at all.
	Indicator json.RawMessage
	// Rejects say what gave no value, and what could not be read.
	Rejects []stix.Reject
	// Notes name leniencies, sorted, each once: "letter-case", "stray-blank",
	// "unknown-key" and "unknown-word".
	Notes []string

	version time.Time
	// remainder holds the codes of the parts that gave no value.
	remainder []string
}

// Read reads a file: a list of records, an object around lists of records, one
// record, or a record on each line. It needs the whole file, because an indicator
// may come before the observable that it names.
//
// Each record that is an indicator gives values or rejects, or is revoked, once
// it is derived. The error is a [*SyntaxError] where the file is no JSON, and an
// [*AnswerError] where it is the answer of a service that has failed: then there
// are no records, since what is missing of them is not known. On a line of its
// own, a record that is no JSON is a reject.
func Read(data []byte, m *Mapping) (*Reading, error) {
	data = bytes.TrimPrefix(data, byteOrderMark)
	s := splitter{m: m, file: data, notes: notes{}}
	if err := s.split(); err != nil {
		return nil, fmt.Errorf("read records: %w", err)
	}
	f := file{m: m, observables: map[string]observation{}}
	records := make([]Record, len(s.entries))
	for i := range s.entries {
		records[i] = f.classify(&s.entries[i])
	}
	var at placer
	for i := range records {
		r := &records[i]
		r.Line, r.Column = at.place(data, s.entries[i].offset)
		f.record(r, &s.entries[i])
		for _, note := range r.Notes {
			s.notes.add(note)
		}
	}
	return &Reading{Records: records, Notes: s.notes}, nil
}

// file is what is known of a file while its records are read.
type file struct {
	m *Mapping
	// observables are found by their ids.
	observables map[string]observation
}

// observation is an observable that has not been read yet.
type observation struct {
	raw     []byte
	sort    string
	version time.Time
}

func (f *file) loose() bool { return f.m.table.Mode == modeLoose }

// classify finds out the sort and the id of a record, and keeps observables for
// the indicators that name them. Of several versions the newest counts, and of
// equal ones the first.
func (f *file) classify(e *entry) Record {
	r := Record{Raw: e.raw}
	if e.reject != nil || e.raw[0] != '{' {
		return r
	}
	n := f.named(shallow(e.raw), e.name)
	if r.Sort = e.sort; e.sort == anySort {
		r.Sort = ""
	}
	if told, ok := f.m.sortByID(&n); ok {
		r.Sort = told
	}
	of, known := f.m.table.Records[r.Sort]
	if !known {
		r.ID = f.id(&n, []string{"id"})
		return r
	}
	r.ID = f.id(&n, of.Fields.ID)
	version := n.find(of.Fields.Version, f.loose())
	r.version, _ = f.m.instant(version.text)
	if of.Role == roleObservable && r.ID != "" {
		held, again := f.observables[r.ID]
		if !again || r.version.After(held.version) {
			f.observables[r.ID] = observation{e.raw, r.Sort, r.version}
		}
	}
	if r.ID != "" {
		r.ID = of.Prefix + r.ID
	}
	return r
}

// named adds the name under which a record is keyed.
func (f *file) named(n node, name string) node {
	if name != "" {
		n.members = append(n.members, member{selfName, node{kind: '"', text: name}})
	}
	return n
}

// id returns the id of a record, which never has blanks around it.
func (f *file) id(n *node, paths []string) string {
	id := n.find(paths, f.loose())
	if !id.scalar() {
		return ""
	}
	return strings.TrimSpace(id.text)
}

// sortByID returns the sort of the records whose ids begin as this one does.
func (m *Mapping) sortByID(n *node) (name string, told bool) {
	longest := 0
	for candidate, of := range m.table.Records {
		id := n.find(of.Fields.ID, m.table.Mode == modeLoose)
		for _, start := range of.IDs {
			if strings.HasPrefix(strings.TrimSpace(id.text), start) && len(start) > longest {
				name, longest = candidate, len(start)
			}
		}
	}
	return name, longest > 0
}

// record fills in what a record gives.
func (f *file) record(r *Record, e *entry) {
	of := f.m.table.Records[r.Sort]
	switch {
	case e.reject != nil:
		r.Rejects = []stix.Reject{*e.reject}
		return
	case e.raw[0] != '{':
		r.reject(stix.CodeNoID, "this is not a JSON object with an id", clip(string(e.raw)))
		return
	case r.Sort == "":
		r.reject(CodeUnknownRecord, "neither a list nor its id says of what sort the record is", clip(string(e.raw)))
		return
	case r.ID == "" && of.Role == roleIndicator:
		r.reject(stix.CodeNoID, "the indicator has no id", clip(string(e.raw)))
		return
	}
	n, err := parseNode(e.raw)
	if err != nil {
		r.reject(stix.CodeInvalidJSON, jsonCause(e.raw, err), "")
		return
	}
	if of.Role == roleIndicator {
		n = f.named(n, e.name)
		f.indicator(r, &n, &of)
	}
}

func (r *Record) reject(code indicator.Code, detail, value string) {
	r.Rejects = append(r.Rejects, stix.Reject{Code: code, Detail: detail, Value: value})
}
