package main

import (
	"bytes"
	"os"
	"strings"
	"testing"

	"github.com/indicatord/indicatord/internal/stix"
)

// TestDocumentedMapping: the table of a site in the documentation is one that
// tests read, and it gives with the file beside it what the documentation says.
func TestDocumentedMapping(t *testing.T) {
	const folder = "../../internal/gbt36643/testdata/site/"
	how := formats{forced: formatAuto, file: folder + "mapping.yaml"}
	if err := how.load(); err != nil {
		t.Fatal(err)
	}
	var out, problems bytes.Buffer
	i := newInspection(&out, &problems, stix.Options{})
	i.formats = how
	i.file(folder+"records.json", nil)
	if err := i.out.Flush(); err != nil {
		t.Fatal(err)
	}
	want := []string{"```yaml\n" + contents(t, how.file) + "```\n", "```json\n" + contents(t, folder+"records.json") + "```\n", "```\n" + out.String() + "```\n"}
	for _, page := range []string{"../../docs/gbt36643.md", "../../docs/zh/gbt36643.md"} {
		text := contents(t, page)
		for _, block := range want {
			if !strings.Contains(text, block) {
				t.Errorf("%s does not show:\n%s", page, block)
			}
		}
	}
	if problems.Len() > 0 {
		t.Errorf("the file is read with %s", problems.String())
	}
}

func contents(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
