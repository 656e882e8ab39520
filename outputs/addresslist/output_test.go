package addresslist

import (
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/indicatord/indicatord/internal/indicator"
	"github.com/indicatord/indicatord/internal/plugin"
	"github.com/indicatord/indicatord/outputs"
	"github.com/indicatord/indicatord/outputs/outputtest"
)

// open returns an output to a list in a new directory, and the list's path.
func open(t testing.TB) (outputs.Output, string) {
	t.Helper()
	settings := Spec().Settings().(*Settings)
	settings.Path = filepath.Join(t.TempDir(), "list.txt")
	output, err := settings.Open(plugin.Env{Name: "list"})
	if err != nil {
		t.Fatal(err)
	}
	return output, settings.Path
}

func delivery(entries ...indicator.Entry) outputs.Delivery {
	return outputtest.NewDelivery(entries, nil)
}

func entries(kind indicator.Kind, values ...string) []indicator.Entry {
	var all []indicator.Entry
	for _, v := range values {
		all = append(all, outputtest.NewEntry(kind, v))
	}
	return all
}

func TestPlainList(t *testing.T) {
	wide := outputtest.NewEntry(indicator.Domain, "grid-portal.net")
	wide.Assertions[0].Scope = indicator.ScopeSubdomains
	tests := []struct {
		name    string
		entries []indicator.Entry
		want    string
	}{
		{"nothing", nil, ""},
		{
			"addresses by number, the wider prefix first, IPv4 before IPv6",
			entries(indicator.IP, "2a0e:b107::9", "45.155.7.100", "45.155.7.9", "45.155.0.0/24", "45.155.0.0/16", "9.9.9.8"),
			"9.9.9.8\n45.155.0.0/16\n45.155.0.0/24\n45.155.7.9\n45.155.7.100\n2a0e:b107::9\n",
		},
		{
			"domains by their bytes",
			entries(indicator.Domain, "b.net", "a.net", "xn--fsqu00a.xn--fiqs8s", "a-b.net"),
			"a-b.net\na.net\nb.net\nxn--fsqu00a.xn--fiqs8s\n",
		},
		{"a domain with its subdomains is the bare name too", []indicator.Entry{wide}, "grid-portal.net\n"},
		{
			"kinds one after the other",
			slices.Concat(
				entries(indicator.SHA256, strings.Repeat("0a1b2c3d", 8)),
				entries(indicator.URL, "http://grid-portal.net/load"),
				entries(indicator.Email, "billing@grid-portal.net"),
				entries(indicator.Domain, "grid-portal.net"),
				entries(indicator.IP, "45.155.7.9"),
			),
			"45.155.7.9\ngrid-portal.net\nhttp://grid-portal.net/load\nbilling@grid-portal.net\n" + strings.Repeat("0a1b2c3d", 8) + "\n",
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			output, path := open(t)
			if _, err := output.Deliver(t.Context(), delivery(test.entries...)); err != nil {
				t.Fatal(err)
			}
			got, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, string(got)); diff != "" {
				t.Errorf("the list (-want +got):\n%s", diff)
			}
		})
	}
}

func TestReceipt(t *testing.T) {
	output, path := open(t)
	mixed := delivery(slices.Concat(
		entries(indicator.IP, "45.155.7.9", "45.155.7.10"),
		entries(indicator.FileName, "haslo.dat", "two words"),
		entries(indicator.Mutex, `Global\{4b6b4f0e}`),
		entries(indicator.Domain, "forged.net\n45.155.66.66"),
	)...)
	want := outputs.Receipt{
		Written: 2,
		Held:    2,
		Where:   path,
		Skipped: map[string]int{
			"no place for the kind file-name":  2,
			"no place for the kind mutex":      1,
			"a control character in the value": 1,
		},
	}
	got, err := output.Deliver(t.Context(), mixed)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("the first time (-want +got):\n%s", diff)
	}
	want.Written = 0
	if got, err = output.Deliver(t.Context(), mixed); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("the second time (-want +got):\n%s", diff)
	}
}

// TestMendsWhatOthersChanged delivers the same view to a list that was edited,
// emptied or removed.
func TestMendsWhatOthersChanged(t *testing.T) {
	output, path := open(t)
	view := delivery(entries(indicator.IP, "45.155.7.9", "45.155.7.10")...)
	if _, err := output.Deliver(t.Context(), view); err != nil {
		t.Fatal(err)
	}
	want, _ := os.ReadFile(path)
	changes := map[string]func() error{
		"edited":   func() error { return os.WriteFile(path, []byte("45.155.7.9\n45.155.7.11\n"), 0o644) },
		"extended": func() error { return os.WriteFile(path, append(want, "1.2.3.4\n"...), 0o644) },
		"emptied":  func() error { return os.Truncate(path, 0) },
		"removed":  func() error { return os.Remove(path) },
	}
	for name, change := range changes {
		t.Run(name, func(t *testing.T) {
			if err := change(); err != nil {
				t.Fatal(err)
			}
			receipt, err := output.Deliver(t.Context(), view)
			if err != nil || receipt.Written != 2 {
				t.Errorf("receipt %+v, %v; want two entries written", receipt, err)
			}
			if got, _ := os.ReadFile(path); string(got) != string(want) {
				t.Errorf("the list is %q, want %q", got, want)
			}
		})
	}
}

func TestValidate(t *testing.T) {
	tests := []struct {
		name   string
		change func(*Settings)
		want   []string
	}{
		{"right", func(*Settings) {}, nil},
		{"no path", func(s *Settings) { s.Path = "" }, []string{"path: is required"}},
		{"relative path", func(s *Settings) { s.Path = "edge.txt" }, []string{`path: "edge.txt" is not an absolute path`}},
		{"directory", func(s *Settings) { s.Path = "/lists/" }, []string{`path: "/lists/" is a directory`}},
		{"a mark in the directory", func(s *Settings) { s.Path = "/{kind}/edge.txt" }, []string{"path: only the name"}},
		{"an unknown mark", func(s *Settings) { s.Path = "/lists/{site}.txt" }, []string{"path: ", "unknown mark"}},
		{
			"everything wrong", func(s *Settings) { s.Path, s.Dialect, s.Reload.Command = "edge.txt", "cisco", []string{"reload"} },
			[]string{"path: ", `dialect: unknown dialect "cisco": want checkpoint`, "reload.command: "},
		},
		{"an unknown option", func(s *Settings) { s.Dialect, s.Options = "f5", map[string]string{"colour": "red"} }, []string{"options.colour: is no option of the dialect f5, which has list, category"}},
		{"a wrong option", func(s *Settings) { s.Dialect, s.Options = "f5", map[string]string{"list": "gl"} }, []string{`options.list: "gl" is none of bl, wl`}},
		{"joined without prefixes", func(s *Settings) { s.Dialect, s.Aggregate = "huawei", true }, []string{"aggregate: "}},
		{"widened without need", func(s *Settings) { s.Widen = true }, []string{"widen: "}},
		{"widened", func(s *Settings) { s.Dialect, s.Widen = "cisco-domain", true }, nil},
		{"parts of no size", func(s *Settings) { s.Path = "/lists/edge-{part}.txt" }, []string{"part_entries: is required"}},
		{"parts of the size that the reader takes", func(s *Settings) { s.Path, s.Dialect = "/lists/edge-{part}.txt", "panos-ip" }, nil},
		{"parts in one file", func(s *Settings) { s.Parts = 2 }, []string{"parts: there is one file"}},
		{"parts that are taken back", func(s *Settings) { s.Path, s.Dialect, s.PartEntries = "/lists/edge-{part}.txt", "zeek", 10 }, []string{"path: the dialect zeek"}},
		{"no template", func(s *Settings) { s.Dialect = "template" }, []string{"template.line: is required"}},
		{"a broken template", func(s *Settings) { s.Dialect, s.Template.Line = "template", "{{.Value" }, []string{"template.line: is not a template"}},
		{"a field that there is not", func(s *Settings) { s.Dialect, s.Template.Line = "template", "{{.Colour}}" }, []string{"template.line: cannot be filled in"}},
		{"a template for another dialect", func(s *Settings) { s.Template.Line = "{{.Value}}" }, []string{"template: is for the dialect template"}},
		{"a template for nothing", func(s *Settings) { s.Dialect, s.Template.Line, s.Template.Kinds = "template", "{{.Value}}", nil }, []string{"template.kinds: is empty"}},
		{"families of names", func(s *Settings) { s.Path, s.Dialect = "/lists/{family}", "hosts" }, []string{"path: the dialect hosts has no words for addresses"}},
		{"no time for the command", func(s *Settings) { s.Reload.Timeout = 0 }, []string{"reload.timeout: "}},
		{"nothing to put back", func(s *Settings) { s.KeepPrevious, s.Reload.RestoreOnFailure = false, true }, []string{"reload.restore_on_failure: "}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			settings := Spec().Settings().(*Settings)
			settings.Path = "/lists/edge.txt"
			test.change(settings)
			err := settings.Validate()
			if len(test.want) == 0 && err != nil {
				t.Errorf("Validate: %v", err)
			}
			for _, want := range test.want {
				if err == nil || !strings.Contains(err.Error(), want) {
					t.Errorf("Validate: %v, want %q", err, want)
				}
			}
		})
	}
}

func TestProbe(t *testing.T) {
	output, path := open(t)
	prober := output.(outputs.Prober)
	found, err := prober.Probe(t.Context())
	if err != nil || !strings.Contains(found, "does not exist yet") {
		t.Errorf("before the first delivery: %q, %v", found, err)
	}
	if _, err := output.Deliver(t.Context(), delivery(entries(indicator.IP, "45.155.7.9")...)); err != nil {
		t.Fatal(err)
	}
	long := time.Date(2026, 6, 1, 12, 0, 0, 0, time.UTC)
	if err := os.Chtimes(path, long, long); err != nil {
		t.Fatal(err)
	}
	found, err = prober.Probe(t.Context())
	if want := path + " has 11 bytes, written at 2026-06-01 12:00:00Z"; err != nil || found != want {
		t.Errorf("after it: %q, %v; want %q", found, err, want)
	}
	if err := os.RemoveAll(filepath.Dir(path)); err != nil {
		t.Fatal(err)
	}
	if _, err = prober.Probe(t.Context()); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("without its directory: %v", err)
	}
}

// addresses yields n addresses in order, some of them prefixes or of version 6.
func addresses(n int) iter.Seq2[indicator.Entry, error] {
	assertions := []indicator.Assertion{{Source: "hub"}}
	keys := make([]indicator.Key, n)
	for i := range keys {
		address := netip.AddrFrom4([4]byte{byte(5 + i>>22), byte(i >> 14), byte(i >> 6), byte(i << 2)})
		keys[i] = indicator.Key{Kind: indicator.IP, Value: address.String()}
		if i%50 == 0 {
			keys[i].Value += "/31"
		}
	}
	return func(yield func(indicator.Entry, error) bool) {
		for _, k := range keys {
			if !yield(indicator.Entry{Key: k, Assertions: assertions}, nil) {
				return
			}
		}
	}
}

// BenchmarkDeliver writes lists of 600,000 addresses to files and to the disk.
// "changed" replaces the list each time, "same" finds that it is the same; the
// others do so in a shape or a dialect that takes more work.
func BenchmarkDeliver(b *testing.B) {
	const n = 600_000
	one, other := addresses(n), addresses(n-1)
	for _, bench := range []struct {
		name   string
		second iter.Seq2[indicator.Entry, error]
		change func(*Settings)
	}{
		{"changed", other, func(*Settings) {}},
		{"same", one, func(*Settings) {}},
		{"joined", other, func(s *Settings) { s.Aggregate = true }},
		{"nftables", other, func(s *Settings) { s.Dialect = "nftables" }},
		{"trimmed", other, func(s *Settings) { s.MaxEntries = n / 2 }},
		{"parts", other, func(s *Settings) { s.Path, s.PartEntries = s.Path+"-{part}", 50_000 }},
		{"rpz", other, func(s *Settings) { s.Dialect = "rpz" }},
	} {
		b.Run(fmt.Sprintf("%s-%d", bench.name, n), func(b *testing.B) {
			settings := inDialect(b, "plain")
			bench.change(settings)
			output, err := settings.Open(plugin.Env{Name: "list"})
			if err != nil {
				b.Fatal(err)
			}
			views := []iter.Seq2[indicator.Entry, error]{one, bench.second}
			b.ReportAllocs()
			for b.Loop() {
				view := views[0]
				views[0], views[1] = views[1], views[0]
				d := outputs.Delivery{Now: outputtest.Now, All: func(outputs.Detail) iter.Seq2[indicator.Entry, error] { return view }}
				if _, err := output.Deliver(b.Context(), d); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
