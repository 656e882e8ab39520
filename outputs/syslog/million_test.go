//go:build real

package syslog

import (
	"io"
	"net"
	"os"
	"strconv"
	"testing"
	"text/template"
	"time"

	"github.com/indicatord/indicatord/internal/indicator"
	"github.com/indicatord/indicatord/outputs"
)

// million is how many events a measurement sends.
const million = 1_000_000

// BenchmarkMillionEvents sends a million events over TCP as the agent does, in
// portions of a connection each, and then as many bytes of the same sort in bare
// writes of 64 KiB over one connection, the most that a sender can do. Each time
// ends when the receiver has read everything.
func BenchmarkMillionEvents(b *testing.B) {
	for _, receiver := range []struct {
		name  string
		start func(*testing.B) string
	}{
		{"sink", startSink},
		{"rsyslog", startPlainRsyslog},
	} {
		b.Run(receiver.name, func(b *testing.B) {
			address := receiver.start(b)
			b.Run("agent", func(b *testing.B) { perSecondOf(b, func() { sendPortions(b, address) }) })
			b.Run("raw", func(b *testing.B) {
				bytes := portionBytes(b)
				perSecondOf(b, func() { sendRaw(b, address, bytes) })
			})
		})
	}
}

func perSecondOf(b *testing.B, send func()) {
	for b.Loop() {
		send()
	}
	b.ReportMetric(float64(million*b.N)/b.Elapsed().Seconds(), "events/s")
}

// numbered yields the changes of one portion, made as they are asked for.
func numbered(first int) outputs.Delivery {
	c := change(outputs.Add, indicator.Domain, "", assertion())
	return outputs.Delivery{Now: now, Changes: func(yield func(outputs.Change, error) bool) {
		for i := range portion {
			c.Entry.Key.Value = "host-" + strconv.Itoa(million+first+i) + ".example"
			c.Entry.Sequence = uint64(million + first + i)
			if !yield(c, nil) {
				return
			}
		}
	}}
}

func sendPortions(b *testing.B, address string) {
	s := Defaults()
	s.Address, s.Timeout = address, time.Minute
	o, err := s.Open(pluginEnv)
	if err != nil {
		b.Fatal(err)
	}
	for first := 0; first < million; first += portion {
		if _, err := o.Deliver(b.Context(), numbered(first)); err != nil {
			b.Fatal(err)
		}
	}
}

// portionBytes are the framed events of one portion.
func portionBytes(b *testing.B) []byte {
	var framed, event []byte
	o, err := newOutput(*Defaults(), pluginEnv)
	if err != nil {
		b.Fatal(err)
	}
	for c, err := range numbered(0).Changes {
		if err != nil {
			b.Fatal(err)
		}
		var unsaid string
		if event, unsaid = o.format.append(event[:0], now, &c); unsaid != "" {
			b.Fatal(unsaid)
		}
		framed = appendFrame(framed, event)
	}
	return framed
}

func sendRaw(b *testing.B, address string, bytes []byte) {
	conn, err := net.Dial("tcp", address)
	if err != nil {
		b.Fatal(err)
	}
	defer conn.Close()
	for range million / portion {
		for rest := bytes; len(rest) > 0; {
			n, err := conn.Write(rest[:min(len(rest), batchSize)])
			if err != nil {
				b.Fatal(err)
			}
			rest = rest[n:]
		}
	}
	_ = conn.(*net.TCPConn).CloseWrite()
	if _, err := io.Copy(io.Discard, conn); err != nil {
		b.Fatal(err)
	}
}

// startSink starts a receiver that throws everything away.
func startSink(b *testing.B) string {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = listener.Close() })
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			buffer := make([]byte, 1<<20)
			for err == nil {
				_, err = conn.Read(buffer)
			}
			_ = conn.Close()
		}
	}()
	return listener.Addr().String()
}

// plainRsyslog is rsyslog as a site has it, with its queue in memory.
var plainRsyslog = template.Must(template.New("rsyslog").Parse(`
global(workDirectory="{{.Dir}}")
{{.Inputs}}
action(type="omfile" file="{{.Dir}}/events" template="RSYSLOG_SyslogProtocol23Format")
`))

func startPlainRsyslog(b *testing.B) string {
	if _, err := lookPath("rsyslogd"); err != nil {
		b.Skip(err)
	}
	d := newDaemon(b, "rsyslogd", "rsyslog", "-n -f DIR/conf -i DIR/pid", plainRsyslog, imtcp)
	b.Cleanup(func() { _ = os.Truncate(d.path("events"), 0) })
	return d.address()
}
