package listserver

import (
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// BenchmarkAnswer is what the server adds to each request: finding who asks, finding
// the list, the headers, the line of the log.
func BenchmarkAnswer(b *testing.B) {
	s := newStand(b)
	file, err := os.Create(filepath.Join(b.TempDir(), "log"))
	if err != nil {
		b.Fatal(err)
	}
	defer file.Close()
	s.open.Log = slog.New(slog.NewTextHandler(file, nil))
	s.publish("edge", strings.Repeat(content, 100_000), false)
	server := newServer(s.open)
	tag := ask(b, server, "/lists/edge", nil).Header.Get("ETag")
	for name, change := range map[string]func(*http.Request){
		"conditional": header("If-None-Match", tag), "gzip": header("Accept-Encoding", "gzip"),
	} {
		b.Run(name, func(b *testing.B) {
			r := httptest.NewRequestWithContext(b.Context(), http.MethodGet, "/lists/edge", nil)
			r.RemoteAddr = "192.0.2.50:4711"
			r.Header.Set("Authorization", "Bearer a-token")
			change(r)
			b.ReportAllocs()
			for b.Loop() {
				server.ServeHTTP(&nowhere{header: http.Header{}}, r)
			}
		})
	}
}

// nowhere takes an answer and forgets it.
type nowhere struct{ header http.Header }

// Header returns the headers.
func (n *nowhere) Header() http.Header { return n.header }

// Write forgets what it is given.
func (*nowhere) Write(b []byte) (int, error) { return len(b), nil }

// WriteHeader does nothing.
func (*nowhere) WriteHeader(int) {}
