package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/indicatord/indicatord/internal/indicator"
	"github.com/indicatord/indicatord/internal/stix"
	"github.com/indicatord/indicatord/internal/stix/pattern"
)

// fidelityPages hold the table of what became of real bundles. Its rows are the
// same in every language.
var fidelityPages = []string{"../../docs/fidelity.md", "../../docs/zh/fidelity.md"}

// sampleBundle is shipped, so its row is checked everywhere.
const (
	sampleBundle = "../../configs/sample/power-grid.json"
	sampleName   = "configs/sample/power-grid.json"
)

// TestFidelity inspects the shipped sample and every STIX bundle below the folder
// that INDICATORD_CORPUS names. No indicator is lost: each gives a value, a
// reject or both. The counts are those of the table in the documentation.
func TestFidelity(t *testing.T) {
	rows := map[string]string{sampleName: inspectFidelity(t, sampleBundle).row()}
	root := os.Getenv("INDICATORD_CORPUS")
	for _, path := range bundlesBelow(t, root) {
		name, err := filepath.Rel(root, path)
		if err != nil {
			t.Fatal(err)
		}
		rows[filepath.ToSlash(name)] = inspectFidelity(t, path).row()
	}
	if root == "" {
		t.Log("INDICATORD_CORPUS does not name a folder of STIX bundles: only the sample was inspected")
	}
	for _, page := range fidelityPages {
		checkFidelityPage(t, page, rows, root != "")
	}
}

// bundlesBelow returns the STIX bundles below a folder, none where there is no
// folder.
func bundlesBelow(t *testing.T, root string) []string {
	t.Helper()
	if root == "" {
		return nil
	}
	var paths []string
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || filepath.Ext(path) != ".json" {
			return err
		}
		text, err := os.ReadFile(path)
		if err == nil && strings.Contains(string(text[:min(len(text), 4096)]), `"bundle`) {
			paths = append(paths, path)
		}
		return err
	})
	if err != nil || len(paths) == 0 {
		t.Fatalf("%s holds no bundle: %v", root, err)
	}
	return paths
}

// fidelity is what became of the indicators of a bundle.
type fidelity struct {
	indicators           int
	whole, partly, none  int // indicators that gave values, values and rejects, rejects
	values               map[indicator.Exactness]int
	carried              int // values that no tool can match
	rejects, notByLetter tally
}

// inspectedLine is a line of what inspect writes.
type inspectedLine struct {
	ObjectID  string              `json:"object_id"`
	Kind      *indicator.Kind     `json:"kind"`
	Exactness indicator.Exactness `json:"exactness"`
	Reject    string              `json:"reject"`
}

// inspectFidelity inspects a bundle and accounts for each of its indicators by
// its id.
func inspectFidelity(t *testing.T, path string) *fidelity {
	t.Helper()
	var out, stderr bytes.Buffer
	i := newInspection(&out, &stderr, stix.Options{})
	i.file(path, nil)
	if err := i.out.Flush(); err != nil || i.unread {
		t.Fatalf("%s was not read to its end: %s", path, stderr.String())
	}
	f := &fidelity{values: map[indicator.Exactness]int{}, rejects: i.summary.rejects, notByLetter: tally{}}
	maps.Copy(f.notByLetter, i.summary.lenient)
	maps.Copy(f.notByLetter, i.summary.notes)
	values, rejects := f.read(t, &out)
	for _, id := range indicatorsOf(t, path) {
		f.indicators++
		switch {
		case values[id] > 0 && rejects[id] > 0:
			f.partly++
		case values[id] > 0:
			f.whole++
		case rejects[id] > 0:
			f.none++
		default:
			t.Errorf("%s: %s is lost: it gives neither a value nor a reject", path, id)
		}
	}
	return f
}

// read counts the lines by the object that they are about.
func (f *fidelity) read(t *testing.T, lines *bytes.Buffer) (values, rejects map[string]int) {
	t.Helper()
	values, rejects = map[string]int{}, map[string]int{}
	for decoder := json.NewDecoder(lines); decoder.More(); {
		var line inspectedLine
		if err := decoder.Decode(&line); err != nil {
			t.Fatal(err)
		}
		if line.Kind == nil {
			rejects[line.ObjectID]++
			continue
		}
		values[line.ObjectID]++
		f.values[line.Exactness]++
		if line.Kind.Carried() {
			f.carried++
		}
	}
	return values, rejects
}

// indicatorsOf returns the ids of the indicators of a bundle by other means than
// those of the program.
func indicatorsOf(t *testing.T, path string) []string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var bundle struct {
		Objects []struct{ ID, Type string }
	}
	if err := json.Unmarshal(text, &bundle); err != nil {
		t.Fatal(err)
	}
	var ids []string
	for _, o := range bundle.Objects {
		if o.Type == "indicator" {
			ids = append(ids, o.ID)
		}
	}
	return ids
}

// row writes what became of a bundle as the table has it, but for the name.
func (f *fidelity) row() string {
	return fmt.Sprintf("| %d | %d | %d | %d | %d | %d | %d | %d | %s | %s |",
		f.indicators, f.whole, f.partly, f.none,
		f.values[indicator.Exact], f.values[indicator.Widened], f.values[indicator.Compound], f.carried,
		f.rejects.words(), f.notByLetter.words())
}

// words writes a tally on one line.
func (t tally) words() string {
	var words []string
	for _, word := range slices.Sorted(maps.Keys(t)) {
		words = append(words, fmt.Sprintf("%s %d", word, t[word]))
	}
	if len(words) == 0 {
		return "–"
	}
	return strings.Join(words, ", ")
}

// fidelityRow is a row of the table: a name of a file, then counts.
var fidelityRow = regexp.MustCompile("(?m)^\\| `([^`]+)` (\\| \\d+ \\|.*\\|)$")

// checkFidelityPage compares the rows of a page with those that were counted, all
// of them where the bundles are there. With -update it writes them instead.
func checkFidelityPage(t *testing.T, page string, rows map[string]string, all bool) {
	t.Helper()
	text, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	shown := map[string]string{}
	written := fidelityRow.ReplaceAllStringFunc(string(text), func(line string) string {
		match := fidelityRow.FindStringSubmatch(line)
		counted, known := rows[match[1]]
		if known || all {
			shown[match[1]] = match[2]
		}
		if !known {
			return line
		}
		return "| `" + match[1] + "` " + counted
	})
	if *update {
		if err := os.WriteFile(page, []byte(written), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if diff := cmp.Diff(rows, shown); diff != "" {
		t.Errorf("%s (-counted +shown; -update writes the rows of the bundles that it names):\n%s", page, diff)
	}
}

// TestFidelityNamesEverything keeps the pages complete: each word that the
// settings, the commands or the rejects of patterns use is explained there.
func TestFidelityNamesEverything(t *testing.T) {
	words := slices.Concat(pattern.ShapeNames(), pattern.LeniencyNames(), []string{"--strict", "--stix20", "patterns.lenient"})
	words = append(words, (^indicator.Notes(0)).Words()...)
	for _, info := range pattern.Codes() {
		words = append(words, string(info.Code))
	}
	unmentioned := []string{string(pattern.CodeLiteralType), string(pattern.CodeEmptySet)} // mistakes, not shapes
	for _, page := range fidelityPages {
		text, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		for _, word := range words {
			if !strings.Contains(string(text), word) && !slices.Contains(unmentioned, word) {
				t.Errorf("%s does not mention %s", page, word)
			}
		}
	}
}
