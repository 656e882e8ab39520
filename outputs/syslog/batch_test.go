package syslog

import (
	"context"
	"errors"
	"io"
	"net"
	"os"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// pipe returns a batch and what reads its writes, one at a time.
func pipe(t *testing.T, timeout time.Duration) (*batch, <-chan string) {
	ours, theirs := net.Pipe()
	b := newBatch(t.Context(), ours, timeout)
	writes := make(chan string, 100)
	go func() {
		defer close(writes)
		for buffer := make([]byte, 1<<20); ; {
			n, err := theirs.Read(buffer)
			if err != nil {
				return
			}
			writes <- string(buffer[:n])
		}
	}()
	t.Cleanup(b.close)
	return b, writes
}

func TestBatchesAreLarge(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, writes := pipe(t, time.Minute)
		event := []byte(strings.Repeat("a", 1000))
		for range 100 {
			if err := b.add(t.Context(), event); err != nil {
				t.Fatal(err)
			}
		}
		synctest.Wait()
		if first := <-writes; len(first) != 66_000 || len(writes) != 0 {
			t.Errorf("the first write has %d bytes, and %d more were made", len(first), len(writes))
		}
		if err := b.flush(t.Context()); err != nil {
			t.Fatal(err)
		}
		if rest := <-writes; len(rest) != 34_000 {
			t.Errorf("the rest has %d bytes", len(rest))
		}
	})
}

// TestAnEventIsNeverLate: a producer that is slow, as one that is held back by a
// rate, does not hold back what it has produced.
func TestAnEventIsNeverLate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, writes := pipe(t, time.Minute)
		for range 3 {
			start := time.Now()
			for range 2 {
				if err := b.add(t.Context(), []byte("event")); err != nil {
					t.Fatal(err)
				}
				time.Sleep(lateAfter / 4)
			}
			if got := <-writes; got != "eventevent" || time.Since(start) != lateAfter {
				t.Errorf("%q was written after %s", got, time.Since(start))
			}
		}
		time.Sleep(time.Hour)
		if len(writes) != 0 {
			t.Errorf("%q was written, and nothing was there to write", <-writes)
		}
	})
}

// TestALateWriteThatFails is told to the next call.
func TestALateWriteThatFails(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ours, theirs := net.Pipe()
		b := newBatch(t.Context(), ours, time.Minute)
		defer b.close()
		if err := b.add(t.Context(), []byte("event")); err != nil {
			t.Fatal(err)
		}
		_ = theirs.Close()
		time.Sleep(2 * lateAfter)
		for range 2 {
			if err := b.add(t.Context(), []byte("event")); !errors.Is(err, io.ErrClosedPipe) {
				t.Errorf("err = %v, want %v", err, io.ErrClosedPipe)
			}
		}
		if err := b.flush(t.Context()); !errors.Is(err, io.ErrClosedPipe) {
			t.Errorf("flush: %v, want %v", err, io.ErrClosedPipe)
		}
	})
}

func TestAReceiverThatReadsNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ours, theirs := net.Pipe()
		defer theirs.Close()
		b := newBatch(t.Context(), ours, 3*time.Second)
		defer b.close()
		_ = b.add(t.Context(), []byte("event"))
		start := time.Now()
		err := b.flush(t.Context())
		if !errors.Is(err, os.ErrDeadlineExceeded) || !strings.Contains(err.Error(), "has read nothing for 3s") || time.Since(start) != 3*time.Second {
			t.Errorf("err = %v after %s", err, time.Since(start))
		}
	})
}

func TestABatchOfADeliveryThatEnded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, writes := pipe(t, time.Minute)
		ctx, cancel := context.WithCancel(t.Context())
		_ = b.add(ctx, []byte("event"))
		cancel()
		if err := b.flush(ctx); !errors.Is(err, context.Canceled) {
			t.Errorf("err = %v, want %v", err, context.Canceled)
		}
		synctest.Wait()
		if len(writes) != 0 {
			t.Errorf("%q was written", <-writes)
		}
	})
}
