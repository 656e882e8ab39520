package config

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestCheckTellsOfSecretsBesideEverythingElse: an operator mends all in one go.
func TestCheckTellsOfSecretsBesideEverythingElse(t *testing.T) {
	path := filepath.Join(t.TempDir(), "indicatord.yaml")
	text := `site: a
sate: b
connectors:
  - name: hub
    type: hub
    schedule: "61 * * * *"
    lifetime: {ip: 1d}
    settings:
      url: https://hub.example
      collections: all
      auth: {bearer: {file: /no/such/file}}
outputs:
  - {name: one, type: list, settings: {path: /srv/list.txt}}
`
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	config, found := Check(path, testPlugins)
	if config != nil || len(found) != 3 {
		t.Fatalf("%d problems, want 3:\n%v", len(found), found)
	}
	for i, want := range []string{`unknown key "sate"`, "minute", "/no/such/file"} {
		if !strings.Contains(found[i].Message, want) || found[i].Line != []int{2, 6, 11}[i] {
			t.Errorf("problem %d is %v, want %q", i, found[i], want)
		}
	}
}
