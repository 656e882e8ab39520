package list

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"

	"github.com/indicatord/indicatord/internal/indicator"
	"github.com/indicatord/indicatord/internal/policy/guard"
)

// Warninglist is a list of known good values as MISP publishes it.
type Warninglist struct {
	List  *guard.List
	Rules []guard.Rule
	// Refused says which entries protect nothing here, by the reason. The list is
	// used without them.
	Refused []Refusal
}

// Refusal is a number of entries that are not used, for one reason.
type Refusal struct {
	Reason string
	Count  int
	// Line and Value are those of the first of them.
	Line  int
	Value string
}

// String writes the refusal in words.
func (r Refusal) String() string {
	return fmt.Sprintf("%d entries are not used, the first in line %d (%q): %s", r.Count, r.Line, r.Value, r.Reason)
}

// ReadWarninglist reads a file of MISP/misp-warninglists as it is. What an entry
// means is what it means in MISP, by the type of the list:
//
//   - cidr: an address or a prefix. What MISP does not look for, a range that
//     holds it, the guard does.
//   - string: exactly the value, an address, a name or a hash.
//   - hostname: the name and every name below it.
//   - substring and regex: refused, since what they mean cannot be decided of a
//     prefix or of a name with its subdomains.
//
// An entry of a kind that is not among the list's matching attributes is
// refused too. The list has the name of its file, or of its folder where the
// file is called list.json. The error is a [*LineError]: the file is not a warninglist.
func ReadWarninglist(file string, data []byte) (Warninglist, error) {
	w := warninglist{data: data, decoder: json.NewDecoder(bytes.NewReader(data)), line: 1}
	if err := w.read(); err != nil {
		return Warninglist{}, &LineError{file, w.lineAt(w.next()), describeJSON(err)}
	}
	name := nameOf(file)
	if name == "list" {
		name = filepath.Base(filepath.Dir(file)) // as in the repository
	}
	return w.interpret(name), nil
}

// warninglist is a file as it is read.
type warninglist struct {
	data    []byte
	decoder *json.Decoder
	line    int   // of the offset
	offset  int64 // up to which lines are counted

	name, description, kind string
	version                 json.RawMessage
	attributes              []string
	entries                 []entry
}

type entry struct {
	value string
	line  int
}

// read reads the one object of the file, key by key, so that the line of each
// entry is known.
func (w *warninglist) read() error {
	if err := w.expect(json.Delim('{')); err != nil {
		return err
	}
	for w.decoder.More() {
		key, err := w.decoder.Token()
		if err != nil {
			return err
		}
		if err := w.field(key); err != nil {
			return err
		}
	}
	return w.expect(json.Delim('}'))
}

func (w *warninglist) expect(want json.Delim) error {
	got, err := w.decoder.Token()
	if err != nil {
		return err
	}
	if got != want {
		return fmt.Errorf("%v stands where %v belongs", got, want)
	}
	return nil
}

func (w *warninglist) field(key json.Token) error {
	switch key {
	case "list":
		return w.list()
	case "name":
		return w.decoder.Decode(&w.name)
	case "description":
		return w.decoder.Decode(&w.description)
	case "type":
		return w.decoder.Decode(&w.kind)
	case "version":
		return w.decoder.Decode(&w.version)
	case "matching_attributes":
		return w.decoder.Decode(&w.attributes)
	}
	var other json.RawMessage
	return w.decoder.Decode(&other)
}

func (w *warninglist) list() error {
	if err := w.expect(json.Delim('[')); err != nil {
		return err
	}
	for w.decoder.More() {
		var value string
		if err := w.decoder.Decode(&value); err != nil {
			return err
		}
		w.entries = append(w.entries, entry{value, w.lineAt(w.decoder.InputOffset())})
	}
	return w.expect(json.Delim(']'))
}

// lineAt returns the line of an offset. It goes on counting where it stopped.
func (w *warninglist) lineAt(offset int64) int {
	offset = min(offset, int64(len(w.data)))
	if offset > w.offset {
		w.line += bytes.Count(w.data[w.offset:offset], []byte("\n"))
		w.offset = offset
	}
	return w.line
}

// next returns where the value begins that could not be read.
func (w *warninglist) next() int64 {
	read := w.decoder.InputOffset()
	rest := w.data[min(read, int64(len(w.data))):]
	return read + int64(len(rest)-len(bytes.TrimLeft(rest, " \t\r\n,:")))
}

func describeJSON(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		err = errors.New("the file ends too early")
	}
	return fmt.Errorf("this is not a warninglist of MISP: %w", err)
}

// interpret makes rules of the entries.
func (w *warninglist) interpret(name string) Warninglist {
	made := Warninglist{List: &guard.List{
		Name: name, Version: strings.Trim(string(w.version), `"`), Source: "MISP/misp-warninglists", Licence: "CC0", Purpose: w.description,
	}}
	for _, e := range w.entries {
		rules, err := w.rules(e.value)
		if err != nil {
			made.refuse(e, err)
			continue
		}
		for _, rule := range rules {
			rule.List, rule.Reason = made.List, w.name
			made.Rules = append(made.Rules, rule)
		}
	}
	return made
}

func (w *Warninglist) refuse(e entry, err error) {
	reason := err.Error()
	if reject, ok := errors.AsType[*indicator.Reject](err); ok {
		reason = fmt.Sprintf("this cannot be protected (%s)", reject.Code)
	}
	if i := slices.IndexFunc(w.Refused, func(r Refusal) bool { return r.Reason == reason }); i >= 0 {
		w.Refused[i].Count++
		return
	}
	w.Refused = append(w.Refused, Refusal{Reason: reason, Count: 1, Line: e.line, Value: e.value})
}

// rules makes the rules of one entry by the type of the list.
func (w *warninglist) rules(value string) ([]guard.Rule, error) {
	switch w.kind {
	case "cidr", "string", "hostname":
	default:
		return nil, fmt.Errorf("lists of the type %q cannot be decided exactly", w.kind)
	}
	if w.kind == "hostname" {
		value = "." + strings.TrimPrefix(strings.TrimPrefix(value, "*"), ".")
	}
	c, err := indicator.CanonProtected(value)
	if err != nil {
		return nil, err
	}
	if err := w.admit(c); err != nil {
		return nil, err
	}
	var rules []guard.Rule
	for key := range c.Keys() {
		rules = append(rules, guard.Rule{Key: key, Scope: c.Scope})
	}
	return rules, nil
}

func (w *warninglist) admit(c indicator.Canonical) error {
	switch {
	case w.kind == "cidr" && c.Key.Kind != indicator.IP:
		return errors.New("a list of the type cidr holds addresses")
	case w.kind == "string" && c.Scope != indicator.ScopeExact:
		return errors.New("MISP compares strings as they are, so a name that begins with a dot matches nothing")
	case !w.about(c.Key.Kind):
		return errors.New("its kind is not among the matching attributes of the list")
	}
	return nil
}

// about reports whether the matching attributes, such as "ip-dst" or
// "filename|md5", name the kind. A list without them is about every kind.
func (w *warninglist) about(kind indicator.Kind) bool {
	return len(w.attributes) == 0 || slices.ContainsFunc(w.attributes, func(attribute string) bool {
		return slices.ContainsFunc(strings.Split(attribute, "|"), func(part string) bool { return kindOf[part] == kind })
	})
}

// kindOf gives the kind of a type of attribute in MISP.
var kindOf = map[string]indicator.Kind{
	"ip-src": indicator.IP, "ip-dst": indicator.IP, "ip": indicator.IP,
	"domain": indicator.Domain, "hostname": indicator.Domain,
	"md5": indicator.MD5, "sha1": indicator.SHA1, "sha256": indicator.SHA256, "sha512": indicator.SHA512,
}
