package listserver

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/indicatord/indicatord/internal/secret"
)

// authority signs certificates.
type authority struct {
	t           *testing.T
	certificate *x509.Certificate
	key         *ecdsa.PrivateKey
}

func newAuthority(t *testing.T, name string) *authority {
	t.Helper()
	a := &authority{t: t}
	der, key := a.sign(name, true)
	certificate, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	a.certificate, a.key = certificate, key
	return a
}

// sign makes a certificate for 127.0.0.1 and for clients; without a key of its
// own the authority signs itself.
func (a *authority) sign(name string, ca bool) ([]byte, *ecdsa.PrivateKey) {
	a.t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		a.t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(time.Now().UnixNano()), Subject: pkix.Name{CommonName: name},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), IsCA: ca, BasicConstraintsValid: true,
		KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
	}
	parent, signer := a.certificate, a.key
	if signer == nil {
		parent, signer = template, key
	}
	der, err := x509.CreateCertificate(rand.Reader, template, parent, &key.PublicKey, signer)
	if err != nil {
		a.t.Fatal(err)
	}
	return der, key
}

// pair writes a certificate and its key, and returns them for a client.
func (a *authority) pair(name, certificate, key string) tls.Certificate {
	a.t.Helper()
	der, private := a.sign(name, false)
	encoded, err := x509.MarshalECPrivateKey(private)
	if err != nil {
		a.t.Fatal(err)
	}
	a.write(certificate, "CERTIFICATE", der)
	a.write(key, "EC PRIVATE KEY", encoded)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: private}
}

func (a *authority) write(path, kind string, der []byte) {
	a.t.Helper()
	if err := os.WriteFile(path, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}), 0o600); err != nil {
		a.t.Fatal(err)
	}
}

// secured is a list server with a certificate, and the authority of its clients.
func secured(t *testing.T) (*stand, *authority) {
	s, a := newStand(t), newAuthority(t, "the plant")
	path := func(name string) string { return filepath.Join(s.dir, name) }
	a.pair("lists.plant", path("server.pem"), path("server.key"))
	a.write(path("ca.pem"), "CERTIFICATE", a.certificate.Raw)
	s.open.TLS = &TLS{Certificate: path("server.pem"), Key: secret.Ref{File: path("server.key")}, ClientCA: path("ca.pem")}
	s.open.Clients = append(s.open.Clients, Client{Name: "panorama", Certificate: "panorama", Lists: []string{"edge"}})
	s.publish("edge", content, false)
	return s, a
}

// get fetches the list edge with a client certificate, or with a password.
func get(t *testing.T, server *Server, a *authority, certificates ...tls.Certificate) (*http.Response, error) {
	t.Helper()
	roots := x509.NewCertPool()
	roots.AddCert(a.certificate)
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true, TLSClientConfig: &tls.Config{RootCAs: roots, Certificates: certificates}}}
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "https://"+server.Addr().String()+"/lists/edge", nil)
	if err != nil {
		t.Fatal(err)
	}
	if len(certificates) == 0 {
		r.SetBasicAuth("fw", "new-password")
	}
	return client.Do(r)
}

func TestClientCertificates(t *testing.T) {
	s, a := secured(t)
	server := s.listen()
	path := func(name string) string { return filepath.Join(s.dir, name) }
	for _, c := range []struct {
		name string
		with []tls.Certificate
		want int
	}{
		{"the device's own", []tls.Certificate{a.pair("panorama", path("c.pem"), path("c.key"))}, http.StatusOK},
		{"of a device that is not known", []tls.Certificate{a.pair("stranger", path("d.pem"), path("d.key"))}, http.StatusUnauthorized},
		{"none, but a password", nil, http.StatusOK},
	} {
		answer, err := get(t, server, a, c.with...)
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		if body := text(t, answer); answer.StatusCode != c.want || (c.want == http.StatusOK) != (body == content) {
			t.Errorf("%s: %d %q, want %d", c.name, answer.StatusCode, body, c.want)
		}
	}
	forged := newAuthority(t, "the plant").pair("panorama", path("e.pem"), path("e.key"))
	if answer, err := get(t, server, a, forged); err == nil {
		t.Errorf("a certificate of another authority is answered with %d", answer.StatusCode)
	}
}

// TestARenewedCertificateIsUsed by new connections, while the port stays open; a
// file that cannot be read leaves the one before in use.
func TestARenewedCertificateIsUsed(t *testing.T) {
	s, a := secured(t)
	server := s.listen()
	serial := func() string {
		t.Helper()
		answer, err := get(t, server, a)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = answer.Body.Close() }()
		return answer.TLS.PeerCertificates[0].SerialNumber.String()
	}
	first := serial()
	a.pair("lists.plant", filepath.Join(s.dir, "server.pem"), filepath.Join(s.dir, "server.key"))
	s.now = s.now.Add(certificatesFor)
	renewed := serial()
	if renewed == first {
		t.Error("the certificate of before is still in use")
	}
	if err := os.Remove(filepath.Join(s.dir, "server.pem")); err != nil {
		t.Fatal(err)
	}
	s.now = s.now.Add(certificatesFor)
	if got := serial(); got != renewed {
		t.Error("without the file another certificate is in use")
	}
}

func TestOldTLSIsRefused(t *testing.T) {
	s, _ := secured(t)
	server := s.listen()
	dialer := &tls.Dialer{Config: &tls.Config{MaxVersion: tls.VersionTLS11, InsecureSkipVerify: true}} //nolint:gosec // the test is about the version
	if conn, err := dialer.DialContext(t.Context(), "tcp", server.Addr().String()); err == nil {
		_ = conn.Close()
		t.Error("TLS 1.1 is spoken")
	}
}
