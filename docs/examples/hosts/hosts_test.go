package hosts

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/indicatord/indicatord/internal/indicator"
	"github.com/indicatord/indicatord/outputs/outputtest"
)

func TestConformance(t *testing.T) {
	outputtest.Run(t, outputtest.Suite{
		Spec: Spec(),
		New: func(t *testing.T) outputtest.Tool {
			dir := filepath.Join(t.TempDir(), "lists")
			if err := os.Mkdir(dir, 0o755); err != nil {
				t.Fatal(err)
			}
			settings := &Settings{Path: filepath.Join(dir, "hosts"), Address: "0.0.0.0"}
			return outputtest.Tool{
				Settings: settings,
				Read:     func(t *testing.T) []indicator.Key { return readBack(t, settings.Path) },
				Break:    func(t *testing.T) func() { return hide(t, dir) },
			}
		},
	})
}

// readBack reads the file as a resolver does.
func readBack(t *testing.T, path string) []indicator.Key {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil && !os.IsNotExist(err) {
		t.Fatal(err)
	}
	var keys []indicator.Key
	for line := range strings.Lines(string(text)) {
		address, name, _ := strings.Cut(strings.TrimSuffix(line, "\n"), " ")
		if address != "0.0.0.0" {
			t.Errorf("the line %q leads somewhere", line)
		}
		keys = append(keys, indicator.Key{Kind: indicator.Domain, Value: name})
	}
	return keys
}

// hide moves the directory away, as an unmounted file system is.
func hide(t *testing.T, dir string) (mend func()) {
	t.Helper()
	move := func(from, to string) {
		if err := os.Rename(from, to); err != nil {
			t.Fatal(err)
		}
	}
	move(dir, dir+".away")
	return func() { move(dir+".away", dir) }
}
