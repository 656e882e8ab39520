package architecture

import (
	"io/fs"
	"regexp"
	"slices"
	"strings"
	"testing"
)

const dependenciesPath = "docs/decisions/0002-dependencies.md"

// TestEveryDependencyHasAReason compares the modules that the code imports with
// the tables of the record.
func TestEveryDependencyHasAReason(t *testing.T) {
	record, err := fs.ReadFile(root, dependenciesPath)
	if err != nil {
		t.Fatal(err)
	}
	program, tests, _ := strings.Cut(string(record), "Only tests import these:")
	used, usedByTests := importedModules(t)
	for module := range used {
		delete(usedByTests, module)
	}
	compareModules(t, "the program imports", used, modulesIn(program))
	compareModules(t, "only tests import", usedByTests, modulesIn(tests))
}

func compareModules(t *testing.T, does string, imported, listed map[string]bool) {
	t.Helper()
	for module := range imported {
		if !listed[module] {
			t.Errorf("%s %s, and %s has no row for it there: its licence, and why we need it", does, module, dependenciesPath)
		}
	}
	for module := range listed {
		if !imported[module] {
			t.Errorf("%s lists %s among what %s, which is not so", dependenciesPath, module, does)
		}
	}
}

var (
	dependencyRow = regexp.MustCompile("(?m)^\\| `([^`]+)` \\|")
	requirement   = regexp.MustCompile(`(?m)^(?:require)?\s+(\S+) v\S+`)
)

func modulesIn(table string) map[string]bool {
	listed := map[string]bool{}
	for _, row := range dependencyRow.FindAllStringSubmatch(table, -1) {
		listed[row[1]] = true
	}
	return listed
}

// importedModules returns the modules of go.mod that the program imports, and
// those that tests do. The suites of the plugins belong to the tests.
func importedModules(t *testing.T) (program, tests map[string]bool) {
	t.Helper()
	text, err := fs.ReadFile(root, "go.mod")
	if err != nil {
		t.Fatal(err)
	}
	program, tests = map[string]bool{}, map[string]bool{}
	for _, required := range requirement.FindAllStringSubmatch(string(text), -1) {
		module := required[1]
		for _, f := range goFiles(t) {
			switch uses := slices.ContainsFunc(f.imports, func(imported string) bool { return isBelow(imported, module) }); {
			case uses && (f.isTest() || isSuite(f.folder)):
				tests[module] = true
			case uses:
				program[module] = true
			}
		}
	}
	return program, tests
}
