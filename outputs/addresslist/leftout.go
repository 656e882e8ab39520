package addresslist

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"

	"github.com/indicatord/indicatord/internal/atomicfile"
	"github.com/indicatord/indicatord/internal/indicator"
	"github.com/indicatord/indicatord/outputs/addresslist/dialect"
)

// leftOutName is the file in the directory of the output that names what the list
// leaves out: kind, value and reason, with tabs between them.
const leftOutName = "left-out.tsv"

// leftOut counts by reasons what the list leaves out, and names it in a file.
type leftOut struct {
	counts map[string]int
	dir    string // "" for no file
	file   *atomicfile.Pending
	failed error
	keep   bool // what is left out is kept, for somebody who asks
	kept   []omission
}

// omission is one entry that is left out.
type omission struct {
	key indicator.Key
	why dialect.Unsaid
}

func newLeftOut(dir string) *leftOut { return &leftOut{counts: map[string]int{}, dir: dir} }

// add counts an entry. What fails is told at the end.
func (l *leftOut) add(k indicator.Key, why dialect.Unsaid) {
	l.counts[string(why)]++
	if l.keep {
		l.kept = append(l.kept, omission{k, why})
	}
	if l.dir == "" || l.failed != nil {
		return
	}
	if l.file == nil {
		if l.failed = l.begin(); l.failed != nil {
			return
		}
	}
	text := k.Value
	if breaksLine(text) {
		text = strconv.Quote(text)
	}
	_, l.failed = l.file.WriteString(k.Kind.String() + "\t" + text + "\t" + string(why) + "\n")
}

func (l *leftOut) begin() error {
	if err := os.MkdirAll(l.dir, 0o750); err != nil {
		return fmt.Errorf("making a directory for what the list leaves out: %w", err)
	}
	file, err := atomicfile.Begin(filepath.Join(l.dir, leftOutName), atomicfile.Options{Mode: 0o640})
	l.file = file
	return err
}

func (l *leftOut) end() error { return l.failed }

// commit gives the file its name, or removes it where nothing is left out.
func (l *leftOut) commit() error {
	if l.dir == "" {
		return nil
	}
	if l.file == nil {
		err := os.Remove(filepath.Join(l.dir, leftOutName))
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("removing the record of what the list left out: %w", err)
		}
		return nil
	}
	changed, err := l.file.Changed()
	if err != nil || !changed {
		return err
	}
	return l.file.Commit()
}

func (l *leftOut) discard() {
	if l.file != nil {
		l.file.Discard()
	}
}
