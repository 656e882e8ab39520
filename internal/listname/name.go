// Package listname is the language of the names of served lists: what may be one,
// and which files a name with marks stands for.
package listname

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"github.com/indicatord/indicatord/internal/indicator"
)

// MaxParts bounds the numbered parts of one list.
const MaxParts = 1000

// The marks in the name of a served list that stand for several files, as in the
// path of a list.
const (
	kindMark   = "{kind}"
	familyMark = "{family}"
	partMark   = "{part}"
)

var families = []string{"ip4", "ip6"}

var (
	markNames = strings.NewReplacer(kindMark, "k", familyMark, "f", partMark, "p")
	plainName = regexp.MustCompile(`^[A-Za-z0-9](?:[A-Za-z0-9._-]{0,62}[A-Za-z0-9])?$`)
)

// Check reports what is wrong with the name of a served list, in which marks
// may stand. It becomes the name of a file and a part of a URL, so it is plain.
func Check(name string) error {
	if plainName.MatchString(markNames.Replace(name)) {
		return nil
	}
	return fmt.Errorf("%q is not the name of a served list: want 1 to 64 letters, digits, dots, hyphens and underscores, a letter or digit at both ends, and no marks but {kind}, {family} and {part}", name)
}

// Files are the files that the name of a list stands for.
type Files struct {
	name       string
	expression *regexp.Regexp // nil for a name without marks
}

// FilesOf returns the files of a list.
func FilesOf(name string) Files {
	if !strings.Contains(name, "{") {
		return Files{name: name}
	}
	marks := strings.NewReplacer(
		regexp.QuoteMeta(kindMark), "(?:"+strings.Join(kinds(), "|")+")",
		regexp.QuoteMeta(familyMark), "(?:"+strings.Join(families, "|")+")",
		regexp.QuoteMeta(partMark), "([1-9][0-9]{0,3})",
	)
	return Files{name, regexp.MustCompile("^" + marks.Replace(regexp.QuoteMeta(name)) + "$")}
}

// Have reports whether a file is one of the list, and the number of its part: 0
// where the name has no parts.
func (f Files) Have(file string) (part int, found bool) {
	if f.expression == nil {
		return 0, file == f.name
	}
	groups := f.expression.FindStringSubmatch(file)
	if len(groups) > 1 {
		part, _ = strconv.Atoi(groups[1])
	}
	return part, groups != nil && part <= MaxParts
}

// Overlap returns a file that two names stand for, and whether there is one.
func Overlap(a, b string) (file string, found bool) {
	if !mayMeet(a, b) {
		return "", false
	}
	files := FilesOf(b)
	for _, file := range expand(a) {
		if _, both := files.Have(file); both {
			return file, true
		}
	}
	return "", false
}

// mayMeet reports whether what stands before the first marks, and after the last,
// lets two names stand for one file.
func mayMeet(a, b string) bool {
	before := func(name string) string { head, _, _ := strings.Cut(name, "{"); return head }
	after := func(name string) string { return name[strings.LastIndexByte(name, '}')+1:] }
	headA, headB, tailA, tailB := before(a), before(b), after(a), after(b)
	return (strings.HasPrefix(headA, headB) || strings.HasPrefix(headB, headA)) &&
		(strings.HasSuffix(tailA, tailB) || strings.HasSuffix(tailB, tailA))
}

// expand returns every file that a name can stand for.
func expand(name string) []string {
	files := fill([]string{name}, kindMark, kinds())
	files = fill(files, familyMark, families)
	return fill(files, partMark, numbers())
}

// fill writes each word in the place of a mark, where the names have it.
func fill(names []string, mark string, words []string) []string {
	if !strings.Contains(names[0], mark) {
		return names
	}
	var filled []string
	for _, name := range names {
		for _, word := range words {
			filled = append(filled, strings.ReplaceAll(name, mark, word))
		}
	}
	return filled
}

func numbers() []string {
	var all []string
	for n := range MaxParts {
		all = append(all, strconv.Itoa(n+1))
	}
	return all
}

func kinds() []string {
	var names []string
	for _, kind := range indicator.Kinds() {
		names = append(names, kind.String())
	}
	return names
}
