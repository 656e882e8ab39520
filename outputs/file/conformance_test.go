package file

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/indicatord/indicatord/internal/indicator"
	"github.com/indicatord/indicatord/outputs"
	"github.com/indicatord/indicatord/outputs/outputtest"
)

func TestConformance(t *testing.T) {
	outputtest.Run(t, outputtest.Suite{
		Spec: Spec(),
		New: func(t *testing.T) outputtest.Tool {
			dir := filepath.Join(t.TempDir(), "log")
			if err := os.Mkdir(dir, 0o755); err != nil {
				t.Fatal(err)
			}
			settings := Spec().Settings().(*Settings)
			settings.Path = filepath.Join(dir, "indicators.ndjson")
			settings.MaxSize = 1 // The larger tests go through several files.
			settings.Keep = 1000
			return outputtest.Tool{
				Settings: settings,
				Events:   func(t *testing.T) []outputtest.Event { return readEvents(t, settings.Path) },
				Break: func(t *testing.T) func() {
					rename(t, dir, dir+".away")
					return func() { rename(t, dir+".away", dir) }
				},
			}
		},
	})
}

func rename(t *testing.T, from, to string) {
	t.Helper()
	if err := os.Rename(from, to); err != nil {
		t.Fatal(err)
	}
}

// line is what the tests read of a line.
type line struct {
	Event struct {
		Action string `json:"action"`
		Reason string `json:"reason"`
		Kind   string `json:"kind"`
	} `json:"event"`
	Threat struct {
		Indicator struct {
			Name string `json:"name"`
		} `json:"indicator"`
	} `json:"threat"`
	Indicatord struct {
		Kind indicator.Kind `json:"kind"`
	} `json:"indicatord"`
}

// readLines reads the file and those that were set aside, oldest first, as a log
// shipper would.
func readLines(t *testing.T, path string) []line {
	t.Helper()
	paths, err := asides(path)
	if err != nil {
		t.Fatal(err)
	}
	var lines []line
	for _, path := range append(paths, path) {
		for text := range strings.Lines(readText(t, path)) {
			var l line
			if err := json.Unmarshal([]byte(text), &l); err != nil {
				t.Fatalf("%s: %v: %.200q", filepath.Base(path), err, text)
			}
			lines = append(lines, l)
		}
	}
	return lines
}

func readText(t *testing.T, path string) string {
	t.Helper()
	data, err := os.ReadFile(path)
	if os.IsNotExist(err) {
		return ""
	}
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func readEvents(t *testing.T, path string) []outputtest.Event {
	t.Helper()
	ops := map[string]outputs.Op{"add": outputs.Add, "update": outputs.Update, "remove": outputs.Remove}
	var events []outputtest.Event
	for _, l := range readLines(t, path) {
		key := indicator.Key{Kind: l.Indicatord.Kind, Value: l.Threat.Indicator.Name}
		events = append(events, outputtest.Event{Op: ops[l.Event.Action], Key: key})
	}
	return events
}
