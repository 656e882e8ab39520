package config

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Severity says what a [Diagnostic] means for the configuration.
type Severity string

// The severities. A configuration with an error is not used; one with warnings
// is.
const (
	Error   Severity = "error"
	Warning Severity = "warning"
)

// Diagnostic is one problem of a configuration, and its place. It never holds a
// secret.
type Diagnostic struct {
	// File is the name of the file, as it was given.
	File string `json:"file"`
	// Line and Column count from 1, the column in characters. They are 0 where
	// the problem is the file itself.
	Line   int `json:"line"`
	Column int `json:"column"`
	// Message says what is wrong.
	Message string `json:"message"`
	// Hint says what to do, where that is known.
	Hint string `json:"hint,omitempty"`
	// Severity says whether the configuration can be used all the same.
	Severity Severity `json:"severity"`

	excerpt string // the line and a caret, as printed
}

// String writes "file:line:column: message", then the line, a caret and the
// hint. It ends without a newline.
func (d Diagnostic) String() string {
	var b strings.Builder
	b.WriteString(d.File)
	if d.Line > 0 {
		fmt.Fprintf(&b, ":%d:%d", d.Line, d.Column)
	}
	b.WriteString(": ")
	if d.Severity == Warning {
		b.WriteString("warning: ")
	}
	b.WriteString(d.Message)
	question := strings.HasSuffix(d.Hint, "?")
	if question {
		fmt.Fprintf(&b, " (%s)", d.Hint)
	}
	if d.excerpt != "" {
		b.WriteString("\n" + d.excerpt)
	}
	if d.Hint != "" && !question {
		b.WriteString("\n  hint: " + d.Hint)
	}
	return b.String()
}

// Diagnostics are the problems of a configuration in the order of their places.
type Diagnostics []Diagnostic

// Error writes every problem, one after the other.
func (ds Diagnostics) Error() string {
	texts := make([]string, len(ds))
	for i, d := range ds {
		texts[i] = d.String()
	}
	return strings.Join(texts, "\n")
}

// Err returns the diagnostics as an error if one of them is an error, nil if
// there are none or only warnings.
func (ds Diagnostics) Err() error {
	if !ds.hasErrors() {
		return nil
	}
	return ds
}

// Warnings returns the diagnostics that are warnings.
func (ds Diagnostics) Warnings() Diagnostics {
	var warnings Diagnostics
	for _, d := range ds {
		if d.Severity == Warning {
			warnings = append(warnings, d)
		}
	}
	return warnings
}

func (ds Diagnostics) hasErrors() bool {
	return slices.ContainsFunc(ds, func(d Diagnostic) bool { return d.Severity == Error })
}

// sorted returns the diagnostics by place, each once.
func (ds Diagnostics) sorted() Diagnostics {
	slices.SortStableFunc(ds, func(a, b Diagnostic) int {
		return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column), cmp.Compare(a.Message, b.Message))
	})
	return slices.CompactFunc(ds, func(a, b Diagnostic) bool {
		return a.Line == b.Line && a.Column == b.Column && a.Message == b.Message
	})
}

// hinted is an error with advice for the operator.
type hinted struct {
	error
	hint string
}

func (h hinted) Unwrap() error { return h.error }

// hintOf returns the advice that err carries, "" if none.
func hintOf(err error) string {
	if h, ok := errors.AsType[hinted](err); ok {
		return h.hint
	}
	return ""
}
