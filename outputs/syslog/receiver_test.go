package syslog

import (
	"bufio"
	"context"
	"errors"
	"net"
	"sync"
	"testing"

	"github.com/indicatord/indicatord/internal/plugin"
	"github.com/indicatord/indicatord/outputs"
)

// receiver is a syslog receiver on loopback. It parses every event and fails
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

// newReceiver starts a receiver that reads every connection to its end.
func newReceiver(t *testing.T) *receiver { return newReceiverAt(t, "127.0.0.1:0") }

func newReceiverAt(t *testing.T, address string) *receiver {
	t.Helper()
	listener, err := net.Listen("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	r := &receiver{t: t, listener: listener}
	r.serve = r.readAll
	r.running.Go(r.accept)
	t.Cleanup(r.stop)
	return r
}

// newFaultyReceiver starts a receiver that does with a connection what serve
// does. The connection is closed after it.
func newFaultyReceiver(t *testing.T, serve func(net.Conn)) *receiver {
	r := newReceiver(t)
	r.mu.Lock()
	defer r.mu.Unlock()
	r.serve = serve
	return r
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

func (r *receiver) readAll(conn net.Conn) {
	in := bufio.NewReader(conn)
	for {
		text, err := readFrame(in)
		if errors.Is(err, errFraming) {
			r.t.Errorf("receiving: %v", err)
		}
		if err != nil {
			return
		}
		event, err := parse(text)
		if err != nil {
			r.t.Errorf("receiving: %v in %q", err, text)
			return
		}
		r.mu.Lock()
		r.events = append(r.events, event)
		r.mu.Unlock()
	}
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

// breakOff makes the receiver close every connection at once, until it is
// mended.
func (r *receiver) breakOff(*testing.T) (mend func()) {
	set := func(serve func(net.Conn)) {
		r.mu.Lock()
		defer r.mu.Unlock()
		r.serve = serve
	}
	set(func(conn net.Conn) { _ = conn.(*net.TCPConn).SetLinger(0) })
	return func() { set(r.readAll) }
}
