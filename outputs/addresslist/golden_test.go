package addresslist

import (
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/indicatord/indicatord/internal/indicator"
	"github.com/indicatord/indicatord/internal/plugin"
	"github.com/indicatord/indicatord/outputs"
	"github.com/indicatord/indicatord/outputs/addresslist/dialect"
	"github.com/indicatord/indicatord/outputs/outputtest"
)

var update = flag.Bool("update", false, "write the golden files and the documents that are made of the dialects")

// about returns an entry with the scope and the direction.
func about(kind indicator.Kind, value string, scope indicator.Scope, direction indicator.Direction) indicator.Entry {
	e := outputtest.NewEntry(kind, value)
	e.Assertions[0].Scope = scope
	e.Assertions[0].Direction = direction
	return e
}

// everyWord are entries that between them meet every rule of a dialect.
func everyWord() []indicator.Entry {
	plain := func(kind indicator.Kind, value string) indicator.Entry {
		return about(kind, value, indicator.ScopeExact, indicator.DirectionTo)
	}
	unstated := plain(indicator.Domain, "_sip.grid-portal.net")
	unstated.Assertions[0].Confidence = indicator.Unstated
	return []indicator.Entry{
		plain(indicator.IP, "45.155.7.8"),
		about(indicator.IP, "45.155.7.9", indicator.ScopeExact, indicator.DirectionFrom),
		about(indicator.IP, "45.155.64.0/18", indicator.ScopeExact, indicator.DirectionUnknown),
		plain(indicator.IP, "45.155.80.0/24"),
		plain(indicator.IP, "2a0e:b107::9"),
		plain(indicator.IP, "2a0e:b107:40::/48"),
		plain(indicator.IP, "2a0e:b107:40:0:1::2"),
		unstated,
		plain(indicator.Domain, "update.grid-portal.net"),
		plain(indicator.Domain, "cdn.grid-portal.org"),
		about(indicator.Domain, "grid-portal.org", indicator.ScopeSubdomains, indicator.DirectionTo),
		plain(indicator.Domain, "xn--fsqu00a.xn--fiqs8s"),
		plain(indicator.Domain, strings.Repeat(strings.Repeat("long", 15)+".", 4)+"grid.net"),
		plain(indicator.URL, "ftp://grid-portal.net/load"),
		plain(indicator.URL, "grid-portal.net/load"),
		plain(indicator.URL, "http://grid-portal.net/load"),
		plain(indicator.URL, "https://grid-portal.net/"),
		plain(indicator.URL, "https://grid-portal.net:8443/a,b*c?d=%22e%22"),
		plain(indicator.Email, "billing@grid-portal.net"),
		plain(indicator.MD5, strings.Repeat("0a1b2c3d", 4)),
		plain(indicator.SHA1, strings.Repeat("0a1b2c3d", 5)),
		plain(indicator.SHA256, strings.Repeat("0a1b2c3d", 8)),
		plain(indicator.SHA512, strings.Repeat("0a1b2c3d", 16)),
		plain(indicator.FileName, `=cmd|"two", words.exe`),
		plain(indicator.Mutex, `Global\{4b6b4f0e}`),
	}
}

// inDialect returns settings of a dialect with a path in a new directory.
func inDialect(t testing.TB, name string) *Settings {
	t.Helper()
	settings := Spec().Settings().(*Settings)
	settings.Path = filepath.Join(t.TempDir(), "list")
	settings.Dialect = name
	return settings
}

// deliverTo opens the list of the settings and delivers the entries.
func deliverTo(t testing.TB, settings *Settings, entries ...indicator.Entry) outputs.Receipt {
	t.Helper()
	if err := settings.Validate(); err != nil {
		t.Fatal(err)
	}
	output, err := settings.Open(plugin.Env{Site: "plant-07", Name: "edge"})
	if err != nil {
		t.Fatal(err)
	}
	receipt, err := output.Deliver(t.Context(), delivery(entries...))
	if err != nil {
		t.Fatal(err)
	}
	return receipt
}

func read(t testing.TB, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// TestDialects writes the same entries in every dialect. A golden file shows the
// list, and below a line what is left out of it.
func TestDialects(t *testing.T) {
	var names []string
	for _, d := range dialect.All() {
		names = append(names, d.Name)
		t.Run(d.Name, func(t *testing.T) {
			settings := inDialect(t, d.Name)
			receipt := deliverTo(t, settings, everyWord()...)
			golden(t, d.Name, read(t, settings.Path)+leftOutText(receipt))
		})
	}
	t.Run(dialect.TemplateName, func(t *testing.T) {
		settings := inDialect(t, dialect.TemplateName)
		settings.Template = dialect.Template{
			Header: "begin\n", Footer: "end\n", Between: ";\n", End: ".\n", Comment: "--", Kinds: []indicator.Kind{indicator.IP, indicator.Domain},
			Line: `{{if eq .Kind "ip"}}addr {{.Address}} {{.Bits}}{{else if .Subdomains}}tree {{json .Value}} by {{join "+" .Sources}}{{end}}`,
		}
		receipt := deliverTo(t, settings, everyWord()...)
		golden(t, dialect.TemplateName, read(t, settings.Path)+leftOutText(receipt))
	})
	files, err := filepath.Glob("testdata/dialects/*.txt")
	if err != nil || len(files) != len(names)+1 {
		t.Errorf("%d golden files for %d dialects and the template (%v)", len(files), len(names), err)
	}
}

// leftOutText writes the counts of a receipt below a line.
func leftOutText(receipt outputs.Receipt) string {
	text := fmt.Sprintf("---- %d entries held\n", receipt.Held)
	for _, reason := range slices.Sorted(maps.Keys(receipt.Skipped)) {
		text += fmt.Sprintf("%d left out: %s\n", receipt.Skipped[reason], reason)
	}
	return text
}

// golden compares a text with the golden file of the name.
func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", "dialects", name+".txt")
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if diff := cmp.Diff(read(t, path), got); diff != "" {
		t.Errorf("the list differs from %s (-want +got):\n%s", path, diff)
	}
}
