package listserver

import (
	"bufio"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// wire is a listener in memory, whose connections come from where the test says.
type wire struct {
	conns  chan net.Conn
	closed chan struct{}
}

func newWire() *wire { return &wire{make(chan net.Conn), make(chan struct{})} }

// Accept waits for the next connection.
func (w *wire) Accept() (net.Conn, error) {
	select {
	case conn := <-w.conns:
		return conn, nil
	case <-w.closed:
		return nil, net.ErrClosed
	}
}

// Close ends the listener.
func (w *wire) Close() error {
	close(w.closed)
	return nil
}

// Addr is no address at all.
func (w *wire) Addr() net.Addr { return &net.TCPAddr{} }

// dial connects from an address.
func (w *wire) dial(from string) net.Conn {
	ours, theirs := net.Pipe()
	w.conns <- placed{theirs, from}
	return ours
}

// placed is a connection from an address.
type placed struct {
	net.Conn

	from string
}

// RemoteAddr is where the connection comes from.
func (p placed) RemoteAddr() net.Addr { return &net.TCPAddr{IP: net.ParseIP(p.from), Port: 4711} }

// onWire runs a test with a server whose clock is the test's.
func onWire(t *testing.T, change func(*Options), test func(*testing.T, *wire)) {
	s := newStand(t)
	s.open.Log, s.open.Now = slog.New(slog.DiscardHandler), time.Now
	s.publish("edge", strings.Repeat(content, 10_000), false)
	change(&s.open)
	synctest.Test(t, func(t *testing.T) {
		w := newWire()
		server := serveOn(w, s.open)
		test(t, w)
		if err := server.Close(); err != nil {
			t.Error(err)
		}
	})
}

// request is one of the firewall, without its end.
const request = "GET /lists/edge HTTP/1.1\r\nHost: x\r\nAuthorization: Basic Znc6bmV3LXBhc3N3b3Jk\r\n"

// isServed reports whether a device at an address gets the whole list in time.
func isServed(t *testing.T, w *wire, from string) {
	t.Helper()
	conn := w.dial(from)
	defer conn.Close()
	_ = conn.SetDeadline(time.Now().Add(time.Second))
	go func() { _, _ = io.WriteString(conn, request+"Connection: close\r\n\r\n") }()
	answer, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		t.Fatalf("the device at %s gets nothing: %v", from, err)
	}
	defer answer.Body.Close()
	if body, err := io.ReadAll(answer.Body); err != nil || len(body) != 10_000*len(content) {
		t.Errorf("the device at %s gets %s with %d bytes: %v", from, answer.Status, len(body), err)
	}
}

// isClosedWithin fails where the server does not end a connection by then.
func isClosedWithin(t *testing.T, conn net.Conn, patience time.Duration) {
	t.Helper()
	began := time.Now()
	_ = conn.SetReadDeadline(began.Add(patience))
	if _, err := io.Copy(io.Discard, conn); err != nil {
		t.Errorf("the connection is still open after %s: %v", time.Since(began), err)
	}
}

// TestSlowDevicesAreGivenUp, whatever they are slow at, and others are served
// meanwhile.
func TestSlowDevicesAreGivenUp(t *testing.T) {
	whole := patience(10_000 * len(content))
	for _, test := range []struct {
		name, says string
		after      time.Duration
	}{
		{"says nothing", "", headerTime},
		{"begins a request", "GET /lists/edge HTTP/1.1\r\n", headerTime},
		{"never ends its headers", request, headerTime},
		{"asks and keeps the connection", "GET / HTTP/1.1\r\nHost: x\r\n\r\n", idleTime},
		{"asks for a list and reads nothing", request + "\r\n", whole},
	} {
		t.Run(test.name, func(t *testing.T) {
			onWire(t, func(*Options) {}, func(t *testing.T, w *wire) {
				conn := w.dial("192.0.2.1")
				defer conn.Close()
				go func() { _, _ = io.WriteString(conn, test.says) }()
				isServed(t, w, "192.0.2.2")
				if test.after == whole {
					time.Sleep(whole + time.Second) // It reads nothing at all.
				}
				isClosedWithin(t, conn, test.after+time.Second)
				isServed(t, w, "192.0.2.2")
			})
		})
	}
}

// TestADripOfHeadersIsGivenUp: a byte a second does not keep a connection open.
func TestADripOfHeadersIsGivenUp(t *testing.T) {
	onWire(t, func(*Options) {}, func(t *testing.T, w *wire) {
		conn := w.dial("192.0.2.1")
		defer conn.Close()
		var drip sync.WaitGroup
		drip.Go(func() {
			for _, letter := range []byte("GET /lists/" + strings.Repeat("a", 100)) {
				if _, err := conn.Write([]byte{letter}); err != nil {
					return
				}
				time.Sleep(time.Second)
			}
		})
		isClosedWithin(t, conn, headerTime+time.Second)
		drip.Wait()
	})
}

// TestASteadyDeviceIsNotGivenUp, though it takes minutes.
func TestASteadyDeviceIsNotGivenUp(t *testing.T) {
	onWire(t, func(*Options) {}, func(t *testing.T, w *wire) {
		conn := w.dial("192.0.2.1")
		defer conn.Close()
		go func() { _, _ = io.WriteString(conn, request+"Connection: close\r\n\r\n") }()
		total, buffer := 0, make([]byte, 2*slowest)
		for {
			n, err := io.ReadFull(conn, buffer)
			total += n
			if err != nil {
				break
			}
			time.Sleep(time.Second)
		}
		if total < 10_000*len(content) {
			t.Errorf("it got %d bytes", total)
		}
	})
}

// TestOneAddressHasSoManyConnections; those of others are not touched, and one that
// ends makes room.
func TestOneAddressHasSoManyConnections(t *testing.T) {
	onWire(t, func(o *Options) { o.MaxPerAddress = 3 }, func(t *testing.T, w *wire) {
		var held []net.Conn
		for _, from := range []string{"192.0.2.1", "192.0.2.1", "192.0.2.1", "2001:db8::1", "2001:db8::2", "2001:db8::3"} {
			conn := w.dial(from)
			defer conn.Close()
			held = append(held, conn)
		}
		for _, from := range []string{"192.0.2.1", "2001:db8::4"} {
			beyond := w.dial(from)
			began := time.Now()
			isClosedWithin(t, beyond, time.Second)
			if took := time.Since(began); took > 0 {
				t.Errorf("the connection beyond those of %s was closed after %s", from, took)
			}
		}
		isServed(t, w, "192.0.2.2")
		isServed(t, w, "2001:db8:0:1::1")
		_ = held[0].Close()
		synctest.Wait()
		isServed(t, w, "192.0.2.1")
	})
}

// TestConnectionsBeyondAllWait until one ends.
func TestConnectionsBeyondAllWait(t *testing.T) {
	onWire(t, func(o *Options) { o.MaxConnections = 2 }, func(t *testing.T, w *wire) {
		for _, from := range []string{"192.0.2.1", "192.0.2.2"} {
			conn := w.dial(from)
			defer conn.Close()
		}
		began := time.Now()
		isServed(t, w, "192.0.2.3") // The dialing waits.
		if waited := time.Since(began); waited != headerTime {
			t.Errorf("the device beyond the limit waited for %s, want until a silent one is given up", waited)
		}
	})
}
