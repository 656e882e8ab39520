package main

import (
	"cmp"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/indicatord/indicatord/internal/stix"
)

// summary counts what an inspection found.
type summary struct {
	objects tally // by type
	values  tally // by kind
	rejects tally // by code
	lenient tally // objects, by spelling beyond the language
	notes   tally // objects, by what does not count by the letter
}

func newSummary() summary {
	return summary{objects: tally{}, values: tally{}, rejects: tally{}, lenient: tally{}, notes: tally{}}
}

func (s summary) print(w io.Writer) {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	s.objects.print(table, "objects")
	s.values.print(table, "values")
	s.rejects.print(table, "rejects")
	if len(s.lenient) > 0 {
		s.lenient.print(table, "lenient")
	}
	if len(s.notes) > 0 {
		s.notes.print(table, "notes")
	}
	_ = table.Flush()
}

// note counts what was understood of an object although it is not by the letter.
func (s summary) note(d *stix.Derived) {
	for _, name := range d.Leniencies.Names() {
		s.lenient.add(name)
	}
	for _, name := range d.Notes {
		s.notes.add(name)
	}
}

// tally counts by word.
type tally map[string]int

// maxWords bounds a tally whose words come from files.
const maxWords = 1000

func (t tally) add(word string) {
	if _, known := t[word]; !known && len(t) >= maxWords {
		word = "(further)"
	}
	t[word]++
}

// print writes the total and then each word, those that occur most first.
func (t tally) print(w io.Writer, title string) {
	total := 0
	for _, n := range t {
		total += n
	}
	fmt.Fprintf(w, "%s\t%d\n", title, total)
	words := slices.SortedFunc(maps.Keys(t), func(a, b string) int {
		return cmp.Or(cmp.Compare(t[b], t[a]), cmp.Compare(a, b))
	})
	for _, word := range words {
		fmt.Fprintf(w, "  %s\t%d\n", word, t[word])
	}
}

// unknownType stands for what is not the name of a type.
const unknownType = "(unknown)"

// typeWord returns the type of an object if it looks like one (STIX 2.1,
// section 2.16), so that nothing else from a file reaches the terminal.
func typeWord(name string) string {
	const longest = 250
	plain := func(r rune) bool { return r == '-' || 'a' <= r && r <= 'z' || '0' <= r && r <= '9' }
	strange := strings.ContainsFunc(name, func(r rune) bool { return !plain(r) })
	if name == "" || len(name) > longest || strange {
		return unknownType
	}
	return name
}
