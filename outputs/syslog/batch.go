package syslog

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"sync"
	"time"
)

// batchSize is how much is written to the socket at once, in bytes. Larger
// batches gain nothing; one write for each event is several times slower.
const batchSize = 64 << 10

// lateAfter is how long an event waits for others to be written with.
const lateAfter = time.Second

// batch gathers what is to be written to a connection, writes it when it is
// large, and soon in any case. It is safe for concurrent use.
type batch struct {
	conn    net.Conn
	timeout time.Duration
	late    *time.Timer

	mu      sync.Mutex
	pending []byte
	failed  error
}

// newBatch makes the batch of a connection. What it writes fails once ctx has
// ended, provided that the end of ctx moves the connection's deadline.
func newBatch(ctx context.Context, conn net.Conn, timeout time.Duration) *batch {
	b := &batch{conn: conn, timeout: timeout}
	b.late = time.AfterFunc(lateAfter, func() { _ = b.flush(ctx) }) // the next call returns the error
	b.late.Stop()
	return b
}

// add takes bytes for the next write.
func (b *batch) add(ctx context.Context, data []byte) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.pending) == 0 {
		b.late.Reset(lateAfter)
	}
	b.pending = append(b.pending, data...)
	if len(b.pending) < batchSize {
		return b.failed
	}
	return b.write(ctx)
}

// flush writes what is pending.
func (b *batch) flush(ctx context.Context) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.write(ctx)
}

// write writes what is pending, with the lock held. A write that failed is not
// tried again: part of it may be on its way.
func (b *batch) write(ctx context.Context) error {
	if b.failed != nil || len(b.pending) == 0 {
		return b.failed
	}
	b.late.Stop()
	if b.failed = arm(ctx, b.conn.SetWriteDeadline, b.timeout); b.failed != nil {
		return b.failed
	}
	_, err := b.conn.Write(b.pending)
	b.pending = b.pending[:0]
	err = plainly(err)
	if errors.Is(err, os.ErrDeadlineExceeded) {
		err = fmt.Errorf("the receiver has read nothing for %s: %w", b.timeout, err)
	}
	b.failed = cause(ctx, err)
	return b.failed
}

// close writes nothing more. It returns when no write runs any more.
func (b *batch) close() {
	b.late.Stop()
	_ = b.conn.Close()
	b.mu.Lock()
	defer b.mu.Unlock()
	b.failed = net.ErrClosed
}

// arm sets a deadline, unless ctx has ended: then its own deadline, in the
// past, must stand.
func arm(ctx context.Context, set func(time.Time) error, timeout time.Duration) error {
	if err := set(time.Now().Add(timeout)); err != nil {
		return cause(ctx, err)
	}
	return context.Cause(ctx)
}
