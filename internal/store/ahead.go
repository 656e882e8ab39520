package store

import (
	"context"
	"iter"
	"sync"
)

// readAhead reads chunks of entries at the same time as the one before is used,
// each in a short transaction of its own, and hands them out in order.
type readAhead struct {
	reader *reader
	query  string
	bound  string
}

// chunksAhead is how many chunks are being read or wait to be used.
const chunksAhead = 2

// chunk is what reading one of them gave.
type chunk struct {
	records []Record
	err     error
}

// chunks yields the chunks between since and until. When it returns, nothing
// reads any more.
func (a *readAhead) chunks(ctx context.Context, since, until int64) iter.Seq2[[]Record, error] {
	return func(yield func([]Record, error) bool) {
		ctx, stop := context.WithCancel(ctx)
		var reading sync.WaitGroup
		defer reading.Wait()
		defer stop()
		coming := make(chan chan chunk, chunksAhead-1)
		reading.Go(func() {
			defer close(coming)
			a.launch(ctx, &reading, coming, since, until)
		})
		for next := range coming {
			c := <-next
			if !yield(c.records, c.err) || c.err != nil {
				return
			}
		}
	}
}

// launch begins one read after another, as room is made for them.
func (a *readAhead) launch(ctx context.Context, reading *sync.WaitGroup, coming chan<- chan chunk, from, until int64) {
	for {
		result := make(chan chunk, 1)
		to, err := a.end(ctx, from, until)
		if err == nil && to == 0 {
			return
		}
		select {
		case coming <- result:
		case <-ctx.Done():
			return
		}
		if err != nil {
			result <- chunk{err: err}
			return
		}
		after := from
		reading.Go(func() {
			records, err := a.reader.read(ctx, a.query, after, to)
			result <- chunk{records, err}
		})
		from = to
	}
}

// end finds where the chunk after from ends, 0 where there is none.
func (a *readAhead) end(ctx context.Context, from, until int64) (int64, error) {
	var to int64
	err := a.reader.store.read.QueryRowContext(ctx, a.bound, from, until, chunkSize).Scan(&to)
	return to, err
}
