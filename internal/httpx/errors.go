package httpx

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/indicatord/indicatord/internal/plugin"
)

// StatusError is an answer that is not a success.
type StatusError struct {
	Method string
	// URL is the address without secrets.
	URL string
	// Code is the HTTP status.
	Code int
	// Accept is what the request said it takes.
	Accept string
	// Detail is what the server says of it, in one line; often empty.
	Detail string
}

// Error writes one line: the address, the status, the server's words and what
// to do.
func (e *StatusError) Error() string {
	text := fmt.Sprintf("%s %s: %d %s", e.Method, e.URL, e.Code, http.StatusText(e.Code))
	if e.Detail != "" {
		text += ": " + e.Detail
	}
	return text + e.advice()
}

func (e *StatusError) advice() string {
	switch e.Code {
	case http.StatusUnauthorized:
		return " (the server does not know us: check auth)"
	case http.StatusForbidden:
		return " (the server knows us and refuses: check auth, and what the account may read)"
	case http.StatusNotFound:
		return " (check the address; some servers answer so when auth is missing or wrong)"
	case http.StatusNotAcceptable:
		return fmt.Sprintf(" (the request was sent with Accept: %s)", e.Accept)
	case http.StatusProxyAuthRequired:
		return " (the proxy wants credentials: give them in HTTPS_PROXY)"
	}
	return ""
}

// Classify gives an error the meaning of the status that caused it: 429 and 503
// with a Retry-After wait that long (429 without it a minute), other statuses
// from 400 to 499 are permanent but for 408 and 425, and the rest is worth a
// retry.
func Classify(err error, status int, header http.Header) error {
	switch {
	case status == http.StatusTooManyRequests || status == http.StatusServiceUnavailable:
		wait, ok := retryAfter(header, time.Now())
		if !ok && status == http.StatusTooManyRequests {
			wait, ok = time.Minute, true
		}
		if ok {
			return plugin.Wait(wait, err)
		}
	case status == http.StatusRequestTimeout || status == http.StatusTooEarly:
	case status >= 400 && status < 500:
		return plugin.Permanent(err)
	}
	return err
}

// advice says what to do about an error of the transport, "" where that is
// plain from the error.
func (c *Client) advice(err error) string {
	settings := &c.base.settings
	_, unknown := errors.AsType[x509.UnknownAuthorityError](err)
	switch {
	case errors.Is(err, errNotPinned):
		return " (compare it with that of the server's authority; a server that does not show its authority needs ca instead)"
	case unknown && settings.CA != "":
		return fmt.Sprintf(" (the server's authority is not in %s: set ca to a file that holds it)", settings.CA)
	case unknown:
		return " (if the server's authority is a private one, set ca to its certificate)"
	case alerted(err) && settings.Auth.ClientCertificate != nil:
		return " (the server ends the handshake: check auth.client_certificate, and whether the server trusts its authority)"
	case alerted(err) && strings.Contains(err.Error(), "certificate required"):
		return " (set auth.client_certificate)"
	}
	return ""
}

// alerted reports whether the server has ended the handshake, or the connection
// right after it, in TLS's own words.
func alerted(err error) bool {
	alert, ok := errors.AsType[*net.OpError](err)
	return ok && alert.Op == "remote error"
}

// handshake reports whether the two sides cannot agree on TLS, which another try
// does not change.
func handshake(err error) bool {
	var verification *tls.CertificateVerificationError
	var alert *net.OpError
	return errors.As(err, &verification) || errors.Is(err, http.ErrSchemeMismatch) || alerted(err) ||
		errors.As(err, &alert) && alert.Op == "local error"
}
