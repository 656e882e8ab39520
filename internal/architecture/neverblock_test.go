package architecture

import (
	"fmt"
	"io/fs"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/indicatord/indicatord/internal/neverblock/shipped"
)

var setRow = regexp.MustCompile("(?m)^\\| \\[`([a-z-]+)`\\]\\([^)]*\\) \\| ([0-9]+) \\|")

// TestShippedSetsAreDocumented: the pages name every set that is shipped, with
// the number of its entries.
func TestShippedSetsAreDocumented(t *testing.T) {
	var want []string
	for _, set := range shipped.Sets() {
		want = append(want, fmt.Sprintf("%s %d", set.List.Name, len(set.Rules)))
	}
	for _, page := range []string{"docs/never-block.md", "docs/zh/never-block.md"} {
		text, err := fs.ReadFile(root, page)
		if err != nil {
			t.Fatal(err)
		}
		var documented []string
		for _, row := range setRow.FindAllStringSubmatch(string(text), -1) {
			documented = append(documented, row[1]+" "+row[2])
		}
		if diff := cmp.Diff(want, documented); diff != "" {
			t.Errorf("%s (-code +document):\n%s", page, diff)
		}
	}
}

// TestShippedConfigurationNamesTheSets keeps the comment beside "except:" whole.
func TestShippedConfigurationNamesTheSets(t *testing.T) {
	text, err := fs.ReadFile(root, "configs/indicatord.yaml")
	if err != nil {
		t.Fatal(err)
	}
	words := strings.Join(strings.Fields(strings.ReplaceAll(string(text), "#", " ")), " ")
	if list := strings.Join(shipped.Names(), ", "); !strings.Contains(words, list) {
		t.Errorf("configs/indicatord.yaml does not name the sets as %s", list)
	}
}
