//go:build real

package syslog

import (
	"bufio"
	"bytes"
	"encoding/json"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/indicatord/indicatord/internal/indicator"
	"github.com/indicatord/indicatord/outputs"
)

// guided is a daemon that runs with a configuration of the guides.
type guided struct {
	t              *testing.T
	binary         string
	dir, conf      string
	address, store string
}

// newGuided writes the configuration, with a port and files of the test's own. It
// skips the test where the daemon is missing.
func newGuided(t *testing.T, page, sort, debian string) *guided {
	t.Helper()
	daemon := map[string]string{"rsyslog": "rsyslogd", "syslog-ng": "syslog-ng"}[sort]
	binary, err := exec.LookPath(daemon)
	if err != nil {
		binary, err = exec.LookPath("/usr/sbin/" + daemon)
	}
	if err != nil {
		t.Skipf("%s is not installed (Debian package %s): %v", daemon, debian, err)
	}
	address := freeAddress(t)
	_, port, _ := net.SplitHostPort(address)
	dir := t.TempDir()
	conf := strings.NewReplacer("/var/log/", dir+"/", `port="601"`, `port="`+port+`"`, "port(601)", "port("+port+")").Replace(snippets(t, page, sort)[0])
	g := &guided{t: t, binary: binary, dir: dir, conf: filepath.Join(dir, "conf"), address: address, store: filepath.Join(dir, "indicatord.json")}
	if err := os.WriteFile(g.conf, []byte(conf), 0o600); err != nil {
		t.Fatal(err)
	}
	return g
}

// freeAddress is one of loopback on which nobody listens at the moment.
func freeAddress(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	return listener.Addr().String()
}

// check runs the daemon's own check of the configuration.
func (g *guided) check(args ...string) {
	g.t.Helper()
	out, err := exec.Command(g.binary, append(args, g.conf)...).CombinedOutput()
	if err != nil || strings.Contains(strings.ToLower(string(out)), "error") {
		g.t.Fatalf("the check says: %v\n%s", err, out)
	}
}

// start runs the daemon until the test ends.
func (g *guided) start(args ...string) {
	g.t.Helper()
	cmd := exec.Command(g.binary, append(args, g.conf)...)
	cmd.Dir, cmd.Stderr = g.dir, os.Stderr
	if err := cmd.Start(); err != nil {
		g.t.Fatal(err)
	}
	g.t.Cleanup(func() {
		_ = cmd.Process.Signal(syscall.SIGTERM)
		_ = cmd.Wait()
	})
	g.await("a listener", func() bool {
		conn, err := net.Dial("tcp", g.address)
		if err == nil {
			_ = conn.Close()
		}
		return err == nil
	})
}

func (g *guided) await(what string, done func() bool) {
	g.t.Helper()
	for deadline := time.Now().Add(30 * time.Second); !done(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			g.t.Fatalf("waited 30 s for %s", what)
		}
	}
}

// stored waits for n objects in the daemon's file.
func (g *guided) stored(n int) []map[string]string {
	g.t.Helper()
	var data []byte
	g.await("events in the file", func() bool {
		data, _ = os.ReadFile(g.store)
		return bytes.Count(data, []byte("\n")) >= n
	})
	var objects []map[string]string
	for lines := bufio.NewScanner(bytes.NewReader(data)); lines.Scan(); {
		var object map[string]string
		if err := json.Unmarshal(lines.Bytes(), &object); err != nil {
			g.t.Fatalf("%q: %v", lines.Bytes(), err)
		}
		objects = append(objects, object)
	}
	return objects
}

// sendAndCompare sends changes, and looks for their fields in the daemon's file.
func (g *guided) sendAndCompare() {
	g.t.Helper()
	removed := change(outputs.Remove, indicator.Domain, "c2.example")
	removed.Reason = "expired"
	changes := []outputs.Change{
		change(outputs.Add, indicator.Domain, "c2.example", assertion()),
		change(outputs.Update, indicator.Process, `a "b" \c] [forged@1 x="y"]`, assertion()),
		change(outputs.Add, indicator.FileName, "发票 🔌.exe", assertion()),
		removed,
	}
	if _, err := deliver(g.t.Context(), open(g.t, g.address, func(s *Settings) { s.Confirm = false }), changes...); err != nil {
		g.t.Fatal(err)
	}
	got := g.stored(len(changes))
	for i, c := range changes {
		want := ours(g.t, c)
		for _, name := range []string{"id", "action", "kind", "value", "valid_until", "reason", "confidence"} {
			if got[i][name] != want.value(name) {
				g.t.Errorf("event %d: %s = %q, want %q", i, name, got[i][name], want.value(name))
			}
		}
	}
}

func TestRsyslogWorksWithTheConfigurationOfTheGuide(t *testing.T) {
	for _, page := range guidePages {
		g := newGuided(t, page, "rsyslog", "rsyslog")
		g.check("-N1", "-f")
		g.start("-n", "-i", filepath.Join(g.dir, "pid"), "-f")
		g.sendAndCompare()
	}
}

func TestSyslogNGWorksWithTheConfigurationOfTheGuide(t *testing.T) {
	for _, page := range guidePages {
		g := newGuided(t, page, "syslog-ng", "syslog-ng-core")
		g.check("-s", "-f")
		g.start("-F", "--no-caps", "--persist-file="+filepath.Join(g.dir, "persist"), "--control="+filepath.Join(g.dir, "control"),
			"--pidfile="+filepath.Join(g.dir, "pid"), "-f")
		g.sendAndCompare()
	}
}
