package syslog

import (
	"bufio"
	"context"
	"crypto/tls"
	"errors"
	"net"
	"sync"
	"testing"

	"github.com/indicatord/indicatord/internal/plugin"
	"github.com/indicatord/indicatord/outputs"
)

// receiver is a syslog receiver on this machine. It parses every event and fails
// the test on the first that a careful receiver would refuse.
type receiver struct {
	t        *testing.T
	listener net.Listener
	serve    func(net.Conn)
	running  sync.WaitGroup

	mu     sync.Mutex
	events []message
	conns  int
}

// newReceiver starts a receiver over TCP that reads every connection to its end.
func newReceiver(t *testing.T) *receiver { return newReceiverAt(t, "127.0.0.1:0") }

func newReceiverAt(t *testing.T, address string) *receiver {
	t.Helper()
	return newReceiverOn(t, listen(t, "tcp", address))
}

func listen(t testing.TB, network, address string) net.Listener {
	t.Helper()
	listener, err := net.Listen(network, address)
	if err != nil {
		t.Fatal(err)
	}
	return listener
}

// newReceiverOn starts a receiver of octet-counted events.
func newReceiverOn(t *testing.T, listener net.Listener) *receiver {
	r := &receiver{t: t, listener: listener}
	r.serve = r.readWith(readFrame)
	r.running.Go(r.accept)
	t.Cleanup(r.stop)
	return r
}

// newFaultyReceiver starts a receiver that does with a connection what serve
// does. The connection is closed after it.
func newFaultyReceiver(t *testing.T, serve func(net.Conn)) *receiver {
	r := newReceiver(t)
	r.do(serve)
	return r
}

// do makes the receiver do something else with the next connections.
func (r *receiver) do(serve func(net.Conn)) (before func(net.Conn)) {
	r.mu.Lock()
	defer r.mu.Unlock()
	before, r.serve = r.serve, serve
	return before
}

func (r *receiver) accept() {
	for {
		conn, err := r.listener.Accept()
		if err != nil {
			return
		}
		r.mu.Lock()
		r.conns++
		serve := r.serve
		r.mu.Unlock()
		r.running.Go(func() {
			defer conn.Close()
			serve(conn)
		})
	}
}

// readWith returns what reads a connection to its end, each event as read does.
func (r *receiver) readWith(read func(*bufio.Reader) (string, error)) func(net.Conn) {
	return func(conn net.Conn) {
		in := bufio.NewReader(conn)
		for {
			text, err := read(in)
			if errors.Is(err, errFraming) {
				r.t.Errorf("receiving: %v", err)
			}
			if err != nil || !r.take(text) {
				return
			}
		}
	}
}

// take notes an event. It returns false for one that is not right.
func (r *receiver) take(text string) bool {
	event, err := parse(text)
	if err != nil {
		r.t.Errorf("receiving: %v in %q", err, text)
		return false
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.events = append(r.events, event)
	return true
}

func (r *receiver) address() string { return r.listener.Addr().String() }

// stop ends the receiver and waits for its connections.
func (r *receiver) stop() {
	_ = r.listener.Close()
	r.running.Wait()
}

// received returns the events so far, in order.
func (r *receiver) received() []message {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]message(nil), r.events...)
}

func (r *receiver) connections() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.conns
}

// breakOff makes the receiver close every connection at once, until it is
// mended.
func (r *receiver) breakOff(*testing.T) (mend func()) {
	before := r.do(abort)
	return func() { r.do(before) }
}

// abort ends a connection as a process that dies with unread bytes does.
func abort(conn net.Conn) {
	if secured, ok := conn.(*tls.Conn); ok {
		conn = secured.NetConn()
	}
	if plain, ok := conn.(*net.TCPConn); ok {
		_ = plain.SetLinger(0)
	}
	_ = conn.Close()
}

// open makes an output that sends to the address.
func open(t *testing.T, address string, change func(*Settings)) outputs.Output {
	t.Helper()
	s := Defaults()
	s.Address = address
	s.Hostname = "gate"
	if change != nil {
		change(s)
	}
	if err := s.Validate(); err != nil {
		t.Fatal(err)
	}
	o, err := s.Open(plugin.Env{Site: "plant-07", Name: "siem"})
	if err != nil {
		t.Fatal(err)
	}
	return o
}

// deliver offers the changes.
func deliver(ctx context.Context, o outputs.Output, changes ...outputs.Change) (outputs.Receipt, error) {
	return o.Deliver(ctx, outputs.Delivery{Now: now, Changes: func(yield func(outputs.Change, error) bool) {
		for _, c := range changes {
			if !yield(c, nil) {
				return
			}
		}
	}})
}
