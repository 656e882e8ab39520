package addresslist

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/indicatord/indicatord/internal/indicator"
	"github.com/indicatord/indicatord/internal/plugin"
	"github.com/indicatord/indicatord/outputs"
)

// TestPreview tells what the list has no place for and touches nothing: what the
// dialect has no words for, and those that are trusted least of what is too much.
func TestPreview(t *testing.T) {
	settings := Spec().Settings().(*Settings)
	dir, state := t.TempDir(), t.TempDir()
	settings.Path, settings.MaxEntries = filepath.Join(dir, "list.txt"), 2
	output, err := settings.Open(plugin.Env{Name: "list", State: state})
	if err != nil {
		t.Fatal(err)
	}
	all := entries(indicator.IP, "45.155.7.1", "45.155.7.2", "45.155.7.3")
	all[1].Assertions[0].Confidence = 5
	all = append(all, entries(indicator.FileName, "evil.exe")...)
	got := map[string]string{}
	preview := func() {
		t.Helper()
		clear(got)
		err := output.(outputs.Previewer).Preview(t.Context(), delivery(all...), func(k indicator.Key, reason string) { got[k.Value] = reason })
		if err != nil {
			t.Fatal(err)
		}
	}
	preview()
	for value, why := range map[string]bool{"45.155.7.2": true, "evil.exe": true, "45.155.7.1": false, "45.155.7.3": false} {
		if (got[value] != "") != why {
			t.Errorf("%s: left out because of %q", value, got[value])
		}
	}
	for _, of := range []string{dir, state} {
		if found, err := os.ReadDir(of); err != nil || len(found) > 0 {
			t.Errorf("the preview leaves %v, %v", found, err)
		}
	}
	if _, err := output.Deliver(t.Context(), delivery(all...)); err != nil {
		t.Fatal(err)
	}
	before, err := os.Stat(settings.Path)
	if err != nil {
		t.Fatal(err)
	}
	preview()
	if after, err := os.Stat(settings.Path); err != nil || !os.SameFile(before, after) {
		t.Errorf("the preview touched the list: %v", err)
	}
	if diff := cmp.Diff(2, len(got)); diff != "" {
		t.Errorf("left out (-want +got):\n%s", diff)
	}
}
