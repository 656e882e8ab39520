//go:build real

package syslog

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/indicatord/indicatord/internal/indicator"
	"github.com/indicatord/indicatord/outputs"
	"github.com/indicatord/indicatord/outputs/outputtest"
)

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

// inOrder sorts the parameters of an event, where a receiver does not keep their
// order.
func inOrder(m message) message {
	slices.SortFunc(m.Params, func(a, b pair) int { return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.Value, b.Value)) })
	return m
}

// secured shows the certificate that the receivers ask for.
func secured(t *testing.T, d *daemon) func(*Settings) {
	return func(s *Settings) {
		s.Network = TLS
		s.TLS.CA, s.TLS.ServerName, s.TLS.ClientCertificate = d.pki.ca, "siem.example", d.pki.issue(t, "gate.example")
	}
}

// realReceivers are the receivers and how they are spoken to.
var realReceivers = []struct {
	name     string
	start    func(*testing.T, string) *daemon
	inputs   string
	settings func(*testing.T, *daemon) func(*Settings)
}{
	{"rsyslog imtcp", newRsyslog, imtcp, nil},
	{"rsyslog imtcp with newlines", newRsyslog, imtcp, overNewlines},
	{"rsyslog imtcp with GnuTLS", newRsyslog, imtcpGnuTLS, secured},
	{"rsyslog imtcp with OpenSSL", newRsyslog, imtcpOpenSSL, secured},
	{"rsyslog imudp", newRsyslog, imudp, overRealUDP},
	{"rsyslog imrelp", newRsyslog, imrelp, func(*testing.T, *daemon) func(*Settings) { return overRELP }},
	{"rsyslog imrelp with TLS", newRsyslog, imrelpTLS, func(t *testing.T, d *daemon) func(*Settings) {
		return func(s *Settings) {
			secured(t, d)(s)
			s.Network = RELPTLS
		}
	}},
	{"rsyslog imuxsock", newRsyslog, imuxsock, overRealSocket},
	{"syslog-ng tcp", newSyslogNG, ngTCP, nil},
	{"syslog-ng tcp with newlines", newSyslogNG, ngNewline, overNewlines},
	{"syslog-ng tls", newSyslogNG, ngTLS, secured},
	{"syslog-ng udp", newSyslogNG, ngUDP, overRealUDP},
	{"syslog-ng unix-dgram", newSyslogNG, ngSocket, overRealSocket},
}

func overNewlines(*testing.T, *daemon) func(*Settings) {
	return func(s *Settings) { s.Framing = Newline }
}

// overRealUDP sends whole events, however long, as slowly as a busy machine
// reads them.
func overRealUDP(*testing.T, *daemon) func(*Settings) {
	return func(s *Settings) {
		overUDP(s)
		s.MaxDatagram = maxDatagram
	}
}

func overRealSocket(_ *testing.T, d *daemon) func(*Settings) {
	return func(s *Settings) { s.Network, s.Address = Unix, d.path("log") }
}

func TestRealReceiversTakeEveryFieldOfEveryEvent(t *testing.T) {
	changes := variedChanges(10_000)
	for _, tt := range realReceivers {
		t.Run(tt.name, func(t *testing.T) {
			d := tt.start(t, tt.inputs)
			var settings func(*Settings)
			if tt.settings != nil {
				settings = tt.settings(t, d)
			}
			start := time.Now()
			receipt, err := deliver(t.Context(), open(t, d.address(), settings), changes...)
			if err != nil || receipt.Written != len(changes) {
				t.Fatalf("Deliver = %+v, %v", receipt, err)
			}
			t.Logf("%d events in %s", receipt.Written, time.Since(start).Round(time.Millisecond))
			got := d.events(len(changes))
			if len(got) != len(changes) {
				t.Fatalf("the receiver has %d events, want %d", len(got), len(changes))
			}
			for i, c := range changes {
				if diff := gocmp.Diff(inOrder(ours(t, c)), inOrder(got[i])); diff != "" {
					t.Fatalf("event %d, %s (-sent +stored):\n%s", i, c.Entry.Key, diff)
				}
			}
		})
	}
}

func TestRsyslogRestartedBetweenDeliveries(t *testing.T) {
	r := newRsyslog(t, imtcp)
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
	r := newRsyslog(t, imtcp)
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
