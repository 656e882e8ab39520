//go:build real

package main

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/indicatord/indicatord/internal/admin"
	"github.com/indicatord/indicatord/internal/config"
	"github.com/indicatord/indicatord/internal/store"
	"github.com/indicatord/indicatord/internal/store/postgres/postgrestest"
)

// pair is two machines of a site: each runs the program and has a list of its
// own, and they share a hub, a store in PostgreSQL and a log server.
type pair struct {
	*line
	server   *postgrestest.Server
	receiver *receiver
	agents   map[string]*process
}

// run starts the daemon of a machine.
func (p *pair) run(name string) {
	p.t.Helper()
	p.agents[name] = start(p.t, nil, "run", "--config", p.machine(name))
	p.agents[name].says("msg=started", 1)
}

func newPair(t *testing.T) *pair {
	t.Helper()
	return &pair{line: newLineOf(t, 20), server: postgrestest.Start(t), receiver: newReceiver(t), agents: map[string]*process{}}
}

// machine writes the configuration of one of the two and returns its path.
func (p *pair) machine(name string) string {
	p.t.Helper()
	dir := filepath.Join(p.dir, name)
	text := fmt.Sprintf(`site: plant-07
state: %[1]s/s
store: {postgres: "%[2]s", machine: %[3]s}
log: {format: text}
connectors:
  - name: hub
    type: taxii
    schedule: "@every 1s"
    lifetime: {}
    settings: {url: "%[4]s/taxii2/", timeout: 5s}
outputs:
  - name: list
    type: addresslist
    change_budget: {added: 100000}
    settings: {path: %[1]s/list.txt}
  - name: siem
    type: syslog
    settings: {address: "%[5]s", timeout: 5s}
`, dir, p.server.URL(), name, p.url, p.receiver.address)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		p.t.Fatal(err)
	}
	file := filepath.Join(dir, "site.yaml")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		p.t.Fatal(err)
	}
	return file
}

// eventually waits until something has come about.
func (p *pair) eventually(what string, is func() bool) {
	p.t.Helper()
	for range 600 {
		if is() {
			return
		}
		time.Sleep(100 * time.Millisecond)
	}
	for name, agent := range p.agents {
		p.t.Logf("%s said:\n%s", name, &agent.stderr)
	}
	p.t.Fatalf("%s has not come about", what)
}

// lists waits until the list of a machine is of the first n addresses.
func (p *pair) lists(name string, n int) {
	p.t.Helper()
	p.eventually(fmt.Sprintf("a list of %d on %s", n, name), func() bool {
		text, err := os.ReadFile(filepath.Join(p.dir, name, "list.txt"))
		return err == nil && string(text) == addresses(n)
	})
}

func (p *pair) putAddresses(from, to int) {
	p.t.Helper()
	for n := from; n < to; n++ {
		p.put(addressObject(n, 0, ""))
	}
}

// says returns what a command says on a machine.
func (p *pair) says(machine string, args ...string) string {
	p.t.Helper()
	out, err := exec.Command("indicatord", append(args, "--config", filepath.Join(p.dir, machine, "site.yaml"))...).CombinedOutput()
	if err != nil {
		p.t.Errorf("%v on %s: %v\n%s", args, machine, err, out)
	}
	return string(out)
}

// puller says which machine pulls: the other stands by.
func (p *pair) puller() (active, other string) {
	p.t.Helper()
	p.eventually("that one of the two pulls", func() bool {
		standing := map[string]bool{}
		for _, name := range []string{"a", "b"} {
			for line := range strings.Lines(p.says(name, "status")) {
				if strings.HasPrefix(line, "hub ") {
					standing[name] = strings.Contains(line, "standby (held by ")
				}
			}
		}
		active, other = "a", "b"
		if standing["a"] {
			active, other = "b", "a"
		}
		return !standing[active] && standing[other]
	})
	return active, other
}

// mustBeWhole asks the store, where no daemon runs, whether everything is there
// once, and every ledger has it all.
func (p *pair) mustBeWhole(n int) {
	p.t.Helper()
	c, found := config.Load(p.machine("a"), plugins())
	if err := found.Err(); err != nil {
		p.t.Fatal(err)
	}
	s, err := admin.Location(c).OpenReadOnly(p.t.Context())
	if err != nil {
		p.t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	counts, err := s.CountSources(p.t.Context())
	if err != nil || counts["hub"].Objects["live"] != n {
		p.t.Errorf("the store has %v, %v, want %d objects", counts, err, n)
	}
	keys := map[string]int{}
	for record, err := range s.Entries(p.t.Context(), store.Reading{}) {
		if err != nil {
			p.t.Fatal(err)
		}
		keys[record.Entry.Key.Value]++
	}
	if len(keys) != n {
		p.t.Errorf("the store has %d keys, want %d", len(keys), n)
	}
	for key, times := range keys {
		if times != 1 {
			p.t.Errorf("the store has %s %d times", key, times)
		}
	}
	for _, ledger := range []string{"siem", "list@a", "list@b"} {
		if held, err := s.CountHeld(p.t.Context(), ledger); err != nil || held["ip"] != n {
			p.t.Errorf("the ledger %s has %v, %v, want %d", ledger, held, err, n)
		}
	}
}

// TestAPairSharesTheWork runs two agents on one store. Both have their list; of
// everything else one does it, and the other takes over when it is killed.
func TestAPairSharesTheWork(t *testing.T) {
	p := newPair(t)
	p.putAddresses(0, 50)
	p.run("a")
	p.run("b")
	p.lists("a", 50)
	p.lists("b", 50)
	p.eventually("50 events", func() bool { return p.receiver.count() >= 50 })
	n := 50
	for range 2 {
		active, other := p.puller()
		p.putAddresses(n, n+200)
		n += 200
		time.Sleep(1200 * time.Millisecond) // into its next pull
		p.agents[active].signal(syscall.SIGKILL)
		p.agents[active].end()
		killed := time.Now()
		p.lists(other, n)
		t.Logf("the other had everything %s after the kill", time.Since(killed).Round(time.Millisecond))
		p.eventually("that it took over the log server", func() bool { return p.receiver.distinct() == n })
		p.run(active)
		p.lists(active, n)
	}
	for name, agent := range p.agents {
		agent.signal(syscall.SIGTERM)
		if status := agent.end(); status != 0 {
			t.Errorf("%s ended with %d:\n%s", name, status, &agent.stderr)
		}
		if strings.Contains(agent.stderr.String(), "level=ERROR") {
			t.Errorf("%s told of failures:\n%s", name, &agent.stderr)
		}
	}
	p.mustBeWhole(n)
	if out := p.says("b", "status"); !strings.Contains(out, "no daemon is running") || !strings.Contains(out, fmt.Sprintf("ip %d", n)) {
		t.Errorf("without a daemon, status says:\n%s", out)
	}
	if out := p.says("b", "why", addressOf(3)); !strings.Contains(out, "output list: has it since") || !strings.Contains(out, "output siem: has it since") {
		t.Errorf("why says:\n%s", out)
	}
	if out := p.says("b", "export", "--output", "siem"); strings.Count(out, "\n") != n {
		t.Errorf("export writes %d lines", strings.Count(out, "\n"))
	}
	if out := p.says("b", "check", "--online"); !strings.Contains(out, "store postgres") {
		t.Errorf("check says:\n%s", out)
	}
}

// TestThePairsQuietEvents: while nobody dies, every event is sent once.
func TestThePairsQuietEvents(t *testing.T) {
	p := newPair(t)
	p.putAddresses(0, 300)
	p.run("a")
	p.run("b")
	p.lists("a", 300)
	p.lists("b", 300)
	p.putAddresses(300, 400)
	p.lists("a", 400)
	p.lists("b", 400)
	p.eventually("400 events", func() bool { return p.receiver.count() >= 400 })
	time.Sleep(3 * time.Second) // for what should not come
	if count := p.receiver.count(); count != 400 {
		t.Errorf("%d events were sent, want 400", count)
	}
}

// TestPostgresIsRestartedInAPull: the pull fails and says so, and the next one
// brings the rest.
func TestPostgresIsRestartedInAPull(t *testing.T) {
	p := newPair(t)
	const objects = 6000
	p.putAddresses(0, objects)
	file := p.machine("a")
	broken := start(t, nil, "once", "--config", file)
	c, found := config.Load(file, plugins())
	if err := found.Err(); err != nil {
		t.Fatal(err)
	}
	p.eventually("the beginning of a pull", func() bool {
		s, err := admin.Location(c).OpenReadOnly(t.Context())
		if err != nil {
			return false
		}
		defer func() { _ = s.Close() }()
		counts, err := s.CountSources(t.Context())
		return err == nil && counts["hub"].Objects["live"] > 0
	})
	p.server.Stop()
	if status := broken.end(); status == 0 {
		t.Error("the round was over before the server was stopped")
	}
	said := broken.stderr.String()
	if !strings.Contains(said, "the shared store cannot be reached") && !strings.Contains(said, store.ErrClaimLost.Error()) {
		t.Errorf("the round says:\n%s", said)
	}
	p.server.Resume()
	if again := start(t, nil, "once", "--config", file); again.end() != 0 {
		t.Errorf("the next round fails:\n%s", &again.stderr)
	}
	p.lists("a", objects)
}

// receiver is a log server that counts events by the address they are about.
type receiver struct {
	address string

	mu     sync.Mutex
	events []string
}

func newReceiver(t *testing.T) *receiver {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	r := &receiver{address: listener.Addr().String()}
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go r.receive(conn)
		}
	}()
	return r
}

var about = regexp.MustCompile(`\b5\.\d+\.\d+\.\d+\b`)

// receive reads events with their lengths before them (RFC 6587, section 3.4.1).
func (r *receiver) receive(conn net.Conn) {
	defer conn.Close()
	reader := bufio.NewReader(conn)
	for {
		length, err := reader.ReadString(' ')
		if err != nil {
			return
		}
		n, _ := strconv.Atoi(strings.TrimSpace(length))
		event := make([]byte, n)
		if _, err := io.ReadFull(reader, event); err != nil {
			return
		}
		r.mu.Lock()
		r.events = append(r.events, about.FindString(string(event)))
		r.mu.Unlock()
	}
}

func (r *receiver) count() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.events)
}

func (r *receiver) distinct() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	addresses := map[string]bool{}
	for _, event := range r.events {
		addresses[event] = true
	}
	return len(addresses)
}
