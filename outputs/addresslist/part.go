package addresslist

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/indicatord/indicatord/internal/atomicfile"
	"github.com/indicatord/indicatord/internal/indicator"
	"github.com/indicatord/indicatord/outputs/addresslist/dialect"
)

// part is the new version of one file.
type part struct {
	words *dialect.Dialect
	about dialect.List
	path  string
	file  *atomicfile.Pending

	serial          serial
	between, ending string
	entries         int
	lines           int
	bytes           int
	together        int // entries since the last opening
	opened          bool
	ipv6            bool // what the last opening is for
	changed         bool

	counts bool // lines
	text   []byte
}

// newPart begins a file with its header.
func newPart(o *Output, path string, now time.Time) (*part, error) {
	file, err := atomicfile.Begin(path, o.files)
	if err != nil {
		return nil, err
	}
	p := &part{words: &o.words, about: o.about, path: path, file: file, between: o.words.Between, ending: o.words.End, counts: o.room.partEntries > 0}
	if p.between == "" {
		p.between = "\n"
	}
	if p.ending == "" {
		p.ending = "\n"
	}
	if err := p.begin(o.comment, now); err != nil {
		file.Discard()
		return nil, err
	}
	return p, nil
}

func (p *part) begin(comment bool, now time.Time) error {
	header := ""
	if comment && p.words.Comment != "" {
		newline := "\n"
		if p.ending == "\r\n" {
			newline = p.ending
		}
		header = p.words.Comment + " Made by indicatord as " + p.about.Name + ". What is changed here is undone." + newline
	}
	if p.words.Serial {
		var err error
		if p.serial, err = serialOf(p.path, now); err != nil {
			return err
		}
		p.about.Serial = p.serial.old
	}
	if p.words.Header != nil {
		header += p.words.Header(&p.about)
	}
	p.serial.offset = strings.Index(header, " "+strconv.FormatUint(uint64(p.about.Serial), 10)+" ") + 1
	return p.put(header)
}

// put writes text and counts it.
func (p *part) put(text string) error {
	n, err := p.file.WriteString(text)
	p.bytes += n
	return err
}

// full reports whether an entry more would be too much for one of several parts.
// An empty part takes any.
func (p *part) full(r *room, line []byte) bool {
	return p.entries > 0 && r.partEntries > 0 &&
		(p.lines+linesOf(line) > r.partEntries || exceeds(p.bytes+len(p.between)+len(line)+len(p.ending), r.bytes))
}

// add writes an entry, and before it what stands there.
func (p *part) add(e *indicator.Entry, line []byte) error {
	p.text = append(append(p.text[:0], p.before(e)...), line...)
	p.opened = true
	p.entries++
	p.together++
	if p.counts {
		p.lines += linesOf(line)
	}
	n, err := p.file.Write(p.text)
	p.bytes += n
	return err
}

// before returns what stands before an entry: what keeps it apart from the one
// before, or an opening.
func (p *part) before(e *indicator.Entry) string {
	open := p.words.Open
	if open == nil {
		if p.opened {
			return p.between
		}
		return ""
	}
	ipv6 := e.Key.Kind == indicator.IP && strings.IndexByte(e.Key.Value, ':') >= 0
	enough := p.words.Together > 0 && p.together == p.words.Together
	if p.opened && ipv6 == p.ipv6 && !enough {
		return p.between
	}
	text := open(&p.about, ipv6)
	if p.opened {
		text = p.ending + text
	}
	p.ipv6, p.together = ipv6, 0
	return text
}

// addLines writes lines that are no entries.
func (p *part) addLines(lines []string) error {
	for _, line := range lines {
		if p.opened {
			line = p.between + line
		}
		p.opened = true
		if err := p.put(line); err != nil {
			return err
		}
	}
	return nil
}

// end writes what stands after all entries, and finds out whether the file will
// be another one. Only then it gets a new serial.
func (p *part) end() error {
	footer := ""
	if p.opened {
		footer = p.ending
	}
	if p.words.Footer != nil {
		footer += p.words.Footer(&p.about)
	}
	if err := p.put(footer); err != nil {
		return err
	}
	var err error
	if p.changed, err = p.file.Changed(); err != nil {
		return err
	}
	if !p.changed {
		p.file.Discard() // Hundreds of parts would hold as many files open.
	}
	if !p.changed || !p.words.Serial {
		return nil
	}
	return p.file.Patch([]byte(strconv.FormatUint(uint64(p.serial.next), 10)), int64(p.serial.offset))
}

// restore puts the previous version back.
func (p *part) restore() error {
	restored, err := atomicfile.Restore(p.path)
	if err == nil && !restored {
		err = fmt.Errorf("%s has no previous version to put back", p.path)
	}
	return err
}
