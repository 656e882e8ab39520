package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestReloadTellsErrorsInOneLine: the error of a reload is for the log, where a
// warning of what is not used would mislead.
func TestReloadTellsErrorsInOneLine(t *testing.T) {
	file := filepath.Join(t.TempDir(), "indicatord.yaml")
	write := func(text string) {
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	const connector = `
site: plant-07
state: /nowhere
connectors:
  - name: sector-hub
    type: taxii
    schedule: "@hourly"
    settings: {url: "https://hub.invalid/taxii2/"}
`
	write(connector)
	if _, err := reloadConfig(file); err != nil {
		t.Errorf("warnings fail the reload: %v", err)
	}
	write(connector + "outputz: []\nsitte: x\n")
	_, err := reloadConfig(file)
	if err == nil {
		t.Fatal("the reload did not fail")
	}
	text := err.Error()
	if strings.Contains(text, "\n") || strings.Contains(text, "warning") || strings.Contains(text, "lifetime") {
		t.Errorf("the error has several lines or warnings: %q", text)
	}
	for _, want := range []string{file + ":9:1: ", file + ":10:1: ", "; "} {
		if !strings.Contains(text, want) {
			t.Errorf("the error is %q, want one with %q", text, want)
		}
	}
}
