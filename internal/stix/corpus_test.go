package stix

import (
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestCorpus reads every STIX bundle below the folder that INDICATORD_CORPUS
// names, and loses nothing of it: every indicator gives a key or a reason.
func TestCorpus(t *testing.T) {
	root := os.Getenv("INDICATORD_CORPUS")
	if root == "" {
		t.Skip("INDICATORD_CORPUS does not name a folder of STIX bundles")
	}
	counts := map[string]int{}
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || filepath.Ext(path) != ".json" {
			return err
		}
		data, err := os.ReadFile(path)
		if err != nil || !strings.Contains(string(data[:min(len(data), 4096)]), `"bundle`) {
			return err
		}
		counts["files"]++
		countObjects(t, path, string(data), counts)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if counts["indicators"] == 0 {
		t.Errorf("%s holds no indicator", root)
	}
	for _, name := range slices.Sorted(maps.Keys(counts)) {
		t.Logf("%8d %s", counts[name], name)
	}
}

func countObjects(t *testing.T, path, data string, counts map[string]int) {
	for raw, err := range ReadBundle(strings.NewReader(data), 1<<20) {
		if err != nil {
			t.Errorf("%s: %v", path, err)
			continue
		}
		d, err := Derive(raw, Options{})
		if err != nil {
			t.Errorf("%s: %v", path, err)
			continue
		}
		counts["objects"]++
		if h, err := ReadHeader(raw); err != nil || h != d.Header {
			t.Errorf("%s: %s: header %+v (%v), want %+v", path, d.Header.ID, h, err, d.Header)
		}
		countIndicator(t, path, &d, counts)
	}
}

func countIndicator(t *testing.T, path string, d *Derived, counts map[string]int) {
	if d.Header.Type != typeIndicator {
		return
	}
	counts["indicators"]++
	if !d.Header.Revoked && len(d.Assertions)+len(d.Rejects) == 0 {
		t.Errorf("%s: %s gives neither a key nor a reason", path, d.Header.ID)
	}
	for _, a := range d.Assertions {
		counts["key "+a.Key.Kind.String()]++
	}
	for _, r := range d.Rejects {
		counts["reject "+string(r.Code)]++
	}
	for _, name := range d.Leniencies.Names() {
		counts["lenient "+name]++
	}
	for _, n := range d.Notes {
		counts["note "+n]++
	}
}
