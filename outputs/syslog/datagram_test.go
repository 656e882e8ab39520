package syslog

import (
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/indicatord/indicatord/internal/indicator"
	"github.com/indicatord/indicatord/outputs"
)

// datagramReceiver keeps what comes, and looks at it when it is asked: one that
// parsed between two datagrams would lose some.
type datagramReceiver struct {
	t       *testing.T
	network string
	address string
	socket  net.PacketConn
	sockets chan net.PacketConn
	drained chan struct{}

	mu   sync.Mutex
	came []string
}

func newDatagramReceiver(t *testing.T, network, address string) *datagramReceiver {
	r := &datagramReceiver{t: t, network: network, address: address, sockets: make(chan net.PacketConn), drained: make(chan struct{})}
	go r.readSockets()
	r.start()
	r.address = r.socket.LocalAddr().String()
	t.Cleanup(func() {
		r.stop()
		close(r.sockets)
	})
	return r
}

func (r *datagramReceiver) start() {
	r.t.Helper()
	if r.network == "unixgram" {
		_ = os.Remove(r.address) // what an earlier start has left
	}
	socket, err := net.ListenPacket(r.network, r.address)
	if err != nil {
		r.t.Fatal(err)
	}
	_ = socket.(interface{ SetReadBuffer(int) error }).SetReadBuffer(8 << 20) // as much as the system gives
	r.socket = socket
	r.sockets <- socket
}

func (r *datagramReceiver) readSockets() {
	for socket := range r.sockets {
		r.read(socket)
		r.drained <- struct{}{}
	}
}

func (r *datagramReceiver) read(socket net.PacketConn) {
	buffer := make([]byte, 1<<16)
	for {
		n, _, err := socket.ReadFrom(buffer)
		if err != nil {
			return
		}
		r.mu.Lock()
		r.came = append(r.came, string(buffer[:n]))
		r.mu.Unlock()
	}
}

// stop reads what has come, and closes the socket.
func (r *datagramReceiver) stop() {
	if r.socket == nil {
		return
	}
	_ = r.socket.SetReadDeadline(time.Now().Add(50 * time.Millisecond))
	<-r.drained
	_ = r.socket.Close()
	r.socket = nil
}

// breakOff closes the socket until it is mended.
func (r *datagramReceiver) breakOff(*testing.T) (mend func()) {
	r.stop()
	return r.start
}

func (r *datagramReceiver) received() []message {
	r.mu.Lock()
	defer r.mu.Unlock()
	events := make([]message, len(r.came))
	for i, text := range r.came {
		event, err := parse(text)
		if err != nil {
			r.t.Errorf("receiving: %v in %q", err, text)
		}
		events[i] = event
	}
	return events
}

// await waits until n events came.
func (r *datagramReceiver) await(n int) []message {
	r.t.Helper()
	for deadline := time.Now().Add(10 * time.Second); ; time.Sleep(10 * time.Millisecond) {
		if events := r.received(); len(events) >= n {
			return events
		} else if time.Now().After(deadline) {
			r.t.Fatalf("%d events came, want %d", len(events), n)
		}
	}
}

// overUDP sends no faster than the system keeps datagrams for a receiver that
// has to share its processor.
func overUDP(s *Settings) {
	s.Network = UDP
	s.Rate.Events = 4000
}

func overSocket(s *Settings) { s.Network = Unix }

func TestEachDatagramIsOneEvent(t *testing.T) {
	for _, tt := range []struct {
		name, network, address string
		settings               func(*Settings)
	}{
		{"UDP", "udp", "127.0.0.1:0", overUDP},
		{"a datagram socket", "unixgram", filepath.Join(t.TempDir(), "log"), overSocket},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := newDatagramReceiver(t, tt.network, tt.address)
			changes := many(500)
			receipt, err := deliver(t.Context(), open(t, r.address, tt.settings), changes...)
			if err != nil || receipt.Written != len(changes) {
				t.Fatalf("Deliver = %+v, %v", receipt, err)
			}
			for i, e := range r.await(len(changes)) {
				if e.value("value") != changes[i].Entry.Key.Value {
					t.Fatalf("event %d is about %q, want %q", i, e.value("value"), changes[i].Entry.Key.Value)
				}
			}
		})
	}
}

func TestAnEventFitsItsDatagram(t *testing.T) {
	r := newDatagramReceiver(t, "udp", "127.0.0.1:0")
	o := open(t, r.address, func(s *Settings) { s.Network, s.MaxDatagram = UDP, 1200 })
	wordy := assertion()
	object := *wordy.Object
	object.Name = strings.Repeat("long ", 1000)
	wordy.Object = &object
	receipt, err := deliver(t.Context(), o,
		change(outputs.Add, indicator.IP, "192.0.2.7", wordy),
		change(outputs.Add, indicator.URL, "http://c2.example/"+strings.Repeat("a", 1200)))
	if err != nil || receipt.Written != 1 || receipt.Skipped[tooLong] != 1 {
		t.Fatalf("Deliver = %+v, %v", receipt, err)
	}
	if event := r.await(1)[0]; event.value("value") != "192.0.2.7" || event.value("truncated") != "true" {
		t.Errorf("event = %+v", event)
	}
	if n := len(r.came[0]); n > 1200 {
		t.Errorf("the datagram has %d bytes", n)
	}
}

func TestNobodyListensOverUDP(t *testing.T) {
	r := newDatagramReceiver(t, "udp", "127.0.0.1:0")
	o := open(t, r.address, overUDP)
	r.stop()
	_, err := deliver(t.Context(), o, many(3)...)
	if err == nil || !strings.Contains(err.Error(), "nobody listens there") || !strings.Contains(err.Error(), "udp://"+r.address) {
		t.Errorf("err = %v", err)
	}
}

func TestADatagramThatIsTooLongForItsSocket(t *testing.T) {
	r := newDatagramReceiver(t, "unixgram", filepath.Join(t.TempDir(), "log"))
	conn, err := net.Dial("unixgram", r.address)
	if err != nil {
		t.Fatal(err)
	}
	link := newDatagrams(t.Context(), Defaults(), conn)
	defer link.close()
	err = link.send(t.Context(), outgoing{text: make([]byte, 64<<20)})
	if !errors.Is(err, unix.EMSGSIZE) || !strings.Contains(err.Error(), fmt.Sprint(64<<20)) {
		t.Errorf("err = %v", err)
	}
}

func TestASocketThatIsAStream(t *testing.T) {
	r := newReceiverOn(t, listen(t, "unix", filepath.Join(t.TempDir(), "log")))
	r.do(r.readWith(readLine))
	changes := many(2000)
	if _, err := deliver(t.Context(), open(t, r.address(), overSocket), changes...); err != nil {
		t.Fatal(err)
	}
	values := make([]string, 0, len(changes))
	for _, e := range r.received() {
		values = append(values, e.value("value"))
	}
	if !slices.EqualFunc(values, changes, func(v string, c outputs.Change) bool { return v == c.Entry.Key.Value }) {
		t.Errorf("received %d events that are not the %d sent", len(values), len(changes))
	}
}
