package syslog

import (
	"bufio"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/indicatord/indicatord/internal/indicator"
)

// The parser of this file is the oracle of the tests. It follows the grammar of
// RFC 5424, section 6, is stricter than any receiver, and shares no code with
// what it judges.

// message is one parsed event.
type message struct {
	Priority                                int
	Timestamp, Host, App, ProcessID, TypeID string
	Element                                 string
	Params                                  []pair
	Text                                    string
}

// pair is one parameter of the structured data, unescaped.
type pair struct{ Name, Value string }

// value returns the parameter of a name, "" if there is none.
func (m message) value(name string) string {
	for _, p := range m.Params {
		if p.Name == name {
			return p.Value
		}
	}
	return ""
}

// names returns the names of the parameters, sorted.
func (m message) names() []string {
	var names []string
	for _, p := range m.Params {
		names = append(names, p.Name)
	}
	slices.Sort(names)
	return names
}

// key returns what the event is about.
func (m message) key(t *testing.T) indicator.Key {
	t.Helper()
	value := m.value("value")
	if encoded := m.value("value_base64"); encoded != "" {
		exact, err := base64.StdEncoding.DecodeString(encoded)
		if err != nil {
			t.Fatalf("value_base64: %v", err)
		}
		value = string(exact)
	}
	kind, _ := indicator.ParseKind(m.value("kind")) // the fuzzer makes kinds that have no name
	return indicator.Key{Kind: kind, Value: value}
}

var headerForm = regexp.MustCompile(
	`^<(0|[1-9][0-9]{0,2})>1 ` +
		`(-|[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,6})?(?:Z|[+-][0-9]{2}:[0-9]{2})) ` +
		`([!-~]{1,255}) ([!-~]{1,48}) ([!-~]{1,128}) ([!-~]{1,32}) `)

// parse reads one message with exactly one structured data element.
func parse(text string) (message, error) {
	m := headerForm.FindStringSubmatch(text)
	if m == nil {
		return message{}, fmt.Errorf("no RFC 5424 header: %.120q", text)
	}
	priority, _ := strconv.Atoi(m[1])
	if priority > 191 {
		return message{}, fmt.Errorf("priority %d is over 191", priority)
	}
	out := message{Priority: priority, Timestamp: m[2], Host: m[3], App: m[4], ProcessID: m[5], TypeID: m[6]}
	rest, err := out.parseElement(text[len(m[0]):])
	if err != nil {
		return message{}, err
	}
	if rest != "" && rest[0] != ' ' {
		return message{}, fmt.Errorf("something other than a space follows the structured data: %.40q", rest)
	}
	out.Text = strings.TrimPrefix(rest, " ")
	return out, nil
}

var elementName = regexp.MustCompile(`^\[([!#-<>-\\^-~]{1,32})`)

func (m *message) parseElement(text string) (rest string, err error) {
	name := elementName.FindStringSubmatch(text)
	if name == nil {
		return "", fmt.Errorf("no SD-ID: %.40q", text)
	}
	m.Element = name[1]
	text = text[len(name[0]):]
	for {
		if strings.HasPrefix(text, "]") {
			return text[1:], nil
		}
		if text, err = m.parseParam(text); err != nil {
			return "", err
		}
	}
}

var paramStart = regexp.MustCompile(`^ ([!#-<>-\\^-~]{1,32})="`)

func (m *message) parseParam(text string) (rest string, err error) {
	start := paramStart.FindStringSubmatch(text)
	if start == nil {
		return "", fmt.Errorf("no SD-PARAM: %.40q", text)
	}
	text = text[len(start[0]):]
	var value strings.Builder
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case c == '"':
			m.Params = append(m.Params, pair{start[1], value.String()})
			return text[i+1:], checkText(value.String())
		case c == ']':
			return "", errors.New(`a "]" that is not escaped`)
		case c == '\\':
			i++
			if i == len(text) || !strings.ContainsRune(`"\]`, rune(text[i])) {
				return "", errors.New("an escape of nothing")
			}
			value.WriteByte(text[i])
		default:
			value.WriteByte(c)
		}
	}
	return "", errors.New("a value that does not end")
}

// checkText refuses what a careful receiver would have to neutralise itself.
func checkText(text string) error {
	if !utf8.ValidString(text) {
		return errors.New("a value that is not UTF-8")
	}
	for _, r := range text {
		if r < 0x20 || (r >= 0x7f && r < 0xa0) || strings.ContainsRune("\u2028\u2029\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f\u061c", r) {
			return fmt.Errorf("a character that acts: %U", r)
		}
	}
	return nil
}

var errFraming = errors.New("not octet-counted")

// readFrame reads one octet-counted frame of RFC 6587, section 3.4.1. It
// returns io.EOF at an end between two frames only, and errFraming where the
// stream is not one of frames.
func readFrame(r *bufio.Reader) (string, error) {
	count, err := r.ReadString(' ')
	if err != nil && count != "" {
		return "", io.ErrUnexpectedEOF
	}
	if err != nil {
		return "", err
	}
	n, err := strconv.Atoi(count[:len(count)-1])
	if err != nil || n < 1 || count[0] == '0' || n > maxMaxSize {
		return "", fmt.Errorf("%w: length %q", errFraming, count)
	}
	frame := make([]byte, n)
	_, err = io.ReadFull(r, frame)
	return string(frame), err
}

// readLine reads one event that a line feed ends (RFC 6587, section 3.4.2).
func readLine(r *bufio.Reader) (string, error) {
	line, err := r.ReadString('\n')
	if err != nil && line != "" {
		return "", io.ErrUnexpectedEOF
	}
	return strings.TrimSuffix(line, "\n"), err
}
