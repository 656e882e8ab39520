package architecture

import (
	"io/fs"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// translations are the pages in Chinese, and those that they are translated from.
var translations = map[string]string{
	"docs/zh/README.md":           "README.md",
	"docs/zh/operating.md":        "docs/operating.md",
	"docs/zh/views.md":            "docs/views.md",
	"docs/zh/alarms.md":           "docs/alarms.md",
	"docs/zh/never-block.md":      "docs/never-block.md",
	"docs/zh/kibana.md":           "docs/kibana.md",
	"docs/zh/gbt36643.md":         "docs/gbt36643.md",
	"docs/zh/fidelity.md":         "docs/fidelity.md",
	"docs/zh/dialects.md":         "docs/dialects.md",
	"docs/zh/syslog-receivers.md": "docs/syslog-receivers.md",
}

// TestTranslationsFollowTheirPages: a page and its translation have the same
// headings by their levels, the same rows in their tables and the same blocks,
// but for comments.
func TestTranslationsFollowTheirPages(t *testing.T) {
	for translated, page := range translations {
		got, err := fs.ReadFile(root, translated)
		if err != nil {
			t.Fatal(err)
		}
		want, err := fs.ReadFile(root, page)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(outline(string(want)), outline(string(got))); diff != "" {
			t.Errorf("%s has changed, and %s has not followed (-page +translation):\n%s", page, translated, diff)
		}
	}
}

var (
	comment = regexp.MustCompile(`(?m)\s*#.*$`)
	rule    = regexp.MustCompile(`^(#+ |\|)`)
)

// outline is what a page and its translation have in common: a mark for each
// heading and each row of a table, and the text of each block.
func outline(text string) []string {
	var marks []string
	at := 0
	for _, place := range fence.FindAllStringIndex(text, -1) {
		marks = append(marks, outlineOfProse(text[at:place[0]])...)
		marks = append(marks, comment.ReplaceAllString(text[place[0]:place[1]], ""))
		at = place[1]
	}
	return append(marks, outlineOfProse(text[at:])...)
}

func outlineOfProse(text string) []string {
	var marks []string
	for line := range strings.Lines(text) {
		if mark := rule.FindString(line); mark != "" {
			marks = append(marks, strings.TrimSpace(mark))
		}
	}
	return marks
}
