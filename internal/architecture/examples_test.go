package architecture

import (
	"io/fs"
	"os"
	"path"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestDocumentsShowExamplesAsTheyAre: a block that is marked with a language and
// the path of a file shows the whole file, which is compiled and tested where it
// is.
func TestDocumentsShowExamplesAsTheyAre(t *testing.T) {
	shown := map[string]bool{}
	for name, text := range documents(t) {
		want := fence.ReplaceAllStringFunc(text, func(block string) string {
			info, _, _ := strings.Cut(strings.TrimPrefix(block, "```"), "\n")
			_, file, marked := strings.Cut(info, " ")
			if !marked || !strings.Contains(file, "/") {
				return block
			}
			file = path.Join(path.Dir(name), file)
			example, err := fs.ReadFile(root, file)
			if err != nil {
				t.Errorf("%s shows %s, which is not there", name, file)
				return block
			}
			shown[file] = true
			return "```" + info + "\n" + string(example) + "```"
		})
		if *update && want != text {
			if err := os.WriteFile("../../"+name, []byte(want), 0o644); err != nil {
				t.Fatal(err)
			}
			continue
		}
		if diff := cmp.Diff(want, text); diff != "" {
			t.Errorf("%s shows an example as it was; \"go test ./internal/architecture -update\" writes it anew (-want +got):\n%s", name, diff)
		}
	}
	if len(shown) == 0 {
		t.Error("no document shows an example")
	}
}
