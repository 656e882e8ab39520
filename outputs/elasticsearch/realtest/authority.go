package realtest

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/hex"
	"encoding/pem"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// Authority signs certificates for a test.
type Authority struct {
	// Path is the file with the certificate of the authority, in PEM.
	Path string

	certificate *x509.Certificate
	key         *ecdsa.PrivateKey
	node        Pair
}

// Pair names the files of a certificate, with that of its authority behind it,
// and of its key, both in PEM.
type Pair struct{ Cert, Key string }

// NewAuthority makes an authority that is valid for an hour.
func NewAuthority(tb testing.TB) *Authority {
	tb.Helper()
	key := newKey(tb)
	template := newTemplate("an authority of the test")
	template.IsCA, template.BasicConstraintsValid = true, true
	template.KeyUsage |= x509.KeyUsageCertSign
	a := &Authority{key: key, Path: filepath.Join(tb.TempDir(), "ca.pem")}
	a.certificate = sign(tb, template, template, key, key)
	writePEM(tb, a.Path, &pem.Block{Type: "CERTIFICATE", Bytes: a.certificate.Raw})
	a.node = a.Issue(tb, "a node of the test")
	return a
}

// Issue signs a certificate for a name, with which one can serve at 127.0.0.1
// and be a client.
func (a *Authority) Issue(tb testing.TB, name string) Pair {
	tb.Helper()
	key := newKey(tb)
	template := newTemplate(name)
	template.IPAddresses = []net.IP{net.IPv4(127, 0, 0, 1)}
	template.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth}
	certificate := sign(tb, template, a.certificate, key, a.key)
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		tb.Fatal(err)
	}
	folder := tb.TempDir()
	pair := Pair{Cert: filepath.Join(folder, "cert.pem"), Key: filepath.Join(folder, "key.pem")}
	writePEM(tb, pair.Key, &pem.Block{Type: "PRIVATE KEY", Bytes: private})
	writePEM(tb, pair.Cert, &pem.Block{Type: "CERTIFICATE", Bytes: certificate.Raw}, &pem.Block{Type: "CERTIFICATE", Bytes: a.certificate.Raw})
	return pair
}

// Fingerprint is the SHA-256 of the authority's certificate, as Elasticsearch
// prints it at its first start.
func (a *Authority) Fingerprint() string {
	sum := sha256.Sum256(a.certificate.Raw)
	return hex.EncodeToString(sum[:])
}

// Pool holds the authority alone.
func (a *Authority) Pool() *x509.CertPool {
	pool := x509.NewCertPool()
	pool.AddCert(a.certificate)
	return pool
}

func newKey(tb testing.TB) *ecdsa.PrivateKey {
	tb.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		tb.Fatal(err)
	}
	return key
}

func newTemplate(name string) *x509.Certificate {
	return &x509.Certificate{
		Subject:      pkix.Name{CommonName: name},
		SerialNumber: big.NewInt(time.Now().UnixNano()),
		NotBefore:    time.Now().Add(-time.Hour),
		NotAfter:     time.Now().Add(time.Hour),
		KeyUsage:     x509.KeyUsageDigitalSignature,
	}
}

func sign(tb testing.TB, template, parent *x509.Certificate, key, signer *ecdsa.PrivateKey) *x509.Certificate {
	tb.Helper()
	raw, err := x509.CreateCertificate(rand.Reader, template, parent, key.Public(), signer)
	if err != nil {
		tb.Fatal(err)
	}
	certificate, err := x509.ParseCertificate(raw)
	if err != nil {
		tb.Fatal(err)
	}
	return certificate
}

func writePEM(tb testing.TB, path string, blocks ...*pem.Block) {
	tb.Helper()
	var text []byte
	for _, block := range blocks {
		text = append(text, pem.EncodeToMemory(block)...)
	}
	if err := os.WriteFile(path, text, 0o600); err != nil {
		tb.Fatal(err)
	}
}
