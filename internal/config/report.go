package config

import (
	"errors"
	"fmt"

	"github.com/indicatord/indicatord/internal/plugin"
)

// reporter collects problems and gives them their excerpts.
type reporter struct {
	source *source
	found  Diagnostics
}

func (r *reporter) fail(at position, message, hint string) {
	r.add(at, Error, message, hint)
}

func (r *reporter) warn(at position, message, hint string) {
	r.add(at, Warning, message, hint)
}

func (r *reporter) add(at position, severity Severity, message, hint string) {
	r.found = append(r.found, Diagnostic{
		File: r.source.name, Line: at.line, Column: at.column,
		Message: message, Hint: hint, Severity: severity,
	})
}

// invalid reports what a validation of the value at n found, each error at the
// key that it names.
func (r *reporter) invalid(n *node, err error) {
	for _, problem := range flatten("", err) {
		at, first := n.walk(problem.Path)
		if !first {
			continue
		}
		message := problem.Err.Error()
		if problem.Path != "" {
			message = problem.Path + ": " + message
		}
		r.fail(at, message, hintOf(problem.Err))
	}
}

// omitted stands for problems that are not told.
func (r *reporter) omitted(found Diagnostics) Diagnostic {
	d := Diagnostic{File: r.source.name, Severity: Warning, Message: fmt.Sprintf("%d more problems are not shown", len(found))}
	if found.hasErrors() {
		d.Severity = Error
	}
	return d
}

// flatten takes joined errors apart, and joins the paths of nested field errors.
func flatten(path string, err error) []plugin.FieldError {
	if err == nil {
		return nil
	}
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		var all []plugin.FieldError
		for _, e := range joined.Unwrap() {
			all = append(all, flatten(path, e)...)
		}
		return all
	}
	if field, ok := errors.AsType[*plugin.FieldError](err); ok {
		if path != "" {
			path += "."
		}
		return flatten(path+field.Path, field.Err)
	}
	return []plugin.FieldError{{Path: path, Err: err}}
}

// maxFound bounds how many problems are told. Behind so many there is one, such
// as a file of another program.
const maxFound = 200

// result returns what was found, in order. The excerpts are made last, when it
// is known what they must not show.
func (r *reporter) result() Diagnostics {
	found := r.found.sorted()
	if len(found) > maxFound {
		found = append(found[:maxFound:maxFound], r.omitted(found[maxFound:]))
	}
	for i := range found {
		d := &found[i]
		d.excerpt = r.source.excerpt(position{d.Line, d.Column})
	}
	return found
}
