// Package systemd holds the unit of the daemon, and tests of it alone.
package systemd

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/indicatord/indicatord/internal/config"
)

const unitFile = "indicatord.service"

// directive is one line of the unit, with the section that it stands in.
type directive struct{ section, key, value string }

// readUnit returns the directives of the unit, and those of them above which
// nothing says why. A comment is for all directives up to the next empty line or
// comment.
func readUnit(t *testing.T) (all []directive, unexplained []string) {
	t.Helper()
	section, explained := "", false
	for line := range strings.Lines(readFile(t, unitFile)) {
		line = strings.TrimSpace(line)
		key, value, isDirective := strings.Cut(line, "=")
		switch {
		case strings.HasPrefix(line, "#"):
			explained = true
		case strings.HasPrefix(line, "["):
			section = strings.Trim(line, "[]")
		case line == "":
			explained = false
		case isDirective:
			all = append(all, directive{section, key, value})
			if !explained && section == "Service" {
				unexplained = append(unexplained, line)
			}
		default:
			t.Errorf("the line %q is neither a directive nor a comment", line)
		}
	}
	return all, unexplained
}

func readFile(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// valuesOf returns the values of a directive, in the order of the unit.
func valuesOf(all []directive, key string) []string {
	var values []string
	for _, d := range all {
		if d.key == key {
			values = append(values, d.value)
		}
	}
	return values
}

func TestEveryLineSaysWhy(t *testing.T) {
	_, unexplained := readUnit(t)
	for _, line := range unexplained {
		t.Errorf("%s: no comment says why %q", unitFile, line)
	}
}

// TestUnitKeepsItsPromises: what the documentation and the program rely on.
func TestUnitKeepsItsPromises(t *testing.T) {
	all, _ := readUnit(t)
	for key, want := range map[string]string{
		"Type":                     "notify",
		"ExecReload":               "/bin/kill -HUP $MAINPID",
		"Restart":                  "on-failure",
		"RestartPreventExitStatus": "2",
		"User":                     "indicatord",
		"Group":                    "indicatord",
		"StateDirectory":           "indicatord",
		"StateDirectoryMode":       "0750",
		"ProtectSystem":            "strict",
		"NoNewPrivileges":          "yes",
		"CapabilityBoundingSet":    "",
		"WantedBy":                 "multi-user.target",
	} {
		if diff := cmp.Diff([]string{want}, valuesOf(all, key)); diff != "" {
			t.Errorf("%s= in %s (-want +got):\n%s", key, unitFile, diff)
		}
	}
	for _, key := range []string{"ExecStart", "WatchdogSec", "TimeoutStopSec"} {
		if len(valuesOf(all, key)) != 1 {
			t.Errorf("%s has no %s=", unitFile, key)
		}
	}
}

// TestStateIsWhereTheConfigurationLooks: the default of state: is the directory
// that systemd makes.
func TestStateIsWhereTheConfigurationLooks(t *testing.T) {
	all, _ := readUnit(t)
	found, problems := config.Parse("minimal.yaml", []byte("site: plant-07\n"), config.Plugins{})
	if found == nil {
		t.Fatal(problems)
	}
	if made := "/var/lib/" + strings.Join(valuesOf(all, "StateDirectory"), " "); found.State != made {
		t.Errorf("systemd makes %s, and the default of state: is %s", made, found.State)
	}
}

// TestSystemdUnderstandsTheUnit has systemd read the unit, where it is installed.
func TestSystemdUnderstandsTheUnit(t *testing.T) {
	analyze, err := exec.LookPath("systemd-analyze")
	if err != nil {
		t.Skip("systemd-analyze is not installed")
	}
	program, err := os.Executable() // the real one is not installed here
	if err != nil {
		t.Fatal(err)
	}
	copied := filepath.Join(t.TempDir(), unitFile)
	text := strings.ReplaceAll(readFile(t, unitFile), "/usr/bin/indicatord", program)
	if err := os.WriteFile(copied, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	output, err := exec.CommandContext(t.Context(), analyze, "verify", "--recursive-errors=no", "--man=no", copied).CombinedOutput()
	if err != nil || len(output) > 0 {
		t.Errorf("systemd-analyze verify: %v\n%s", err, output)
	}
}
