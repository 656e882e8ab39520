package realtest

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// Proxy stands before a node and passes everything on, until it is told to
// spoil some of it. It is safe for concurrent use and ends with the test.
type Proxy struct {
	// URL is the address of the proxy, plain HTTP on loopback.
	URL string

	node     http.Handler
	mu       sync.Mutex
	spoiled  http.Handler // nil while everything passes
	requests []string
}

// NewProxy starts a proxy before the node at an address. The transport reaches
// the node; nil is the default one.
func NewProxy(tb testing.TB, address string, transport http.RoundTripper) *Proxy {
	tb.Helper()
	target, err := url.Parse(address)
	if err != nil {
		tb.Fatalf("the address of the node: %v", err)
	}
	p := &Proxy{node: &httputil.ReverseProxy{
		Rewrite:   func(r *httputil.ProxyRequest) { r.SetURL(target) },
		Transport: transport,
	}}
	server := httptest.NewServer(p)
	tb.Cleanup(server.Close)
	p.URL = server.URL
	return p
}

// Spoil makes the requests from now on meet a fault, in place of any before.
func (p *Proxy) Spoil(f Fault) { p.set(f(p.node)) }

// Mend lets everything pass again.
func (p *Proxy) Mend() { p.set(nil) }

func (p *Proxy) set(h http.Handler) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.spoiled = h
}

// Requests returns the method and path of every request so far, such as
// "POST /logs/_bulk", in the order of their arrival.
func (p *Proxy) Requests() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.requests)
}

// ServeHTTP passes a request on, or to the fault.
func (p *Proxy) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	p.mu.Lock()
	p.requests = append(p.requests, r.Method+" "+r.URL.Path)
	h := p.spoiled
	p.mu.Unlock()
	if h == nil {
		h = p.node
	}
	h.ServeHTTP(w, r)
}

// Fault makes of the way to a node one on which something goes wrong.
type Fault func(node http.Handler) http.Handler

// Answer answers in the node's place, as Elasticsearch does, and the node sees
// nothing of the request. The body is JSON. The headers come in pairs of a name
// and a value, such as "Retry-After", "1".
func Answer(status int, body string, headers ...string) Fault {
	return func(http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			_, _ = io.Copy(io.Discard, r.Body)
			w.Header().Set("X-Elastic-Product", "Elasticsearch")
			w.Header().Set("Content-Type", "application/json")
			for i := 0; i+1 < len(headers); i += 2 {
				w.Header().Set(headers[i], headers[i+1])
			}
			w.WriteHeader(status)
			_, _ = io.WriteString(w, body)
		})
	}
}

// Cut lets the node serve the request and breaks the connection after so many
// bytes of its answer's body. After 0 bytes even the status is lost: nobody can
// tell whether the request was served.
func Cut(after int) Fault {
	return func(node http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			node.ServeHTTP(&cutWriter{ResponseWriter: w, left: after}, r)
			// The answer was shorter, or had no body.
			panic(http.ErrAbortHandler)
		})
	}
}

// cutWriter breaks the connection once enough of a body was written.
type cutWriter struct {
	http.ResponseWriter
	left int
}

// WriteHeader holds the status back where nothing is to arrive.
func (c *cutWriter) WriteHeader(status int) {
	if c.left > 0 {
		c.ResponseWriter.WriteHeader(status)
	}
}

// Write writes what may still arrive.
func (c *cutWriter) Write(p []byte) (int, error) {
	if len(p) < c.left {
		c.left -= len(p)
		return c.ResponseWriter.Write(p)
	}
	if c.left > 0 {
		_, _ = c.ResponseWriter.Write(p[:c.left])
		_ = http.NewResponseController(c.ResponseWriter).Flush()
	}
	panic(http.ErrAbortHandler)
}

// Refuse breaks the connection before the node sees anything of the request.
func Refuse() Fault {
	return func(http.Handler) http.Handler {
		return http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) })
	}
}

// Delay passes each request on after a time, or never when its client gives up
// before.
func Delay(d time.Duration) Fault {
	return func(node http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if sleep(r.Context(), d) {
				node.ServeHTTP(w, r)
			}
		})
	}
}

func sleep(ctx context.Context, d time.Duration) bool {
	select {
	case <-ctx.Done():
		return false
	case <-time.After(d):
		return true
	}
}

// Without takes a header out of every answer of the node, as a careless proxy
// does.
func Without(header string) Fault {
	return func(node http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			node.ServeHTTP(&withoutWriter{ResponseWriter: w, header: header}, r)
		})
	}
}

type withoutWriter struct {
	http.ResponseWriter
	header string
}

// WriteHeader writes the status after the header was taken out.
func (w *withoutWriter) WriteHeader(status int) {
	w.Header().Del(w.header)
	w.ResponseWriter.WriteHeader(status)
}

// On limits a fault to requests whose method and path contain a text, such as
// "POST " or "/_bulk".
func On(text string, f Fault) Fault {
	return func(node http.Handler) http.Handler {
		spoiled := f(node)
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if strings.Contains(r.Method+" "+r.URL.Path, text) {
				spoiled.ServeHTTP(w, r)
				return
			}
			node.ServeHTTP(w, r)
		})
	}
}

// Times limits a fault to the first n requests that would meet it.
func Times(n int, f Fault) Fault {
	return func(node http.Handler) http.Handler {
		var met atomic.Int64
		spoiled := f(node)
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if met.Add(1) <= int64(n) {
				spoiled.ServeHTTP(w, r)
				return
			}
			node.ServeHTTP(w, r)
		})
	}
}
