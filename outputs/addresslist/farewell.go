package addresslist

import (
	"bufio"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"time"

	"github.com/indicatord/indicatord/outputs/addresslist/dialect"
)

// farewell remembers what the old list held, to take back what the new one does
// not hold.
type farewell struct {
	words *dialect.Farewell
	order []string          // identities
	old   map[string]string // lines by their identities
}

// maxOldLine bounds a line of the old list. This program writes none as long.
const maxOldLine = 1 << 20

func readFarewell(words *dialect.Farewell, path string) (*farewell, error) {
	f := &farewell{words: words, old: map[string]string{}}
	file, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return f, nil
	}
	if err != nil {
		return nil, fmt.Errorf("reading the old list: %w", err)
	}
	defer file.Close()
	lines := bufio.NewScanner(file)
	lines.Buffer(nil, maxOldLine)
	for lines.Scan() {
		identity := words.Identity(lines.Text())
		if _, twice := f.old[identity]; identity != "" && !twice {
			f.order = append(f.order, identity)
			f.old[identity] = lines.Text()
		}
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("reading the old list %s: %w", path, err)
	}
	return f, nil
}

// stays notes a line of the new list.
func (f *farewell) stays(line []byte) { delete(f.old, f.words.Identity(string(line))) }

// lines returns the lines that take back the rest.
func (f *farewell) lines(now time.Time) []string {
	var lines []string
	for _, identity := range f.order {
		line, gone := f.old[identity]
		if !gone {
			continue
		}
		if line = f.words.Line(line, now); line != "" {
			lines = append(lines, line)
		}
	}
	return lines
}
