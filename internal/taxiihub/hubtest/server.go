package hubtest

import (
	"net/http"
	"net/http/httptest"
	"testing"
)

// Start serves a handler on loopback and returns its URL, without a slash at
// the end. The server ends with the test.
func Start(t testing.TB, handler http.Handler) string {
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	return server.URL
}
