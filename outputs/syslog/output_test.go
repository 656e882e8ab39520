package syslog

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"
	"golang.org/x/sys/unix"

	"github.com/indicatord/indicatord/internal/indicator"
	"github.com/indicatord/indicatord/outputs"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// many returns n changes that together fill several batches.
func many(n int) []outputs.Change {
	changes := make([]outputs.Change, n)
	for i := range changes {
		changes[i] = change(outputs.Add, indicator.Domain, fmt.Sprintf("host-%06d.example", i), assertion())
	}
	return changes
}

func TestDeliverSendsEachChangeOnceInOrder(t *testing.T) {
	r := newReceiver(t)
	changes := many(2000)
	receipt, err := deliver(t.Context(), open(t, r.address(), nil), changes...)
	if err != nil {
		t.Fatal(err)
	}
	if receipt.Written != len(changes) || receipt.Held != -1 || receipt.Where != "tcp://"+r.address() {
		t.Errorf("receipt = %+v", receipt)
	}
	// No waiting here: a nil error says that the receiver has read it all.
	events := r.received()
	if len(events) != len(changes) {
		t.Fatalf("received %d events, want %d", len(events), len(changes))
	}
	for i, e := range events {
		if e.value("value") != changes[i].Entry.Key.Value {
			t.Fatalf("event %d is about %q, want %q", i, e.value("value"), changes[i].Entry.Key.Value)
		}
	}
}

func TestDeliverOfTheSameChangeHasTheSameID(t *testing.T) {
	r := newReceiver(t)
	o := open(t, r.address(), nil)
	c := change(outputs.Add, indicator.IP, "192.0.2.7", assertion())
	for range 2 {
		if _, err := deliver(t.Context(), o, c); err != nil {
			t.Fatal(err)
		}
	}
	events := r.received()
	if len(events) != 2 || events[0].value("id") == "" || events[0].value("id") != events[1].value("id") {
		t.Errorf("events = %v", events)
	}
}

func TestDeliverOfNothingConnectsNowhere(t *testing.T) {
	r := newReceiver(t)
	if _, err := deliver(t.Context(), open(t, r.address(), nil)); err != nil {
		t.Fatal(err)
	}
	if n := r.connections(); n != 0 {
		t.Errorf("%d connections, want none", n)
	}
}

func TestDeliverCountsWhatDoesNotFit(t *testing.T) {
	r := newReceiver(t)
	long := change(outputs.Add, indicator.URL, "http://c2.example/"+strings.Repeat("a", 9000))
	short := change(outputs.Add, indicator.IP, "192.0.2.7")
	receipt, err := deliver(t.Context(), open(t, r.address(), nil), long, short)
	if err != nil {
		t.Fatal(err)
	}
	if receipt.Written != 1 || receipt.Skipped[tooLong] != 1 || len(r.received()) != 1 {
		t.Errorf("receipt = %+v, received %d", receipt, len(r.received()))
	}
}

func TestDeliverReturnsTheErrorOfTheSequence(t *testing.T) {
	r := newReceiver(t)
	broken := errors.New("the store is away")
	_, err := open(t, r.address(), nil).Deliver(t.Context(), outputs.Delivery{
		Now: now,
		Changes: func(yield func(outputs.Change, error) bool) {
			if yield(change(outputs.Add, indicator.IP, "192.0.2.7"), nil) {
				yield(outputs.Change{}, broken)
			}
		},
	})
	if !errors.Is(err, broken) {
		t.Errorf("err = %v, want %v", err, broken)
	}
}

// A receiver in trouble makes the whole delivery fail, so that all of it is
// offered again.
func TestDeliverFailsWithTheReceiver(t *testing.T) {
	reset := func(conn net.Conn) { _ = conn.(*net.TCPConn).SetLinger(0) }
	for _, tt := range []struct {
		name  string
		serve func(release <-chan struct{}) func(net.Conn)
		want  string
	}{
		{"closes at once", func(<-chan struct{}) func(net.Conn) {
			return func(net.Conn) {}
		}, "the receiver closed the connection"},
		{"resets at once", func(<-chan struct{}) func(net.Conn) {
			return reset
		}, ""},
		{"closes with events unread", func(<-chan struct{}) func(net.Conn) {
			return func(conn net.Conn) { _, _ = io.ReadFull(conn, make([]byte, 100)) }
		}, ""},
		{"resets after it has read everything", func(<-chan struct{}) func(net.Conn) {
			return func(conn net.Conn) {
				_, _ = io.Copy(io.Discard, conn)
				reset(conn)
			}
		}, "closed the connection before it had everything"},
		{"reads nothing", func(release <-chan struct{}) func(net.Conn) {
			return func(net.Conn) { <-release }
		}, "has read nothing for 200ms"},
		{"reads everything and never closes", func(release <-chan struct{}) func(net.Conn) {
			return func(conn net.Conn) {
				_, _ = io.Copy(io.Discard, conn)
				<-release
			}
		}, "set confirm: false"},
		{"sends without end", func(<-chan struct{}) func(net.Conn) {
			return func(conn net.Conn) {
				go func() { _, _ = io.Copy(io.Discard, conn) }()
				for err := error(nil); err == nil; {
					_, err = conn.Write(make([]byte, 1<<16))
				}
			}
		}, "has not closed its side within 200ms"},
		{"speaks another protocol", func(<-chan struct{}) func(net.Conn) {
			return func(conn net.Conn) {
				_, _ = io.Copy(io.Discard, conn)
				_, _ = io.WriteString(conn, "HTTP/1.1 400 Bad Request\r\n\r\n"+strings.Repeat("<p>", 1<<10))
			}
		}, `answers "HTTP/1.1 400 Bad Request\r\n`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			release := make(chan struct{})
			r := newFaultyReceiver(t, tt.serve(release))
			defer close(release)
			o := open(t, r.address(), func(s *Settings) { s.Timeout = 200 * time.Millisecond })
			_, err := deliver(t.Context(), o, many(60_000)...)
			if err == nil || !strings.Contains(err.Error(), tt.want) || !strings.Contains(err.Error(), r.address()) {
				t.Errorf("err = %v, want one with %q and the address", err, tt.want)
			}
			if err != nil && strings.Contains(err.Error(), "\n") {
				t.Errorf("the error has several lines: %v", err)
			}
		})
	}
}

// TestTheSystemsWordsForAClosedConnection are not the operator's.
func TestTheSystemsWordsForAClosedConnection(t *testing.T) {
	for _, code := range []error{unix.ENOTCONN, unix.EPIPE, unix.ECONNRESET} {
		err := plainly(&net.OpError{Op: "close", Net: "tcp", Err: os.NewSyscallError("shutdown", code)})
		if err == nil || !strings.Contains(err.Error(), "the receiver closed the connection") || strings.Contains(err.Error(), "endpoint") {
			t.Errorf("%v reads %v", code, err)
		}
	}
	for _, err := range []error{nil, os.ErrDeadlineExceeded} {
		if got := plainly(err); got != err { //nolint:errorlint // it must be the same
			t.Errorf("%v became %v", err, got)
		}
	}
}

func TestDeliverWithoutConfirmationDoesNotWait(t *testing.T) {
	release := make(chan struct{})
	r := newFaultyReceiver(t, func(net.Conn) { <-release })
	defer close(release)
	o := open(t, r.address(), func(s *Settings) { s.Confirm = false })
	if _, err := deliver(t.Context(), o, many(10)...); err != nil {
		t.Error(err)
	}
}

func TestDeliverAfterTheReceiverWasRestarted(t *testing.T) {
	first := newReceiver(t)
	address := first.address()
	o := open(t, address, nil)
	if _, err := deliver(t.Context(), o, many(10)...); err != nil {
		t.Fatal(err)
	}
	first.stop()
	if _, err := deliver(t.Context(), o, many(10)...); err == nil {
		t.Error("no error while the receiver is away")
	}
	second := newReceiverAt(t, address)
	if _, err := deliver(t.Context(), o, many(10)...); err != nil {
		t.Error(err)
	}
	if n := len(second.received()); n != 10 {
		t.Errorf("received %d events after the restart, want 10", n)
	}
}

func TestDeliverEndsWithItsContext(t *testing.T) {
	release := make(chan struct{})
	r := newFaultyReceiver(t, func(net.Conn) { <-release })
	defer close(release)
	o := open(t, r.address(), func(s *Settings) { s.Timeout = time.Hour })
	for _, n := range []int{10, 60_000} { // waits at the end, and in a write
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(50*time.Millisecond, cancel)
		start := time.Now()
		_, err := deliver(ctx, o, many(n)...)
		if !errors.Is(err, context.Canceled) {
			t.Errorf("err = %v, want %v", err, context.Canceled)
		}
		if waited := time.Since(start); waited > 5*time.Second {
			t.Errorf("returned after %s", waited)
		}
	}
}

func TestProbe(t *testing.T) {
	r := newReceiver(t)
	o := open(t, r.address(), nil).(outputs.Prober)
	line, err := o.Probe(t.Context())
	if err != nil || !strings.Contains(line, r.address()) {
		t.Errorf("Probe = %q, %v", line, err)
	}
	r.stop()
	if _, err := o.Probe(t.Context()); err == nil || !strings.Contains(err.Error(), "connection refused") {
		t.Errorf("Probe of nobody = %v", err)
	}
	if n := len(r.received()); n != 0 {
		t.Errorf("Probe sent %d events", n)
	}
}

func BenchmarkDeliver(b *testing.B) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	defer listener.Close()
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			_, _ = io.Copy(io.Discard, conn)
			_ = conn.Close()
		}
	}()
	s := Defaults()
	s.Address = listener.Addr().String()
	o, _ := s.Open(pluginEnv)
	changes := many(10_000)
	for b.Loop() {
		if _, err := deliver(b.Context(), o, changes...); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(len(changes)*b.N)/b.Elapsed().Seconds(), "events/s")
}
