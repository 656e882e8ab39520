package pipeline

import (
	"context"
	"sync"

	"github.com/indicatord/indicatord/connectors"
)

// maxQueued is how many bytes of pages may wait to be read.
const maxQueued = 16 << 20

// queue holds the pages between the fetch and the reader, bounded by their
// bytes: pages have no common size. One page is always let in.
type queue struct {
	limit int
	pages chan connectors.Page

	mu    sync.Mutex
	bytes int
	freed chan struct{} // closed and made anew whenever bytes shrink
}

func newQueue(limit int) *queue {
	return &queue{limit: limit, pages: make(chan connectors.Page, 1024), freed: make(chan struct{})}
}

// put is a [connectors.Sink]: it blocks while the queue is full.
func (q *queue) put(ctx context.Context, page connectors.Page) error {
	if err := q.reserve(ctx, sizeOf(page)); err != nil {
		return err
	}
	select {
	case q.pages <- page:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

func (q *queue) reserve(ctx context.Context, size int) error {
	for {
		q.mu.Lock()
		if q.bytes == 0 || q.bytes+size <= q.limit {
			q.bytes += size
			q.mu.Unlock()
			return nil
		}
		freed := q.freed
		q.mu.Unlock()
		select {
		case <-freed:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

// release makes room for the bytes of a page that was read.
func (q *queue) release(page connectors.Page) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.bytes -= sizeOf(page)
	close(q.freed)
	q.freed = make(chan struct{})
}

// close says that no page follows.
func (q *queue) close() { close(q.pages) }

func sizeOf(page connectors.Page) int {
	n := len(page.Cursor)
	for _, o := range page.Objects {
		n += len(o)
	}
	return n
}
