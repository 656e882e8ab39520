//go:build unix

package atomicfile

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// put replaces the file at path and keeps the version before.
func put(t *testing.T, path, text string) {
	t.Helper()
	p, err := Begin(path, Options{Mode: 0o644, KeepPrevious: true})
	if err != nil {
		t.Fatal(err)
	}
	defer p.Discard()
	if _, err := p.WriteString(text); err != nil {
		t.Fatal(err)
	}
	changed, err := p.Changed()
	if err == nil && changed {
		err = p.Commit()
	}
	if err != nil {
		t.Fatal(err)
	}
}

func TestPreviousVersionIsKept(t *testing.T) {
	path := filepath.Join(t.TempDir(), "list")
	put(t, path, "one\n")
	if restored, err := Restore(path); restored || err != nil {
		t.Errorf("Restore without a previous version: %t, %v", restored, err)
	}
	for _, text := range []string{"two\n", "three\n"} {
		put(t, path, text)
	}
	// A process was killed while it gave the old file its other name.
	write(t, filepath.Join(filepath.Dir(path), leftoverName(PreviousPath(path))), "half\n", 0o644)
	put(t, path, "three\n")
	if got := read(t, path) + read(t, PreviousPath(path)); got != "three\ntwo\n" {
		t.Errorf("the file and its previous version hold %q", got)
	}
	for range 2 {
		if restored, err := Restore(path); !restored || err != nil {
			t.Fatalf("Restore: %t, %v", restored, err)
		}
	}
	if got := read(t, path) + read(t, PreviousPath(path)); got != "two\ntwo\n" {
		t.Errorf("after it was put back they hold %q", got)
	}
	if diff := cmp.Diff([]string{".list.previous", "list"}, names(t, filepath.Dir(path))); diff != "" {
		t.Errorf("the directory (-want +got):\n%s", diff)
	}
}

func TestDuplicateByContent(t *testing.T) {
	dir := t.TempDir()
	write(t, filepath.Join(dir, "from"), "text\n", 0o640)
	if err := duplicateContent(filepath.Join(dir, "from"), filepath.Join(dir, "to")); err != nil {
		t.Fatal(err)
	}
	if got := read(t, filepath.Join(dir, "to")); got != "text\n" {
		t.Errorf("the copy holds %q", got)
	}
	if got := modeOf(t, filepath.Join(dir, "to")); got != 0o640 {
		t.Errorf("the copy has the mode %v", got)
	}
}

func TestDiscardLeavesNothing(t *testing.T) {
	path := filepath.Join(t.TempDir(), "list")
	write(t, path, "old\n", 0o644)
	p, err := Begin(path, Options{Mode: 0o644, KeepPrevious: true})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.WriteString("new\n"); err != nil {
		t.Fatal(err)
	}
	if changed, err := p.Changed(); !changed || err != nil {
		t.Errorf("Changed: %t, %v", changed, err)
	}
	p.Discard()
	p.Discard()
	if got := read(t, path); got != "old\n" {
		t.Errorf("the file holds %q", got)
	}
	if got := names(t, filepath.Dir(path)); len(got) != 1 {
		t.Errorf("the directory holds %v", got)
	}
}

func TestPatch(t *testing.T) {
	path := filepath.Join(t.TempDir(), "zone")
	p, err := Begin(path, Options{Mode: 0o644})
	if err != nil {
		t.Fatal(err)
	}
	defer p.Discard()
	if _, err := p.Write([]byte("serial 0000\n")); err != nil {
		t.Fatal(err)
	}
	if _, err := p.Changed(); err != nil {
		t.Fatal(err)
	}
	if err := p.Patch([]byte("2026"), 7); err != nil {
		t.Fatal(err)
	}
	if err := p.Commit(); err != nil {
		t.Fatal(err)
	}
	if got := read(t, path); got != "serial 2026\n" {
		t.Errorf("the file holds %q", got)
	}
	if _, err := os.Stat(PreviousPath(path)); !os.IsNotExist(err) {
		t.Errorf("a previous version was kept though nobody asked: %v", err)
	}
}
