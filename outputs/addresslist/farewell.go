package addresslist

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"
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

// openFarewell reads the list at path, which need not exist.
func openFarewell(words *dialect.Farewell, path string) (*farewell, error) {
	file, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return readFarewell(words, strings.NewReader(""))
	}
	if err != nil {
		return nil, fmt.Errorf("reading the old list: %w", err)
	}
	defer file.Close()
	f, err := readFarewell(words, file)
	if err != nil {
		return nil, fmt.Errorf("reading the old list %s: %w", path, err)
	}
	return f, nil
}

func readFarewell(words *dialect.Farewell, old io.Reader) (*farewell, error) {
	f := &farewell{words: words, old: map[string]string{}}
	lines := bufio.NewScanner(old)
	lines.Buffer(nil, maxOldLine)
	for lines.Scan() {
		identity := words.Identity(lines.Text())
		if _, twice := f.old[identity]; identity != "" && !twice {
			f.order = append(f.order, identity)
			f.old[identity] = lines.Text()
		}
	}
	return f, lines.Err()
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
