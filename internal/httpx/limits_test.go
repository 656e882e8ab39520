package httpx

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"testing"
	"testing/iotest"
	"testing/synctest"
	"time"
)

func TestTheSizeOfAnAnswerIsBounded(t *testing.T) {
	const limit = 1000
	zeros := func(n int) []byte { return make([]byte, n) }
	var bomb bytes.Buffer
	writer := gzip.NewWriter(&bomb)
	_, _ = writer.Write(zeros(10 << 20))
	_ = writer.Close()
	tests := map[string]struct {
		serve http.HandlerFunc
		fits  bool
	}{
		"just the limit": {func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(zeros(limit)) }, true},
		"one byte more":  {func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(zeros(limit + 1)) }, false},
		"of unknown size": {func(w http.ResponseWriter, _ *http.Request) {
			for range 10 {
				_, _ = w.Write(zeros(limit))
				_ = http.NewResponseController(w).Flush()
			}
		}, false},
		"of unknown size that fits": {func(w http.ResponseWriter, _ *http.Request) {
			for range 10 {
				_, _ = w.Write(zeros(limit / 10))
				_ = http.NewResponseController(w).Flush()
			}
		}, true},
		"a compression bomb": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Encoding", "gzip")
			_, _ = w.Write(bomb.Bytes())
		}, false},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			address := serve(t, tt.serve)
			s := Defaults()
			s.MaxResponse = limit
			answer, err := open(t, s, RetryIdempotent, address).Get(t.Context(), address, nil)
			switch {
			case tt.fits && (err != nil || len(answer.Body) != limit):
				t.Errorf("it fits, and gave %v", err)
			case !tt.fits:
				wantError(t, err, "GET "+address, "larger than max_response allows (1000 bytes)")
			}
		})
	}
}

func TestReadingInSmallPartsMeetsTheSameLimit(t *testing.T) {
	resp := &http.Response{ContentLength: -1, Body: io.NopCloser(strings.NewReader("0123456789"))}
	resp, err := capped(resp, 9)
	if err != nil {
		t.Fatal(err)
	}
	var got []byte
	for {
		part := make([]byte, 1)
		n, err := resp.Body.Read(part)
		got = append(got, part[:n]...)
		if err != nil {
			if string(got) != "012345678" || err == io.EOF {
				t.Errorf("read %q and then %v", got, err)
			}
			return
		}
	}
}

// TestAnAnswerOfUnknownSizeTakesLittleMoreThanItself: the memory does not double
// again and again on the way.
func TestAnAnswerOfUnknownSizeTakesLittleMoreThanItself(t *testing.T) {
	for _, size := range []int{0, 1, 32 << 10, 32<<10 + 1, 1 << 20, 9<<20 + 17} {
		want := bytes.Repeat([]byte("0123456789abcdef!"), size/17+1)[:size]
		for _, length := range []int64{-1, int64(size)} {
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			got, err := readAll(&http.Response{ContentLength: length, Body: io.NopCloser(iotest.HalfReader(bytes.NewReader(want)))})
			runtime.ReadMemStats(&after)
			if err != nil || !bytes.Equal(got, want) {
				t.Errorf("of %d bytes it read %d, %v", size, len(got), err)
			}
			if took, most := after.TotalAlloc-before.TotalAlloc, uint64(2*size+2<<20); took > most {
				t.Errorf("%d bytes took %d of memory, want at most %d", size, took, most)
			}
		}
	}
}

// answering is a transport without a network: its answers take their time.
type answering func(req *http.Request) (*http.Response, error)

func (f answering) RoundTrip(req *http.Request) (*http.Response, error) { return f(req) }

// drip is a body whose every part takes a while, unless the request ends.
type drip struct {
	ctx   context.Context
	parts int
	size  int
	pause time.Duration
}

func (d *drip) Read(p []byte) (int, error) {
	if d.parts == 0 {
		return 0, io.EOF
	}
	d.parts--
	select {
	case <-time.After(d.pause):
		return min(d.size, len(p)), nil
	case <-d.ctx.Done():
		return 0, d.ctx.Err()
	}
}

func (*drip) Close() error { return nil }

func TestSilence(t *testing.T) {
	const limit = time.Minute
	tests := map[string]struct {
		headers time.Duration
		body    drip
		reader  time.Duration // between two reads
		want    error
	}{
		"an answer at once":                {0, drip{parts: 1, size: 10}, 0, nil},
		"an answer in time":                {59 * time.Second, drip{parts: 1, size: 10}, 0, nil},
		"no answer":                        {2 * limit, drip{}, 0, errSilent},
		"a silence in the middle":          {0, drip{parts: 3, size: 10, pause: 2 * limit}, 0, errSilent},
		"below the slowest pace":           {0, drip{parts: 360, size: 512, pause: 10 * time.Second}, 0, errSilent},
		"slow at a fair pace, for an hour": {0, drip{parts: 360, size: 16 << 10, pause: 10 * time.Second}, 0, nil},
		"drops to hold the connection":     {0, drip{parts: 1000, size: 1, pause: 30 * time.Second}, 0, errSilent},
		"a reader that takes its time":     {0, drip{parts: 10, size: 10}, 10 * limit, nil},
		"a burst, and then a silence":      {0, drip{parts: 2, size: 32 << 10, pause: 90 * time.Second}, 0, errSilent},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				next := answering(func(req *http.Request) (*http.Response, error) {
					body := tt.body
					body.ctx = req.Context()
					select {
					case <-time.After(tt.headers):
						return &http.Response{Body: &body}, nil
					case <-req.Context().Done():
						return nil, req.Context().Err()
					}
				})
				req := httptest.NewRequest(http.MethodGet, "http://127.0.0.1/", nil).WithContext(t.Context())
				err := readSlowly(next, req, limit, tt.reader)
				if !errors.Is(err, tt.want) {
					t.Errorf("got %v, want %v", err, tt.want)
				}
			})
		})
	}
}

// readSlowly reads an answer to its end, with a pause before each part.
func readSlowly(next http.RoundTripper, req *http.Request, limit, pause time.Duration) error {
	resp, err := watched(next, req, limit)
	if err != nil {
		return err
	}
	defer func() { _ = resp.Body.Close() }()
	for err == nil {
		time.Sleep(pause)
		_, err = resp.Body.Read(make([]byte, 64<<10))
	}
	if errors.Is(err, io.EOF) {
		return nil
	}
	return err
}

func TestALongUploadIsNotSilence(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		next := answering(func(req *http.Request) (*http.Response, error) {
			if _, err := io.Copy(io.Discard, req.Body); err != nil {
				return nil, err
			}
			return &http.Response{Body: http.NoBody}, req.Context().Err()
		})
		upload := &drip{ctx: t.Context(), parts: 100, size: 10, pause: 30 * time.Second}
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://127.0.0.1/", upload)
		if err != nil {
			t.Fatal(err)
		}
		if err := readSlowly(next, req, time.Minute, 0); err != nil {
			t.Error(err)
		}
	})
}

func TestTheContextOfTheCallerIsNotTakenForSilence(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		next := answering(func(req *http.Request) (*http.Response, error) {
			<-req.Context().Done()
			return nil, req.Context().Err()
		})
		_, err := watched(next, httptest.NewRequest(http.MethodGet, "http://127.0.0.1/", nil).WithContext(ctx), time.Minute)
		if !errors.Is(err, context.DeadlineExceeded) || errors.Is(err, errSilent) {
			t.Errorf("got %v, want the context's error", err)
		}
	})
}
