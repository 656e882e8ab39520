// Package hubtest makes a TAXII hub misbehave, in the ways that real ones do, so
// that clients can be tested against them.
package hubtest

import (
	"bytes"
	"encoding/json"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/indicatord/indicatord/internal/taxiihub"
)

// Fault makes a handler misbehave.
type Fault func(http.Handler) http.Handler

// Faults puts faults before a hub. They touch only requests for objects, so
// that a client's way there stays clear. Its methods may be called from many
// goroutines at once.
type Faults struct {
	hub http.Handler

	mu       sync.Mutex
	queue    []Fault
	always   Fault
	requests []*http.Request
}

// New returns the hub's handler without faults.
func New(hub http.Handler) *Faults { return &Faults{hub: hub} }

// Next lets the given faults happen, one to each of the next requests for
// objects. A nil fault leaves its request alone.
func (f *Faults) Next(faults ...Fault) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.queue = append(f.queue, faults...)
}

// Always lets a fault happen to every request for objects that has none of its
// own; nil ends that.
func (f *Faults) Always(fault Fault) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.always = fault
}

// Requests returns the requests for objects so far, in order. Their bodies are
// gone.
func (f *Faults) Requests() []*http.Request {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Clone(f.requests)
}

// ServeHTTP implements [http.Handler].
func (f *Faults) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if !strings.HasSuffix(r.URL.Path, "/objects/") {
		f.hub.ServeHTTP(w, r)
		return
	}
	if fault := f.take(r); fault != nil {
		fault(f.hub).ServeHTTP(w, r)
		return
	}
	f.hub.ServeHTTP(w, r)
}

func (f *Faults) take(r *http.Request) Fault {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.requests = append(f.requests, r)
	if len(f.queue) == 0 {
		return f.always
	}
	fault := f.queue[0]
	f.queue = f.queue[1:]
	return fault
}

// Status answers an error resource with the given HTTP status. Header lines
// come in pairs, such as "Retry-After", "1".
func Status(status int, header ...string) Fault {
	return func(http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			for i := 0; i+1 < len(header); i += 2 {
				w.Header().Set(header[i], header[i+1])
			}
			body, _ := json.Marshal(map[string]string{
				"title": http.StatusText(status), "http_status": strconv.Itoa(status),
			})
			send(w, status, taxiihub.MediaTypeTAXII, body)
		})
	}
}

// TooManyRequests answers 429 with the given Retry-After, which may be seconds
// or an HTTP date.
func TooManyRequests(retryAfter string) Fault {
	return Status(http.StatusTooManyRequests, "Retry-After", retryAfter)
}

// HTML answers a page for people, as a login page or a proxy in the way does.
func HTML(status int) Fault {
	return func(http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			send(w, status, "text/html; charset=utf-8", []byte("<!doctype html><title>Sign in</title>"))
		})
	}
}

// ContentType serves the right body under another media type.
func ContentType(mediaType string) Fault {
	return rewrite(func(answer *httptest.ResponseRecorder) {
		answer.Header().Set("Content-Type", mediaType)
	})
}

// NoDateHeaders leaves the two X-TAXII-Date-Added headers out.
func NoDateHeaders() Fault {
	return rewrite(func(answer *httptest.ResponseRecorder) {
		answer.Header().Del("X-TAXII-Date-Added-First")
		answer.Header().Del("X-TAXII-Date-Added-Last")
	})
}

// NoNext leaves next out of a page that has more, so that the client must go on
// from the date of the last object (TAXII 2.1, section 3.5).
func NoNext() Fault {
	return rewriteEnvelope(func(envelope map[string]json.RawMessage) { delete(envelope, "next") })
}

// MoreForEver says that there is more whatever the page holds, with a next that
// is always the same.
func MoreForEver() Fault {
	return func(hub http.Handler) http.Handler {
		more := rewriteEnvelope(func(envelope map[string]json.RawMessage) {
			envelope["more"], envelope["next"] = json.RawMessage("true"), json.RawMessage(`"again"`)
		})(hub)
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			query := r.URL.Query()
			query.Del("next")
			clone := r.Clone(r.Context())
			clone.URL.RawQuery = query.Encode()
			more.ServeHTTP(w, clone)
		})
	}
}

// EmptyMore answers a page without objects that says there is more.
func EmptyMore() Fault {
	return rewriteEnvelope(func(envelope map[string]json.RawMessage) {
		clear(envelope)
		envelope["more"], envelope["next"] = json.RawMessage("true"), json.RawMessage(`"again"`)
	})
}

// Objects replaces the objects of a page, which need not even be JSON.
func Objects(text string) Fault {
	return rewrite(func(answer *httptest.ResponseRecorder) {
		answer.Body = bytes.NewBufferString(`{"objects":[` + text + `]}`)
	})
}

// ForgetNext refuses a request that has a next, as a hub does whose session has
// expired, and serves every other.
func ForgetNext(status int) Fault {
	return func(hub http.Handler) http.Handler {
		refusal := Status(status)(hub)
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Query().Has("next") {
				refusal.ServeHTTP(w, r)
				return
			}
			hub.ServeHTTP(w, r)
		})
	}
}

// Slow waits before it serves, unless the client goes away.
func Slow(pause time.Duration) Fault {
	return func(hub http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			select {
			case <-time.After(pause):
				hub.ServeHTTP(w, r)
			case <-r.Context().Done():
			}
		})
	}
}

// LoseAnswer lets the hub do its work, then closes the connection without a
// word.
func LoseAnswer() Fault {
	return func(hub http.Handler) http.Handler {
		return http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			hub.ServeHTTP(httptest.NewRecorder(), r)
			panic(http.ErrAbortHandler)
		})
	}
}

// CutMidPage sends half of the page, then closes the connection.
func CutMidPage() Fault {
	return func(hub http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			answer := record(hub, r)
			maps.Copy(w.Header(), answer.Header())
			w.WriteHeader(answer.Code)
			_, _ = w.Write(answer.Body.Bytes()[:answer.Body.Len()/2])
			_ = http.NewResponseController(w).Flush()
			panic(http.ErrAbortHandler)
		})
	}
}

// HalfPage sends half of the page as if it were the whole.
func HalfPage() Fault {
	return rewrite(func(answer *httptest.ResponseRecorder) {
		answer.Body.Truncate(answer.Body.Len() / 2)
	})
}
