package addresslist

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/indicatord/indicatord/internal/indicator"
	"github.com/indicatord/indicatord/internal/plugin"
	"github.com/indicatord/indicatord/internal/servedlist"
	"github.com/indicatord/indicatord/outputs"
)

// TestServedList: what is written is recorded with its checksum, so that the server
// knows it for whole.
func TestServedList(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "lists")
	settings := Spec().Settings().(*Settings)
	settings.Serve, settings.AllowEmpty = "edge-{family}.txt", true
	if err := settings.Validate(); err != nil {
		t.Fatal(err)
	}
	output, err := settings.Open(plugin.Env{Name: "edge", Lists: dir})
	if err != nil {
		t.Fatal(err)
	}
	for _, values := range [][]string{{"192.0.2.1"}, {"192.0.2.1", "192.0.2.2"}, {"192.0.2.1", "192.0.2.2"}, nil} {
		receipt, err := output.Deliver(t.Context(), delivery(entries(indicator.IP, values...)...))
		if err != nil || receipt.Where != "/lists/edge-{family}.txt" {
			t.Fatalf("%+v %v", receipt, err)
		}
		for file, want := range map[string]int{"edge-ip4.txt": len(values), "edge-ip6.txt": 0} {
			checkRecord(t, filepath.Join(dir, file), want)
		}
	}
	record, err := servedlist.ReadRecord(filepath.Join(dir, "edge-ip4.txt"))
	if err != nil || len(record.Versions) != 3 {
		t.Errorf("three versions are recorded as %+v, %v", record, err)
	}
}

// TestServedListBeforeItsDirectory: before the first start nothing is wrong with a
// list that the daemon will make, and neither a probe nor a preview makes anything.
func TestServedListBeforeItsDirectory(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "state", "lists")
	settings := Spec().Settings().(*Settings)
	settings.Serve = "edge"
	output, err := settings.Open(plugin.Env{Name: "edge", Lists: dir})
	if err != nil {
		t.Fatal(err)
	}
	found, err := output.(outputs.Prober).Probe(t.Context())
	if err != nil || !strings.HasPrefix(found, "/lists/edge does not exist yet") {
		t.Errorf("Probe: %q, %v", found, err)
	}
	err = output.(outputs.Previewer).Preview(t.Context(), delivery(entries(indicator.IP, "192.0.2.1")...), func(indicator.Key, string) {})
	if err != nil {
		t.Errorf("Preview: %v", err)
	}
	if _, err := os.Stat(dir); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the directory was made: %v", err)
	}
	if _, err := output.Deliver(t.Context(), delivery(entries(indicator.IP, "192.0.2.1")...)); err != nil {
		t.Fatal(err)
	}
	if found, err = output.(outputs.Prober).Probe(t.Context()); err != nil || !strings.Contains(found, "has 10 bytes") {
		t.Errorf("after the first delivery: %q, %v", found, err)
	}
}

func checkRecord(t *testing.T, path string, entries int) {
	t.Helper()
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	sum, err := servedlist.Sum(file)
	if err != nil {
		t.Fatal(err)
	}
	record, err := servedlist.ReadRecord(path)
	if err != nil {
		t.Fatal(err)
	}
	if v := record.Newest(); v.SHA256 != sum || v.Entries != entries || !record.AllowEmpty {
		t.Errorf("%s: the record is %+v, want %s with %d entries", path, record, sum, entries)
	}
}

// TestPlaceIsOne: a list goes to a path or is served.
func TestPlaceIsOne(t *testing.T) {
	for name, test := range map[string]struct {
		path, serve string
		allowEmpty  bool
		want        string
	}{
		"both":                  {"/srv/list", "edge", false, "choose one"},
		"neither":               {"", "", false, "path: is required"},
		"a served path":         {"", "../edge", false, "is not the name of a served list"},
		"a hidden name":         {"", ".edge", false, "is not the name of a served list"},
		"an unknown mark":       {"", "edge-{x}", false, "is not the name of a served list"},
		"consent for a path":    {"/srv/list", "", true, "allow_empty: is for a list that is served"},
		"a served list":         {"", "edge", true, ""},
		"a path":                {"/srv/list", "", false, ""},
		"a served list by kind": {"", "{kind}.txt", false, ""},
	} {
		settings := Spec().Settings().(*Settings)
		settings.Path, settings.Serve, settings.AllowEmpty = test.path, test.serve, test.allowEmpty
		err := settings.Validate()
		if test.want == "" && err != nil || test.want != "" && (err == nil || !strings.Contains(err.Error(), test.want)) {
			t.Errorf("%s: %v, want %q", name, err, test.want)
		}
	}
}
