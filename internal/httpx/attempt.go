package httpx

import (
	"fmt"
	"io"
	"net/http"

	"github.com/indicatord/indicatord/internal/plugin"
)

// attempt sends a request once: with credentials where they belong, and within
// the limits on silence and size.
type attempt struct {
	settings Settings
	options  Options
	trusted  map[string]bool
	creds    *credentials
	next     *base
}

// RoundTrip sends the request.
func (a *attempt) RoundTrip(req *http.Request) (*http.Response, error) {
	if err := a.settings.CheckURL(req.URL.String()); err != nil {
		return nil, plugin.Permanent(fmt.Errorf("not sent, since the address %w", err))
	}
	trusted := a.trusted[origin(req.URL)]
	pool, err := a.next.pool(trusted)
	if err != nil {
		return nil, err
	}
	req = req.Clone(req.Context())
	if req.Header.Get("User-Agent") == "" && a.options.Agent != "" {
		req.Header.Set("User-Agent", a.options.Agent)
	}
	if trusted {
		if err := a.creds.sign(req); err != nil {
			return nil, err
		}
	}
	if a.options.Policy == RetryUnserved && (req.Body == nil || req.Body == http.NoBody) {
		req.Body = once{}
	}
	resp, err := watched(pool, req, a.settings.Timeout)
	if err != nil {
		return nil, err
	}
	return capped(resp, a.settings.MaxResponse)
}

// once is an empty body that cannot be had a second time. net/http repeats a
// GET of its own accord when a kept connection breaks, even if the server has
// served it already, unless the request has such a body. Over HTTP/1.1 nothing
// of it is sent.
type once struct{}

// Read ends at once.
func (once) Read([]byte) (int, error) { return 0, io.EOF }

// Close does nothing.
func (once) Close() error { return nil }
