package gbt36643

import (
	"bytes"
	"errors"
	"fmt"
	"io"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/indicatord/indicatord/internal/indicator"
	"github.com/indicatord/indicatord/internal/stix"
)

// entry is a record as it stands in a file.
type entry struct {
	raw    []byte
	offset int
	sort   string // what the container says of it, or anySort
	name   string // under which it is keyed
	// reject says why it is no record.
	reject *stix.Reject
}

// splitter finds the records of a file.
type splitter struct {
	m       *Mapping
	file    []byte
	entries []entry
	notes   notes
	depth   int // of the lists and containers around
}

// maxNesting is how deep lists and containers may stand in one another. Each is
// read once more for each that it stands in.
const maxNesting = 16

func (s *splitter) loose() bool { return s.m.table.Mode == modeLoose }

// split finds the records of the whole file.
func (s *splitter) split() error {
	if len(bytes.TrimSpace(s.file)) == 0 {
		return errNothing
	}
	if s.isLines() {
		return s.lines()
	}
	d := tolerantDecoder(s.file)
	for d.PeekKind() != 0 {
		value, err := d.ReadValue()
		if err != nil {
			return syntaxError(s.file, 0, err)
		}
		if err := s.value(value, int(d.InputOffset())-len(value), anySort); err != nil {
			return err
		}
	}
	if _, err := d.ReadToken(); !errors.Is(err, io.EOF) {
		return syntaxError(s.file, 0, err)
	}
	return nil
}

// tolerantDecoder leaves it to each record whether a name occurs twice in it or
// bytes of it are no UTF-8.
func tolerantDecoder(data []byte) *jsontext.Decoder {
	return jsontext.NewDecoder(bytes.NewBuffer(data), jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))
}

// isLines reports whether the first line holds a whole value and others follow,
// so that what is wrong on one line is no trouble of the next.
func (s *splitter) isLines() bool {
	first, _, more := bytes.Cut(bytes.TrimSpace(s.file), []byte("\n"))
	return more && jsontext.Value(first).IsValid(jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))
}

func (s *splitter) lines() error {
	offset := 0
	for line := range bytes.Lines(s.file) {
		start := offset
		offset += len(line)
		if len(bytes.TrimSpace(line)) == 0 {
			continue
		}
		if err := s.line(bytes.TrimRight(line, "\r\n"), start); err != nil {
			return err
		}
	}
	return nil
}

func (s *splitter) line(line []byte, start int) error {
	d := tolerantDecoder(line)
	value, err := d.ReadValue()
	end := int(d.InputOffset())
	if rest := bytes.TrimSpace(line[end:]); err == nil && len(rest) > 0 {
		err = &jsontext.SyntacticError{ByteOffset: int64(end), Err: errors.New("there is more on the line after the end of the value")}
	}
	if err != nil {
		s.reject(line, start, stix.CodeInvalidJSON, syntaxError(s.file[:start+len(line)], start, err).Error())
		return nil
	}
	return s.value(value, start+end-len(value), anySort)
}

func (s *splitter) reject(raw []byte, offset int, code indicator.Code, detail string) {
	s.entries = append(s.entries, entry{
		raw: raw, offset: offset, sort: anySort, reject: &stix.Reject{Code: code, Detail: detail, Value: clip(string(raw))},
	})
}

// value takes a value that is a record, a list of records, or holds some.
func (s *splitter) value(raw []byte, offset int, of string) error {
	if s.depth++; s.depth > maxNesting {
		s.reject(raw, offset, CodeUnknownList, fmt.Sprintf("more than %d lists and containers stand in one another", maxNesting))
		s.depth--
		return nil
	}
	defer func() { s.depth-- }()
	switch raw[0] {
	case '[':
		return s.elements(raw, offset, of)
	case '{':
		if of != anySort {
			break
		}
		if err := s.answer(raw); err != nil {
			return err
		}
		if s.isContainer(raw) {
			return s.members(raw, offset, "")
		}
	}
	s.entries = append(s.entries, entry{raw: raw, offset: offset, sort: of})
	return nil
}

func (s *splitter) elements(raw []byte, offset int, of string) error {
	return each(raw, func(_ string, value []byte, at int) error { return s.value(value, offset+at, of) })
}

// each calls visit with every member or element of a value, which was read once
// already, so that no error of JSON is left.
func each(raw []byte, visit func(name string, value []byte, at int) error) error {
	d := tolerantDecoder(raw)
	begin, err := d.ReadToken()
	if err != nil {
		return err
	}
	named := begin.Kind() == '{'
	for d.PeekKind() != ']' && d.PeekKind() != '}' {
		name := ""
		if named {
			token, err := d.ReadToken()
			if err != nil {
				return err
			}
			name = token.String()
		}
		value, err := d.ReadValue()
		if err != nil {
			return err
		}
		end := int(d.InputOffset())
		if err := visit(name, raw[end-len(value):end], end-len(value)); err != nil {
			return err
		}
	}
	return nil
}
