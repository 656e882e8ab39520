package syslog

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"time"

	"golang.org/x/sys/unix"
)

// stream carries events over TCP, TLS or a stream socket of the machine. None
// of them tells what a receiver has read, so it is the end of the connection
// that confirms a delivery.
type stream struct {
	conn    net.Conn
	timeout time.Duration
	confirm bool
	framing Framing
	batch   *batch
	frame   []byte
	// ended is closed when the receiver has ended its side, and end then says
	// how: nil is in good order.
	ended chan struct{}
	end   error
	// said is what the receiver has sent. It must not be read before the end.
	said opening
	// detach ends the watch on the delivery's context.
	detach func() bool
}

// newStream begins with an open connection, which is the stream's from now on.
// When ctx ends, whatever the stream is waiting for fails at once.
func newStream(ctx context.Context, s *Settings, conn net.Conn) *stream {
	w := &stream{
		conn: conn, timeout: s.Timeout, confirm: s.Confirm, framing: s.framing(),
		batch: newBatch(ctx, conn, s.Timeout), ended: make(chan struct{}), detach: endWith(ctx, conn),
	}
	go w.watch()
	return w
}

// endWith makes everything that waits on the connection fail when ctx ends.
func endWith(ctx context.Context, conn net.Conn) (detach func() bool) {
	return context.AfterFunc(ctx, func() { _ = conn.SetDeadline(time.Unix(1, 0)) })
}

// watch reads until the receiver ends its side.
func (w *stream) watch() {
	_, w.end = io.Copy(&w.said, w.conn)
	close(w.ended)
}

// maxOpening is how much is kept of what a receiver says, in bytes.
const maxOpening = 64

// opening keeps the beginning of what is written to it.
type opening []byte

func (o *opening) Write(data []byte) (int, error) {
	*o = append(*o, data[:min(len(data), maxOpening-len(*o))]...)
	return len(data), nil
}

// send takes an event for the next batch. The receiver that has closed its side
// is noticed before anything is written to it.
func (w *stream) send(ctx context.Context, o outgoing) error {
	select {
	case <-w.ended:
		return cause(ctx, closedEarly(w.end))
	default:
	}
	w.frame = w.framing.appendFramed(w.frame[:0], o.text)
	return w.why(ctx, w.batch.add(ctx, w.frame))
}

// why returns what the receiver said of its end, over TLS, rather than that a
// write failed after it.
func (w *stream) why(ctx context.Context, err error) error {
	if !errors.Is(err, unix.ECONNRESET) && !errors.Is(err, io.EOF) {
		return err
	}
	<-w.ended // what cannot be written to has nothing more to read
	if _, told := errors.AsType[*net.OpError](w.end); told && !errors.Is(w.end, unix.ECONNRESET) {
		return cause(ctx, closedEarly(w.end))
	}
	return err
}

// finish writes what is left, ends our side, and waits until the receiver ends
// its own: it does so when it has read to the end. A receiver that dies with
// unread events in its socket resets the connection instead, which is an error
// here.
func (w *stream) finish(ctx context.Context) error {
	select {
	case <-w.ended:
		return cause(ctx, closedEarly(w.end))
	default:
	}
	if err := w.batch.flush(ctx); err != nil {
		return w.why(ctx, err)
	}
	half, ok := w.conn.(interface{ CloseWrite() error })
	if !ok || !w.confirm {
		return nil
	}
	if err := half.CloseWrite(); err != nil {
		return w.why(ctx, cause(ctx, plainly(err)))
	}
	if err := arm(ctx, w.conn.SetReadDeadline, w.timeout); err != nil {
		return err
	}
	<-w.ended
	return w.confirmed(ctx)
}

// confirmed reads the receiver's end as the answer that it is. A receiver that
// says anything before it, which no syslog receiver does, has read another
// protocol into the events.
func (w *stream) confirmed(ctx context.Context) error {
	switch {
	case errors.Is(w.end, os.ErrDeadlineExceeded):
		return cause(ctx, fmt.Errorf("the receiver has not closed its side within %s, so it may not have read everything: if it never does, set confirm: false", w.timeout))
	case w.end != nil:
		return cause(ctx, closedEarly(w.end))
	case len(w.said) > 0:
		return fmt.Errorf("the receiver answers %q, which a syslog receiver does not do: check its port and network (if it is one all the same, set confirm: false)", string(w.said))
	}
	return nil
}

// close gives up the connection and waits until nothing of it runs any more.
func (w *stream) close() {
	w.detach()
	w.batch.close()
	<-w.ended
}

// cause returns why something failed: the end of the delivery's context rather
// than what that made of the connection.
func cause(ctx context.Context, err error) error {
	if err != nil && ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return err
}

// plainly says that the receiver has closed the connection where the system says
// so of a socket of ours: that it cannot be written to or shut down any more.
func plainly(err error) error {
	switch {
	case errors.Is(err, unix.ENOTCONN), errors.Is(err, unix.EPIPE):
		return closedEarly(nil)
	case errors.Is(err, unix.ECONNRESET):
		return closedEarly(err)
	}
	return err
}

// closedEarly says that the receiver ended the connection while events were
// still on their way, so that nobody knows which of them it took.
func closedEarly(end error) error {
	if end == nil {
		end = io.EOF
	}
	return fmt.Errorf("the receiver closed the connection before it had everything, so all of it will be sent again (its own log may tell why): %w", end)
}
