package servedlist_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/indicatord/indicatord/internal/servedlist"
)

// TestFetches are read as they were written.
func TestFetches(t *testing.T) {
	dir := t.TempDir()
	none, err := servedlist.ReadFetches(dir)
	if err != nil || len(none) != 0 {
		t.Fatalf("where nothing was written: %v, %v", none, err)
	}
	none.Set("edge", "firewall", servedlist.Fetch{Since: noon, At: noon, File: "edge-1", Version: "a"})
	none.Set("edge", "proxy", servedlist.Fetch{Since: noon})
	none.Set("inner", "proxy", servedlist.Fetch{Since: noon})
	if err := servedlist.WriteFetches(dir, none); err != nil {
		t.Fatal(err)
	}
	got, err := servedlist.ReadFetches(dir)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(none, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// FuzzReadFetches: whatever lies there can be read or is an error, and what was read
// can be added to.
func FuzzReadFetches(f *testing.F) {
	for _, seed := range []string{"", "null", "{}", `{"edge":null}`, `{"edge":{"firewall":{"since":"2026-06-01T12:00:00Z"}}}`, `{"edge":1}`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, ".fetches"), text, 0o600); err != nil {
			t.Fatal(err)
		}
		fetches, err := servedlist.ReadFetches(dir)
		if err != nil {
			return
		}
		fetches.Set("edge", "firewall", servedlist.Fetch{Since: noon})
	})
}
