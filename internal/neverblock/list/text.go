package list

import (
	"path/filepath"
	"strings"

	"github.com/indicatord/indicatord/internal/indicator"
	"github.com/indicatord/indicatord/internal/policy/guard"
)

// Read reads a list as the site writes it: on each line an address, a prefix, a
// range, a domain name or the hash of a file. What follows a number sign is the
// reason. A plain name stands for itself alone; ".example.org" and
// "*.example.org" stand for the name and every name below it. Comments before
// the first entry may describe the list, as in "# version: 3"; the words are
// name, version, source, licence and purpose.
//
// The file's name stands in errors, and without its folder and its ending it is
// the list's name where the list gives none. Where lines are wrong, the rules of
// all others come with an error that joins a [*LineError] for each.
func Read(file string, text []byte) ([]guard.Rule, error) {
	r := reader{list: &guard.List{Name: nameOf(file)}, problems: problems{file: file}}
	number := 0
	for line := range strings.Lines(strings.TrimPrefix(string(text), "\ufeff")) {
		number++
		r.line(number, strings.TrimSpace(line))
	}
	return r.rules, r.problems.err()
}

// nameOf returns the name of a file without its folder and its ending.
func nameOf(file string) string {
	base := filepath.Base(file)
	return strings.TrimSuffix(base, filepath.Ext(base))
}

type reader struct {
	list     *guard.List
	rules    []guard.Rule
	problems problems
}

func (r *reader) line(number int, line string) {
	value, reason := cutReason(line)
	if value == "" {
		if len(r.rules) == 0 {
			describe(r.list, reason)
		}
		return
	}
	c, err := indicator.CanonProtected(value)
	if err != nil {
		r.problems.add(number, err)
		return
	}
	for key := range c.Keys() {
		r.rules = append(r.rules, guard.Rule{Key: key, Scope: c.Scope, Reason: reason, List: r.list})
	}
}

// cutReason cuts a line at its number sign. No value holds one.
func cutReason(line string) (value, reason string) {
	value, reason, _ = strings.Cut(line, "#")
	return strings.TrimSpace(value), strings.TrimSpace(reason)
}

// describe reads a comment of the form "word: text". Any other comment is one.
func describe(l *guard.List, comment string) {
	word, text, _ := strings.Cut(comment, ":")
	fields := map[string]*string{
		"name": &l.Name, "version": &l.Version, "source": &l.Source, "licence": &l.Licence, "purpose": &l.Purpose,
	}
	text = strings.TrimSpace(text)
	if field, ok := fields[strings.ToLower(word)]; ok && text != "" {
		*field = text
	}
}
