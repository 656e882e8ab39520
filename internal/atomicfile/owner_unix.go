//go:build unix

package atomicfile

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"

	"golang.org/x/sys/unix"
)

// MatchOwner gives f the permission bits, the owner and the group of the file
// that info is about.
func MatchOwner(f *os.File, info fs.FileInfo) error {
	want, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return f.Chmod(info.Mode().Perm())
	}
	have, err := f.Stat()
	if err != nil {
		return err
	}
	got := have.Sys().(*syscall.Stat_t)
	if got.Uid != want.Uid || got.Gid != want.Gid {
		if err := f.Chown(int(want.Uid), int(want.Gid)); err != nil {
			return fmt.Errorf("keeping the owner %d and the group %d of the file: %w", want.Uid, want.Gid, err)
		}
	}
	// A change of the owner may clear bits, so the mode comes last.
	return f.Chmod(info.Mode().Perm())
}

// SyncDir writes a directory to the disk, which makes the names in it durable.
func SyncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer d.Close()
	return d.Sync()
}

// Writable reports whether this process may make files in a directory, without
// making one. The error says what to do.
func Writable(dir string) error {
	if err := unix.Access(dir, unix.W_OK|unix.X_OK); err != nil {
		path := filepath.Join(dir, "file")
		return Advise(&fs.PathError{Op: "writing to", Path: dir, Err: err}, path)
	}
	return nil
}

// mayLead reports whether a symbolic link may say what is written: one of root's or
// of this process's user may, and one of another user where the file it leads to, or
// the directory of a file that does not exist yet, is that user's own. Otherwise
// whoever can write to the directory of a list could have any file of the service
// replaced.
func mayLead(link fs.FileInfo, path, to string) error {
	maker := ownerOf(link)
	if maker == 0 || maker == os.Geteuid() {
		return nil
	}
	led, err := os.Lstat(to)
	if err != nil {
		led, err = os.Stat(filepath.Dir(to))
	}
	if err == nil && ownerOf(led) == maker {
		return nil
	}
	return fmt.Errorf("%s is a symbolic link that the user %d made, and %s is not theirs: give the link to root (chown -h), or write the path of the file", path, maker, to)
}

// ownerOf returns the number of a file's owner, -1 where it has none.
func ownerOf(info fs.FileInfo) int {
	if stat, ok := info.Sys().(*syscall.Stat_t); ok {
		return int(stat.Uid)
	}
	return -1
}
