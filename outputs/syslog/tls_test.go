package syslog

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"io"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/indicatord/indicatord/internal/httpx"
	"github.com/indicatord/indicatord/internal/plugin"
)

// authority issues certificates, and writes them where the settings of an output
// and of a real receiver find them.
type authority struct {
	ca   string // the path of its own certificate
	dir  string
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
}

func newAuthority(t testing.TB) *authority {
	t.Helper()
	a := &authority{dir: t.TempDir()}
	a.key = newKey(t)
	a.cert = &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "Test authority"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}
	a.ca = filepath.Join(a.dir, "ca.pem")
	writePEM(t, a.ca, "CERTIFICATE", a.sign(t, a.cert, &a.key.PublicKey))
	return a
}

func newKey(t testing.TB) *ecdsa.PrivateKey {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func (a *authority) sign(t testing.TB, cert *x509.Certificate, key *ecdsa.PublicKey) []byte {
	t.Helper()
	der, err := x509.CreateCertificate(rand.Reader, cert, a.cert, key, a.key)
	if err != nil {
		t.Fatal(err)
	}
	return der
}

func writePEM(t testing.TB, path, kind string, der []byte) {
	t.Helper()
	if err := os.WriteFile(path, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}), 0o600); err != nil {
		t.Fatal(err)
	}
}

// issue makes a certificate for a name and the loopback address.
func (a *authority) issue(t testing.TB, name string) *httpx.ClientCertificate {
	t.Helper()
	key := newKey(t)
	der, err := x509.MarshalECPrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	pair := &httpx.ClientCertificate{Cert: filepath.Join(a.dir, name+".pem"), Key: filepath.Join(a.dir, name+".key")}
	writePEM(t, pair.Key, "EC PRIVATE KEY", der)
	writePEM(t, pair.Cert, "CERTIFICATE", a.sign(t, &x509.Certificate{
		SerialNumber: big.NewInt(time.Now().UnixNano()), Subject: pkix.Name{CommonName: name},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		DNSNames: []string{name}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		KeyUsage:    x509.KeyUsageDigitalSignature,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
	}, &key.PublicKey))
	return pair
}

// server returns the settings of a receiver whose certificate holds the name.
func (a *authority) server(t *testing.T, name string) *tls.Config {
	t.Helper()
	pair := a.issue(t, name)
	cert, err := tls.LoadX509KeyPair(pair.Cert, pair.Key)
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	text, err := os.ReadFile(a.ca)
	if err != nil || !roots.AppendCertsFromPEM(text) {
		t.Fatalf("the authority's file: %v", err)
	}
	return &tls.Config{Certificates: []tls.Certificate{cert}, ClientCAs: roots, MinVersion: tls.VersionTLS10} //nolint:gosec // what is old must fail by the client's word
}

// listen opens a listener of TLS on loopback.
func (a *authority) listen(t *testing.T) net.Listener {
	t.Helper()
	return tls.NewListener(listen(t, "tcp", "127.0.0.1:0"), a.server(t, "siem.example"))
}

func TestTLSReachesOnlyWhomItTrusts(t *testing.T) {
	pki, stranger := newAuthority(t), newAuthority(t)
	gate, forged := pki.issue(t, "gate.example"), stranger.issue(t, "gate.example")
	require := func(c *tls.Config) { c.ClientAuth = tls.RequireAndVerifyClientCert }
	for _, tt := range []struct {
		name   string
		server func(*tls.Config)
		client func(*Settings)
		want   string // "" is accepted
	}{
		{"by its address", nil, nil, ""},
		{"by its name", nil, func(s *Settings) { s.TLS.ServerName = "siem.example" }, ""},
		{"under another name", nil, func(s *Settings) { s.TLS.ServerName = "hub.example" }, "tls.server_name"},
		{"of another authority", nil, func(s *Settings) { s.TLS.CA = stranger.ca }, "tls.ca names the authorities"},
		{"of the system's authorities", nil, func(s *Settings) { s.TLS.CA = "" }, "cannot be trusted"},
		{"with our certificate", require, func(s *Settings) { s.TLS.ClientCertificate = gate }, ""},
		{"without our certificate", require, nil, "certificate required"},
		{"with another's certificate", require, func(s *Settings) { s.TLS.ClientCertificate = forged }, "tls: "},
		{"over TLS 1.2", func(c *tls.Config) { c.MaxVersion = tls.VersionTLS12 }, nil, ""},
		{"over TLS 1.1", func(c *tls.Config) { c.MaxVersion = tls.VersionTLS11 }, nil, "protocol version"},
		{"over TLS 1.2 where 1.3 is asked for", func(c *tls.Config) { c.MaxVersion = tls.VersionTLS12 }, func(s *Settings) { s.TLS.MinVersion = "1.3" }, "protocol version"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			config := pki.server(t, "siem.example")
			if tt.server != nil {
				tt.server(config)
			}
			r := newReceiverOn(t, tls.NewListener(listen(t, "tcp", "127.0.0.1:0"), config))
			o := open(t, r.address(), func(s *Settings) {
				s.Network, s.TLS.CA = TLS, pki.ca
				if tt.client != nil {
					tt.client(s)
				}
			})
			_, err := deliver(t.Context(), o, many(1000)...)
			if tt.want == "" && (err != nil || len(r.received()) != 1000) {
				t.Fatalf("err = %v, received %d events", err, len(r.received()))
			}
			if tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want)) {
				t.Fatalf("err = %v, want %q", err, tt.want)
			}
			if tt.want != "" && len(r.received()) > 0 {
				t.Errorf("%d events went to a receiver that is not to have them", len(r.received()))
			}
		})
	}
}

// TestWhatDoesNotSpeakTLS: of a wrong port the error says so.
func TestWhatDoesNotSpeakTLS(t *testing.T) {
	for _, tt := range []struct {
		name  string
		serve func(net.Conn)
		want  string
	}{
		{"it says nothing", func(conn net.Conn) { _, _ = io.Copy(io.Discard, conn) }, "has not answered the TLS handshake within 200ms: check that its port"},
		{"it closes the connection", func(conn net.Conn) { _, _ = conn.Read(make([]byte, 1<<12)) }, "closed the connection in the TLS handshake: check that its port"},
		{"it says something else", func(conn net.Conn) {
			_, _ = io.WriteString(conn, "220 mail.example ESMTP\r\n")
			_, _ = io.Copy(io.Discard, conn)
		}, "does not speak TLS: check that its port"},
	} {
		for _, network := range []Network{TLS, RELPTLS} {
			r := newFaultyReceiver(t, tt.serve)
			o := open(t, r.address(), func(s *Settings) { s.Network, s.Timeout = network, 200*time.Millisecond })
			if _, err := deliver(t.Context(), o, many(1)...); err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("%s over %s: err = %v, want %q", tt.name, network, err, tt.want)
			}
		}
	}
}

// TestRELPOverTLSTellsWhyItIsRefused: the receiver's alert comes after its side of
// the handshake, when the offer may be on its way or not.
func TestRELPOverTLSTellsWhyItIsRefused(t *testing.T) {
	pki := newAuthority(t)
	config := pki.server(t, "siem.example")
	config.ClientAuth = tls.RequireAndVerifyClientCert
	r := newRELPReceiverOn(t, tls.NewListener(listen(t, "tcp", "127.0.0.1:0"), config))
	o := open(t, r.address(), func(s *Settings) { s.Network, s.TLS.CA = RELPTLS, pki.ca })
	for range 20 {
		if _, err := deliver(t.Context(), o, many(1)...); err == nil || !strings.Contains(err.Error(), "certificate required") {
			t.Fatalf("err = %v, want the receiver's alert", err)
		}
	}
}

// TestTLSFilesAreReadAtEachConnection: a certificate that was renewed needs no
// restart.
func TestTLSFilesAreReadAtEachConnection(t *testing.T) {
	pki := newAuthority(t)
	r := newReceiverOn(t, pki.listen(t))
	path := filepath.Join(t.TempDir(), "later.pem")
	o := open(t, r.address(), func(s *Settings) { s.Network, s.TLS.CA = TLS, path })
	if _, err := deliver(t.Context(), o, many(1)...); !plugin.IsPermanent(err) || !strings.Contains(err.Error(), "later.pem") {
		t.Errorf("without the file: %v, want a permanent error that names it", err)
	}
	text, err := os.ReadFile(pki.ca)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, text, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := deliver(t.Context(), o, many(1)...); err != nil {
		t.Errorf("with the file: %v", err)
	}
}

func TestAClientCertificateThatCannotBeRead(t *testing.T) {
	pki := newAuthority(t)
	pair := pki.issue(t, "gate.example")
	pair.Key = pki.ca
	o := open(t, "127.0.0.1:1", func(s *Settings) { s.Network, s.TLS.CA, s.TLS.ClientCertificate = TLS, pki.ca, pair })
	if _, err := deliver(t.Context(), o, many(1)...); !plugin.IsPermanent(err) || !strings.Contains(err.Error(), "tls.client_certificate") {
		t.Errorf("err = %v, want a permanent one that names the setting", err)
	}
}
