package gbt36643

import (
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestShippedTablesAreRight(t *testing.T) {
	for _, format := range Formats() {
		m, err := Shipped(format)
		if err != nil {
			t.Errorf("%s: %v", format, err)
			continue
		}
		if m.Format() != format {
			t.Errorf("the table of %s is for %s", format, m.Format())
		}
	}
	if _, err := Shipped("misp"); err == nil || !strings.Contains(err.Error(), `"misp"`) {
		t.Errorf("a format without a table: %v", err)
	}
}

// TestSiteTable is the example of the documentation.
func TestSiteTable(t *testing.T) {
	table, err := os.ReadFile("testdata/site/mapping.yaml")
	if err != nil {
		t.Fatal(err)
	}
	m, err := ParseMapping(table)
	if err != nil {
		t.Fatal(err)
	}
	records, err := os.ReadFile("testdata/site/records.json")
	if err != nil {
		t.Fatal(err)
	}
	const want = `5:7 indicator indicator-7b1d
  ip 5.149.248.77 exact to 2026-03-01T00:00:00Z..2026-05-31T16:00:00Z confidence 100 amber [malicious-activity] [c2]
  beside [unknown-value-type]
  reject unknown-value-type: the mapping does not know the type "process" | process
9:7 observable observation-9c2e
`
	if diff := cmp.Diff(want, transcript(Read(records, m))); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestOverlay: a table says anew what it names, and nothing else.
func TestOverlay(t *testing.T) {
	shipped, err := Shipped(FormatGBT36643)
	if err != nil {
		t.Fatal(err)
	}
	m, err := ParseMapping([]byte("zone: Z\nwords: {confidence: {low: 1, 很高: 99}, severity: null}\nrecords: {indicator: {fields: {title: [name]}}}\n"))
	if err != nil {
		t.Fatal(err)
	}
	want := shipped.table
	want.Zone = "Z"
	want.Words.Confidence["low"], want.Words.Confidence["很高"] = 1, 99
	want.Words.Severity = nil
	of := want.Records["indicator"]
	of.Fields.Title = []string{"name"}
	want.Records["indicator"] = of
	if diff := cmp.Diff(want, m.table, cmp.AllowUnexported(table{})); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestEmptyTableIsTheShippedOne(t *testing.T) {
	for _, text := range []string{"", "# nothing\n", "format: gbt36643\n", "\ufeffmode: loose\n"} {
		m, err := ParseMapping([]byte(text))
		if err != nil {
			t.Errorf("%q: %v", text, err)
			continue
		}
		if m.Format() != FormatGBT36643 || m.table.Mode != modeLoose || m.zone.String() != "+08:00" {
			t.Errorf("%q gives %s, %s, %v", text, m.Format(), m.table.Mode, m.zone)
		}
	}
}

// TestWrongTables: what is wrong is told with its place or its key.
func TestWrongTables(t *testing.T) {
	for _, tt := range []struct {
		name, table string
		want        []string
	}{
		{"an unknown key", "mode: loose\nmodus: x\n", []string{"line 2, column 1", `"modus"`}},
		{"a key of a deeper table", "records:\n  indicator:\n    fields:\n      colour: [x]\n", []string{"line 4", `"colour"`}},
		{"a value of another type", "container:\n  lists: [a]\n", []string{"line 2"}},
		{"a key twice", "mode: loose\nmode: strict\n", []string{"line 2, column 1", "already defined"}},
		{"no YAML", "mode: [loose\n", []string{"line 1"}},
		{"no text", "mode: \xff\n", []string{"UTF-8"}},
		{"too large", strings.Repeat("# x\n", maxTable), []string{"bytes"}},
		{"an unknown format", "format: misp\n", []string{`"misp"`, "gbt36643 or threatbook"}},
		{"a mode", "mode: lax\n", []string{`mode: "lax" is neither loose nor strict`}},
		{"a zone", "zone: Asia/Shanghai\n", []string{`zone: the zone "Asia/Shanghai" is no offset`}},
		{"a sort that is not there", "container: {lists: {a.b: nothing}}\n", []string{`container.a.b: records has no sort "nothing"`}},
		{"a role", "records: {x: {role: y}}\n", []string{`records.x.role: "y" is none of`}},
		{"an indicator without ids", "records: {x: {role: indicator}}\n", []string{"records.x.fields.id"}},
		{"ids that begin with nothing", "records: {x: {role: context, ids: [\"\"]}}\n", []string{"records.x.ids"}},
		{"a type that is not there", "records: {x: {role: context, self: y}}\n", []string{`records.x.self: objects has no type "y"`}},
		{"a type without tests", "objects: {x: {words: [x]}}\n", []string{"objects.x.tests"}},
		{"a test without keys", "objects: {x: {tests: {y: {is: by-form}}}}\n", []string{"objects.x.tests.y.keys"}},
		{"a test for words of nothing", "objects: {x: {tests: {y: {is: by-form, keys: [a], for: [b]}}}}\n", []string{"objects.x.tests.y.for"}},
		{"a property", "objects: {x: {tests: {y: {is: ip, keys: [a]}}}}\n", []string{`objects.x.tests.y.is: "ip" is neither`}},
		{"a negated property", "objects: {x: {tests: {y: {is: \"url:value NOT\", keys: [a]}}}}\n", []string{"is more than a STIX object path"}},
		{"a pattern as a property", "words: {values: {x: \"url:value = 'y' OR url:value\"}}\n", []string{"words.values.x", "is more than"}},
		{"a relationship", "words: {relationships: {and: and}}\n", []string{`words.relationships.and: "and" is not or or other`}},
		{"a constraint", "words: {constraints: {like: like}}\n", []string{`words.constraints.like`}},
		{"a confidence", "words: {confidence: {sure: 101}}\n", []string{"words.confidence.sure: 101"}},
		{"a level", "words: {markings: {内部: internal}}\n", []string{"words.markings.内部", `"internal"`}},
		{"a direction", "words: {directions: {up: up}}\n", []string{"words.directions.up"}},
		{"a direction of a type", "words: {types: {x: {type: benign, direction: up}}}\n", []string{"words.types.x"}},
		{"a type of nothing", "words: {types: {x: {weak: true}}}\n", []string{"words.types.x: it has no type"}},
		{"a weak word of a strong type", "words: {types: {x: {type: malicious-activity, weak: true}}}\n", []string{"words.types.x: a weak word"}},
		{"an answer without right codes", "answer: {code: [code]}\n", []string{"answer.ok"}},
		{"all at once", "mode: lax\nzone: x\n", []string{"mode:", "zone:"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := ParseMapping([]byte(tt.table))
			if err == nil {
				t.Fatal("it is taken")
			}
			if missing := slices.IndexFunc(tt.want, func(w string) bool { return !strings.Contains(err.Error(), w) }); missing >= 0 {
				t.Errorf("the error is %q, without %q", err, tt.want[missing])
			}
		})
	}
}
