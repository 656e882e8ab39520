package config

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// withTokens is a configuration whose output names these secrets.
func withTokens(tokens string) string {
	return "site: plant-07\noutputs:\n  - name: edge\n    type: list\n    settings:\n      path: /edge.txt\n      tokens:\n" + tokens
}

func TestCheckSecretsReadsEachOne(t *testing.T) {
	good := filepath.Join(t.TempDir(), "token")
	if err := os.WriteFile(good, []byte("hunter2\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("EDGE_TOKEN", "hunter2")
	t.Setenv("CREDENTIALS_DIRECTORY", filepath.Dir(good))
	config := parseRight(t, withTokens("        - {file: "+good+"}\n        - {env: EDGE_TOKEN}\n        - {credential: token}\n"))
	if found := secretsOf(config); len(found) != 0 {
		t.Errorf("readable secrets are complained of:\n%v", found)
	}
}

func TestCheckSecretsTellsThePlaceOfEachThatIsUnreadable(t *testing.T) {
	missing := filepath.Join(t.TempDir(), "missing")
	config := parseRight(t, withTokens("        - {file: "+missing+"}\n        - {env: INDICATORD_NO_SUCH_VARIABLE}\n"))
	found := secretsOf(config)
	if len(found) != 2 || found.Err() == nil {
		t.Fatalf("got %v", found)
	}
	if found[0].Line != 8 || found[0].Column != 11 || !strings.Contains(found[0].String(), missing) {
		t.Errorf("the file is reported as\n%v", found[0])
	}
	if found[1].Line != 9 || !strings.Contains(found[1].String(), "INDICATORD_NO_SUCH_VARIABLE") {
		t.Errorf("the variable is reported as\n%v", found[1])
	}
}

func TestCheckSecretsReadsAgainEachTime(t *testing.T) {
	path := filepath.Join(t.TempDir(), "token")
	config := parseRight(t, withTokens("        - {file: "+path+"}\n"))
	if secretsOf(config).Err() == nil {
		t.Error("a missing file is taken")
	}
	if err := os.WriteFile(path, []byte("hunter2"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := secretsOf(config).Err(); err != nil {
		t.Error(err)
	}
}

func TestCheckSecretsWarnsOfAFileForEveryone(t *testing.T) {
	path := filepath.Join(t.TempDir(), "token")
	if err := os.WriteFile(path, []byte("hunter2"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(path, 0o644); err != nil {
		t.Fatal(err)
	}
	found := secretsOf(parseRight(t, withTokens("        - {file: "+path+"}\n")))
	if len(found.Warnings()) != 1 || found.Err() != nil || !strings.Contains(found.Error(), "chmod") {
		t.Errorf("got %v", found)
	}
}

func TestCheckSecretsLeavesCredentialsToTheService(t *testing.T) {
	t.Setenv("CREDENTIALS_DIRECTORY", "")
	found := secretsOf(parseRight(t, withTokens("        - {credential: edge-token}\n")))
	if len(found.Warnings()) != 1 || found.Err() != nil {
		t.Errorf("got %v", found)
	}
}

// TestCheckSecretsFollowsBlocks: a secret deep in the settings of a plugin is
// found too.
func TestCheckSecretsFollowsBlocks(t *testing.T) {
	config := parseRight(t, `
site: plant-07
connectors:
  - name: hub
    type: hub
    schedule: "@daily"
    settings:
      url: https://hub.example.org
      auth: {header: {name: X-Key, value: {env: INDICATORD_NO_SUCH_VARIABLE}}}
`)
	if found := secretsOf(config); len(found) != 1 || found[0].Line != 9 {
		t.Errorf("got %v", found)
	}
}

// secretsOf is what [Check] adds to the diagnostics of a configuration.
func secretsOf(c *Config) Diagnostics {
	report := &reporter{source: c.source}
	c.checkSecrets(report)
	return report.result()
}
