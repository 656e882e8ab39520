package syslog

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/indicatord/indicatord/outputs"
	"github.com/indicatord/indicatord/outputs/outputtest"
)

// relpReceiver is a RELP receiver of its own making. It shares no code with the
// client.
type relpReceiver struct {
	*receiver
	mu sync.Mutex
	// answer says what each event is answered with, "" for nothing at all.
	answer func(text string) string
	// opening is the answer to an offer.
	opening string
	closes  int
}

const goodOpening = "200 OK\nrelp_version=0\nrelp_software=test,1\ncommands=syslog"

func newRELPReceiver(t *testing.T) *relpReceiver {
	return newRELPReceiverOn(t, listen(t, "tcp", "127.0.0.1:0"))
}

func newRELPReceiverOn(t *testing.T, listener net.Listener) *relpReceiver {
	r := &relpReceiver{receiver: newReceiverOn(t, listener), opening: goodOpening, answer: func(string) string { return "200 OK" }}
	r.do(r.session)
	return r
}

func overRELP(s *Settings) { s.Network = RELP }

// session serves one connection.
func (r *relpReceiver) session(conn net.Conn) {
	in, out := bufio.NewReader(conn), bufio.NewWriter(conn)
	for {
		var number, length int
		var command string
		if _, err := fmt.Fscanf(in, "%d %s %d", &number, &command, &length); err != nil {
			return
		}
		data := make([]byte, length+min(length, 1)) // and the space before it
		if _, err := io.ReadFull(in, data); err != nil {
			return
		}
		if end, err := in.ReadByte(); err != nil || end != '\n' {
			r.t.Errorf("frame %d does not end: %q, %v", number, end, err)
			return
		}
		text := strings.TrimPrefix(string(data), " ")
		if !r.serveFrame(out, number, command, text) {
			return
		}
		if in.Buffered() == 0 {
			_ = out.Flush()
		}
	}
}

// serveFrame answers one frame. It returns false at the end of the session.
func (r *relpReceiver) serveFrame(out *bufio.Writer, number int, command, text string) bool {
	switch command {
	case "open":
		if !strings.Contains(text, "relp_version=0\n") || !strings.Contains(text, "commands=syslog") {
			r.t.Errorf("the offer is %q", text)
		}
		fmt.Fprintf(out, "%d rsp %d %s\n", number, len(r.opening), r.opening)
	case "syslog":
		answer := r.answer(text)
		if answer == "cut" {
			_ = out.Flush()
			return false
		}
		if strings.HasPrefix(answer, "200") && !r.take(text) {
			return false
		}
		if answer != "" {
			fmt.Fprintf(out, "%d rsp %d %s\n", number, len(answer), answer)
		}
	case "close":
		r.mu.Lock()
		r.closes++
		r.mu.Unlock()
		fmt.Fprintf(out, "%d rsp 0\n0 serverclose 0\n", number)
		_ = out.Flush()
		return false
	default:
		r.t.Errorf("the command %q", command)
	}
	return true
}

func TestRELPDeliversWhatIsAcknowledged(t *testing.T) {
	r := newRELPReceiver(t)
	changes := many(5000) // several windows
	receipt, err := deliver(t.Context(), open(t, r.address(), overRELP), changes...)
	if err != nil || receipt.Written != len(changes) || receipt.Where != "relp://"+r.address() {
		t.Fatalf("Deliver = %+v, %v", receipt, err)
	}
	events := r.received()
	if len(events) != len(changes) {
		t.Fatalf("received %d events, want %d", len(events), len(changes))
	}
	for i, e := range events {
		if e.value("value") != changes[i].Entry.Key.Value {
			t.Fatalf("event %d is about %q, want %q", i, e.value("value"), changes[i].Entry.Key.Value)
		}
	}
	if r.closes != 1 || r.connections() != 1 {
		t.Errorf("%d connections, of which %d were closed in order", r.connections(), r.closes)
	}
}

func TestRELPNamesWhatIsRefused(t *testing.T) {
	r := newRELPReceiver(t)
	r.answer = func(text string) string {
		if strings.Contains(text, "host-000007.") {
			return "500 disk\x1bfull"
		}
		return "200 OK"
	}
	_, err := deliver(t.Context(), open(t, r.address(), overRELP), many(20)...)
	partial, ok := errors.AsType[*outputs.PartialError](err)
	if !ok {
		t.Fatalf("err = %v, want a PartialError", err)
	}
	want := []outputs.Refusal{{Key: many(8)[7].Entry.Key, Reason: "the receiver answers 500 disk\ufffdfull"}}
	if diff := cmp.Diff(want, partial.Refused); diff != "" {
		t.Errorf("refused (-want +got):\n%s", diff)
	}
	if n := len(r.received()); n != 19 {
		t.Errorf("received %d events, want the other 19", n)
	}
}

func TestRELPRefusalOfAnEventThatIsNoChange(t *testing.T) {
	r := newRELPReceiver(t)
	r.answer = func(string) string { return "500 no" }
	o := open(t, r.address(), overRELP).(*output)
	_, err := o.transmit(t.Context(), func(yield func(outgoing, error) bool) {
		yield(outgoing{text: []byte("<134>1 - gate indicatord - heartbeat -")}, nil)
	})
	if err == nil || !strings.Contains(err.Error(), "answers 500 no") {
		t.Errorf("err = %v", err)
	}
}

// TestRELPRefusalWithinARefresh ends it, so that it has no end for the reader, and
// what is kept of refusals does not grow with the view.
func TestRELPRefusalWithinARefresh(t *testing.T) {
	r := newRELPReceiver(t)
	r.answer = func(text string) string {
		if strings.Contains(text, `action="present"`) {
			return "500 no"
		}
		return "200 OK"
	}
	_, err := open(t, r.address(), overRELP).(outputs.Refresher).Refresh(t.Context(), viewOf(now, outputtest.Entries(1, 5000)...))
	if _, partial := errors.AsType[*outputs.PartialError](err); partial || err == nil || !strings.Contains(err.Error(), "answers 500 no") {
		t.Errorf("err = %v, want the answer", err)
	}
	for _, e := range r.received() {
		if e.TypeID == refreshEnd {
			t.Error("the refresh has an end")
		}
	}
}

func TestRELPFailsWithTheReceiver(t *testing.T) {
	for _, tt := range []struct {
		name   string
		fault  func(*relpReceiver)
		want   string
		silent bool
	}{
		{"refuses the session", func(r *relpReceiver) { r.opening = "500 version not supported" }, "the receiver refuses it: 500 version not supported", false},
		{"takes no syslog", func(r *relpReceiver) { r.opening = "200 OK\ncommands=eventlog" }, `does not take the command "syslog"`, false},
		{"answers an offer with nonsense", func(r *relpReceiver) { r.opening = "fine" }, "0 fine", false},
		{"is cut in the middle", func(r *relpReceiver) {
			n := 0
			r.answer = func(string) string {
				if n++; n == 1500 {
					return "cut"
				}
				return "200 OK"
			}
		}, "all of it will be sent again", false},
		{"leaves one event without an answer", func(r *relpReceiver) {
			r.answer = func(text string) string {
				if strings.Contains(text, "host-000007.") {
					return ""
				}
				return "200 OK"
			}
		}, "has acknowledged nothing for 200ms", true},
		{"never answers", func(r *relpReceiver) { r.answer = func(string) string { return "" } }, "has acknowledged nothing for 200ms", true},
		{"is no RELP receiver", func(r *relpReceiver) {
			r.do(func(conn net.Conn) { _, _ = io.WriteString(conn, "220 mail.example ESMTP\r\n") })
		}, "does not speak RELP", false},
		{"is no RELP receiver any more", func(r *relpReceiver) {
			r.answer = func(string) string { return "200 OK\n1 quit 0" }
		}, "", false},
		{"says nothing", func(r *relpReceiver) {
			r.do(func(conn net.Conn) { _, _ = io.Copy(io.Discard, conn) })
		}, "opening a RELP session: the receiver has not answered within 200ms: check that its port", true},
		{"closes at once", func(r *relpReceiver) { r.do(func(net.Conn) {}) }, "opening a RELP session: the receiver closed the connection: check that its port", false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := newRELPReceiver(t)
			tt.fault(r)
			patience := time.Minute // a busy machine is slow too
			if tt.silent {
				patience = 200 * time.Millisecond
			}
			o := open(t, r.address(), func(s *Settings) { s.Network, s.Timeout = RELP, patience })
			_, err := deliver(t.Context(), o, many(3000)...)
			if tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want)) {
				t.Errorf("err = %v, want %q", err, tt.want)
			}
			if _, partial := errors.AsType[*outputs.PartialError](err); partial {
				t.Errorf("err = %v, which says that some were accepted", err)
			}
		})
	}
}

// TestRELPAnswersInAnyOrder: the protocol does not promise that answers come in
// the order of the events.
func TestRELPAnswersInAnyOrder(t *testing.T) {
	client, server := net.Pipe()
	defer server.Close()
	go func() {
		in := bufio.NewReader(server)
		_, _ = in.ReadString('\n') // the lines of an offer
		_, _ = in.ReadString('\n')
		_, _ = in.ReadString('\n')
		fmt.Fprintf(server, "1 rsp %d %s\n", len(goodOpening), goodOpening)
		for range 3 {
			_, _ = in.ReadString('\n')
		}
		_, _ = io.WriteString(server, "4 rsp 6 200 OK\n2 rsp 6 200 OK\n3 rsp 6 200 OK\n")
		_, _ = in.ReadString('\n')
		_, _ = io.WriteString(server, "5 rsp 0\n0 serverclose 0\n")
	}()
	r, err := newRELP(t.Context(), Defaults(), client)
	if err != nil {
		t.Fatal(err)
	}
	defer r.close()
	for _, c := range many(3) {
		if err := r.send(t.Context(), outgoing{identity{id: "1", key: c.Entry.Key}, []byte("event")}); err != nil {
			t.Fatal(err)
		}
	}
	if err := r.finish(t.Context()); err != nil {
		t.Error(err)
	}
}

func TestRELPEndsWithItsContext(t *testing.T) {
	r := newRELPReceiver(t)
	r.answer = func(string) string { return "" }
	o := open(t, r.address(), func(s *Settings) { s.Network, s.Timeout = RELP, time.Hour })
	for _, n := range []int{10, 5000} { // waits at the end, and for the window
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(50*time.Millisecond, cancel)
		if _, err := deliver(ctx, o, many(n)...); !errors.Is(err, context.Canceled) {
			t.Errorf("err = %v, want %v", err, context.Canceled)
		}
	}
}

func TestRELPNumbersBeginAnewAfterTheHighest(t *testing.T) {
	r := &relp{last: maxTransaction - 1, batch: &batch{}}
	r.batch.late = time.NewTimer(time.Hour)
	for _, want := range []string{"999999999 syslog 1 a\n", "1 syslog 1 a\n"} {
		if err := r.write(t.Context(), "syslog", []byte("a")); err != nil || string(r.frame) != want {
			t.Errorf("frame %q, %v, want %q", r.frame, err, want)
		}
	}
}
