package admin

import (
	"bytes"
	"encoding/json"
	"errors"
	"io/fs"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestTheSocketIsForTheOwnerAndTheGroup(t *testing.T) {
	s := newStand(t, twoOutputs)
	listen(t, &fakeDaemon{stand: s})
	for path, want := range map[string]fs.FileMode{
		s.Config.State: fs.ModeDir | 0o750,
		filepath.Join(s.Config.State, socketName): fs.ModeSocket | 0o660,
	} {
		info, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		if info.Mode() != want {
			t.Errorf("%s has the mode %s, want %s", path, info.Mode(), want)
		}
	}
}

func TestASocketThatADeadDaemonLeftIsReplaced(t *testing.T) {
	s := newStand(t, twoOutputs)
	dead, err := net.ListenUnix("unix", &net.UnixAddr{Name: filepath.Join(s.Config.State, socketName)})
	if err != nil {
		t.Fatal(err)
	}
	dead.SetUnlinkOnClose(false)
	if err := dead.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := NewClient(s.Config.State).Status(t.Context()); !errors.Is(err, ErrNoDaemon) {
		t.Errorf("nobody listens: %v, want ErrNoDaemon", err)
	}
	if _, err := listen(t, &fakeDaemon{stand: s}).Status(t.Context()); err != nil {
		t.Error(err)
	}
}

func TestWithoutASocketThereIsNoDaemon(t *testing.T) {
	for name, dir := range map[string]string{
		"no socket":                t.TempDir(),
		"no directory":             filepath.Join(t.TempDir(), "missing"),
		"a path beyond any socket": filepath.Join(t.TempDir(), strings.Repeat("long", 40)),
	} {
		if _, err := NewClient(dir).Status(t.Context()); !errors.Is(err, ErrNoDaemon) {
			t.Errorf("%s: %v, want ErrNoDaemon", name, err)
		}
	}
	_, err := Listen(filepath.Join(t.TempDir(), strings.Repeat("long", 40)), nil)
	mustFail(t, err, "too long for a socket", "shorter state directory")
}

func TestTheDaemonAnswersAsTheStateDoes(t *testing.T) {
	s := newStand(t, twoOutputs)
	s.pull(
		indicatorOf(1, "[url:value = 'http://evil.example.com/?a=<1>&b=2']", nil),
		indicatorOf(2, "[ipv4-addr:value = '5.6.7.8' OR domain-name:value = 'evil.example.com']", nil),
	)
	client := listen(t, &fakeDaemon{stand: s})

	status, err := client.Status(t.Context())
	if err != nil || status.Daemon == nil || status.Daemon.PID != os.Getpid() {
		t.Fatalf("the status is %+v (%v), want one of this process", status, err)
	}
	alone, err := s.Status(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	status.Daemon = nil
	same(t, "status", alone, status)

	explained, err := client.Why(t.Context(), "5.6.7.8")
	if err != nil {
		t.Fatal(err)
	}
	same(t, "why", s.why("5.6.7.8"), explained)

	var live, dead bytes.Buffer
	if err := client.Export(t.Context(), "siem", &live); err != nil {
		t.Fatal(err)
	}
	lines, err := s.Export(t.Context(), "siem")
	if err != nil {
		t.Fatal(err)
	}
	encoder := json.NewEncoder(&dead)
	encoder.SetEscapeHTML(false)
	for line, err := range lines {
		if err := errors.Join(err, encoder.Encode(line)); err != nil {
			t.Fatal(err)
		}
	}
	if diff := cmp.Diff(dead.String(), live.String()); diff != "" || strings.Count(live.String(), "\n") != 3 {
		t.Errorf("the exports differ (-state +daemon), or are not three lines:\n%s\n%s", diff, live.String())
	}
}

// same compares two answers as a user sees them.
func same(t *testing.T, what string, want, got any) {
	t.Helper()
	a, _ := json.Marshal(want)
	b, _ := json.Marshal(got)
	if diff := cmp.Diff(string(a), string(b)); diff != "" {
		t.Errorf("%s differs (-state +daemon):\n%s", what, diff)
	}
}

func TestARoundReachesTheDaemon(t *testing.T) {
	d := &fakeDaemon{stand: newStand(t, twoOutputs)}
	client := listen(t, d)
	want := Round{Connector: "hub", Output: "a&b", Full: true}
	if err := client.Once(t.Context(), want); err != nil || d.round != want {
		t.Errorf("the daemon got %+v (%v), want %+v", d.round, err, want)
	}
	d.err = errors.New("connector hub: the hub is away\noutput siem: full")
	if err := client.Once(t.Context(), Round{}); err == nil || err.Error() != d.err.Error() {
		t.Errorf("the error came as %v, want %v", err, d.err)
	}
}

func TestErrorsAreAnswers(t *testing.T) {
	d := &fakeDaemon{stand: newStand(t, twoOutputs)}
	client := listen(t, d)
	err := client.Export(t.Context(), "sime", &bytes.Buffer{})
	mustFail(t, err, `no output named "sime"`)
	response, err := client.do(t.Context(), http.MethodGet, "/v1/nothing", nil)
	mustFail(t, err, "the daemon answered", "404")
	if response != nil {
		t.Error("a failure came with a response")
	}
}

func TestAnExportThatFailsInTheMiddleIsAnError(t *testing.T) {
	var copied bytes.Buffer
	err := copyLines(&copied, strings.NewReader("{\"kind\":\"ip\"}\n{\"kind\":\"url\"}\n{\"error\":\"the state is damaged\"}\n"))
	mustFail(t, err, "the state is damaged")
	if want := "{\"kind\":\"ip\"}\n{\"kind\":\"url\"}\n"; copied.String() != want {
		t.Errorf("copied %q, want %q", copied.String(), want)
	}
	if err := copyLines(&copied, broken{}); err == nil {
		t.Error("a connection that breaks is taken for the end")
	}
}

type broken struct{}

func (broken) Read([]byte) (int, error) { return 0, errors.New("connection reset") }

func TestClosingEndsTheRequests(t *testing.T) {
	d := &fakeDaemon{stand: newStand(t, twoOutputs), err: errWait, asked: make(chan struct{})}
	server, err := Listen(d.Config.State, d)
	if err != nil {
		t.Fatal(err)
	}
	answered := make(chan error, 1)
	go func() { answered <- NewClient(d.Config.State).Once(t.Context(), Round{}) }()
	<-d.asked
	if err := server.Close(); err != nil {
		t.Error(err)
	}
	mustFail(t, <-answered, ErrStopping.Error())
	if _, err := os.Stat(filepath.Join(d.Config.State, socketName)); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the socket is left behind: %v", err)
	}
}
