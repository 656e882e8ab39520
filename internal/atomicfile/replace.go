package atomicfile

import (
	"bufio"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// bufferSize is how much is handed to the operating system at once.
const bufferSize = 256 << 10

// Replace makes what write writes the content of the file at path, and reports
// whether that changed it. A file that has this content already is left as it
// is. An existing file keeps its mode and its owner; a new one gets mode.
//
// The content goes to a temporary file beside it, which is written to the disk
// before it takes the name, so that path never holds a part. On any error, which
// may be write's own, the old file stays and the temporary file is removed. What
// a killed process left of an earlier Replace of the same path is removed too,
// so two must not run at once.
//
// Where path is a symbolic link, the file that it leads to is replaced and the
// link stays. Anything else than a regular file is refused. Access control lists
// and extended attributes are not kept.
func Replace(path string, mode Mode, write func(io.Writer) error) (changed bool, err error) {
	return replace(path, mode, write, func(f *os.File) io.Writer { return f })
}

// replace is Replace with a place for tests to make the disk fail.
func replace(path string, mode Mode, write func(io.Writer) error, disk func(*os.File) io.Writer) (bool, error) {
	target, err := Resolve(path)
	if err != nil {
		return false, err
	}
	if err := removeLeftovers(target); err != nil {
		return false, fmt.Errorf("replacing %s: %w", target, Advise(err, target))
	}
	t, err := begin(target, mode)
	if err != nil {
		return false, fmt.Errorf("replacing %s: %w", target, Advise(err, target))
	}
	defer t.discard()
	same, err := t.fill(write, disk)
	if err != nil || same {
		return false, err
	}
	if err := t.commit(); err != nil {
		return false, fmt.Errorf("replacing %s, which stays as it was: %w", target, Advise(err, target))
	}
	return true, nil
}

// replacement is a temporary file on its way to become the target.
type replacement struct {
	target string
	old    *os.File // nil where there is no old file
	temp   *os.File
}

func begin(target string, mode Mode) (*replacement, error) {
	t := &replacement{target: target}
	temp, err := os.CreateTemp(filepath.Dir(target), leftoverPattern(target))
	if err != nil {
		return nil, err
	}
	t.temp = temp
	if t.old, err = openOld(target); err == nil {
		err = t.dress(mode)
	}
	if err != nil {
		t.discard()
		return nil, err
	}
	return t, nil
}

// openOld opens the file to compare with. Its content may be secret to this
// process, which then writes the list without comparing.
func openOld(target string) (*os.File, error) {
	old, err := os.Open(target)
	if os.IsNotExist(err) || os.IsPermission(err) {
		return nil, nil
	}
	return old, err
}

// dress gives the temporary file the mode and the owner that it shall have,
// before it has any content.
func (t *replacement) dress(mode Mode) error {
	info, err := os.Stat(t.target)
	if os.IsNotExist(err) {
		return t.temp.Chmod(fs.FileMode(mode))
	}
	if err != nil {
		return err
	}
	return MatchOwner(t.temp, info)
}

// fill writes the content, and reports whether it is that of the old file. Only
// the errors of the disk get the path and advice: write tells its own.
func (t *replacement) fill(write func(io.Writer) error, disk func(*os.File) io.Writer) (same bool, err error) {
	out := &comparer{to: disk(t.temp), old: t.old, same: t.old != nil}
	buffer := bufio.NewWriterSize(out, bufferSize)
	err = write(buffer)
	if err == nil {
		err = buffer.Flush()
	}
	if out.failed != nil {
		err = fmt.Errorf("replacing %s, which stays as it was: %w", t.target, Advise(out.failed, t.target))
	}
	if err != nil {
		return false, err
	}
	return out.atEnd(), nil
}

// commit writes the temporary file to the disk, then gives it the name.
func (t *replacement) commit() error {
	if err := t.temp.Sync(); err != nil {
		return err
	}
	if err := t.temp.Close(); err != nil {
		return err
	}
	if err := os.Rename(t.temp.Name(), t.target); err != nil {
		return err
	}
	return SyncDir(filepath.Dir(t.target))
}

// discard closes what is open and removes the temporary file, if it still has
// its own name.
func (t *replacement) discard() {
	if t.old != nil {
		t.old.Close()
	}
	t.temp.Close()
	_ = os.Remove(t.temp.Name())
}
