package architecture

import (
	"io/fs"
	"regexp"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/indicatord/indicatord/internal/policy"
)

var verdictRow = regexp.MustCompile("(?m)^\\| `([a-z-]+)` \\|")

// TestVerdictsAreDocumented: the table of rules has every verdict, in the order
// in which the rules are asked.
func TestVerdictsAreDocumented(t *testing.T) {
	text, err := fs.ReadFile(root, "docs/views.md")
	if err != nil {
		t.Fatal(err)
	}
	words := map[policy.Verdict]bool{}
	for _, verdict := range policy.Order() {
		words[verdict] = true
	}
	var documented []policy.Verdict
	for _, row := range verdictRow.FindAllStringSubmatch(string(text), -1) {
		if verdict := policy.Verdict(row[1]); words[verdict] {
			documented = append(documented, verdict)
		}
	}
	// The first column of the names of a condition repeats some of the words.
	documented = documented[:min(len(documented), len(policy.Order()))]
	if diff := cmp.Diff(policy.Order(), documented); diff != "" {
		t.Errorf("docs/views.md (-code +document):\n%s", diff)
	}
}
