package syslog

import (
	"context"
	"errors"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/indicatord/indicatord/internal/indicator"
	"github.com/indicatord/indicatord/outputs"
)

// openTo makes an output with several receivers.
func openTo(t *testing.T, how Receivers, change func(*Settings), addresses ...string) outputs.Output {
	t.Helper()
	return open(t, "", func(s *Settings) {
		s.Addresses, s.Receivers = addresses, how
		if change != nil {
			change(s)
		}
	})
}

func TestFailoverGoesToTheFirstThatWorks(t *testing.T) {
	first, second := newReceiver(t), newReceiver(t)
	o := openTo(t, Failover, nil, first.address(), second.address())
	for _, tt := range []struct {
		name          string
		broken        bool
		first, second int // events so far
		where         string
	}{
		{"the first, while it works", false, 10, 0, first.address()},
		{"the second, while the first does not", true, 10, 10, second.address()},
		{"the first again", false, 20, 10, first.address()},
	} {
		mend := func() {}
		if tt.broken {
			mend = first.breakOff(t)
		}
		receipt, err := deliver(t.Context(), o, many(10)...)
		mend()
		if err != nil || receipt.Written != 10 || receipt.Where != "tcp://"+tt.where {
			t.Errorf("%s: Deliver = %+v, %v", tt.name, receipt, err)
		}
		if got, also := len(first.received()), len(second.received()); got != tt.first || also != tt.second {
			t.Errorf("%s: the receivers have %d and %d events, want %d and %d", tt.name, got, also, tt.first, tt.second)
		}
	}
}

// TestFailoverInTheMiddle: what the first receiver may have taken goes to the
// second all the same, since nobody knows.
func TestFailoverInTheMiddle(t *testing.T) {
	first, second := newRELPReceiver(t), newRELPReceiver(t)
	n := 0
	first.answer = func(string) string {
		if n++; n == 2000 {
			return "cut"
		}
		return "200 OK"
	}
	changes := many(5000)
	receipt, err := deliver(t.Context(), openTo(t, Failover, overRELP, first.address(), second.address()), changes...)
	if err != nil || receipt.Written != len(changes) || len(second.received()) != len(changes) {
		t.Errorf("Deliver = %+v, %v; the second receiver has %d events", receipt, err, len(second.received()))
	}
}

func TestFailoverWithNobodyThere(t *testing.T) {
	first, second := newReceiver(t), newReceiver(t)
	o := openTo(t, Failover, nil, first.address(), second.address())
	first.stop()
	second.stop()
	_, err := deliver(t.Context(), o, many(1)...)
	for _, want := range []string{first.address(), second.address(), "connection refused"} {
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("err = %v, want one line with %q", err, want)
		}
	}
}

// TestFailoverIsNotForTheSequence: a store that broke off is not mended by
// another receiver.
func TestFailoverIsNotForTheSequence(t *testing.T) {
	first, second := newReceiver(t), newReceiver(t)
	broken := errors.New("the store is away")
	_, err := openTo(t, Failover, nil, first.address(), second.address()).Deliver(t.Context(), outputs.Delivery{
		Now: now, Changes: func(yield func(outputs.Change, error) bool) { yield(outputs.Change{}, broken) },
	})
	if !errors.Is(err, broken) || second.connections() != 0 {
		t.Errorf("err = %v, %d connections to the second receiver", err, second.connections())
	}
}

func TestFailoverEndsWithItsContext(t *testing.T) {
	first, second := newReceiver(t), newReceiver(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := deliver(ctx, openTo(t, Failover, nil, first.address(), second.address()), many(1)...)
	if !errors.Is(err, context.Canceled) || first.connections()+second.connections() != 0 {
		t.Errorf("err = %v, %d connections", err, first.connections()+second.connections())
	}
}

func TestAllReceiversHaveEverything(t *testing.T) {
	first, second := newReceiver(t), newReceiver(t)
	receipt, err := deliver(t.Context(), openTo(t, All, nil, first.address(), second.address()), many(1000)...)
	if err != nil || receipt.Written != 1000 || receipt.Where != "tcp://"+first.address()+", tcp://"+second.address() {
		t.Errorf("Deliver = %+v, %v", receipt, err)
	}
	if n, m := len(first.received()), len(second.received()); n != 1000 || m != 1000 {
		t.Errorf("the receivers have %d and %d events", n, m)
	}
}

// TestAReceiverIsSparedWhatItHas: while one receiver is away, a delivery comes
// again and again, and the other gets each event once.
func TestAReceiverIsSparedWhatItHas(t *testing.T) {
	first, second := newReceiver(t), newReceiver(t)
	o := openTo(t, All, nil, first.address(), second.address())
	mend := first.breakOff(t)
	for range 3 {
		if _, err := deliver(t.Context(), o, many(10)...); err == nil || !strings.Contains(err.Error(), first.address()) || strings.Contains(err.Error(), second.address()) {
			t.Errorf("err = %v, want one about the first receiver alone", err)
		}
	}
	if n := len(second.received()); n != 10 {
		t.Errorf("the receiver in order has %d events, want 10", n)
	}
	mend()
	if _, err := deliver(t.Context(), o, many(12)...); err != nil {
		t.Error(err)
	}
	if n, m := len(first.received()), len(second.received()); n != 12 || m != 12 {
		t.Errorf("the receivers have %d and %d events, want 12", n, m)
	}
	if _, err := deliver(t.Context(), o, many(12)...); err != nil {
		t.Error(err)
	}
	if n, m := len(first.received()), len(second.received()); n != 24 || m != 24 {
		t.Errorf("after a delivery that all of them took, the same comes to %d and %d, want 24", n, m)
	}
}

// TestWordOfTheAgentForgetsNothing: a heartbeat and a refresh between two attempts
// at a delivery do not make the receiver that has it get it again.
func TestWordOfTheAgentForgetsNothing(t *testing.T) {
	first, second := newReceiver(t), newReceiver(t)
	o := openTo(t, All, nil, first.address(), second.address())
	mend := first.breakOff(t)
	if _, err := deliver(t.Context(), o, many(10)...); err == nil {
		t.Error("no error while a receiver is broken")
	}
	heartbeat := outputs.Notice{At: now, News: outputs.Heartbeat}
	if err := o.(outputs.Announcer).Announce(t.Context(), heartbeat); err == nil {
		t.Error("no error while a receiver is broken")
	}
	mend()
	if err := o.(outputs.Announcer).Announce(t.Context(), heartbeat); err != nil {
		t.Error(err)
	}
	refreshOf(t, o, viewOf(now))
	if _, err := deliver(t.Context(), o, many(10)...); err != nil {
		t.Error(err)
	}
	if n, m := len(first.received()), len(second.received()); n != 1+2+10 || m != 10+2+2 {
		t.Errorf("the receivers have %d and %d events, want 13 and 14", n, m)
	}
}

// TestWhatChangedIsNotSpared: an entry that has changed meanwhile is told to the
// receiver that has its earlier state.
func TestWhatChangedIsNotSpared(t *testing.T) {
	first, second := newReceiver(t), newReceiver(t)
	o := openTo(t, All, nil, first.address(), second.address())
	first.breakOff(t)
	before := change(outputs.Add, indicator.IP, "192.0.2.7", assertion())
	after := before
	after.Entry.Sequence++
	for _, c := range []outputs.Change{before, after} {
		if _, err := deliver(t.Context(), o, c); err == nil {
			t.Error("no error while a receiver is broken")
		}
	}
	if n := len(second.received()); n != 2 {
		t.Errorf("the receiver in order has %d events, want both states", n)
	}
}

func TestARefusalByOneOfAll(t *testing.T) {
	first, second := newRELPReceiver(t), newRELPReceiver(t)
	refuse := true
	second.answer = func(text string) string {
		if refuse && strings.Contains(text, "host-000003.") {
			return "500 no"
		}
		return "200 OK"
	}
	o := openTo(t, All, overRELP, first.address(), second.address())
	_, err := deliver(t.Context(), o, many(5)...)
	partial, ok := errors.AsType[*outputs.PartialError](err)
	if !ok || len(partial.Refused) != 1 || partial.Refused[0].Key.Value != "host-000003.example" || partial.Refused[0].Final {
		t.Fatalf("err = %v, want a PartialError of the fourth", err)
	}
	refuse = false
	if _, err := deliver(t.Context(), o, many(4)[3]); err != nil {
		t.Fatal(err)
	}
	if n, m := len(first.received()), len(second.received()); n != 5 || m != 5 {
		t.Errorf("the receivers have %d and %d events, want 5", n, m)
	}
}

func TestProbeOfSeveral(t *testing.T) {
	first, second := newReceiver(t), newReceiver(t)
	o := openTo(t, All, nil, first.address(), second.address()).(outputs.Prober)
	line, err := o.Probe(t.Context())
	if err != nil || !strings.Contains(line, first.address()) || !strings.Contains(line, second.address()) {
		t.Errorf("Probe = %q, %v", line, err)
	}
	second.stop()
	if _, err := o.Probe(t.Context()); err == nil || !strings.Contains(err.Error(), second.address()) {
		t.Errorf("Probe with one away = %v", err)
	}
}

func TestProbeOpensASession(t *testing.T) {
	r := newRELPReceiver(t)
	if _, err := open(t, r.address(), overRELP).(outputs.Prober).Probe(t.Context()); err != nil {
		t.Error(err)
	}
	plain := newFaultyReceiver(t, func(conn net.Conn) { _, _ = conn.Write([]byte("no\n")) })
	o := open(t, plain.address(), func(s *Settings) { s.Network, s.Timeout = RELP, time.Second })
	if _, err := o.(outputs.Prober).Probe(t.Context()); err == nil || !strings.Contains(err.Error(), "RELP") {
		t.Errorf("Probe of what is no RELP receiver = %v", err)
	}
}

func TestPeers(t *testing.T) {
	for _, tt := range []struct {
		settings Settings
		want     string
	}{
		{Settings{Address: "siem.example:601"}, "siem.example"},
		{Settings{Addresses: []string{"a.example:601", "[2001:db8::7]:601"}}, "a.example 2001:db8::7"},
		{Settings{Network: Unix, Address: "/dev/log"}, ""},
	} {
		if got := strings.Join(tt.settings.Peers(), " "); got != tt.want {
			t.Errorf("Peers = %q, want %q", got, tt.want)
		}
	}
}
