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
	// A row says whether the program or only its tests import the module.
	program, tests, _ := strings.Cut(string(record), "Only tests import these:")
	inProgram, inTests := modulesIn(program), modulesIn(tests)
	used, usedByTests := importedModules(t)
	for module := range used {
		wanted, wantedByTests := used[module], usedByTests[module] && !used[module]
		if wanted != inProgram[module] {
			t.Errorf("%s: the program imports %s: %t; the first table has a row for it: %t", dependenciesPath, module, wanted, !wanted)
		}
		if wantedByTests != inTests[module] {
			t.Errorf("%s: only tests import %s: %t; the second table has a row for it: %t", dependenciesPath, module, wantedByTests, !wantedByTests)
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

// importedModules says of every module of go.mod whether the program imports it,
// and whether tests do. The suites of the plugins belong to the tests.
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
			imports := slices.ContainsFunc(f.imports, func(imported string) bool { return isBelow(imported, module) })
			inTest := f.isTest() || isSuite(f.folder)
			program[module] = program[module] || imports && !inTest
			tests[module] = tests[module] || imports && inTest
		}
	}
	return program, tests
}
