package atomicfile

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// PreviousPath returns where the version of a file stays that was there before
// the last one: ".NAME.previous" beside it. The leading dot keeps it out of what
// programs read that take every file of a directory.
func PreviousPath(path string) string {
	return filepath.Join(filepath.Dir(path), "."+filepath.Base(path)+".previous")
}

// Restore puts the previous version of the file at path back in its place. It
// reports false where no version was kept. The kept version stays too.
func Restore(path string) (bool, error) {
	target, err := Resolve(path)
	if err != nil {
		return false, err
	}
	previous := PreviousPath(target)
	if _, err := os.Lstat(previous); errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err := duplicate(previous, target); err != nil {
		return false, fmt.Errorf("putting %s back: %w", target, Advise(err, target))
	}
	return true, SyncDir(filepath.Dir(target))
}

// keepPrevious gives the old file a second name, which stays when the first goes
// to the new one.
func keepPrevious(target string) error {
	err := duplicate(target, PreviousPath(target))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// duplicate makes to another name of the file from, in place of what it was: a
// link where the file system has them, and a copy otherwise.
func duplicate(from, to string) error {
	temp := filepath.Join(filepath.Dir(to), leftoverName(to))
	if err := os.Remove(temp); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	err := os.Link(from, temp)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		err = duplicateContent(from, temp)
	}
	if err != nil {
		return err
	}
	// A rename from one name of a file to another of the same file does nothing,
	// and would leave the first.
	defer func() { _ = os.Remove(temp) }()
	return os.Rename(temp, to)
}

func duplicateContent(from, to string) error {
	source, err := os.Open(from)
	if err != nil {
		return err
	}
	defer source.Close()
	info, err := source.Stat()
	if err != nil {
		return err
	}
	made, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	defer made.Close()
	if _, err := io.Copy(made, source); err != nil {
		return err
	}
	return errors.Join(MatchOwner(made, info), matchLabel(made, from), made.Sync())
}
