package admin

import (
	"os"
	"regexp"
	"slices"
	"testing"
)

// TestEveryAlarmIsExplained in the page for operators, which explains no other.
func TestEveryAlarmIsExplained(t *testing.T) {
	written := map[string]bool{}
	for _, file := range []string{"alarm.go", "readers.go"} {
		for _, name := range matches(t, file, `Alarm\{Name: "([a-z-]+)"`) {
			written[name] = true
		}
	}
	explained := matches(t, "../../docs/alarms.md", "(?m)^\\| `([a-z-]+)` \\|")
	for name := range written {
		if !slices.Contains(explained, name) {
			t.Errorf("docs/alarms.md does not explain %q", name)
		}
	}
	for _, name := range explained {
		if !written[name] {
			t.Errorf("docs/alarms.md explains %q, which no code raises", name)
		}
	}
}

func matches(t *testing.T, file, pattern string) []string {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var found []string
	for _, match := range regexp.MustCompile(pattern).FindAllStringSubmatch(string(text), -1) {
		found = append(found, match[1])
	}
	return found
}
