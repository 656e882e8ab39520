package main

import (
	"context"
	"database/sql"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/indicatord/indicatord/internal/admin"
	"github.com/indicatord/indicatord/internal/config"
	"github.com/indicatord/indicatord/internal/indicator"
	"github.com/indicatord/indicatord/internal/store"
	"github.com/indicatord/indicatord/internal/taxiihub/hubtest"
)

// The tests of this file run the program as a process of its own: it is on PATH
// as indicatord, because that is what the test binary is under that name.

// process is a running indicatord.
type process struct {
	t      *testing.T
	cmd    *exec.Cmd
	stderr journal
	ended  chan error
}

func start(t *testing.T, env []string, args ...string) *process {
	t.Helper()
	p := &process{t: t, cmd: exec.Command("indicatord", args...), ended: make(chan error, 1)}
	p.cmd.Stderr = &p.stderr
	p.cmd.Env = append(os.Environ(), env...)
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() { p.ended <- p.cmd.Wait() }()
	t.Cleanup(func() { _ = p.cmd.Process.Kill() })
	return p
}

func (p *process) signal(s syscall.Signal) {
	p.t.Helper()
	if err := p.cmd.Process.Signal(s); err != nil {
		p.t.Fatalf("%v; it said:\n%s", err, &p.stderr)
	}
}

// end waits for the end and returns the exit status.
func (p *process) end() int {
	p.t.Helper()
	select {
	case err := <-p.ended:
		p.t.Logf("it ended: %v", err)
	case <-time.After(30 * time.Second):
		p.t.Fatalf("it does not end; it said:\n%s", &p.stderr)
	}
	return p.cmd.ProcessState.ExitCode()
}

// says waits until it has said something so many times.
func (p *process) says(text string, times int) {
	p.t.Helper()
	for range 2000 {
		if strings.Count(p.stderr.String(), text) >= times {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	p.t.Fatalf("it does not say %q %d times, but:\n%s", text, times, &p.stderr)
}

// TestCommandsAskTheDaemon lets every question be answered by a running daemon.
func TestCommandsAskTheDaemon(t *testing.T) {
	l := newLine(t)
	l.put(addressObject(0, 0, `,"name":"an \u001b[31mindicator"`))
	p := start(t, nil, "run", "--config", l.configure())
	p.says("msg=delivered", 2)
	for command, wants := range map[string][]string{
		"status":               {"(answered by the running daemon)", "Daemon " + strconv.Itoa(p.cmd.Process.Pid), "ip 1", "up to date"},
		"status --json":        {`"pid": ` + strconv.Itoa(p.cmd.Process.Pid)},
		"why 5.0.0.0":          {"hub says: an  [31mindicator", "output list: has it since", "(answered by the running daemon)"},
		"why 5.0.0.0 --json":   {`"state": "live"`, `"tlp": "amber"`},
		"export --output list": {`{"kind":"ip","value":"5.0.0.0"`},
		"once":                 {"The daemon has made the round"},
	} {
		out, err := exec.Command("indicatord", append(strings.Fields(command), "--config", l.path("site.yaml"))...).CombinedOutput()
		if err != nil {
			t.Errorf("%s: %v\n%s", command, err, out)
		}
		for _, want := range wants {
			if !strings.Contains(string(out), want) {
				t.Errorf("%s does not say %q but:\n%s", command, want, out)
			}
		}
	}
	l.faults.Always(hubtest.Status(500))
	out, err := exec.Command("indicatord", "once", "--config", l.path("site.yaml")).CombinedOutput()
	if err == nil || strings.Count(string(out), "500 Internal Server Error") != 1 || !strings.Contains(string(out), "indicatord: connector hub: ") {
		t.Errorf("a round that fails ends with %v and says:\n%s", err, out)
	}
}

func TestTheDaemonObeysSignals(t *testing.T) {
	l := newLine(t)
	l.put(addressObject(0, 0, ""))
	file := l.configure()
	p := start(t, nil, "run", "--config", file)
	p.says("msg=delivered", 2)

	second := start(t, nil, "run", "--config", file)
	if status := second.end(); status != statusFailed {
		t.Errorf("a second daemon ended with %d", status)
	}
	if want := "process id " + strconv.Itoa(p.cmd.Process.Pid); !strings.Contains(second.stderr.String(), want) {
		t.Errorf("a second daemon said %q, want the %s", &second.stderr, want)
	}

	good := l.read("site.yaml")
	if err := os.WriteFile(file, []byte("connector: []\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	p.signal(syscall.SIGHUP)
	p.says("the old one stays in force", 1)
	if err := os.WriteFile(file, []byte(strings.Replace(good, "name: list", "name: edge", 1)), 0o600); err != nil {
		t.Fatal(err)
	}
	p.signal(syscall.SIGHUP)
	p.says("output=edge", 1)

	p.signal(syscall.SIGTERM)
	if status := p.end(); status != 0 {
		t.Errorf("it ended with %d after SIGTERM:\n%s", status, &p.stderr)
	}
	if got := l.read("list.txt"); got != addresses(1) {
		t.Errorf("the list is %q after the end", got)
	}
}

// TestTheDaemonSpeaksToSystemd listens where systemd would (sd_notify(3)).
func TestTheDaemonSpeaksToSystemd(t *testing.T) {
	l := newLine(t)
	path := filepath.Join(l.dir, "notify")
	socket, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: path, Net: "unixgram"})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = socket.Close() }()
	p := start(t, []string{"NOTIFY_SOCKET=" + path, "WATCHDOG_USEC=400000"}, "run", "--config", l.configure())
	heard := func(want string) {
		t.Helper()
		buf := make([]byte, 4096)
		for {
			_ = socket.SetReadDeadline(time.Now().Add(20 * time.Second))
			n, err := socket.Read(buf)
			if err != nil {
				t.Fatalf("%s is not said: %v; log:\n%s", want, err, &p.stderr)
			}
			if slices.Contains(strings.Split(string(buf[:n]), "\n"), want) {
				return
			}
		}
	}
	heard("READY=1")
	heard("WATCHDOG=1")
	p.signal(syscall.SIGHUP)
	heard("RELOADING=1")
	heard("READY=1")
	p.says("msg=reloaded", 1)
	heard("WATCHDOG=1")
	p.signal(syscall.SIGTERM)
	heard("STOPPING=1")
	if status := p.end(); status != 0 {
		t.Errorf("it ended with %d", status)
	}
}

func TestANewerStateIsRefused(t *testing.T) {
	l := newLine(t)
	c := l.load()
	if err := l.once(c); err != nil {
		t.Fatal(err)
	}
	execute := func(query string) {
		t.Helper()
		db, err := sql.Open("sqlite", filepath.Join(c.State, "indicatord.db"))
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = db.Close() }()
		if _, err := db.Exec(query); err != nil {
			t.Fatal(err)
		}
	}
	execute("PRAGMA user_version = 9999")
	for _, command := range []string{"run", "once", "status"} {
		p := start(t, nil, command, "--config", l.path("site.yaml"))
		if status := p.end(); status != statusFailed || !strings.Contains(p.stderr.String(), "newer version") {
			t.Errorf("%s ended with %d and said %q", command, status, &p.stderr)
		}
	}
}

// TestKilledAtAnyTime kills the daemon at random moments while its hub changes.
// In the end nothing is lost and nothing is left over.
func TestKilledAtAnyTime(t *testing.T) {
	if testing.Short() {
		t.Skip("it takes some seconds")
	}
	const objects, kills = 2000, 8
	l := newLine(t)
	for n := range objects {
		l.put(addressObject(n, 0, ""))
	}
	l.configure("page_size: 100")
	ctx, stop := context.WithCancel(t.Context())
	changed := make(chan map[int]bool)
	go func() { changed <- l.churn(ctx, objects) }()
	for range kills {
		p := start(t, nil, "run", "--config", l.path("site.yaml"))
		time.Sleep(time.Duration(50+rand.IntN(1200)) * time.Millisecond)
		p.signal(syscall.SIGKILL)
		p.end()
	}
	stop()
	gone := <-changed
	for range 2 {
		if p := start(t, nil, "once", "--config", l.path("site.yaml")); p.end() != 0 {
			t.Fatalf("the round after the kills failed:\n%s", &p.stderr)
		}
	}
	l.mustBeWhole(objects, gone)
}

// churn revises and revokes objects until ctx ends. It returns those that it
// revoked.
func (l *line) churn(ctx context.Context, objects int) map[int]bool {
	gone := map[int]bool{}
	versions := map[int]int{}
	for ctx.Err() == nil {
		n := rand.IntN(objects)
		if gone[n] || versions[n] > 50 {
			continue
		}
		versions[n]++
		more := `,"confidence":` + strconv.Itoa(versions[n])
		if rand.IntN(4) == 0 {
			gone[n], more = true, `,"revoked":true`
		}
		if err := l.collection.Add(addressObject(n, versions[n], more)); err != nil {
			l.t.Error(err)
			return gone
		}
		time.Sleep(5 * time.Millisecond)
	}
	return gone
}

// mustBeWhole compares the list, the ledger and the view with what the hub says,
// and looks for damage and leftovers.
func (l *line) mustBeWhole(objects int, gone map[int]bool) {
	l.t.Helper()
	var want strings.Builder
	for n := range objects {
		if !gone[n] {
			fmt.Fprintln(&want, addressOf(n))
		}
	}
	if l.read("list.txt") != want.String() {
		l.t.Errorf("the list differs from what the hub says: %d lines, want %d", strings.Count(l.read("list.txt"), "\n"), objects-len(gone))
	}
	c, found := config.Load(l.path("site.yaml"), plugins())
	if err := found.Err(); err != nil {
		l.t.Fatal(err)
	}
	l.inspect(c, func(i admin.Inspector) {
		view, err := l.view(i)
		if err != nil || view != want.String() {
			l.t.Errorf("the view differs from what the hub says (%v)", err)
		}
		ledger, err := l.ledger(i.Store)
		if err != nil || ledger != want.String() {
			l.t.Errorf("the ledger differs from what the hub says (%v)", err)
		}
		db, err := sql.Open("sqlite", "file:"+i.Store.Path()+"?mode=ro")
		if err != nil {
			l.t.Fatal(err)
		}
		defer func() { _ = db.Close() }()
		var verdict string
		if err := db.QueryRow("PRAGMA integrity_check").Scan(&verdict); err != nil || verdict != "ok" {
			l.t.Errorf("the state is damaged: %s (%v)", verdict, err)
		}
	})
	l.mustLeaveNothing()
}

func (l *line) view(i admin.Inspector) (string, error) {
	var b strings.Builder
	lines, err := i.Export(l.t.Context(), "list")
	if err != nil {
		return "", err
	}
	for line, err := range lines {
		if err != nil {
			return "", err
		}
		fmt.Fprintln(&b, line.Value)
	}
	return b.String(), nil
}

// ledger writes what the list has accepted, in order.
func (l *line) ledger(s *store.Store) (string, error) {
	var keys []indicator.Key
	for record, err := range s.Entries(l.t.Context(), store.Reading{Output: "list"}) {
		if err != nil {
			return "", err
		}
		if record.Delivered != 0 {
			keys = append(keys, record.Entry.Key)
		}
	}
	slices.SortFunc(keys, indicator.Compare)
	var b strings.Builder
	for _, k := range keys {
		fmt.Fprintln(&b, k.Value)
	}
	return b.String(), nil
}

// mustLeaveNothing holds that beside the files that an operator expects there is
// none.
func (l *line) mustLeaveNothing() {
	l.t.Helper()
	files, err := os.ReadDir(l.dir)
	if err != nil {
		l.t.Fatal(err)
	}
	for _, f := range files {
		if !slices.Contains([]string{"s", "site.yaml", "list.txt", ".list.txt.previous", "documents.ndjson"}, f.Name()) {
			l.t.Errorf("%s is left over", f.Name())
		}
	}
}
