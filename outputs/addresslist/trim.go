package addresslist

import (
	"bytes"
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/indicatord/indicatord/internal/indicator"
	"github.com/indicatord/indicatord/outputs/addresslist/dialect"
)

// priority is how much an entry matters where not all fit: the confidence in it,
// then how new it is.
type priority uint64

func priorityOf(e *indicator.Entry) priority {
	age := uint64(0)
	if version := e.Version(); !version.IsZero() {
		age = uint64(max(0, version.UnixMicro())) & (1<<56 - 1)
	}
	return priority(uint64(e.Confidence()+1)<<56 | age)
}

// size is what an entry takes in a list.
type size struct {
	priority priority
	lines    uint32
	bytes    uint32
}

func linesOf(text []byte) int { return 1 + bytes.Count(text, []byte{'\n'}) }

// fits counts an entry and reports whether it is to be written.
func (l *list) fits(e *indicator.Entry, line []byte) bool {
	if !l.o.room.bounded() {
		return true
	}
	s := size{priorityOf(e), uint32(linesOf(line)), uint32(len(line) + len(l.parts[0].between))}
	if l.cut != nil && (!l.cut.keeps(s.priority) || l.beyond(s)) {
		l.left.add(e.Key, l.beyondRoom)
		return false
	}
	if l.cut == nil {
		l.sizes = append(l.sizes, s)
		l.tooLong = l.tooLong || l.beyond(s)
	}
	l.total += int(s.lines)
	return true
}

// beyond reports whether an entry more is too much.
func (l *list) beyond(s size) bool {
	return exceeds(l.total+int(s.lines), l.o.room.entries) || exceeds(l.written()+int(s.bytes)+l.reserve, l.o.room.wholeBytes())
}

func exceeds(n, limit int) bool { return limit > 0 && n > limit }

// written returns the bytes of all files so far.
func (l *list) written() int { return l.done + l.parts[len(l.parts)-1].bytes }

// beyond says which limits there are.
func (r *room) beyond() dialect.Unsaid {
	var limits []string
	if n := r.entries; n > 0 {
		limits = append(limits, fmt.Sprintf("%d entries", n))
	}
	if n := r.wholeBytes(); n > 0 {
		limits = append(limits, fmt.Sprintf("%d bytes", n))
	}
	return dialect.Unsaid("beyond the limit of " + strings.Join(limits, " or "))
}

// cut says which entries stay.
type cut struct {
	above priority // everything above stays
	at    int      // as many that are equal stay
}

// keeps reports whether an entry stays.
func (c *cut) keeps(p priority) bool {
	if p == c.above && c.at > 0 {
		c.at--
		return true
	}
	return p > c.above
}

// trim returns the cut by which as many entries stay as there is room for, those
// that matter most.
func (l *list) trim() cut {
	slices.SortStableFunc(l.sizes, func(a, b size) int { return cmp.Compare(b.priority, a.priority) })
	lines, length := 0, l.header*max(1, l.o.room.parts)+l.reserve
	c := cut{above: math.MaxUint64}
	for i, s := range l.sizes {
		lines += int(s.lines)
		length += int(s.bytes)
		if exceeds(lines, l.o.room.entries) || exceeds(length, l.o.room.wholeBytes()) {
			return c
		}
		if i == 0 || s.priority != c.above {
			c = cut{above: s.priority}
		}
		c.at++
	}
	return cut{at: len(l.sizes)}
}
