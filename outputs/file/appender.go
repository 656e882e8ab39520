package file

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/indicatord/indicatord/internal/atomicfile"
)

// bufferSize is how much is gathered before it is written. Only whole lines are
// written, so that a reader seldom sees a part of one.
const bufferSize = 256 << 10

// appender appends lines to a file during one delivery. It opens the file at the
// first line. Between deliveries nothing is open, so that anybody may move the
// file away.
type appender struct {
	path     string
	mode     atomicfile.Mode
	rotation rotation

	target  string // path without symbolic links
	file    *os.File
	size    int64
	buffer  []byte
	newName bool // a name in the directory is not on the disk yet
	rotated bool
}

// appendLine appends a line, which has its newline.
func (a *appender) appendLine(line []byte) error {
	if a.file == nil {
		if err := a.open(); err != nil {
			return err
		}
	}
	pending := int64(len(a.buffer))
	if full := a.size + pending; full > 0 && full+int64(len(line)) > a.rotation.maxSize {
		if err := a.rotate(); err != nil {
			return err
		}
	}
	a.buffer = append(a.buffer, line...)
	if len(a.buffer) < bufferSize {
		return nil
	}
	return a.flush()
}

// open opens the file or makes it, and ends a line that a crash left half
// written.
func (a *appender) open() error {
	target, err := atomicfile.Resolve(a.path)
	if err != nil {
		return err
	}
	a.target = target
	if err := a.openTarget(); err != nil {
		return atomicfile.Advise(err, target)
	}
	half, err := endsInHalfLine(a.file, a.size)
	if err != nil || !half {
		return err
	}
	a.buffer = append(a.buffer, '\n')
	return nil
}

func (a *appender) openTarget() error {
	const flags = os.O_RDWR | os.O_APPEND
	f, err := os.OpenFile(a.target, flags, 0)
	if errors.Is(err, fs.ErrNotExist) {
		f, err = os.OpenFile(a.target, flags|os.O_CREATE|os.O_EXCL, 0o600)
		if err == nil {
			a.newName = true
			err = f.Chmod(fs.FileMode(a.mode))
		}
	}
	a.file = f
	if err != nil {
		return err
	}
	info, err := f.Stat()
	if err != nil {
		return err
	}
	a.size = info.Size()
	return nil
}

func endsInHalfLine(f *os.File, size int64) (bool, error) {
	if size == 0 {
		return false, nil
	}
	var last [1]byte
	if _, err := f.ReadAt(last[:], size-1); err != nil {
		return false, err
	}
	return last[0] != '\n', nil
}

// flush writes what was gathered.
func (a *appender) flush() error {
	n, err := a.file.Write(a.buffer)
	a.size += int64(n)
	a.buffer = a.buffer[:0]
	return atomicfile.Advise(err, a.target)
}

// finish brings everything to the disk.
func (a *appender) finish() error {
	if a.file == nil {
		return nil
	}
	if err := a.flush(); err != nil {
		return err
	}
	if err := a.file.Sync(); err != nil {
		return atomicfile.Advise(err, a.target)
	}
	if !a.newName {
		return nil
	}
	a.newName = false
	return atomicfile.SyncDir(filepath.Dir(a.target))
}

// rotate sets the file aside, with everything in it on the disk, and begins a
// new one with its mode and its owner.
func (a *appender) rotate() error {
	if err := a.finish(); err != nil {
		return err
	}
	info, err := a.file.Stat()
	if err != nil {
		return err
	}
	if err := a.close(); err != nil {
		return err
	}
	if err := setAside(a.target); err != nil {
		return atomicfile.Advise(err, a.target)
	}
	a.rotated = true
	if err := a.openTarget(); err != nil {
		return atomicfile.Advise(err, a.target)
	}
	return atomicfile.MatchOwner(a.file, info)
}

// close closes the file, if it is open.
func (a *appender) close() error {
	if a.file == nil {
		return nil
	}
	err := a.file.Close()
	a.file = nil
	return err
}
