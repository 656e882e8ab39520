package httpx

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/hashicorp/go-retryablehttp"

	"github.com/indicatord/indicatord/internal/plugin"
)

// Policy says which requests may be sent a second time after a failure. The
// client tries a request three times at most, within seconds: whatever lasts
// longer is returned, and the core decides.
type Policy uint8

const (
	// RetryIdempotent sends a request again after a lost connection, 429, 502,
	// 503 or 504. It is for requests that do no harm when served twice.
	RetryIdempotent Policy = iota
	// RetryUnserved sends a request again only when the server surely did not
	// serve it: the connection could not be made, or the answer was 429 or 503.
	// It is for requests that move something on the server, such as a page of
	// a stateful cursor.
	RetryUnserved
)

const (
	retries = 2
	// patience is the longest that a request waits for its next try. A server
	// that asks for more gets its wish from the core.
	patience = 30 * time.Second
	// farthest bounds what a Retry-After may ask for: a slip in a header must
	// not silence a source for a month.
	farthest = time.Hour
)

// client puts go-retryablehttp, silent and with this policy, before next.
func (p Policy) client(next http.RoundTripper) *retryablehttp.Client {
	c := retryablehttp.NewClient()
	c.HTTPClient = &http.Client{Transport: next, CheckRedirect: sameOrigin}
	c.Logger = nil
	c.RetryMax = retries
	c.RetryWaitMin = 250 * time.Millisecond
	c.RetryWaitMax = time.Second
	c.CheckRetry = p.again
	c.Backoff = pause
	c.ErrorHandler = retryablehttp.PassthroughErrorHandler
	return c
}

// again decides on a second try; it is the retryablehttp.CheckRetry.
func (p Policy) again(ctx context.Context, resp *http.Response, err error) (bool, error) {
	switch {
	case ctx.Err() != nil:
		return false, context.Cause(ctx)
	case err != nil:
		return unserved(err) || (p == RetryIdempotent && lost(err)), nil
	}
	switch resp.StatusCode {
	case http.StatusTooManyRequests, http.StatusServiceUnavailable:
		wait, _ := retryAfter(resp.Header, time.Now())
		return wait <= patience, nil
	case http.StatusBadGateway, http.StatusGatewayTimeout:
		return p == RetryIdempotent, nil
	}
	return false, nil
}

// unserved reports whether the request surely never reached the server.
func unserved(err error) bool {
	var op *net.OpError
	return errors.As(err, &op) && (op.Op == "dial" || op.Op == "proxyconnect") && !plugin.IsPermanent(err)
}

// lost reports whether the failure is one of the moment. A certificate, a
// redirect, the size of an answer or a missing credential stays wrong, and a
// silent server has had its time.
func lost(err error) bool {
	return !refused(err) && !handshake(err) && !plugin.IsPermanent(err) &&
		!errors.Is(err, errSilent) && !errors.Is(err, errTooLarge)
}

// pause is how long to wait before the next try; it is the
// retryablehttp.Backoff.
func pause(shortest, longest time.Duration, attempt int, resp *http.Response) time.Duration {
	if resp != nil {
		if wait, ok := retryAfter(resp.Header, time.Now()); ok {
			return wait
		}
	}
	return retryablehttp.LinearJitterBackoff(shortest, longest, attempt, nil)
}

// retryAfter reads Retry-After (RFC 9110, section 10.2.3) in both of its forms,
// seconds and a date. The result lies between 0 and an hour.
func retryAfter(header http.Header, now time.Time) (time.Duration, bool) {
	text := header.Get("Retry-After")
	if seconds, err := strconv.ParseInt(text, 10, 64); err == nil {
		seconds = max(0, min(seconds, int64(farthest/time.Second)))
		return time.Duration(seconds) * time.Second, true
	}
	date, err := http.ParseTime(text)
	if err != nil {
		return 0, false
	}
	return max(0, min(date.Sub(now), farthest)), true
}

// sameOrigin follows a redirect only within the origin that was asked; it is
// the http.Client.CheckRedirect.
func sameOrigin(req *http.Request, via []*http.Request) error {
	if len(via) >= 5 {
		return &redirectError{text: "it redirects without end"}
	}
	if origin(req.URL) != origin(via[0].URL) {
		return &redirectError{text: "it redirects to another origin, " + RedactURL(req.URL) +
			", which is not followed: if that is the right address, put it into the configuration"}
	}
	return nil
}

type redirectError struct{ text string }

// Error returns the text.
func (e *redirectError) Error() string { return e.text }

func refused(err error) bool {
	var redirect *redirectError
	return errors.As(err, &redirect)
}

// bare strips the wrapping of net/http, which writes the whole address.
func bare(err error) error {
	for {
		var wrapped *url.Error
		if !errors.As(err, &wrapped) {
			return err
		}
		err = wrapped.Err
	}
}
