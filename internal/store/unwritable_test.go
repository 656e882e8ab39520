package store

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

func TestOthersMayNotReadTheState(t *testing.T) {
	onlySQLite(t, "there is no file")
	defer unix.Umask(unix.Umask(0o022))
	dir := t.TempDir()
	s := openIn(t, dir)
	mustApply(t, s, batch(version("indicator--1", 1, "a.example")))
	for _, suffix := range []string{"", "-wal", "-shm"} {
		info, err := os.Stat(s.Path() + suffix)
		if err != nil {
			t.Fatal(err)
		}
		if info.Mode().Perm() != 0o640 {
			t.Errorf("%s has the mode %v, want 0640", filepath.Base(info.Name()), info.Mode().Perm())
		}
	}
}

// coded is an error of SQLite.
type coded int

func (c coded) Error() string { return fmt.Sprintf("(%d)", int(c)) }
func (c coded) Code() int     { return int(c) }

func TestUnwritable(t *testing.T) {
	for err, want := range map[error]bool{
		nil: false, errors.New("other"): false, coded(26): false, coded(13): false,
		coded(8): true, coded(1544): true, coded(14): true, coded(14 | 2<<8): true,
		fmt.Errorf("reading: %w", coded(1544)): true,
	} {
		if got := unwritable(err); got != want {
			t.Errorf("unwritable(%v) = %v", err, got)
		}
	}
}

func TestLogEmpty(t *testing.T) {
	path := filepath.Join(t.TempDir(), fileName)
	if !logEmpty(path) {
		t.Error("a log that is not there is not empty")
	}
	for text, want := range map[string]bool{"": true, "x": false} {
		if err := os.WriteFile(path+"-wal", []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if logEmpty(path) != want {
			t.Errorf("with %q, empty is %v", text, !want)
		}
	}
}

// TestOpenImmutable reads what a directory that cannot be written to holds, and
// refuses while something waits in its log.
func TestOpenImmutable(t *testing.T) {
	onlySQLite(t, "there is no file")
	dir := t.TempDir()
	writer := openIn(t, dir)
	mustApply(t, writer, batch(version("indicator--1", 1, "a.example")))
	reader := &Store{engine: sqlite, path: writer.Path()}
	if err := reader.openForReading(t.Context()); err != nil {
		t.Fatal(err)
	}
	err := reader.openUnwritable(t.Context(), coded(1544))
	if err == nil || !strings.Contains(err.Error(), "as the agent's user, or as root") {
		t.Errorf("beside a writer the error is %v", err)
	}
	want := said(t, writer)
	closeStore(t, reader) // the last to close a state folds its log back, and must be able to write
	closeStore(t, writer)
	if err := reader.openUnwritable(t.Context(), coded(1544)); err != nil {
		t.Fatal(err)
	}
	defer closeStore(t, reader)
	if got := said(t, reader); fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("it says %v, want %v", got, want)
	}
}

func TestReadOnlyInADirectoryThatCannotBeWritten(t *testing.T) {
	onlySQLite(t, "there is no file")
	if os.Geteuid() == 0 {
		t.Skip("root may write everywhere")
	}
	dir := t.TempDir()
	writer := openIn(t, dir)
	mustApply(t, writer, batch(version("indicator--1", 1, "a.example")))
	want := said(t, writer)
	closeStore(t, writer)
	for path, mode := range map[string]os.FileMode{filepath.Join(dir, fileName): 0o440, dir: 0o550} {
		if err := os.Chmod(path, mode); err != nil {
			t.Fatal(err)
		}
	}
	defer func() { _ = os.Chmod(dir, 0o750) }() //nolint:gosec // the directory of the test
	reader, err := OpenReadOnly(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	defer closeStore(t, reader)
	if got := said(t, reader); fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("it says %v, want %v", got, want)
	}
}

func TestAForeignFileIsNoState(t *testing.T) {
	onlySQLite(t, "there is no file")
	dir := t.TempDir()
	path := filepath.Join(dir, fileName)
	if err := os.WriteFile(path, []byte(strings.Repeat("no database at all. ", 1000)), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, open := range openers {
		s, err := open(t.Context(), dir)
		if s != nil || err == nil || !strings.Contains(err.Error(), path+" is not a state of indicatord") {
			t.Errorf("%s: the error is %v", name, err)
		}
	}
}
