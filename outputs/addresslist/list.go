package addresslist

import (
	"bytes"
	"fmt"
	"os"
	"time"

	"github.com/indicatord/indicatord/internal/indicator"
	"github.com/indicatord/indicatord/outputs/addresslist/dialect"
)

// list is the new version of one list, in one file or in parts.
type list struct {
	o      *Output
	branch branch
	now    time.Time
	left   *leftOut
	cut    *cut // nil in the first attempt

	parts    []*part
	farewell *farewell
	kind     indicator.Kind // of the first entry
	seen     map[string]int // in a lossy dialect, the lines so far by their place in sizes

	header, reserve int    // the bytes before the first entry and after the last
	done            int    // the bytes of the parts before the last
	total           int    // the lines of all entries
	sizes           []size // of each entry, where there may be too many
	tooLong         bool
	beyondRoom      dialect.Unsaid // why an entry is left out that is too much

	line, last []byte
}

func (l *list) begin() error {
	if l.o.words.Lossy {
		l.seen = map[string]int{}
	}
	if l.o.words.Farewell != nil {
		var err error
		if l.farewell, err = openFarewell(l.o.words.Farewell, l.o.place.file(l.branch, 1)); err != nil {
			return err
		}
	}
	if err := l.nextPart(); err != nil {
		return err
	}
	l.header = l.parts[0].bytes
	l.beyondRoom = l.o.room.beyond()
	l.reserve = len(l.parts[0].ending)
	if l.o.words.Footer != nil {
		l.reserve += len(l.o.words.Footer(&l.o.about))
	}
	return nil
}

// add writes an entry. Entries come in the order of the list; one that reads as
// another does is written once.
func (l *list) add(e *indicator.Entry) error {
	line, unsaid := l.o.words.Line(l.line[:0], e, &l.o.about)
	if unsaid == "" {
		unsaid = l.unlistable(e, line)
	}
	if unsaid != "" {
		l.left.add(e.Key, unsaid)
		return nil
	}
	if l.repeats(e, line) {
		return nil
	}
	l.line, l.last = l.last, line
	if !l.fits(e, line) {
		return nil
	}
	if l.seen != nil {
		l.seen[string(line)] = len(l.sizes) - 1
	}
	if l.farewell != nil {
		l.farewell.stays(line)
	}
	if l.o.words.Names == dialect.Alone && e.Key.Kind == indicator.Domain && e.Scope() == indicator.ScopeSubdomains {
		l.left.add(e.Key, "the subdomains of a listed name, which the reader takes alone")
	}
	return l.write(e, line)
}

// unlistable returns why the list cannot hold a line.
func (l *list) unlistable(e *indicator.Entry, line []byte) dialect.Unsaid {
	if longest := l.o.room.lineBytes; longest > 0 && len(line) > longest && longestLine(line) > longest {
		return dialect.Unsaid(fmt.Sprintf("a line of more than %d bytes", longest))
	}
	if l.o.words.OneKind {
		if l.kind == 0 {
			l.kind = e.Key.Kind
		}
		if e.Key.Kind != l.kind {
			return "another kind than that of the first entry, and a list holds one (see {kind})"
		}
	}
	return ""
}

func longestLine(text []byte) int {
	longest := 0
	for line := range bytes.SplitSeq(text, []byte{'\n'}) {
		longest = max(longest, len(line))
	}
	return longest
}

// repeats reports whether an entry reads as one before it that is listed, which
// then matters as much as the more important of the two.
func (l *list) repeats(e *indicator.Entry, line []byte) bool {
	if l.seen == nil {
		return len(l.last) > 0 && string(line) == string(l.last)
	}
	before, found := l.seen[string(line)]
	if found && before >= 0 {
		l.sizes[before].priority = max(l.sizes[before].priority, priorityOf(e))
	}
	return found
}

func (l *list) write(e *indicator.Entry, line []byte) error {
	p := l.parts[len(l.parts)-1]
	if !p.full(&l.o.room, line) {
		return p.add(e, line)
	}
	if len(l.parts) == l.o.room.parts {
		// An entry of two lines may leave a part one short.
		l.left.add(e.Key, l.beyondRoom)
		return nil
	}
	if err := l.nextPart(); err != nil {
		return err
	}
	return l.parts[len(l.parts)-1].add(e, line)
}

// nextPart ends the part that is being written and begins another.
func (l *list) nextPart() error {
	if n := len(l.parts); n > 0 {
		if err := l.parts[n-1].end(); err != nil {
			return err
		}
		l.done += l.parts[n-1].bytes
	}
	if len(l.parts) == maxParts {
		return fmt.Errorf("the list takes more than %d parts: raise part_entries", maxParts)
	}
	p, err := newPart(l.o, l.o.place.file(l.branch, len(l.parts)+1), l.now)
	if err != nil {
		return err
	}
	l.parts = append(l.parts, p)
	return nil
}

// end ends the last part. Parts that there were before and that nothing is left
// for become empty: their readers would keep what they have if they went away.
func (l *list) end() error {
	if l.farewell != nil {
		if err := l.parts[0].addLines(l.farewell.lines(l.now)); err != nil {
			return err
		}
	}
	for l.o.place.parts {
		more, err := l.another()
		if err != nil {
			return err
		}
		if !more {
			break
		}
		if err := l.nextPart(); err != nil {
			return err
		}
	}
	return l.parts[len(l.parts)-1].end()
}

// another reports whether there is one more part than those written.
func (l *list) another() (bool, error) {
	if len(l.parts) < l.o.room.parts {
		return true, nil
	}
	_, err := os.Stat(l.o.place.file(l.branch, len(l.parts)+1))
	if err == nil {
		return true, nil
	}
	if os.IsNotExist(err) {
		return false, nil
	}
	return false, fmt.Errorf("looking for older parts of the list: %w", err)
}
