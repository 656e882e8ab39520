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

// batchSize is how much is written to the socket at once, in bytes. Larger
// batches gain nothing; one write for each event is several times slower.
const batchSize = 64 << 10

// conn is the connection of one delivery. It is opened by the first event, so
// that a delivery without changes disturbs nobody.
type conn struct {
	settings Settings
	tcp      *net.TCPConn
	batch    []byte
	// ended is closed when the receiver has ended its side, and end then says
	// how: nil is in good order.
	ended chan struct{}
	end   error
	// detach ends the watch on the delivery's context.
	detach func() bool
}

func newConn(s Settings) *conn { return &conn{settings: s} }

// dial opens the connection. When ctx ends, whatever the connection is waiting
// for fails at once.
func (c *conn) dial(ctx context.Context) error {
	dialer := net.Dialer{Timeout: c.settings.Timeout}
	opened, err := dialer.DialContext(ctx, c.settings.Network, c.settings.Address)
	if err != nil {
		return cause(ctx, err)
	}
	c.tcp = opened.(*net.TCPConn)
	c.detach = context.AfterFunc(ctx, func() { _ = c.tcp.SetDeadline(time.Unix(1, 0)) })
	c.ended = make(chan struct{})
	go c.watch()
	return nil
}

// watch reads until the receiver ends its side. A syslog receiver sends
// nothing, so what comes is thrown away.
func (c *conn) watch() {
	_, c.end = io.Copy(io.Discard, c.tcp)
	close(c.ended)
}

// send takes an event for the next batch. The event's memory is the caller's
// again when it returns.
func (c *conn) send(ctx context.Context, event []byte) error {
	if c.tcp == nil {
		if err := c.dial(ctx); err != nil {
			return err
		}
	}
	c.batch = appendFrame(c.batch, event)
	if len(c.batch) < batchSize {
		return nil
	}
	return c.flush(ctx)
}

// flush writes the batch.
func (c *conn) flush(ctx context.Context) error {
	select {
	case <-c.ended:
		return cause(ctx, closedEarly(c.end))
	default:
	}
	if err := c.arm(ctx, c.tcp.SetWriteDeadline); err != nil {
		return err
	}
	_, err := c.tcp.Write(c.batch)
	c.batch = c.batch[:0]
	err = plainly(err)
	if errors.Is(err, os.ErrDeadlineExceeded) {
		err = fmt.Errorf("the receiver has read nothing for %s: %w", c.settings.Timeout, err)
	}
	return cause(ctx, err)
}

// arm sets a deadline, unless ctx has ended: then its own deadline, in the
// past, must stand.
func (c *conn) arm(ctx context.Context, set func(time.Time) error) error {
	if err := set(time.Now().Add(c.settings.Timeout)); err != nil {
		return err
	}
	return ctx.Err()
}

// finish writes what is left, ends our side, and waits until the receiver ends
// its own: it does so when it has read to the end. A receiver that dies with
// unread events in its socket resets the connection instead, which is an error
// here.
func (c *conn) finish(ctx context.Context) error {
	if c.tcp == nil {
		return nil
	}
	if err := c.flush(ctx); err != nil {
		return err
	}
	if err := c.tcp.CloseWrite(); err != nil || !c.settings.Confirm {
		return cause(ctx, plainly(err))
	}
	if err := c.arm(ctx, c.tcp.SetReadDeadline); err != nil {
		return err
	}
	<-c.ended
	switch {
	case errors.Is(c.end, os.ErrDeadlineExceeded):
		return cause(ctx, fmt.Errorf("the receiver has not closed its side within %s, so it may not have read everything: if it never does, set confirm: false", c.settings.Timeout))
	case c.end != nil:
		return cause(ctx, closedEarly(c.end))
	}
	return nil
}

// close gives up the connection and waits until nothing of it runs any more.
func (c *conn) close() {
	if c.tcp == nil {
		return
	}
	c.detach()
	_ = c.tcp.Close()
	<-c.ended
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
