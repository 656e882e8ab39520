package pipeline

import (
	"context"
	"encoding/json"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/indicatord/indicatord/connectors"
)

func pageOf(bytes int) connectors.Page {
	return connectors.Page{Objects: []json.RawMessage{make(json.RawMessage, bytes)}}
}

// TestQueueIsBoundedByBytes: a page waits until there is room for it, and one
// that is larger than the bound until the queue is empty.
func TestQueueIsBoundedByBytes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := newQueue(100)
		start := time.Now()
		var put []time.Duration
		go func() {
			defer q.close()
			for _, size := range []int{60, 40, 1, 500, 10} {
				if err := q.put(t.Context(), pageOf(size)); err != nil {
					t.Error(err)
				}
				put = append(put, time.Since(start))
			}
		}()
		for {
			time.Sleep(time.Second)
			page, more := <-q.pages
			if !more {
				break
			}
			q.release(page)
		}
		// The third waits for the first to be read, the fourth for all three, and
		// the last for the fourth.
		want := []time.Duration{0, 0, time.Second, 3 * time.Second, 4 * time.Second}
		for i := range want {
			if put[i] != want[i] {
				t.Errorf("page %d was let in after %s, want %s", i, put[i], want[i])
			}
		}
		if q.bytes != 0 {
			t.Errorf("%d bytes are left in an empty queue", q.bytes)
		}
	})
}

func TestQueueEndsWithItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := newQueue(100)
		why := errors.New("the store failed")
		ctx, cancel := context.WithCancelCause(t.Context())
		if err := q.put(ctx, pageOf(100)); err != nil {
			t.Fatal(err)
		}
		time.AfterFunc(time.Second, func() { cancel(why) })
		if err := q.put(ctx, pageOf(1)); !errors.Is(err, why) {
			t.Errorf("the error is %v", err)
		}
	})
}

func TestPagesHaveASize(t *testing.T) {
	page := connectors.Page{Objects: []json.RawMessage{make(json.RawMessage, 3), make(json.RawMessage, 4)}, Cursor: make([]byte, 5)}
	if got := sizeOf(page); got != 12 {
		t.Errorf("the page has %d bytes, want 12", got)
	}
}
