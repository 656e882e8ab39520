package architecture

import (
	"io/fs"
	"path"
	"slices"
	"strings"
	"testing"
)

// topLevel is the whole tree at its top, beside files whose names begin with a
// dot.
var topLevel = []string{
	"LICENSE", "README.md", "cmd", "configs", "connectors", "docs", "go.mod", "go.sum", "internal", "outputs", "packaging",
}

func TestTopLevel(t *testing.T) {
	entries, err := fs.ReadDir(root, ".")
	if err != nil {
		t.Fatal(err)
	}
	ignored, err := fs.ReadFile(root, ".gitignore")
	if err != nil {
		t.Fatal(err)
	}
	var found []string
	for _, entry := range entries {
		if !strings.HasPrefix(entry.Name(), ".") && !isIgnored(entry.Name(), string(ignored)) {
			found = append(found, entry.Name())
		}
	}
	for _, name := range found {
		if !slices.Contains(topLevel, name) {
			t.Errorf("%s is new at the top of the tree: everything has a place below %s", name, strings.Join(topLevel, ", "))
		}
	}
	for _, name := range topLevel {
		if !slices.Contains(found, name) {
			t.Errorf("%s is missing at the top of the tree", name)
		}
	}
}

// isIgnored reports whether a name at the top matches a line of .gitignore.
func isIgnored(name, patterns string) bool {
	for pattern := range strings.Lines(patterns) {
		pattern = strings.Trim(strings.TrimSpace(pattern), "/")
		if matched, err := path.Match(pattern, name); err == nil && matched {
			return true
		}
	}
	return false
}

// TestNamesSayWhatIsInside: a name that fits anything gathers everything.
func TestNamesSayWhatIsInside(t *testing.T) {
	for _, f := range goFiles(t) {
		for _, name := range []string{f.syntax.Name.Name, strings.TrimSuffix(strings.TrimSuffix(path.Base(f.path), ".go"), "_test")} {
			switch strings.TrimSuffix(name, "s") {
			case "util", "helper", "manager", "common", "misc", "base":
				t.Errorf("%s: %q says nothing of what is inside", f.path, name)
			}
		}
	}
}
