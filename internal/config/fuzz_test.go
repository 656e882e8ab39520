package config

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// FuzzParse looks for a file on which the parser panics, or whose problems have
// places that are not in the file.
func FuzzParse(f *testing.F) {
	files, err := filepath.Glob("testdata/*.txt")
	if err != nil {
		f.Fatal(err)
	}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		input, _, _ := strings.Cut(string(data), separator)
		f.Add([]byte(input))
	}
	f.Add([]byte(whole))
	f.Fuzz(func(t *testing.T, data []byte) {
		config, found := Parse("indicatord.yaml", data, testPlugins)
		if (config == nil) != (found.Err() != nil) {
			t.Fatalf("the configuration is %v, the error %v", config, found.Err())
		}
		// A carriage return alone breaks a line too (YAML 1.2, section 5.4).
		lines := strings.Count(string(data), "\n") + strings.Count(string(data), "\r") + 1
		for _, d := range found {
			if d.Line < 0 || d.Line > lines || (d.Line > 0 && d.Column < 1) || d.Message == "" {
				t.Fatalf("a problem without a place or a message: %#v", d)
			}
		}
		_ = found.Error()
	})
}
