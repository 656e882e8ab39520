package syslog

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"golang.org/x/sys/unix"

	"github.com/indicatord/indicatord/internal/indicator"
	"github.com/indicatord/indicatord/outputs"
)

// window is the number of events that may be without an answer at a time.
const window = 1024

// goodbye is how long the receiver may take to end a session in which every
// event was answered: nothing depends on it any more.
const goodbye = time.Second

// relp carries events over the Reliable Event Logging Protocol: each event has
// a number, and the receiver answers for each number that it has the event.
type relp struct {
	conn    net.Conn
	timeout time.Duration
	batch   *batch
	frame   []byte
	last    int // the number of the last frame
	free    int // how many events may be sent before an answer is needed
	detach  func() bool

	// answered gets a token for each answer. It has room for all of the window.
	answered chan struct{}
	// ended is closed when the receiver has ended the session, and end then says
	// why.
	ended chan struct{}
	end   error

	mu      sync.Mutex
	waiting map[int]indicator.Key
	refused []outputs.Refusal
	unfit   error // why an event that tells of no change was refused
}

// newRELP begins a session on an open connection, which is the session's from
// now on.
func newRELP(ctx context.Context, s *Settings, conn net.Conn) (*relp, error) {
	r := &relp{
		conn: conn, timeout: s.Timeout, batch: newBatch(ctx, conn, s.Timeout), free: window, detach: endWith(ctx, conn),
		answered: make(chan struct{}, window), ended: make(chan struct{}), waiting: make(map[int]indicator.Key),
	}
	in := bufio.NewReader(conn)
	if err := r.open(ctx, in); err != nil {
		r.detach()
		_ = conn.Close()
		return nil, cause(ctx, err)
	}
	go r.listen(in)
	return r, nil
}

// offer is what we say of ourselves at the start of a session.
const offer = "relp_version=0\nrelp_software=indicatord\ncommands=syslog"

// open offers a session and reads the receiver's answer. It reads even where the
// offer could not be written: over TLS the receiver may have said why.
func (r *relp) open(ctx context.Context, in *bufio.Reader) error {
	unwritten := r.write(ctx, "open", []byte(offer))
	if unwritten == nil {
		unwritten = r.batch.flush(ctx)
	}
	if err := arm(ctx, r.conn.SetReadDeadline, r.timeout); err != nil {
		return err
	}
	answer, err := readRELP(in)
	if err != nil {
		return fmt.Errorf("opening a RELP session: %w", r.unanswered(err))
	}
	if unwritten != nil {
		return unwritten
	}
	if err := accepts(answer, r.last); err != nil {
		return err
	}
	return r.conn.SetReadDeadline(time.Time{})
}

// unanswered says what may be wrong where an offer has no answer.
func (r *relp) unanswered(err error) error {
	const advice = "check that its port is one for RELP, and whether it wants TLS (network: relp+tls) or not (relp)"
	switch {
	case errors.Is(err, os.ErrDeadlineExceeded):
		return fmt.Errorf("the receiver has not answered within %s: %s", r.timeout, advice)
	case errors.Is(err, io.EOF), errors.Is(err, unix.ECONNRESET):
		return fmt.Errorf("the receiver closed the connection: %s, and see its own log: %w", advice, err)
	}
	return err
}

// accepts reads the receiver's answer to an offer.
func accepts(answer relpFrame, transaction int) error {
	if answer.command != "rsp" || answer.transaction != transaction {
		return fmt.Errorf("opening a RELP session: %w: it answers an offer with %q", errNotRELP, answer.command)
	}
	code, text := status(answer.data)
	if code != accepted {
		return fmt.Errorf("opening a RELP session: the receiver refuses it: %d %s", code, text)
	}
	for line := range strings.Lines(string(answer.data)) {
		if commands, ok := strings.CutPrefix(strings.TrimSpace(line), "commands="); ok && slices.Contains(strings.Split(commands, ","), "syslog") {
			return nil
		}
	}
	return errors.New(`opening a RELP session: the receiver does not take the command "syslog"`)
}

// write adds one frame to the batch.
func (r *relp) write(ctx context.Context, command string, data []byte) error {
	r.last = r.last%maxTransaction + 1
	r.frame = appendRELP(r.frame[:0], r.last, command, data)
	return r.batch.add(ctx, r.frame)
}

// send takes an event for the next batch, once the window has room for it.
func (r *relp) send(ctx context.Context, o outgoing) error {
	if r.free == 0 {
		if err := r.await(ctx, window/2); err != nil {
			return err
		}
	}
	if err := r.expect(o.key); err != nil {
		return err
	}
	return r.write(ctx, "syslog", o.text)
}

// expect notes what the answer to the next frame will be about. It returns an
// error where a refusal has already failed the delivery.
func (r *relp) expect(key indicator.Key) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.unfit != nil {
		return r.unfit
	}
	r.free--
	r.waiting[r.last%maxTransaction+1] = key
	return nil
}

// await writes what is pending and waits until n more events may be sent. To
// wait for many at a time keeps the batches large.
func (r *relp) await(ctx context.Context, n int) error {
	if err := r.batch.flush(ctx); err != nil {
		return r.why(ctx, err)
	}
	silence := time.NewTimer(r.timeout)
	defer silence.Stop()
	for ; n > 0; n-- {
		select {
		case <-r.answered:
			r.free++
			silence.Reset(r.timeout)
		case <-r.ended:
			return r.why(ctx, closedEarly(r.end))
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-silence.C:
			return fmt.Errorf("the receiver has acknowledged nothing for %s, so everything will be sent again", r.timeout)
		}
	}
	return nil
}

// why returns what the receiver did rather than what that made of a write.
func (r *relp) why(ctx context.Context, err error) error {
	select {
	case <-r.ended:
		if errors.Is(r.end, errNotRELP) {
			err = r.end
		}
	default:
	}
	return cause(ctx, err)
}

// finish waits until every event is answered, and ends the session.
func (r *relp) finish(ctx context.Context) error {
	if err := r.await(ctx, window-r.free); err != nil {
		return err
	}
	r.leave(ctx)
	r.mu.Lock()
	defer r.mu.Unlock()
	switch {
	case r.unfit != nil:
		return r.unfit
	case len(r.refused) > 0:
		return &outputs.PartialError{Refused: r.refused}
	}
	return nil
}

// leave ends the session. Every event is answered, so no error of it matters.
func (r *relp) leave(ctx context.Context) {
	if r.write(ctx, "close", nil) != nil || r.batch.flush(ctx) != nil {
		return
	}
	_ = arm(ctx, r.conn.SetReadDeadline, min(goodbye, r.timeout))
	<-r.ended
}

// close gives up the connection and waits until nothing of it runs any more.
func (r *relp) close() {
	r.detach()
	r.batch.close()
	<-r.ended
}

// listen reads answers until the receiver ends the session.
func (r *relp) listen(in *bufio.Reader) {
	defer close(r.ended)
	for r.end == nil {
		var f relpFrame
		if f, r.end = readRELP(in); r.end == nil {
			r.end = r.take(f)
		}
	}
}

// take notes one frame of the receiver. An error ends the session.
func (r *relp) take(f relpFrame) error {
	switch f.command {
	case "rsp":
	case "serverclose":
		return io.EOF
	default:
		return fmt.Errorf("%w: it sent the command %q", errNotRELP, f.command)
	}
	r.mu.Lock()
	key, waits := r.waiting[f.transaction]
	delete(r.waiting, f.transaction)
	if code, text := status(f.data); waits && code != accepted {
		r.refuse(key, fmt.Sprintf("the receiver answers %d %s", code, text))
	}
	r.mu.Unlock()
	if waits {
		r.answered <- struct{}{}
	}
	return nil
}

// refuse notes an event that the receiver did not take, with the lock held.
func (r *relp) refuse(key indicator.Key, reason string) {
	if key == (indicator.Key{}) {
		r.unfit = errors.New(reason)
		return
	}
	r.refused = append(r.refused, outputs.Refusal{Key: key, Reason: reason})
}

// accepted is the status of an event that the receiver has.
const accepted = 200

// maxReason is how much is told of what a receiver says, in bytes.
const maxReason = 200

// status reads the start of an answer, such as "500 disk full". It is 0 where
// there is none. The text is the receiver's, so only its first line is used, and
// none of what acts.
func status(data []byte) (code int, text string) {
	line, _, _ := bytes.Cut(data, []byte("\n"))
	digits, rest, _ := strings.Cut(string(line), " ")
	code, err := strconv.Atoi(digits)
	if err != nil || len(digits) != len("200") {
		return 0, string(appendText(nil, maxReason, string(line)))
	}
	return code, string(appendText(nil, maxReason, rest))
}
