package store

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestBackupOfALiveState is taken between the writes of a daemon, and put in the
// place of a lost state.
func TestBackupOfALiveState(t *testing.T) {
	onlySQLite(t, "it has a tool of its own")
	s := openTest(t)
	fill(t, s)
	want := records(t, s)
	reader, err := OpenReadOnly(t.Context(), filepath.Dir(s.Path()))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = reader.Close() }()
	copied := filepath.Join(t.TempDir(), "copy.db")
	if err := reader.Backup(t.Context(), copied); err != nil {
		t.Fatal(err)
	}
	mustApply(t, s, batch(version("indicator--9", 1, "later.example")))

	dir := t.TempDir()
	data, err := os.ReadFile(copied)
	if err == nil {
		err = os.WriteFile(filepath.Join(dir, filepath.Base(s.Path())), data, 0o640)
	}
	if err != nil {
		t.Fatal(err)
	}
	restored := openIn(t, dir)
	checkFixture(t, restored)
	checkConsistent(t, restored)
	if diff := cmp.Diff(want, records(t, restored)); diff != "" {
		t.Errorf("(-state +restored):\n%s", diff)
	}
	mustApply(t, restored, batch(version("indicator--9", 1, "later.example")))
	checkConsistent(t, restored)
}

func TestBackupTouchesNothingThatIsThere(t *testing.T) {
	onlySQLite(t, "it has a tool of its own")
	s := openTest(t)
	dir := t.TempDir()
	path := filepath.Join(dir, "there.db")
	if err := os.WriteFile(path, []byte("mine"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := s.Backup(t.Context(), path); !errors.Is(err, fs.ErrExist) {
		t.Errorf("backed up with %v, want that the file is there", err)
	}
	if err := s.Backup(t.Context(), filepath.Join(dir, "missing", "copy.db")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("backed up with %v, want that the directory is not there", err)
	}
	names, err := filepath.Glob(filepath.Join(dir, "*"))
	hidden, _ := filepath.Glob(filepath.Join(dir, ".*"))
	if data, _ := os.ReadFile(path); err != nil || string(data) != "mine" || len(names)+len(hidden) != 1 {
		t.Errorf("the directory has %v and %v", names, hidden)
	}
}
