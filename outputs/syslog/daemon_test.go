//go:build real

package syslog

import (
	"bufio"
	"bytes"
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
)

// daemon is a real receiver: a process of its own, with every file in one
// directory of the test.
type daemon struct {
	t       testing.TB
	dir     string
	command []string
	conf    *template.Template
	// inputs is the part of the configuration that receives.
	inputs string
	pki    *authority
	pair   map[string]string
	port   string
	cmd    *exec.Cmd
}

// newDaemon starts a program, or skips the test where there is none.
func newDaemon(t testing.TB, program, debianPackage, arguments string, conf *template.Template, inputs string) *daemon {
	t.Helper()
	binary, err := lookPath(program)
	if err != nil {
		t.Skipf("%s is not installed (Debian package %s): %v", program, debianPackage, err)
	}
	d := &daemon{t: t, dir: t.TempDir(), conf: conf, inputs: inputs, pki: newAuthority(t), port: freePort(t)}
	d.command = append([]string{binary}, strings.Fields(strings.ReplaceAll(arguments, "DIR", d.dir))...)
	pair := d.pki.issue(t, "siem.example")
	d.pair = map[string]string{"CA": d.pki.ca, "Cert": pair.Cert, "Key": pair.Key}
	d.start()
	t.Cleanup(d.stop)
	return d
}

// lookPath also looks where daemons are, which a user's path may lack.
func lookPath(program string) (string, error) {
	if path, err := exec.LookPath(program); err == nil {
		return path, nil
	}
	return exec.LookPath("/usr/sbin/" + program)
}

// freePort returns a port that is free for TCP and for UDP.
func freePort(t testing.TB) string {
	t.Helper()
	for range 100 {
		stream := listen(t, "tcp", "127.0.0.1:0")
		packets, err := net.ListenPacket("udp", stream.Addr().String())
		_, port, _ := net.SplitHostPort(stream.Addr().String())
		_ = stream.Close()
		if err == nil {
			_ = packets.Close()
			return port
		}
	}
	t.Fatal("no port is free for both TCP and UDP")
	return ""
}

func (d *daemon) start() {
	d.t.Helper()
	inputs := template.Must(template.New("inputs").Parse(d.inputs))
	data := map[string]string{"Dir": d.dir, "Port": d.port, "CA": d.pair["CA"], "Cert": d.pair["Cert"], "Key": d.pair["Key"]}
	var in, conf bytes.Buffer
	if err := inputs.Execute(&in, data); err != nil {
		d.t.Fatal(err)
	}
	data["Inputs"] = in.String()
	if err := d.conf.Execute(&conf, data); err != nil {
		d.t.Fatal(err)
	}
	if err := os.WriteFile(d.path("conf"), conf.Bytes(), 0o600); err != nil {
		d.t.Fatal(err)
	}
	log, err := os.OpenFile(d.path("stderr"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		d.t.Fatal(err)
	}
	defer log.Close()
	d.cmd = exec.Command(d.command[0], d.command[1:]...)
	d.cmd.Stdout, d.cmd.Stderr = log, log
	if err := d.cmd.Start(); err != nil {
		d.t.Fatal(err)
	}
	d.await("the receiver to listen", d.listens)
}

// listens reports whether the daemon takes events: its port or its socket is
// taken.
func (d *daemon) listens() bool {
	if conn, err := net.Dial("unixgram", d.path("log")); err == nil {
		_ = conn.Close()
		return true
	}
	if packets, err := net.ListenPacket("udp", d.address()); err != nil {
		return true
	} else if err := packets.Close(); err != nil {
		d.t.Fatal(err)
	}
	conn, err := net.Dial("tcp", d.address())
	if err != nil {
		return false
	}
	_ = conn.Close()
	return true
}

// stop ends the daemon as a system does, and waits for its end.
func (d *daemon) stop() { d.end(syscall.SIGTERM) }

// kill ends the daemon as a crash does. What it was writing can end within a
// line, and its next life would go on in that line: the begun line is cut off, so
// that its event counts as lost unless it comes again.
func (d *daemon) kill() {
	d.end(syscall.SIGKILL)
	data, err := os.ReadFile(d.path("events"))
	if err != nil {
		return // it had written nothing
	}
	if whole := bytes.LastIndexByte(data, '\n') + 1; whole < len(data) {
		d.t.Logf("the killed receiver left %d bytes of a line behind", len(data)-whole)
		if err := os.Truncate(d.path("events"), int64(whole)); err != nil {
			d.t.Error(err) // not Fatal: it runs beside the test
		}
	}
}

func (d *daemon) end(by syscall.Signal) {
	if d.cmd == nil {
		return
	}
	_ = d.cmd.Process.Signal(by)
	_ = d.cmd.Wait()
	d.cmd = nil
	_ = os.Remove(d.path("log")) // a socket stays behind
}

func (d *daemon) path(name string) string { return filepath.Join(d.dir, name) }

func (d *daemon) address() string { return "127.0.0.1:" + d.port }

func (d *daemon) await(what string, done func() bool) {
	d.t.Helper()
	for deadline := time.Now().Add(30 * time.Second); !done(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			said, _ := os.ReadFile(d.path("stderr"))
			d.t.Fatalf("waited 30 s for %s; the receiver said:\n%s", what, said)
		}
	}
}

// events waits until the file holds n events, and returns all of it.
func (d *daemon) events(n int) []message {
	d.t.Helper()
	var data []byte
	d.await(fmt.Sprintf("%d events in the file", n), func() bool {
		data, _ = os.ReadFile(d.path("events"))
		return bytes.Count(data, []byte("\n")) >= n
	})
	var events []message
	lines := bufio.NewScanner(bytes.NewReader(data))
	for lines.Scan() {
		events = append(events, d.event(lines.Bytes()))
	}
	return events
}

func (d *daemon) event(line []byte) message {
	d.t.Helper()
	var fields struct{ Pri, Time, Host, App, Proc, Type, Data, Text string }
	if err := json.Unmarshal(line, &fields); err != nil {
		d.t.Fatalf("the receiver wrote %q: %v", line, err)
	}
	event := message{
		Timestamp: strings.Replace(fields.Time, "+00:00", "Z", 1), Host: fields.Host, App: fields.App,
		ProcessID: fields.Proc, TypeID: fields.Type, Text: fields.Text,
	}
	_, _ = fmt.Sscan(fields.Pri, &event.Priority)
	// syslog-ng numbers what comes over a socket of the machine.
	rest, err := event.parseElement(fields.Data)
	if err != nil || rest != "" && !strings.HasPrefix(rest, "[meta sequenceId=") {
		d.t.Fatalf("structured data %q: %v", fields.Data, err)
	}
	return event
}
