package atomicfile

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// bufferSize is how much is handed to the operating system at once.
const bufferSize = 256 << 10

// Options say how a file is replaced.
type Options struct {
	// Mode is the mode of a file that does not exist yet.
	Mode Mode
	// KeepPrevious keeps the old file beside the new one; see [PreviousPath].
	KeepPrevious bool
}

// Pending is content on its way to become that of a file. It goes to a temporary
// file beside it, which is written to the disk before it takes the name, so that
// the path never holds a part. Its methods are for one goroutine at a time.
type Pending struct {
	target  string
	options Options
	old     *os.File // nil where there is no old file
	temp    *os.File
	content *comparer
	buffer  *bufio.Writer
	done    bool
}

// Begin makes the temporary file. Whoever calls it calls [Pending.Discard] at the
// end, whether or not the content was committed. What a killed process left of an
// earlier replacement of the same path is removed, so two must not run at once.
//
// Where path is a symbolic link, the file that it leads to is replaced and the
// link stays. Anything else than a regular file is refused. An existing file
// keeps its mode, its owner and its SELinux label; access control lists and other
// extended attributes are not kept.
func Begin(path string, options Options) (*Pending, error) {
	return begin(path, options, func(f *os.File) io.Writer { return f })
}

// begin is Begin with a place for tests to make the disk fail.
func begin(path string, options Options, disk func(*os.File) io.Writer) (*Pending, error) {
	target, err := Resolve(path)
	if err != nil {
		return nil, err
	}
	p := &Pending{target: target, options: options}
	if err := p.open(); err != nil {
		p.Discard()
		return nil, fmt.Errorf("replacing %s: %w", target, Advise(err, target))
	}
	p.content = &comparer{to: disk(p.temp), old: p.old, same: p.old != nil}
	p.buffer = bufio.NewWriterSize(p.content, bufferSize)
	return p, nil
}

func (p *Pending) open() error {
	if err := errors.Join(removeLeftovers(p.target), removeLeftovers(PreviousPath(p.target))); err != nil {
		return err
	}
	temp, err := os.CreateTemp(filepath.Dir(p.target), leftoverPattern(p.target))
	if err != nil {
		return err
	}
	p.temp = temp
	if p.old, err = openOld(p.target); err != nil {
		return err
	}
	return p.dress()
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

// dress gives the temporary file the mode, the owner and the label that it shall
// have, before it has any content.
func (p *Pending) dress() error {
	info, err := os.Stat(p.target)
	if os.IsNotExist(err) {
		return p.temp.Chmod(fs.FileMode(p.options.Mode))
	}
	if err != nil {
		return err
	}
	return errors.Join(MatchOwner(p.temp, info), matchLabel(p.temp, p.target))
}

// Write appends to the content.
func (p *Pending) Write(b []byte) (int, error) {
	n, err := p.buffer.Write(b)
	return n, p.explain(err)
}

// WriteString appends to the content.
func (p *Pending) WriteString(s string) (int, error) {
	n, err := p.buffer.WriteString(s)
	return n, p.explain(err)
}

// Changed ends the content and reports whether it differs from that of the file.
// It is called once, and nothing is written after it.
func (p *Pending) Changed() (bool, error) {
	if err := p.buffer.Flush(); err != nil {
		return false, p.explain(err)
	}
	same := p.content.atEnd()
	// A list in hundreds of parts holds as many of these until all are whole.
	p.buffer, p.content = nil, nil
	if p.old != nil {
		p.old.Close()
		p.old = nil
	}
	return !same, nil
}

// Patch replaces bytes of the content at an offset from its beginning, once
// [Pending.Changed] has ended it.
func (p *Pending) Patch(b []byte, offset int64) error {
	_, err := p.temp.WriteAt(b, offset)
	return p.explain(err)
}

// Content returns the content from its beginning, once [Pending.Changed] has ended
// it. It is good until the content is committed or discarded.
func (p *Pending) Content() (io.Reader, error) {
	_, err := p.temp.Seek(0, io.SeekStart)
	return p.temp, p.explain(err)
}

// Commit writes the content to the disk, then gives it the name of the file.
func (p *Pending) Commit() error {
	if err := p.commit(); err != nil {
		return p.explain(err)
	}
	return nil
}

func (p *Pending) commit() error {
	if err := p.temp.Sync(); err != nil {
		return err
	}
	if err := p.temp.Close(); err != nil {
		return err
	}
	if p.options.KeepPrevious {
		if err := keepPrevious(p.target); err != nil {
			return err
		}
	}
	if err := os.Rename(p.temp.Name(), p.target); err != nil {
		return err
	}
	p.done = true
	return SyncDir(filepath.Dir(p.target))
}

// explain tells what an error of the disk is about and what to do.
func (p *Pending) explain(err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("replacing %s, which stays as it was: %w", p.target, Advise(err, p.target))
}

// Discard closes what is open and, unless the content was committed, removes the
// temporary file. It may be called several times.
func (p *Pending) Discard() {
	if p.old != nil {
		p.old.Close()
	}
	if p.temp == nil {
		return
	}
	p.temp.Close()
	if !p.done {
		_ = os.Remove(p.temp.Name())
		p.done = true
	}
}
