package servedlist

import (
	"fmt"
	"regexp"
	"strings"
)

// The marks in the name of a served list that stand for several files, as in the
// path of a list.
var marks = strings.NewReplacer(`\{kind\}`, `[a-z0-9-]+`, `\{family\}`, `ip[46]`, `\{part\}`, `[1-9][0-9]{0,3}`)

var (
	markNames = strings.NewReplacer("{kind}", "k", "{family}", "f", "{part}", "p")
	plainName = regexp.MustCompile(`^[A-Za-z0-9](?:[A-Za-z0-9._-]{0,62}[A-Za-z0-9])?$`)
)

// CheckName reports what is wrong with the name of a served list, in which marks
// may stand. It becomes the name of a file and a part of a URL, so it is plain.
func CheckName(name string) error {
	if plainName.MatchString(markNames.Replace(name)) {
		return nil
	}
	return fmt.Errorf("%q is not the name of a served list: want 1 to 64 letters, digits, dots, hyphens and underscores, a letter or digit at both ends, and no marks but {kind}, {family} and {part}", name)
}

// Files returns an expression for the files that a name stands for.
func Files(name string) *regexp.Regexp {
	return regexp.MustCompile("^" + marks.Replace(regexp.QuoteMeta(name)) + "$")
}
