//go:build real

package postgres_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/indicatord/indicatord/internal/secret"
	"github.com/indicatord/indicatord/internal/store/postgres"
	"github.com/indicatord/indicatord/internal/store/postgres/postgrestest"
)

// TestTLS reaches a real server over TLS with a password from a file, and only
// where the server proves who it is.
func TestTLS(t *testing.T) {
	server, authority := postgrestest.StartTLS(t, "s3cret-of-the-store")
	password := filepath.Join(t.TempDir(), "password")
	wrong := filepath.Join(t.TempDir(), "wrong")
	for path, text := range map[string]string{password: "s3cret-of-the-store\n", wrong: "an0ther-secret\n"} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	base := "postgres://agent@" + server.Address() + "/postgres"
	verified := base + "?sslmode=verify-full&sslrootcert=" + authority
	for name, c := range map[string]struct {
		settings postgres.Settings
		want     string
	}{
		"verified":              {postgres.Settings{URL: verified, Password: secret.Ref{File: password}}, ""},
		"the system's roots":    {postgres.Settings{URL: base + "?sslmode=verify-full", Password: secret.Ref{File: password}}, "certificate"},
		"another authority":     {postgres.Settings{URL: base + "?sslmode=verify-full&sslrootcert=" + otherAuthority(t), Password: secret.Ref{File: password}}, "certificate"},
		"a wrong password":      {postgres.Settings{URL: verified, Password: secret.Ref{File: wrong}}, "password authentication failed"},
		"no password":           {postgres.Settings{URL: verified}, "password"},
		"a password not there":  {postgres.Settings{URL: verified, Password: secret.Ref{File: wrong + "er"}}, "store.password"},
		"in the clear, refused": {postgres.Settings{URL: base + "?sslmode=disable", AllowPlain: true, Password: secret.Ref{File: password}}, "no pg_hba.conf entry"},
	} {
		t.Run(name, func(t *testing.T) {
			if err := c.settings.Validate(); err != nil {
				t.Fatal(err)
			}
			db, err := c.settings.Open("test", false)
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = db.Close() }()
			err = db.PingContext(t.Context())
			if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
				t.Errorf("%v, want %q", err, c.want)
			}
			if err != nil && (strings.Contains(err.Error(), "s3cret") || strings.Contains(err.Error(), "an0ther")) {
				t.Errorf("the error shows a password: %v", err)
			}
		})
	}
}

// otherAuthority is a file with the certificate of an authority that has nothing to
// do with the server.
func otherAuthority(t *testing.T) string {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(7), Subject: pkix.Name{CommonName: "somebody else"}, NotAfter: time.Now().Add(time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "other.pem")
	if err := os.WriteFile(path, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}
