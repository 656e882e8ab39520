package httpx

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"sync"
	"time"

	"github.com/indicatord/indicatord/internal/plugin"
)

// base holds the connections: one pool that shows the client certificate, for
// the origins that the configuration names, and one that does not.
type base struct {
	settings Settings
	// http1 keeps to HTTP/1.1, where net/http can be kept from sending a
	// request twice.
	http1 bool
	// pin takes the place of the authorities for those origins, unless it is nil.
	pin *pin
	// proxyRoots are the authorities of proxies where a pin is for the servers,
	// nil for the system's.
	proxyRoots *x509.CertPool

	mu    sync.Mutex
	stamp string
	pools [2]*http.Transport
}

// pool returns the connections for a trusted or another origin. They are made
// anew when the file of the authorities has changed.
func (b *base) pool(trusted bool) (*http.Transport, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if stamp := stampOf(b.settings.CA); b.pools[0] == nil || stamp != b.stamp {
		if err := b.rebuild(); err != nil {
			return nil, err
		}
		b.stamp = stamp
	}
	if trusted {
		return b.pools[1], nil
	}
	return b.pools[0], nil
}

func (b *base) rebuild() error {
	roots, err := ReadCA(b.settings.CA)
	if err != nil {
		return err
	}
	proxy, err := proxyFunc(b.settings.Proxy)
	if err != nil {
		return err
	}
	b.closePools()
	config := &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: roots}
	b.pools[0] = b.transport(config, proxy)
	config = config.Clone()
	if pair := b.settings.Auth.ClientCertificate; pair != nil {
		config.GetClientCertificate = pair.load
	}
	if b.pin != nil {
		b.pin.apply(config)
	}
	b.pools[1] = b.transport(config, proxy)
	if b.pin != nil {
		(&proxyTLS{roots: b.proxyRoots}).apply(b.pools[1])
	}
	return nil
}

func (b *base) transport(config *tls.Config, proxy func(*http.Request) (*url.URL, error)) *http.Transport {
	connect := min(b.settings.Timeout, 15*time.Second)
	var protocols http.Protocols
	protocols.SetHTTP1(true)
	protocols.SetHTTP2(!b.http1)
	return &http.Transport{
		Proxy:               proxy,
		DialContext:         (&net.Dialer{Timeout: connect, KeepAlive: 15 * time.Second}).DialContext,
		TLSClientConfig:     config,
		TLSHandshakeTimeout: connect,
		Protocols:           &protocols,
		MaxIdleConnsPerHost: 4,
		IdleConnTimeout:     30 * time.Second,
	}
}

func (b *base) closeIdle() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.closePools()
}

func (b *base) closePools() {
	for _, pool := range b.pools {
		if pool != nil {
			pool.CloseIdleConnections()
		}
	}
}

// stampOf changes when the file does.
func stampOf(path string) string {
	if path == "" {
		return ""
	}
	info, err := os.Stat(path)
	if err != nil {
		return err.Error()
	}
	return fmt.Sprintf("%d %d", info.Size(), info.ModTime().UnixNano())
}

// ReadCA reads the authorities to trust from a PEM file: nil, which stands for
// the system's, where path is empty. An error is permanent and names the key "ca"
// and the file.
func ReadCA(path string) (*x509.CertPool, error) {
	if path == "" {
		return nil, nil
	}
	pem, err := os.ReadFile(path)
	if err != nil {
		return nil, plugin.Permanent(fmt.Errorf("reading ca: %w", err))
	}
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM(pem) {
		return nil, plugin.Permanent(fmt.Errorf("reading ca: %s holds no PEM certificate", path))
	}
	return roots, nil
}

// load reads the certificate for one handshake; it is the
// tls.Config.GetClientCertificate.
func (c *ClientCertificate) load(*tls.CertificateRequestInfo) (*tls.Certificate, error) {
	pair, err := tls.LoadX509KeyPair(c.Cert, c.Key)
	if err != nil {
		return nil, plugin.Permanent(fmt.Errorf("reading auth.client_certificate: %w", err))
	}
	return &pair, nil
}

// proxyFunc chooses the proxy. The environment's errors show its whole text,
// which may hold a password, so they are not passed on.
func proxyFunc(proxy string) (func(*http.Request) (*url.URL, error), error) {
	if proxy != "" {
		u, err := url.Parse(proxy)
		if err != nil {
			return nil, errors.New("proxy is not a valid URL")
		}
		return http.ProxyURL(u), nil
	}
	return func(req *http.Request) (*url.URL, error) {
		u, err := http.ProxyFromEnvironment(req)
		if err != nil {
			return nil, plugin.Permanent(errors.New("the proxy that the environment names (HTTPS_PROXY, HTTP_PROXY) is not a valid URL"))
		}
		return u, nil
	}, nil
}
