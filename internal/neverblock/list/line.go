package list

import (
	"errors"
	"fmt"
)

// LineError is what is wrong with one line of a list.
type LineError struct {
	// File is the name of the list's file, and Line counts from 1.
	File string
	Line int
	Err  error
}

// Error writes "file:line: message".
func (e *LineError) Error() string { return fmt.Sprintf("%s:%d: %v", e.File, e.Line, e.Err) }

// Unwrap returns what is wrong with the line.
func (e *LineError) Unwrap() error { return e.Err }

// maxProblems bounds how many lines of a file are complained of. A file of
// another program has as many as it has lines.
const maxProblems = 20

// problems collects what is wrong with the lines of a file.
type problems struct {
	file  string
	found []error
	more  int
}

func (p *problems) add(line int, err error) {
	if len(p.found) == maxProblems {
		p.more++
		return
	}
	p.found = append(p.found, &LineError{p.file, line, err})
}

func (p *problems) err() error {
	if p.more > 0 {
		return errors.Join(append(p.found, fmt.Errorf("%s: %d more lines are wrong", p.file, p.more))...)
	}
	return errors.Join(p.found...)
}
