package gbt36643

import (
	"fmt"
	"slices"
	"strconv"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/indicatord/indicatord/internal/stix"
)

// AnswerError is the answer of a service that it does not answer.
type AnswerError struct {
	// Code and Message are what the service says.
	Code, Message string
}

// Error repeats what the service says.
func (e *AnswerError) Error() string {
	return fmt.Sprintf("the service answered with the code %q and not with records: %q", clip(e.Code), clip(e.Message))
}

// answer looks whether the service says that it has answered.
func (s *splitter) answer(raw []byte) error {
	a := &s.m.table.Answer
	if len(a.Code) == 0 {
		return nil
	}
	n := shallow(raw)
	code := n.find(a.Code, s.loose())
	for _, ok := range a.OK {
		if !code.present() || code.text == ok {
			return nil
		}
	}
	message := n.find(a.Message, s.loose())
	return &AnswerError{Code: code.text, Message: message.text}
}

// shallow returns the members of an object that are scalars; the others are
// there by kind alone.
func shallow(raw []byte) node {
	n := node{kind: '{'}
	_ = each(raw, func(name string, value []byte, _ int) error {
		n.members = append(n.members, member{name, scalarOf(value)})
		return nil
	})
	return n
}

// scalarOf returns a scalar, or no more than the kind of another value.
func scalarOf(value []byte) node {
	n := node{kind: jsontext.Value(value).Kind()}
	switch n.kind {
	case '{', '[':
	case '"':
		text, _ := jsontext.AppendUnquote(nil, value) // bytes that are no UTF-8 are told later
		n.text = string(text)
	default:
		n.text = string(value)
	}
	return n
}

// isContainer reports whether an object is what is around records: it has a
// member that the mapping says holds some, and nothing that only a record has.
func (s *splitter) isContainer(raw []byte) bool {
	n := shallow(raw)
	code := n.find(s.m.table.Answer.Code, s.loose())
	if code.present() {
		return true
	}
	if _, told := s.m.sortByID(&n); told {
		return false
	}
	holds := false
	for _, m := range n.members {
		_, known := s.place(m.name)
		if !known && s.isOfRecord(m.name) {
			return false
		}
		holds = holds || known && (m.value.kind == '{' || m.value.kind == '[')
	}
	return holds
}

// isOfRecord reports whether only an indicator has a member of that name.
func (s *splitter) isOfRecord(name string) bool {
	if slices.Contains(s.m.table.Container.Ignored, name) {
		return false
	}
	for of, keys := range s.m.keys {
		if s.m.table.Records[of].Role == roleIndicator && keys[name] && name != "id" {
			return true
		}
	}
	return false
}

// whereabouts says what stands at a path of a container.
type whereabouts struct {
	list, keyed string // the sort of the records
	deeper      bool   // something is known below
}

// place returns what stands at a path.
func (s *splitter) place(path string) (w whereabouts, known bool) {
	w.list, _, _ = s.m.lists.find(path, s.loose())
	w.keyed, _, _ = s.m.keyed.find(path, s.loose())
	w.deeper, _, _ = s.m.around.find(path, s.loose())
	return w, w != whereabouts{}
}

// members takes the records out of a container, or of an object in one.
func (s *splitter) members(raw []byte, offset int, path string) error {
	return each(raw, func(name string, value []byte, at int) error {
		return s.member(path, name, value, offset+at)
	})
}

func (s *splitter) member(path, name string, value []byte, offset int) error {
	full := name
	if path != "" {
		full = path + "." + name
	}
	keyed, _, _ := s.m.keyed.find(path, s.loose())
	what, known := s.place(full)
	structured := value[0] == '{' || value[0] == '['
	switch {
	case slices.Contains(s.m.table.Container.Ignored, full), known && string(value) == "null":
	case known && structured:
		return s.known(what, full, value, offset)
	case known:
		s.reject(value, offset, stix.CodeWrongType, full+" is neither a list nor an object")
	case keyed != "":
		s.entries = append(s.entries, entry{raw: value, offset: offset, sort: keyed, name: name})
	case structured:
		s.reject(value, offset, CodeUnknownList, "the mapping does not know the member "+strconv.Quote(clip(full)))
	default:
		s.notes.add(noteUnknownKey)
	}
	return nil
}

// known takes the records of a member that the mapping knows.
func (s *splitter) known(what whereabouts, path string, value []byte, offset int) error {
	if what.list != "" {
		return s.value(value, offset, what.list)
	}
	if value[0] == '{' {
		return s.members(value, offset, path)
	}
	if what.keyed != "" { // some services answer with a list where nothing is known
		return s.value(value, offset, what.keyed)
	}
	s.reject(value, offset, CodeUnknownList, "the mapping does not know a list "+strconv.Quote(clip(path)))
	return nil
}
