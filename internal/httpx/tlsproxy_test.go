package httpx

import (
	"crypto/x509"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
)

// tunnel is a proxy that connects its clients with whatever they ask for.
type tunnel struct{ asked atomic.Int32 }

// ServeHTTP answers CONNECT (RFC 9110, section 9.3.6).
func (p *tunnel) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	p.asked.Add(1)
	to, err := net.Dial("tcp", r.Host)
	if r.Method != http.MethodConnect || err != nil {
		w.WriteHeader(http.StatusBadGateway)
		return
	}
	defer func() { _ = to.Close() }()
	w.WriteHeader(http.StatusOK)
	from, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		return
	}
	defer func() { _ = from.Close() }()
	go func() { _, _ = io.Copy(to, from) }()
	_, _ = io.Copy(from, to)
}

// A fingerprint is that of a server, and a proxy with TLS of its own has to have a
// certificate as any server of the world.
func TestAFingerprintBehindAProxy(t *testing.T) {
	ours, proxies, foreign := newAuthority(t, "ours"), newAuthority(t, "proxies"), newAuthority(t, "foreign")
	for _, tt := range []struct {
		name        string
		proxy       *authority // nil for one without TLS
		fingerprint Fingerprint
		want        string // "" is trusted
	}{
		{"without TLS", nil, ours.fingerprint(), ""},
		{"with a certificate of the world", proxies, ours.fingerprint(), ""},
		{"with that and a server of another fingerprint", proxies, foreign.fingerprint(), "no certificate of the server has the fingerprint"},
		{"with a certificate of nobody", foreign, ours.fingerprint(), "the handshake with the proxy fails"},
		{"with the certificate of the server", ours, ours.fingerprint(), "the handshake with the proxy fails"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			address, through := ours.serve(t, ours.withChain), &tunnel{}
			s := Defaults()
			s.Proxy = tt.proxy.tunnel(t, through)
			client, err := s.Client(Options{Addresses: []string{address}, Fingerprint: tt.fingerprint, Policy: RetryUnserved})
			if err != nil {
				t.Fatal(err)
			}
			defer client.CloseIdleConnections()
			client.base.proxyRoots = x509.NewCertPool()
			client.base.proxyRoots.AddCert(proxies.certificate)
			_, err = client.Get(t.Context(), address, nil)
			if tt.want != "" {
				wantError(t, err, tt.want)
			} else if err != nil || through.asked.Load() != 1 {
				t.Errorf("asked the proxy %d times: %v", through.asked.Load(), err)
			}
		})
	}
}

// tunnel starts a proxy under a certificate of the authority.
func (a *authority) tunnel(t *testing.T, proxy *tunnel) string {
	t.Helper()
	if a == nil {
		server := httptest.NewServer(proxy)
		t.Cleanup(server.Close)
		return server.URL
	}
	return strings.TrimSuffix(a.serveBy(t, proxy, nil), "/")
}
