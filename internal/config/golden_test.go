package config

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "rewrite the expected diagnostics of testdata")

const separator = "\n--- diagnostics ---\n"

// TestDiagnostics reads each file of testdata: a configuration that breaks the
// rule after which the file is named, and what is said about it.
func TestDiagnostics(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txt")
	if err != nil || len(files) < 30 {
		t.Fatalf("found %d files: %v", len(files), err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txt"), func(t *testing.T) {
			data, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			input, want, _ := strings.Cut(string(data), separator)
			config, found := Parse("indicatord.yaml", []byte(input), testPlugins)
			if (config == nil) != (found.Err() != nil) {
				t.Errorf("the configuration is %v, the error %v", config, found.Err())
			}
			got := found.Error() + "\n"
			if *update {
				if err := os.WriteFile(file, []byte(input+separator+got), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("the diagnostics differ (-want +got):\n%s", diff)
			}
			if strings.Contains(got, "hunter2") {
				t.Error("the diagnostics show a secret")
			}
		})
	}
}
