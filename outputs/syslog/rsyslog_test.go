//go:build real

package syslog

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"text/template"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/indicatord/indicatord/internal/indicator"
	"github.com/indicatord/indicatord/outputs"
	"github.com/indicatord/indicatord/outputs/outputtest"
)

// rsyslog is a real receiver: a daemon of its own, with every file in one
// directory of the test.
type rsyslog struct {
	t      *testing.T
	binary string
	dir    string
	port   string // "0" until the first start has found a free one
	cmd    *exec.Cmd
}

// newRsyslog starts rsyslogd, or skips the test where there is none.
func newRsyslog(t *testing.T) *rsyslog {
	t.Helper()
	binary, err := exec.LookPath("rsyslogd")
	if err != nil {
		binary, err = exec.LookPath("/usr/sbin/rsyslogd")
	}
	if err != nil {
		t.Skip("rsyslogd is not installed (Debian package rsyslog): ", err)
	}
	r := &rsyslog{t: t, binary: binary, dir: t.TempDir(), port: "0"}
	r.start()
	t.Cleanup(r.stop)
	return r
}

// configuration takes events as rsyslog does by default, and writes their
// fields as one JSON object a line.
var configuration = template.Must(template.New("rsyslog.conf").Parse(`
global(workDirectory="{{.Dir}}")
module(load="imtcp")
input(type="imtcp" address="127.0.0.1" port="{{.Port}}" listenPortFileName="{{.Dir}}/port")
template(name="fields" type="list" option.jsonf="on") {
  property(outname="pri" name="pri" format="jsonf")
  property(outname="time" name="timereported" dateFormat="rfc3339" format="jsonf")
  property(outname="host" name="hostname" format="jsonf")
  property(outname="app" name="app-name" format="jsonf")
  property(outname="proc" name="procid" format="jsonf")
  property(outname="type" name="msgid" format="jsonf")
  property(outname="data" name="structured-data" format="jsonf")
  property(outname="text" name="msg" format="jsonf")
}
action(type="omfile" file="{{.Dir}}/events" template="fields")
`))

func (r *rsyslog) start() {
	r.t.Helper()
	var conf bytes.Buffer
	if err := configuration.Execute(&conf, map[string]string{"Dir": r.dir, "Port": r.port}); err != nil {
		r.t.Fatal(err)
	}
	path := r.path("rsyslog.conf")
	if err := os.WriteFile(path, conf.Bytes(), 0o600); err != nil {
		r.t.Fatal(err)
	}
	r.cmd = exec.Command(r.binary, "-n", "-f", path, "-i", r.path("pid"))
	r.cmd.Stderr = os.Stderr
	if err := r.cmd.Start(); err != nil {
		r.t.Fatal(err)
	}
	r.await("rsyslogd to listen", r.listens)
}

// listens reports whether the daemon takes connections. It writes its port into
// a file where it had to find one.
func (r *rsyslog) listens() bool {
	if port, err := os.ReadFile(r.path("port")); err == nil && r.port == "0" {
		r.port = strings.TrimSpace(string(port))
	}
	conn, err := net.Dial("tcp", r.address())
	if err != nil {
		return false
	}
	_ = conn.Close()
	return true
}

// stop ends the daemon as a system does, and waits for its end.
func (r *rsyslog) stop() {
	if r.cmd == nil {
		return
	}
	_ = r.cmd.Process.Signal(syscall.SIGTERM)
	_ = r.cmd.Wait()
	r.cmd = nil
}

func (r *rsyslog) path(name string) string { return filepath.Join(r.dir, name) }

func (r *rsyslog) address() string { return "127.0.0.1:" + r.port }

func (r *rsyslog) await(what string, done func() bool) {
	r.t.Helper()
	for deadline := time.Now().Add(30 * time.Second); !done(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			r.t.Fatalf("waited 30 s for %s", what)
		}
	}
}

// events waits until the file holds n events, and returns all of it.
func (r *rsyslog) events(n int) []message {
	r.t.Helper()
	var data []byte
	r.await(fmt.Sprintf("%d events in the file", n), func() bool {
		data, _ = os.ReadFile(r.path("events"))
		return bytes.Count(data, []byte("\n")) >= n
	})
	var events []message
	lines := bufio.NewScanner(bytes.NewReader(data))
	for lines.Scan() {
		events = append(events, r.event(lines.Bytes()))
	}
	return events
}

func (r *rsyslog) event(line []byte) message {
	r.t.Helper()
	var fields struct{ Pri, Time, Host, App, Proc, Type, Data, Text string }
	if err := json.Unmarshal(line, &fields); err != nil {
		r.t.Fatalf("rsyslog wrote %q: %v", line, err)
	}
	event := message{
		Timestamp: fields.Time, Host: fields.Host, App: fields.App,
		ProcessID: fields.Proc, TypeID: fields.Type, Text: fields.Text,
	}
	_, _ = fmt.Sscan(fields.Pri, &event.Priority)
	if rest, err := event.parseElement(fields.Data); err != nil || rest != "" {
		r.t.Fatalf("structured data %q: %v", fields.Data, err)
	}
	return event
}

// ours is what our own formatter makes of the change, read by the oracle.
func ours(t *testing.T, c outputs.Change) message {
	t.Helper()
	f := testFormatter()
	text, unsaid := f.append(nil, now, &c)
	if unsaid != "" {
		t.Fatalf("%s is %s", c.Entry.Key, unsaid)
	}
	m, err := parse(string(text))
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// variedChanges returns n changes of every kind and operation, some of them with
// text that tries to break out, and one that is as long as an event can be.
func variedChanges(n int) []outputs.Change {
	texts := []string{"Control server", `"] [forged@1 x="y"]`, "a\n<134>1 - forged", `C:\dir\`, "工控 ёж 🔥", "a\x00\u202eb", strings.Repeat("long ", 2000)}
	shapes := outputtest.EachShape()
	changes := make([]outputs.Change, n)
	for i := range changes {
		e := shapes[i%len(shapes)]
		if e.Key.Kind.Carried() {
			e.Key.Value = texts[i%(len(texts)-1)] + fmt.Sprint(i)
		}
		e.Sequence = uint64(i)
		assertion := e.Assertions[0]
		object := *assertion.Object
		object.Name = texts[i%len(texts)]
		assertion.Object = &object
		e.Assertions = []indicator.Assertion{assertion}
		changes[i] = outputs.Change{Op: outputs.Op(i%3) + outputs.Add, Entry: e}
		if changes[i].Op == outputs.Remove {
			changes[i].Reason = "expired"
		}
	}
	return changes
}

func TestRsyslogTakesEveryFieldOfEveryEvent(t *testing.T) {
	r := newRsyslog(t)
	o := open(t, r.address(), nil)
	changes := variedChanges(10_000)
	start := time.Now()
	receipt, err := deliver(t.Context(), o, changes...)
	if err != nil || receipt.Written != len(changes) {
		t.Fatalf("Deliver = %+v, %v", receipt, err)
	}
	t.Logf("%d events in %s", receipt.Written, time.Since(start).Round(time.Millisecond))
	got := r.events(len(changes))
	if len(got) != len(changes) {
		t.Fatalf("rsyslog has %d events, want %d", len(got), len(changes))
	}
	for i, c := range changes {
		if diff := cmp.Diff(ours(t, c), got[i]); diff != "" {
			t.Fatalf("event %d, %s (-sent +stored):\n%s", i, c.Entry.Key, diff)
		}
	}
}

func TestRsyslogRestartedBetweenDeliveries(t *testing.T) {
	r := newRsyslog(t)
	o := open(t, r.address(), nil)
	changes := variedChanges(3000)
	if _, err := deliver(t.Context(), o, changes[:1000]...); err != nil {
		t.Fatal(err)
	}
	r.stop()
	if _, err := deliver(t.Context(), o, changes[1000:2000]...); err == nil {
		t.Fatal("no error while rsyslog is stopped")
	}
	r.start()
	for _, part := range [][]outputs.Change{changes[1000:2000], changes[2000:]} {
		if _, err := deliver(t.Context(), o, part...); err != nil {
			t.Fatal(err)
		}
	}
	if got := r.events(len(changes)); len(got) != len(changes) {
		t.Errorf("rsyslog has %d events, want %d", len(got), len(changes))
	}
}

// Whatever moment rsyslog is stopped at, a delivery that was reported as
// accepted is in its file, and one that was not can be sent again.
func TestRsyslogStoppedDuringDeliveries(t *testing.T) {
	r := newRsyslog(t)
	o := open(t, r.address(), nil)
	ids := map[string]bool{}
	changes := variedChanges(20_000)
	for part := range 10 {
		offered := changes[part*2000 : part*2000+2000]
		stopped := time.AfterFunc(time.Duration(part)*8*time.Millisecond, func() {
			_ = r.cmd.Process.Signal(syscall.SIGTERM)
		})
		_, err := deliver(context.WithoutCancel(t.Context()), o, offered...)
		if stopped.Stop(); err == nil {
			t.Logf("part %d was accepted at once", part)
		}
		r.stop()
		r.start()
		if err != nil {
			if _, err := deliver(t.Context(), o, offered...); err != nil {
				t.Fatalf("part %d, the second time: %v", part, err)
			}
		}
		for _, c := range offered {
			ids[eventID("plant-07", &c)] = true
		}
	}
	for _, event := range r.events(len(ids)) {
		delete(ids, event.value("id"))
	}
	if len(ids) > 0 {
		t.Errorf("%d events that were accepted are not in rsyslog's file", len(ids))
	}
}
