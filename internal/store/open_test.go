package store

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"
)

// roleVariable makes the test binary play a part in another process.
const roleVariable = "INDICATORD_STORE_TEST_ROLE"

func TestMain(m *testing.M) {
	if role, ok := roles[os.Getenv(roleVariable)]; ok {
		role(os.Args[1:])
		return
	}
	goleak.VerifyTestMain(m)
}

var roles = map[string]func(args []string){
	"hold":  hold,
	"apply": applyForEver,
	"fill":  fillDisk,
}

// process starts the test binary in a role.
func process(t *testing.T, role string, args ...string) (*exec.Cmd, *bufio.Scanner) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0], args...)
	cmd.Env = append(os.Environ(), roleVariable+"="+role)
	cmd.Stderr = os.Stderr
	stdout, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	return cmd, bufio.NewScanner(stdout)
}

// hold opens the state directory, says so and keeps it until it is killed.
func hold(args []string) {
	s, err := open(context.Background(), args[0])
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Println("open", s.Path())
	select {}
}

func TestOnlyOneProcessWrites(t *testing.T) {
	dir := t.TempDir()
	holder, lines := process(t, "hold", dir)
	if !lines.Scan() {
		t.Fatal("the other process did not open the state")
	}
	_, err := open(t.Context(), dir)
	var locked *LockedError
	if !errors.As(err, &locked) || *locked != (LockedError{Dir: dir, PID: holder.Process.Pid}) {
		t.Errorf("the error is %v, want that process %d holds %s", err, holder.Process.Pid, dir)
	}
	reader, err := locate(dir).OpenReadOnly(t.Context())
	if err != nil {
		t.Fatalf("it cannot be read either: %v", err)
	}
	closeStore(t, reader)
	_ = holder.Process.Kill()
	_ = holder.Wait()
	openIn(t, dir) // the lock goes with the process
}

func TestOpenMakesTheDirectory(t *testing.T) {
	onlySQLite(t, "there is no file")
	for _, name := range []string{"a/b/c", "with space", "100%", "what?", "a#b", "电站", "%41", "a=b&c"} {
		dir := filepath.Join(t.TempDir(), name)
		s := openIn(t, dir)
		if want := filepath.Join(dir, fileName); s.Path() != want {
			t.Errorf("the path is %s, want %s", s.Path(), want)
		}
		if _, err := os.Stat(s.Path()); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if info, err := os.Stat(dir); err != nil || info.Mode().Perm()&0o007 != 0 {
			t.Errorf("%s: others may look: %v, %v", name, info.Mode(), err)
		}
	}
}

func TestOpenTellsWhatIsWrong(t *testing.T) {
	onlySQLite(t, "there is no file")
	file := filepath.Join(t.TempDir(), "file")
	garbage := t.TempDir()
	for _, path := range []string{file, filepath.Join(garbage, fileName)} {
		if err := os.WriteFile(path, []byte(strings.Repeat("no database at all. ", 1000)), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for dir, want := range map[string]string{file: "making the state directory", garbage: "file is not a database"} {
		if s, err := Open(t.Context(), dir); s != nil || err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("the error is %v, want %q", err, want)
		}
	}
}

func TestReadOnlyBesideAWriter(t *testing.T) {
	dir := t.TempDir()
	writer := openIn(t, dir)
	mustApply(t, writer, batch(version("indicator--1", 1, "a.example")))
	reader, err := locate(dir).OpenReadOnly(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer closeStore(t, reader)
	mustApply(t, writer, batch(version("indicator--2", 1, "b.example")))
	if diff := cmp.Diff(said(t, writer), said(t, reader)); diff != "" {
		t.Errorf("(-writer +reader):\n%s", diff)
	}
	if _, err := reader.read.ExecContext(t.Context(), "DELETE FROM entries"); err == nil {
		t.Error("the reader can write")
	}
}

func TestReadOnlyWithoutAState(t *testing.T) {
	onlySQLite(t, "there is no file")
	dir := filepath.Join(t.TempDir(), "nothing")
	if s, err := OpenReadOnly(t.Context(), dir); s != nil || !errors.Is(err, fs.ErrNotExist) || !strings.Contains(err.Error(), dir) {
		t.Errorf("the error is %v, want that nothing is in %s", err, dir)
	}
	if _, err := os.Stat(dir); err == nil {
		t.Error("opening for reading has made the directory")
	}
}

// TestReadOnlyOfAnUnfinishedState is what an interrupted first start leaves.
func TestReadOnlyOfAnUnfinishedState(t *testing.T) {
	onlySQLite(t, "there is no file")
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, fileName), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if s, err := OpenReadOnly(t.Context(), dir); s != nil || err == nil || !strings.Contains(err.Error(), "start the agent once") {
		t.Errorf("the error is %v", err)
	}
	openIn(t, dir)
}

// openers are the two ways to open a state.
var openers = map[string]func(context.Context, string) (*Store, error){"Open": Open, "OpenReadOnly": OpenReadOnly}

func TestNewerStateIsRefused(t *testing.T) {
	onlySQLite(t, "there is no file")
	dir := t.TempDir()
	s := openIn(t, dir)
	execute(t, s, "PRAGMA user_version = 999")
	closeStore(t, s)
	for name, open := range openers {
		s, err := open(t.Context(), dir)
		if s != nil || !errors.Is(err, ErrNewer) || !strings.Contains(err.Error(), "version 999") {
			t.Errorf("%s: the error is %v", name, err)
		}
	}
}
