package sample

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"
)

// fact is one published value, a line of the table that [Build] reads.
type fact struct {
	kind, value, campaign, reference, note string
	published                              time.Time
}

// The notes that a fact can have.
const (
	noteTor    = "most were Tor nodes: false positives likely"
	noteAbused = "legitimate server abused"
)

var columns = []string{"kind", "value", "campaign", "published", "reference", "note"}

// readFacts reads a table with the given columns.
func readFacts(r io.Reader) ([]fact, error) {
	rows := csv.NewReader(r)
	header, err := rows.Read()
	if err != nil {
		return nil, fmt.Errorf("reading the head of the table: %w", err)
	}
	if !slices.Equal(header, columns) {
		return nil, fmt.Errorf("the columns are %v: want %v", header, columns)
	}
	var facts []fact
	for {
		row, err := rows.Read()
		if errors.Is(err, io.EOF) {
			return facts, nil
		}
		if err != nil {
			return nil, fmt.Errorf("reading the table: %w", err)
		}
		f, err := newFact(row)
		if err != nil {
			line, _ := rows.FieldPos(0)
			return nil, fmt.Errorf("line %d: %w", line, err)
		}
		facts = append(facts, f)
	}
}

func newFact(row []string) (fact, error) {
	f := fact{kind: row[0], value: row[1], campaign: row[2], reference: row[4], note: row[5]}
	if _, ok := objectPaths[f.kind]; !ok {
		return f, fmt.Errorf("unknown kind %q", f.kind)
	}
	if _, ok := campaigns[f.campaign]; !ok {
		return f, fmt.Errorf("unknown campaign %q", f.campaign)
	}
	if !slices.Contains([]string{"", noteTor, noteAbused}, f.note) {
		return f, fmt.Errorf("unknown note %q", f.note)
	}
	var err error
	f.published, err = time.Parse(time.DateOnly, row[3])
	return f, err
}
