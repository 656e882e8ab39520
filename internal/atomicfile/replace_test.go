//go:build unix

package atomicfile

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// content returns a function that writes the text.
func content(text string) func(io.Writer) error {
	return func(w io.Writer) error {
		_, err := io.WriteString(w, text)
		return err
	}
}

func read(t *testing.T, path string) string {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// names returns the names in a directory.
func names(t *testing.T, dir string) []string {
	t.Helper()
	files, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, file := range files {
		all = append(all, file.Name())
	}
	return all
}

func write(t *testing.T, path, text string, mode fs.FileMode) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), mode); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(path, mode); err != nil {
		t.Fatal(err)
	}
}

func TestReplaceMakesANewFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "list")
	changed, err := Replace(path, 0o640, content("one\ntwo\n"))
	if err != nil || !changed {
		t.Fatalf("Replace = %t, %v", changed, err)
	}
	if got := read(t, path); got != "one\ntwo\n" {
		t.Errorf("content %q", got)
	}
	if got := modeOf(t, path); got != 0o640 {
		t.Errorf("mode %v, want 0640", got)
	}
	if got := names(t, filepath.Dir(path)); len(got) != 1 {
		t.Errorf("the directory holds %v, want the file alone", got)
	}
}

func modeOf(t *testing.T, path string) fs.FileMode {
	t.Helper()
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	return info.Mode()
}

func TestReplaceKeepsTheMode(t *testing.T) {
	path := filepath.Join(t.TempDir(), "list")
	write(t, path, "old\n", 0o604)
	if _, err := Replace(path, 0o644, content("new\n")); err != nil {
		t.Fatal(err)
	}
	if got := modeOf(t, path); got != 0o604 {
		t.Errorf("mode %v, want the old one, 0604", got)
	}
}

func TestReplaceKeepsTheOwner(t *testing.T) {
	if os.Getuid() != 0 {
		t.Skip("only root can give a file away")
	}
	path := filepath.Join(t.TempDir(), "list")
	write(t, path, "old\n", 0o640)
	if err := os.Chown(path, 12, 34); err != nil {
		t.Fatal(err)
	}
	if _, err := Replace(path, 0o644, content("new\n")); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	stat := info.Sys().(*syscall.Stat_t)
	if stat.Uid != 12 || stat.Gid != 34 || info.Mode() != 0o640 {
		t.Errorf("owner %d, group %d, mode %v; want 12, 34, 0640", stat.Uid, stat.Gid, info.Mode())
	}
}

// TestReplaceLeavesTheSameContent looks at the identity and the time of the file,
// which a reader such as a web server goes by.
func TestReplaceLeavesTheSameContent(t *testing.T) {
	for _, size := range []int{0, 1, bufferSize - 1, bufferSize, bufferSize + 1, 3 * bufferSize} {
		t.Run(fmt.Sprint(size), func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "list")
			text := strings.Repeat("x", size)
			write(t, path, text, 0o644)
			long := time.Now().Add(-time.Hour)
			if err := os.Chtimes(path, long, long); err != nil {
				t.Fatal(err)
			}
			before, _ := os.Stat(path)

			changed, err := Replace(path, 0o644, content(text))
			if err != nil || changed {
				t.Fatalf("Replace = %t, %v; want no change", changed, err)
			}
			after, _ := os.Stat(path)
			if !os.SameFile(before, after) || !before.ModTime().Equal(after.ModTime()) {
				t.Error("the file was written anew")
			}
			if got := names(t, filepath.Dir(path)); len(got) != 1 {
				t.Errorf("the directory holds %v, want the file alone", got)
			}
		})
	}
}

// TestReplaceProperty compares with the obvious: afterwards the file holds the
// new content, and it was changed exactly if the old content was another one.
func TestReplaceProperty(t *testing.T) {
	path := filepath.Join(t.TempDir(), "list")
	text := rapid.Map(rapid.SliceOfN(rapid.SampledFrom([]string{"a\n", "b\n", strings.Repeat("c", 200_000)}), 0, 4),
		func(parts []string) string { return strings.Join(parts, "") })
	rapid.Check(t, func(r *rapid.T) {
		old, now := text.Draw(r, "old"), text.Draw(r, "new")
		write(t, path, old, 0o644)
		changed, err := Replace(path, 0o644, content(now))
		if err != nil || changed != (old != now) {
			r.Fatalf("changed %t, %v", changed, err)
		}
		if read(t, path) != now {
			r.Fatal("the file does not hold the new content")
		}
	})
}

func TestReplaceFollowsALink(t *testing.T) {
	dir := t.TempDir()
	elsewhere := filepath.Join(dir, "elsewhere")
	if err := os.Mkdir(elsewhere, 0o755); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "list")
	for _, link := range []string{"elsewhere/list", filepath.Join(elsewhere, "list")} {
		_ = os.Remove(path)
		if err := os.Symlink(link, path); err != nil {
			t.Fatal(err)
		}
		if _, err := Replace(path, 0o644, content(link)); err != nil {
			t.Fatal(err)
		}
		if info, _ := os.Lstat(path); info.Mode()&fs.ModeSymlink == 0 {
			t.Error("the link is gone")
		}
		if got := read(t, filepath.Join(elsewhere, "list")); got != link {
			t.Errorf("the file that the link leads to holds %q", got)
		}
	}
}

func TestReplaceRefuses(t *testing.T) {
	dir := t.TempDir()
	loop, pipe := filepath.Join(dir, "loop"), filepath.Join(dir, "pipe")
	if err := errors.Join(os.Symlink("loop", loop), syscall.Mkfifo(pipe, 0o600)); err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(dir, "file"), "", 0o644)
	tests := []struct{ name, path, want string }{
		{"a directory", dir, "is a directory"},
		{"a named pipe", pipe, "is a named pipe"},
		{"a device", "/dev/null", "is a device"},
		{"a loop of links", loop, "more than 40 symbolic links"},
		{"a missing directory", filepath.Join(dir, "none", "list"), "make the directory " + filepath.Join(dir, "none")},
		{"a file as directory", filepath.Join(dir, "file", "list"), "not a directory"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			_, err := Replace(test.path, 0o644, func(io.Writer) error {
				t.Error("the content was asked for")
				return nil
			})
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("Replace: %v, want an error with %q", err, test.want)
			}
		})
	}
}

func TestReplaceReturnsTheErrorOfTheContent(t *testing.T) {
	path := filepath.Join(t.TempDir(), "list")
	write(t, path, "old\n", 0o644)
	broken := errors.New("the store broke off")
	_, err := Replace(path, 0o644, func(w io.Writer) error {
		_, _ = io.WriteString(w, strings.Repeat("half", bufferSize))
		return broken
	})
	if !errors.Is(err, broken) {
		t.Errorf("Replace: %v, want %v", err, broken)
	}
	if got := read(t, path); got != "old\n" {
		t.Errorf("the file holds %q, want its old content", got)
	}
	if got := names(t, filepath.Dir(path)); len(got) != 1 {
		t.Errorf("the directory holds %v, want the file alone", got)
	}
}

// fullDisk takes some bytes and then has no room.
type fullDisk struct {
	to   io.Writer
	room int
}

func (d *fullDisk) Write(p []byte) (int, error) {
	if len(p) <= d.room {
		d.room -= len(p)
		return d.to.Write(p)
	}
	n, _ := d.to.Write(p[:d.room])
	d.room = 0
	return n, &fs.PathError{Op: "write", Path: "temporary", Err: syscall.ENOSPC}
}

func TestReplaceOnAFullDisk(t *testing.T) {
	for _, room := range []int{0, bufferSize, 2*bufferSize + 10} {
		t.Run(fmt.Sprint(room), func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "list")
			write(t, path, "old\n", 0o644)
			disk := func(f *os.File) io.Writer { return &fullDisk{to: f, room: room} }
			p, err := begin(path, Options{Mode: 0o644}, disk)
			if err != nil {
				t.Fatal(err)
			}
			err = content(strings.Repeat("line\n", bufferSize))(p)
			if !errors.Is(err, syscall.ENOSPC) {
				t.Fatalf("Write: %v, want that the disk is full", err)
			}
			p.Discard()
			for _, want := range []string{path, "stays as it was", "make room"} {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("the error %q lacks %q", err, want)
				}
			}
			if got := read(t, path); got != "old\n" {
				t.Errorf("the file holds %d bytes, want its old content", len(got))
			}
			if got := names(t, filepath.Dir(path)); len(got) != 1 {
				t.Errorf("the directory holds %v, want the file alone", got)
			}
		})
	}
}

// TestReplaceCleansUpAfterAKill leaves what a process leaves that is killed
// before it renames, and files of others that look alike.
func TestReplaceCleansUpAfterAKill(t *testing.T) {
	dir := t.TempDir()
	write(t, filepath.Join(dir, ".list.indicatord-123.tmp"), "half", 0o600)
	others := []string{
		".list.indicatord-.tmp.bak",
		".list.indicatord-12x.tmp",
		".list2.indicatord-123.tmp",
		"list.indicatord-123.tmp",
	}
	for _, name := range others {
		write(t, filepath.Join(dir, name), "not ours", 0o600)
	}
	if _, err := Replace(filepath.Join(dir, "list"), 0o644, content("new\n")); err != nil {
		t.Fatal(err)
	}
	want := slices.Sorted(slices.Values(append(others, "list")))
	if diff := cmp.Diff(want, names(t, dir)); diff != "" {
		t.Errorf("the directory (-want +got):\n%s", diff)
	}
}

func TestReplaceInADirectoryThatIsReadOnly(t *testing.T) {
	if os.Getuid() == 0 {
		t.Skip("root writes to every directory")
	}
	dir := t.TempDir()
	path := filepath.Join(dir, "list")
	write(t, path, "old\n", 0o644)
	if err := os.Chmod(dir, 0o555); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = os.Chmod(dir, 0o755) }()
	_, err := Replace(path, 0o644, content("new\n"))
	if !errors.Is(err, fs.ErrPermission) || !strings.Contains(err.Error(), "needs to write to "+dir) {
		t.Errorf("Replace: %v, want an error that says what to do", err)
	}
}

func TestWritable(t *testing.T) {
	dir := t.TempDir()
	if err := Writable(dir); err != nil {
		t.Errorf("Writable: %v", err)
	}
	if got := names(t, dir); len(got) != 0 {
		t.Errorf("Writable left %v", got)
	}
	err := Writable(filepath.Join(dir, "none"))
	if !errors.Is(err, fs.ErrNotExist) || !strings.Contains(err.Error(), "make the directory") {
		t.Errorf("Writable of a missing directory: %v", err)
	}
}

func TestReplaceAFileThatCannotBeRead(t *testing.T) {
	path := filepath.Join(t.TempDir(), "list")
	write(t, path, "old\n", 0o200)
	if changed, err := Replace(path, 0o644, content("new\n")); err != nil || !changed {
		t.Fatalf("Replace = %t, %v", changed, err)
	}
	if got := modeOf(t, path); got != 0o200 {
		t.Errorf("mode %v, want the old one, 0200", got)
	}
}

func TestModeText(t *testing.T) {
	for _, text := range []string{"0644", "0600", "0777", "0660"} {
		var m Mode
		if err := m.UnmarshalText([]byte(text)); err != nil || m.String() != text {
			t.Errorf("mode %q came back as %q (%v)", text, m, err)
		}
	}
	for _, text := range []string{"", "rw-r--r--", "0444", "4755", "1644", "648", "-1", "0x1ff"} {
		var m Mode
		if err := m.UnmarshalText([]byte(text)); err == nil {
			t.Errorf("mode %q was taken for %v", text, m)
		}
	}
}

func TestAdviseAddsNothingToOtherErrors(t *testing.T) {
	plain := errors.New("plain")
	if got := Advise(plain, "/list"); !errors.Is(got, plain) {
		t.Errorf("Advise = %v", got)
	}
	if got := Advise(nil, "/list"); got != nil {
		t.Errorf("Advise(nil) = %v", got)
	}
}
