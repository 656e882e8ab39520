package gbt36643

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"
)

// SyntaxError says where a file is no JSON, and what was expected there.
type SyntaxError struct {
	// Line and Column count from 1, columns in characters.
	Line, Column int
	Err          error
}

// Error begins with the place.
func (e *SyntaxError) Error() string {
	return fmt.Sprintf("line %d, column %d: %v", e.Line, e.Column, e.Err)
}

// Unwrap returns what is wrong.
func (e *SyntaxError) Unwrap() error { return e.Err }

var errNothing = errors.New("there is nothing in it")

// syntaxError gives an error of the decoder its place in the file. The decoder
// began to read at the byte base.
func syntaxError(file []byte, base int, err error) error {
	cause, offset := err, int64(len(file)-base)
	if syntactic, ok := errors.AsType[*jsontext.SyntacticError](err); ok {
		cause, offset = syntactic.Err, syntactic.ByteOffset
	}
	if errors.Is(cause, io.EOF) || errors.Is(cause, io.ErrUnexpectedEOF) {
		cause, offset = errors.New("the file ends in the middle of a value"), int64(len(file)-base)
	}
	if !utf8.Valid(file) {
		cause = fmt.Errorf("%w; %s", cause, otherEncoding)
	}
	line, column := place(file, base+int(offset))
	return &SyntaxError{Line: line, Column: column, Err: cause}
}

// otherEncoding is what makes JSON out of many editors unreadable.
const otherEncoding = "the text is not UTF-8, but perhaps GBK: save it as UTF-8"

// place returns the line and the column of a byte.
func place(file []byte, offset int) (line, column int) {
	return new(placer).place(file, offset)
}

// placer tells places that come one after the other. Each byte is counted once,
// since a file may be one line.
type placer struct{ lines, column, counted int }

func (p *placer) place(file []byte, offset int) (line, column int) {
	offset = max(p.counted, min(offset, len(file)))
	passed := file[p.counted:offset]
	p.counted = offset
	if end := bytes.LastIndexByte(passed, '\n'); end >= 0 {
		p.lines += bytes.Count(passed, []byte("\n"))
		p.column, passed = 0, passed[end+1:]
	}
	p.column += utf8.RuneCount(passed)
	return p.lines + 1, p.column + 1
}

// jsonCause says what is wrong inside a record.
func jsonCause(raw []byte, err error) string {
	if !utf8.Valid(raw) {
		return otherEncoding
	}
	if syntactic, ok := errors.AsType[*jsontext.SyntacticError](err); ok {
		return fmt.Sprintf("in %q: %v", clip(string(syntactic.JSONPointer)), syntactic.Err)
	}
	return err.Error()
}

// clip bounds a text that is only shown.
func clip(text string) string {
	const most = 200
	if len(text) <= most {
		return text
	}
	return strings.ToValidUTF8(text[:most], "") + "…"
}

var byteOrderMark = []byte("\xef\xbb\xbf")
