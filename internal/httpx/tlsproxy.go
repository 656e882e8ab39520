package httpx

import (
	"cmp"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"net/http"
	"net/url"
	"sync"
	"time"

	"golang.org/x/net/idna"

	"github.com/indicatord/indicatord/internal/plugin"
)

// proxyTLS does the handshake with proxies that are spoken to over TLS.
// [http.Transport] would do it with the configuration for the servers, and a pin in
// there is of a server and never of a proxy. To the transport they look like proxies
// without TLS.
type proxyTLS struct {
	// roots are the authorities of proxies, nil for the system's.
	roots *x509.CertPool
	// patience is the longest that a handshake may take.
	patience time.Duration
	next     func(ctx context.Context, network, address string) (net.Conn, error)

	mu      sync.Mutex
	proxies map[string]bool // by host and port
}

// apply makes the transport reach its proxies so.
func (p *proxyTLS) apply(t *http.Transport) {
	p.next, p.patience = t.DialContext, t.TLSHandshakeTimeout
	t.DialContext = p.dial
	choose := t.Proxy
	t.Proxy = func(req *http.Request) (*url.URL, error) {
		proxy, err := choose(req)
		if err != nil || proxy == nil || proxy.Scheme != "https" {
			return proxy, err
		}
		return p.disguise(proxy)
	}
}

// disguise notes a proxy, and returns its URL as that of one without TLS.
func (p *proxyTLS) disguise(proxy *url.URL) (*url.URL, error) {
	host, err := idna.Lookup.ToASCII(proxy.Hostname())
	if net.ParseIP(proxy.Hostname()) != nil {
		host, err = proxy.Hostname(), nil
	}
	if err != nil {
		return nil, plugin.Permanent(errors.New("the name of the proxy is no name of a host"))
	}
	plain := *proxy
	plain.Scheme, plain.Host = "http", net.JoinHostPort(host, cmp.Or(proxy.Port(), "443"))
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.proxies == nil {
		p.proxies = map[string]bool{}
	}
	p.proxies[plain.Host] = true
	return &plain, nil
}

// dial connects to an address, and does the handshake where it is that of a proxy.
func (p *proxyTLS) dial(ctx context.Context, network, address string) (net.Conn, error) {
	conn, err := p.next(ctx, network, address)
	if err != nil || !p.is(address) {
		return conn, err
	}
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		_ = conn.Close()
		return nil, err
	}
	ctx, stop := context.WithTimeout(ctx, p.patience)
	defer stop()
	secure := tls.Client(conn, &tls.Config{ServerName: host, RootCAs: p.roots, MinVersion: tls.VersionTLS12})
	if err := secure.HandshakeContext(ctx); err != nil {
		_ = conn.Close()
		// The cause is told and not wrapped: the advice on that of a server is wrong here.
		return nil, errors.New("the handshake with the proxy fails: " + err.Error() +
			" (beside a fingerprint its authority has to be one of the system's; else set ca to a file with its authority and that of the server, and no fingerprint)")
	}
	return secure, nil
}

func (p *proxyTLS) is(address string) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.proxies[address]
}
