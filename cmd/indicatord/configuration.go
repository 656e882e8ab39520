package main

import (
	"fmt"
	"io"

	connectors "github.com/indicatord/indicatord/connectors/all"
	"github.com/indicatord/indicatord/internal/config"
	outputs "github.com/indicatord/indicatord/outputs/all"
)

// plugins are what a configuration can name.
func plugins() config.Plugins {
	return config.Plugins{Connectors: connectors.Specs(), Outputs: outputs.Specs()}
}

// loadConfig reads the configuration at path and tells of all that is wrong with
// it. The configuration is usable exactly when the error is nil.
func loadConfig(path string, stderr io.Writer) (*config.Config, error) {
	loaded, found := config.Load(path, plugins())
	printDiagnostics(stderr, found)
	return loaded, configError(path, found)
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
