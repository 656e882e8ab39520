package syslog

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"time"

	"golang.org/x/sys/unix"
)

// datagrams carries each event in a datagram of its own, over UDP (RFC 5426) or
// a datagram socket of the machine. Nobody answers.
type datagrams struct {
	conn    net.Conn
	timeout time.Duration
	detach  func() bool
}

func newDatagrams(ctx context.Context, s *Settings, conn net.Conn) *datagrams {
	return &datagrams{conn: conn, timeout: s.Timeout, detach: endWith(ctx, conn)}
}

// send writes one datagram. That nobody listens is known only where the
// receiver's machine says so, and of an earlier datagram.
func (d *datagrams) send(ctx context.Context, o outgoing) error {
	if err := arm(ctx, d.conn.SetWriteDeadline, d.timeout); err != nil {
		return err
	}
	_, err := d.conn.Write(o.text)
	switch {
	case errors.Is(err, unix.EMSGSIZE):
		err = fmt.Errorf("an event of %d bytes is longer than a datagram can be on this socket: lower max_datagram: %w", len(o.text), err)
	case errors.Is(err, unix.ECONNREFUSED):
		err = fmt.Errorf("nobody listens there: %w", err)
	case errors.Is(err, os.ErrDeadlineExceeded):
		err = fmt.Errorf("the receiver has read nothing for %s: %w", d.timeout, err)
	}
	return cause(ctx, err)
}

// finish has nothing to wait for.
func (d *datagrams) finish(context.Context) error { return nil }

func (d *datagrams) close() {
	d.detach()
	_ = d.conn.Close()
}
