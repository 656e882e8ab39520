package config

import (
	"fmt"
	"regexp"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/width"
)

// position is a place in the file, both counted from 1, the column in
// characters.
type position struct{ line, column int }

// source is the text of a configuration file, for excerpts.
type source struct {
	name  string
	lines []string
	// hidden gives, by line, the column from which the line must not be shown.
	hidden map[int]int
}

func newSource(name, text string) *source {
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		lines[i] = strings.TrimSuffix(line, "\r")
	}
	return &source{name: name, lines: lines, hidden: map[int]int{}}
}

// hide keeps what stands at p, to the end of its line, out of excerpts.
func (s *source) hide(p position) {
	if column, ok := s.hidden[p.line]; !ok || p.column < column {
		s.hidden[p.line] = p.column
	}
}

// A secret may stand where nobody looks for one: below a misspelt key, in a URL.
// What is hidden on such a suspicion costs nothing but a look at the file.
var (
	userinfo   = regexp.MustCompile(`://[^/@\s]*@`)
	inQuery    = regexp.MustCompile(`([?&][^=&\s]+=)[^&\s"'}\]]+`)
	suspicious = regexp.MustCompile(`(?i)((?:pass|secret|token|bearer|api[_-]?key)[\w-]*["']?\s*:\s*)[^\s{#].*`)
	inKeywords = regexp.MustCompile(`(?i)([\s"']password\s*=\s*).+`)
)

const mask = "[redacted]"

// maxExcerpt bounds the characters of a line that are shown.
const maxExcerpt = 160

// excerpt returns the line at p and a caret below the column, "" for a place
// that is not in the file.
func (s *source) excerpt(p position) string {
	if p.line < 1 || p.line > len(s.lines) {
		return ""
	}
	line := s.lines[p.line-1]
	lead := prefix(line, p.column-1)
	if column, ok := s.hidden[p.line]; ok {
		line = prefix(line, column-1) + mask
	}
	line = suspicious.ReplaceAllString(line, "${1}"+mask)
	line = inKeywords.ReplaceAllString(line, "${1}"+mask)
	line = userinfo.ReplaceAllString(line, "://"+mask+"@")
	line = inQuery.ReplaceAllString(line, "${1}"+mask)
	if utf8.RuneCountInString(line) > maxExcerpt {
		line = prefix(line, maxExcerpt) + "…"
	}
	number := fmt.Sprintf("%4d | ", p.line)
	margin := strings.Repeat(" ", len(number)-2) + "| "
	return number + printable(line) + "\n" + margin + indent(lead) + "^"
}

// prefix returns the first n characters of text.
func prefix(text string, n int) string {
	for i := range text {
		if n <= 0 {
			return text[:i]
		}
		n--
	}
	return text
}

// printable replaces what would move the terminal's cursor.
func printable(line string) string {
	return strings.Map(func(r rune) rune {
		if (r < ' ' && r != '\t') || r == 0x7f {
			return utf8.RuneError
		}
		return r
	}, line)
}

// indent is blank text as wide as lead on a terminal.
func indent(lead string) string {
	var b strings.Builder
	for _, r := range lead {
		switch kind := width.LookupRune(r).Kind(); {
		case r == '\t':
			b.WriteByte('\t')
		case kind == width.EastAsianWide, kind == width.EastAsianFullwidth:
			b.WriteString("  ")
		default:
			b.WriteByte(' ')
		}
	}
	return b.String()
}
