package httpx

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"

	"github.com/hashicorp/go-retryablehttp"
)

// Options are what a plugin's code, rather than its operator, says of a client.
type Options struct {
	// Agent is the User-Agent, normally plugin.Env.Agent.
	Agent string
	// Addresses are the URLs that the configuration names. Credentials go to
	// their origins and to no other.
	Addresses []string
	// Fingerprint, unless zero, is that of the one certificate that the servers
	// at the addresses have to be signed by, in place of any authority. They
	// have to show it.
	Fingerprint Fingerprint
	// Policy says which requests may be sent a second time.
	Policy Policy
}

// Client sends requests. It is safe for concurrent use.
type Client struct {
	base  *base
	creds *credentials
	retry *retryablehttp.Client
}

// Client makes a client. It touches nothing outside the process: files are read
// and connections opened by the first request. An error is one that
// [Settings.Validate] or [Settings.CheckURL] would have reported.
func (s Settings) Client(o Options) (*Client, error) {
	if err := s.Validate(); err != nil {
		return nil, err
	}
	trusted := map[string]bool{}
	var hosts []string
	for _, address := range o.Addresses {
		u, err := parse(address)
		if err != nil {
			return nil, fmt.Errorf("an address %w", err)
		}
		trusted[origin(u)] = true
		hosts = append(hosts, u.Hostname())
	}
	c := &Client{
		base:  &base{settings: s, http1: o.Policy == RetryUnserved},
		creds: &credentials{auth: s.Auth},
	}
	if o.Fingerprint != (Fingerprint{}) {
		c.base.pin = newPin(o.Fingerprint, hosts)
	}
	attempt := &attempt{settings: s, options: o, trusted: trusted, creds: c.creds, next: c.base}
	c.retry = o.Policy.client(attempt)
	return c, nil
}

// Do sends a request and returns the answer whatever its status is, as
// [http.Client.Do] does. The answer's body ends with an error at the limits of
// the settings. An error is one line and holds no secret.
func (c *Client) Do(req *http.Request) (*http.Response, error) {
	again, err := repeatable(req)
	if err != nil {
		return nil, c.explain(req, err)
	}
	resp, err := c.retry.Do(again)
	if err == nil {
		return resp, nil
	}
	if resp != nil && resp.Body != nil {
		_ = resp.Body.Close()
	}
	return nil, c.explain(req, err)
}

// repeatable makes a request into one that can be sent again. A body that can be
// had again already is not copied for that.
func repeatable(req *http.Request) (*retryablehttp.Request, error) {
	anew, length := req.GetBody, req.ContentLength
	if anew == nil {
		return retryablehttp.FromRequest(req)
	}
	again := &retryablehttp.Request{Request: req}
	err := again.SetBody(func() (io.Reader, error) { return anew() })
	again.ContentLength = length
	return again, err
}

// Transport returns the client as a library such as go-elasticsearch wants it.
// Its RoundTrip is [Client.Do].
func (c *Client) Transport() http.RoundTripper { return roundTripper(c.Do) }

// CloseIdleConnections closes what is kept open for the next request. The
// client can still be used.
func (c *Client) CloseIdleConnections() { c.base.closeIdle() }

// Scrub removes from a text every secret that the client has sent, for texts in
// which a server's words appear: it may repeat what it was sent.
func (c *Client) Scrub(text string) string { return c.creds.scrub(text) }

// ScrubError is [Client.Scrub] for an error, which keeps its meaning.
func (c *Client) ScrubError(err error) error {
	if err == nil {
		return nil
	}
	text := err.Error()
	if clean := c.creds.scrub(text); clean != text {
		return &requestError{text: clean, err: err}
	}
	return err
}

type roundTripper func(*http.Request) (*http.Response, error)

// RoundTrip calls the function.
func (f roundTripper) RoundTrip(req *http.Request) (*http.Response, error) { return f(req) }

// explain makes an error of the transport into one line that names the address,
// says what to do where that is known, and holds no secret.
func (c *Client) explain(req *http.Request, err error) error {
	cause := bare(err)
	text := fmt.Sprintf("%s %s: %s%s", req.Method, RedactURL(req.URL), oneLine(c.creds.scrub(cause.Error())), c.advice(cause))
	return &requestError{text: text, err: cause}
}

// requestError says in its own words what happened. It keeps the cause for
// errors.Is, and out of every text.
type requestError struct {
	text string
	err  error
}

// Error returns the text.
func (e *requestError) Error() string { return e.text }

// Unwrap returns the cause.
func (e *requestError) Unwrap() error { return e.err }

// get makes a GET request with the given headers.
func get(ctx context.Context, address string, header http.Header) (*http.Request, error) {
	if _, err := parse(address); err != nil {
		return nil, fmt.Errorf("an address %w", err)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, errors.New("an address is not a valid URL")
	}
	maps.Copy(req.Header, header)
	return req, nil
}
