package syslog

import (
	"bufio"
	"io"
	"net"
	"strings"
	"testing"
	"time"
)

// TestRELPWithAHostileReceiver: whatever a receiver sends in place of answers, the
// delivery fails soon, keeps nothing, and the next one succeeds.
func TestRELPWithAHostileReceiver(t *testing.T) {
	for _, tt := range []struct {
		name string
		// what is sent in place of answers, again and again.
		says  string
		pause time.Duration
		want  string
	}{
		{"a length beyond all memory", "2 rsp 99999999999 200", 0, "does not speak RELP"},
		{"a length beyond the longest answer", "2 rsp 65537 200", 0, "does not speak RELP"},
		{"a negative length", "2 rsp -1 200 OK\n", 0, "does not speak RELP"},
		{"a negative number", "-2 rsp 6 200 OK\n", 0, "does not speak RELP"},
		{"a number too high", "1000000000 rsp 6 200 OK\n", 0, "does not speak RELP"},
		{"a command", "1 syslog 6 200 OK\n", 0, `it sent the command "syslog"`},
		{"answers for frames never sent", "7000 rsp 6 200 OK\n", 0, "has acknowledged nothing for 1s"},
		{"the same answer again and again", "2 rsp 6 200 OK\n", 0, "has acknowledged nothing for 1s"},
		{"a number without end", "1", 0, "does not speak RELP"},
		{"a command without end", "2 rsp", 0, "does not speak RELP"},
		{"an answer byte for byte", "2", 200 * time.Millisecond, "has acknowledged nothing for 1s"},
		{"an end at once", "0 serverclose 0\n", 0, "all of it will be sent again"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := newRELPReceiver(t)
			good := r.do(func(conn net.Conn) { r.sayWithoutEnd(conn, tt.says, tt.pause) })
			o := open(t, r.address(), func(s *Settings) { s.Network, s.Timeout = RELP, time.Second })
			began := time.Now()
			_, err := deliver(t.Context(), o, many(20)...)
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("err = %v, want %q", err, tt.want)
			}
			if took := time.Since(began); took > 10*time.Second {
				t.Errorf("it took %s", took)
			}
			r.do(good)
			if _, err := deliver(t.Context(), o, many(20)...); err != nil || len(r.received()) != 20 {
				t.Errorf("afterwards: %v, %d events", err, len(r.received()))
			}
		})
	}
}

// sayWithoutEnd takes the offer, reads whatever comes, and sends text until the
// connection ends.
func (r *relpReceiver) sayWithoutEnd(conn net.Conn, text string, pause time.Duration) {
	in, out := bufio.NewReader(conn), bufio.NewWriter(conn)
	for range 3 { // the lines of an offer
		if _, err := in.ReadString('\n'); err != nil {
			return
		}
	}
	r.serveFrame(out, 1, "open", offer)
	r.running.Go(func() { _, _ = io.Copy(io.Discard, in) })
	for out.Flush() == nil {
		_, _ = io.WriteString(out, text)
		time.Sleep(pause)
	}
}
