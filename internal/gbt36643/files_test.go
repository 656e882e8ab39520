package gbt36643

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"github.com/indicatord/indicatord/internal/indicator"
	"github.com/indicatord/indicatord/internal/stix"
)

var update = flag.Bool("update", false, "rewrite the expected output in testdata/files")

// sample is a file of testdata/files: an input, a table that lies over the
// shipped one, and what reading gives.
type sample struct {
	name, input, mapping string
	archive              *txtar.Archive
	want                 *txtar.File
}

func samples(t testing.TB) []sample {
	t.Helper()
	paths, err := filepath.Glob("testdata/files/*.txtar")
	if err != nil || len(paths) == 0 {
		t.Fatalf("there are no samples: %v", err)
	}
	var all []sample
	for _, path := range paths {
		archive, err := txtar.ParseFile(path)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, newSample(path, archive))
	}
	return all
}

func newSample(path string, archive *txtar.Archive) sample {
	s := sample{name: path, archive: archive}
	for i := range archive.Files {
		switch f := &archive.Files[i]; f.Name {
		case "input.json":
			s.input = string(f.Data)
		case "format":
			s.mapping += "format: " + string(f.Data)
		case "mapping.yaml":
			s.mapping += string(f.Data)
		case "want":
			s.want = f
		}
	}
	return s
}

func (s *sample) parse(t testing.TB) *Mapping {
	t.Helper()
	m, err := ParseMapping([]byte(s.mapping))
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// TestFiles reads each sample. The unmarked level is the site's default.
func TestFiles(t *testing.T) {
	for _, s := range samples(t) {
		t.Run(filepath.Base(s.name), func(t *testing.T) {
			got := transcript(Read([]byte(s.input), s.parse(t)))
			if *update {
				s.rewrite(t, got)
				return
			}
			if s.want == nil {
				t.Fatal("the sample does not say what is wanted; -update writes it")
			}
			if diff := cmp.Diff(string(s.want.Data), got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func (s *sample) rewrite(t *testing.T, got string) {
	t.Helper()
	if s.want == nil {
		s.archive.Files = append(s.archive.Files, txtar.File{Name: "want"})
		s.want = &s.archive.Files[len(s.archive.Files)-1]
	}
	s.want.Data = []byte(got)
	if err := os.WriteFile(s.name, txtar.Format(s.archive), 0o644); err != nil {
		t.Fatal(err)
	}
}

// transcript writes what a reading gives, for people.
func transcript(reading *Reading, err error) string {
	if err != nil {
		return "error: " + err.Error() + "\n"
	}
	var b strings.Builder
	for i := range reading.Records {
		r := &reading.Records[i]
		fmt.Fprintf(&b, "%d:%d %s %s\n", r.Line, r.Column, orNone(r.Sort), orNone(r.ID))
		describe(&b, r.Derive(stix.Options{UnmarkedTLP: indicator.TLPAmber}))
	}
	for note, n := range sorted(reading.Notes) {
		fmt.Fprintf(&b, "note %s %d\n", note, n)
	}
	return b.String()
}

func orNone(word string) string {
	if word == "" {
		return "(none)"
	}
	return word
}

func describe(b *strings.Builder, d stix.Derived) {
	if d.Header.Revoked {
		fmt.Fprintln(b, "  revoked")
	}
	for i := range d.Assertions {
		key, a := d.Assertions[i].Key, &d.Assertions[i].Assertion
		fmt.Fprintf(b, "  %s %s %s", key, a.Exactness, a.Direction)
		fmt.Fprintf(b, " %s..%s", day(a.ValidFrom), day(a.ValidUntil))
		fmt.Fprintf(b, " confidence %d %s %v %v\n", a.Confidence, a.TLP, a.Object.Types, a.Object.Labels)
	}
	if len(d.Assertions) > 0 && len(d.Object.Remainder) > 0 {
		fmt.Fprintf(b, "  beside %v\n", d.Assertions[0].Assertion.Object.Remainder)
	}
	for _, r := range d.Rejects {
		fmt.Fprintf(b, "  reject %s: %s", r.Code, r.Detail)
		if r.Value != "" {
			fmt.Fprintf(b, " | %s", strings.ReplaceAll(r.Value, "\n", " "))
		}
		fmt.Fprintln(b)
	}
	if len(d.Notes) > 0 {
		fmt.Fprintf(b, "  notes %v\n", d.Notes)
	}
}

func day(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.Format("2006-01-02T15:04:05Z")
}
