package httpx

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/indicatord/indicatord/internal/plugin"
)

// authority signs certificates.
type authority struct {
	certificate *x509.Certificate
	key         *ecdsa.PrivateKey
}

func newAuthority(t *testing.T, name string) *authority {
	t.Helper()
	a := &authority{}
	a.certificate, a.key = a.sign(t, name, true)
	return a
}

// sign makes a certificate for 127.0.0.1, or for the authority itself while it
// has none.
func (a *authority) sign(t *testing.T, name string, ca bool) (*x509.Certificate, *ecdsa.PrivateKey) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(time.Now().UnixNano()), Subject: pkix.Name{CommonName: name},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IsCA: ca, BasicConstraintsValid: true, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		KeyUsage:    x509.KeyUsageCertSign | x509.KeyUsageDigitalSignature,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
	}
	parent, signer := template, key
	if a.certificate != nil {
		parent, signer = a.certificate, a.key
	}
	der, err := x509.CreateCertificate(rand.Reader, template, parent, &key.PublicKey, signer)
	if err != nil {
		t.Fatal(err)
	}
	certificate, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return certificate, key
}

// file writes the authority's certificate.
func (a *authority) file(t *testing.T, path string) string {
	t.Helper()
	writePEM(t, path, "CERTIFICATE", a.certificate.Raw)
	return path
}

// client writes a client certificate of that name and its key.
func (a *authority) client(t *testing.T, name string, to ClientCertificate) {
	t.Helper()
	certificate, key := a.sign(t, name, false)
	der, err := x509.MarshalECPrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	writePEM(t, to.Cert, "CERTIFICATE", certificate.Raw)
	writePEM(t, to.Key, "EC PRIVATE KEY", der)
}

func writePEM(t *testing.T, path, kind string, der []byte) {
	t.Helper()
	if err := os.WriteFile(path, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}), 0o600); err != nil {
		t.Fatal(err)
	}
}

// serve starts a TLS server that answers with the name on the client's
// certificate. A change of its configuration comes last.
func (a *authority) serve(t *testing.T, change func(*tls.Config)) string {
	t.Helper()
	return a.serveBy(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		for _, shown := range r.TLS.PeerCertificates {
			_, _ = io.WriteString(w, shown.Subject.CommonName)
		}
	}), change)
}

// serveBy starts a TLS server with a certificate of the authority.
func (a *authority) serveBy(t *testing.T, handler http.Handler, change func(*tls.Config)) string {
	t.Helper()
	certificate, key := a.sign(t, "server", false)
	server := httptest.NewUnstartedServer(handler)
	server.TLS = &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{certificate.Raw}, PrivateKey: key}}}
	if change != nil {
		change(server.TLS)
	}
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.StartTLS()
	t.Cleanup(server.Close)
	return server.URL + "/"
}

func TestAPrivateAuthority(t *testing.T) {
	first, second := newAuthority(t, "first"), newAuthority(t, "second")
	address, other := first.serve(t, nil), second.serve(t, nil)
	s := Defaults()
	path := filepath.Join(t.TempDir(), "ca.pem")

	_, err := open(t, s, RetryIdempotent, address).Get(t.Context(), address, nil)
	wantError(t, err, "unknown authority", "set ca")
	if plugin.IsPermanent(err) {
		t.Error("want a plain error: the server's certificate may be mended without us")
	}

	s.CA = path
	client := open(t, s, RetryIdempotent, address, other)
	_, err = client.Get(t.Context(), address, nil)
	wantError(t, err, "reading ca", path)
	if !plugin.IsPermanent(err) {
		t.Error("want a permanent error: the file has to be written")
	}
	for _, tt := range []struct {
		authority        *authority
		trusted, foreign string
	}{{first, address, other}, {second, other, address}} {
		tt.authority.file(t, path)
		if err := os.Chtimes(path, time.Now(), time.Now().Add(time.Duration(len(tt.trusted))*time.Second)); err != nil {
			t.Fatal(err)
		}
		if tt.authority == second {
			soon := time.Now().Add(time.Hour)
			_ = os.Chtimes(path, soon, soon)
		}
		if _, err := client.Get(t.Context(), tt.trusted, nil); err != nil {
			t.Errorf("the authority is in the file, and its server is refused: %v", err)
		}
		_, err := client.Get(t.Context(), tt.foreign, nil)
		wantError(t, err, "unknown authority", "not in "+path)
	}
	if err := os.WriteFile(path, []byte("no PEM at all"), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err = client.Get(t.Context(), address, nil)
	wantError(t, err, "holds no PEM certificate")
}

func TestAClientCertificate(t *testing.T) {
	a := newAuthority(t, "authority")
	asks := func(c *tls.Config) { c.ClientAuth = tls.RequestClientCert }
	configured, other := a.serve(t, asks), a.serve(t, asks)
	dir := t.TempDir()
	pair := ClientCertificate{Cert: filepath.Join(dir, "site.crt"), Key: filepath.Join(dir, "site.key")}
	s := Defaults()
	s.CA = a.file(t, filepath.Join(dir, "ca.pem"))
	s.Auth.ClientCertificate = &pair
	client := open(t, s, RetryIdempotent, configured)

	_, err := client.Get(t.Context(), configured, nil)
	wantError(t, err, "reading auth.client_certificate", pair.Cert)
	for _, name := range []string{"old", "new"} {
		a.client(t, name, pair)
		client.CloseIdleConnections()
		answer, err := client.Get(t.Context(), configured, nil)
		if err != nil || string(answer.Body) != name {
			t.Errorf("the server saw %v (%v), want the certificate %q", answer, err, name)
		}
	}
	answer, err := client.Get(t.Context(), other, nil)
	if err != nil || len(answer.Body) > 0 {
		t.Errorf("another origin saw %v (%v), want no certificate", answer, err)
	}
}

// TestAServerThatWantsAnotherCertificate says so in an alert, which tells an
// operator nothing.
func TestAServerThatWantsAnotherCertificate(t *testing.T) {
	ours, foreign := newAuthority(t, "ours"), newAuthority(t, "foreign")
	clients := x509.NewCertPool()
	clients.AddCert(ours.certificate)
	address := ours.serve(t, func(c *tls.Config) { c.ClientAuth, c.ClientCAs = tls.RequireAndVerifyClientCert, clients })
	dir := t.TempDir()
	s := Defaults()
	s.CA = ours.file(t, filepath.Join(dir, "ca.pem"))
	_, err := open(t, s, RetryIdempotent, address).Get(t.Context(), address, nil)
	wantError(t, err, "certificate required", "set auth.client_certificate")

	pair := ClientCertificate{Cert: filepath.Join(dir, "site.crt"), Key: filepath.Join(dir, "site.key")}
	foreign.client(t, "site", pair)
	s.Auth.ClientCertificate = &pair
	_, err = open(t, s, RetryIdempotent, address).Get(t.Context(), address, nil)
	wantError(t, err, "remote error", "check auth.client_certificate")
}

func TestOldTLSIsRefused(t *testing.T) {
	t.Parallel()
	a := newAuthority(t, "authority")
	address := a.serve(t, func(c *tls.Config) { c.MinVersion, c.MaxVersion = tls.VersionTLS10, tls.VersionTLS11 })
	s := Defaults()
	s.CA = a.file(t, filepath.Join(t.TempDir(), "ca.pem"))
	_, err := open(t, s, RetryIdempotent, address).Get(t.Context(), address, nil)
	wantError(t, err, "tls")
}

func TestPlainHTTPOnATLSAddressIsNamed(t *testing.T) {
	address := "https" + serve(t, func(http.ResponseWriter, *http.Request) {})[len("http"):]
	_, err := open(t, Defaults(), RetryIdempotent, address).Get(t.Context(), address, nil)
	wantError(t, err, "server gave HTTP response to HTTPS client")
}
