package httpx

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"sync"
	"time"
)

// slowest is the pace, in bytes a second, below which an answer that drips in
// counts as silence. It is far below any line in use.
const slowest = 128

var errSilent = errors.New("the server was silent for too long")

// watched sends a request and ends it when the server is silent for longer than
// limit, while the request is on its way, before the answer, and while its body
// is read. Time in which nobody reads the body does not count.
func watched(next http.RoundTripper, req *http.Request, limit time.Duration) (*http.Response, error) {
	ctx, cancel := context.WithCancelCause(req.Context())
	silence := &silence{limit: limit, cancel: cancel}
	req = req.WithContext(ctx)
	if req.Body != nil && req.Body != http.NoBody {
		if _, empty := req.Body.(once); !empty {
			req.Body = &sentBody{ReadCloser: req.Body, silence: silence}
		}
	}
	silence.begin(limit)
	resp, err := next.RoundTrip(req)
	silence.end()
	if err != nil {
		err = silence.explain(ctx, err)
		cancel(nil)
		return nil, err
	}
	resp.Body = &watchedBody{ReadCloser: resp.Body, silence: silence, ctx: ctx}
	return resp, nil
}

// silence cancels a request when its time runs out.
type silence struct {
	limit  time.Duration
	cancel context.CancelCauseFunc

	mu    sync.Mutex
	timer *time.Timer
}

// begin starts to count.
func (s *silence) begin(limit time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.timer = time.AfterFunc(limit, func() { s.cancel(errSilent) })
}

// renew counts anew, if anybody counts.
func (s *silence) renew() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.timer != nil {
		s.timer.Reset(s.limit)
	}
}

// end stops to count.
func (s *silence) end() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.timer.Stop()
	s.timer = nil
}

// explain says what was the matter when a request was ended for its silence.
func (s *silence) explain(ctx context.Context, err error) error {
	if !errors.Is(context.Cause(ctx), errSilent) {
		return err
	}
	return fmt.Errorf("%w (timeout is %s)", errSilent, s.limit)
}

// sentBody is a request's body: to take a part of it is not silence.
type sentBody struct {
	io.ReadCloser
	silence *silence
}

// Read takes a part, and counts the silence anew.
func (b *sentBody) Read(p []byte) (int, error) {
	b.silence.renew()
	return b.ReadCloser.Read(p)
}

// watchedBody is an answer's body.
type watchedBody struct {
	io.ReadCloser
	silence *silence
	ctx     context.Context

	received int64
	waited   time.Duration
}

// Read reads. It may wait no longer than the limit, and all reads together no
// longer than the limit and the slowest pace allow.
func (b *watchedBody) Read(p []byte) (int, error) {
	limit := b.silence.limit
	allowance := limit + time.Duration(b.received/slowest)*time.Second - b.waited
	begin := time.Now()
	b.silence.begin(min(limit, allowance))
	n, err := b.ReadCloser.Read(p)
	b.silence.end()
	b.waited += time.Since(begin)
	b.received += int64(n)
	if err != nil && !errors.Is(err, io.EOF) {
		err = b.silence.explain(b.ctx, err)
	}
	return n, err
}

// Close ends the request.
func (b *watchedBody) Close() error {
	err := b.ReadCloser.Close()
	b.silence.cancel(nil)
	return err
}
