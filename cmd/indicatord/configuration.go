package main

import (
	"errors"
	"fmt"
	"io"
	"strings"

	connectors "github.com/indicatord/indicatord/connectors/all"
	"github.com/indicatord/indicatord/internal/config"
	outputs "github.com/indicatord/indicatord/outputs/all"
)

// plugins are what a configuration can name.
func plugins() config.Plugins {
	return config.Plugins{Connectors: connectors.Specs(), Outputs: outputs.Specs()}
}

// loadConfig reads the configuration at path and tells of all its errors. The
// configuration is usable exactly when the error is nil. Warnings are for check
// and run to tell.
func loadConfig(path string, stderr io.Writer) (*config.Config, error) {
	loaded, found := config.Load(path, plugins())
	printDiagnostics(stderr, onlyErrors(found))
	return loaded, configError(path, found)
}

// onlyErrors leaves out the warnings.
func onlyErrors(found config.Diagnostics) config.Diagnostics {
	var errs config.Diagnostics
	for _, d := range found {
		if d.Severity == config.Error {
			errs = append(errs, d)
		}
	}
	return errs
}

// inOneLine returns the errors as one error of a single line, for the log. It is
// nil where there are none.
func inOneLine(found config.Diagnostics) error {
	var texts []string
	for _, d := range onlyErrors(found) {
		place := d.File
		if d.Line > 0 {
			place = fmt.Sprintf("%s:%d:%d", d.File, d.Line, d.Column)
		}
		text := place + ": " + d.Message
		if d.Hint != "" {
			text += " (" + d.Hint + ")"
		}
		texts = append(texts, strings.Join(strings.Fields(text), " "))
	}
	if texts == nil {
		return nil
	}
	return errors.New(strings.Join(texts, "; "))
}

func printDiagnostics(w io.Writer, found config.Diagnostics) {
	for _, d := range found {
		fmt.Fprintln(w, d)
	}
}

// configError sums up the diagnostics of a configuration that cannot be used.
// For one that can, it is nil.
func configError(path string, found config.Diagnostics) error {
	failed := len(found) - len(found.Warnings())
	if failed == 0 {
		return nil
	}
	return misused(fmt.Errorf("%s has %s", path, plural(failed, "error")))
}

// plural counts things in words.
func plural(n int, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return fmt.Sprintf("%d %ss", n, thing)
}
