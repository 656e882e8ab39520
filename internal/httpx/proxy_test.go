package httpx

import (
	"net/http"
	"testing"
)

func TestTheProxyIsAsked(t *testing.T) {
	var asked string
	proxy := serve(t, func(w http.ResponseWriter, r *http.Request) {
		asked = r.URL.String()
		_, _ = w.Write([]byte("by proxy"))
	})
	s := Defaults()
	s.Proxy, s.AllowPlainHTTP = proxy, true
	const address = "http://hub.invalid/taxii2/"
	answer, err := open(t, s, RetryIdempotent, address).Get(t.Context(), address, nil)
	if err != nil || string(answer.Body) != "by proxy" || asked != address {
		t.Errorf("got %v (%v), and the proxy was asked for %q", answer, err, asked)
	}
}

func TestAProxyThatIsAway(t *testing.T) {
	t.Parallel()
	s := Defaults()
	s.Proxy = "http://127.0.0.1:1"
	const address = "https://hub.invalid/"
	_, err := open(t, s, RetryUnserved, address).Get(t.Context(), address, nil)
	wantError(t, err, "GET "+address, "proxyconnect", "127.0.0.1:1")
}
