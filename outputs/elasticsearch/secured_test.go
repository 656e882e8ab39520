//go:build real

package elasticsearch

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/json"
	"encoding/pem"
	"math/big"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/indicatord/indicatord/internal/httpx"
	"github.com/indicatord/indicatord/internal/plugin"
	"github.com/indicatord/indicatord/internal/secret"
	"github.com/indicatord/indicatord/outputs/outputtest"
)

const superuser = "a-password-of-the-test"

// secured is a node with TLS, users and API keys.
type secured struct {
	*node
	ca     string
	client *http.Client
}

func startSecured(t *testing.T) *secured {
	t.Helper()
	dir := t.TempDir()
	ca := writeCertificate(t, filepath.Join(dir, "config"))
	roots := x509.NewCertPool()
	text, err := os.ReadFile(ca)
	if err != nil || !roots.AppendCertsFromPEM(text) {
		t.Fatal("reading the certificate back: ", err)
	}
	n := startNode(t, dir, "xpack.security.enabled=true", "secure:bootstrap.password="+superuser,
		"xpack.security.http.ssl.enabled=true", "xpack.security.http.ssl.certificate=cert.pem", "xpack.security.http.ssl.key=key.pem")
	transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12}, DisableKeepAlives: true}
	return &secured{node: n, ca: ca, client: &http.Client{Transport: transport}}
}

// writeCertificate makes a certificate for loopback and returns its path.
func writeCertificate(t *testing.T, dir string) string {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		Subject:      pkix.Name{CommonName: "a node of the test"},
		SerialNumber: big.NewInt(1), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true,
		KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
	}
	certificate, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	writePEM(t, filepath.Join(dir, "key.pem"), "PRIVATE KEY", private)
	return writePEM(t, filepath.Join(dir, "cert.pem"), "CERTIFICATE", certificate)
}

func writePEM(t *testing.T, path, kind string, content []byte) string {
	t.Helper()
	if err := os.WriteFile(path, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: content}), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// apiKey makes an API key with the privileges and returns a file that holds it.
func (s *secured) apiKey(t *testing.T, cluster, index []string) *secret.Ref {
	t.Helper()
	body, err := json.Marshal(map[string]any{"name": t.Name(), "role_descriptors": map[string]any{"role": map[string]any{
		"cluster": cluster, "indices": []any{map[string]any{"names": []string{"logs-ti_*"}, "privileges": index}},
	}}})
	if err != nil {
		t.Fatal(err)
	}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.url+"/_security/api_key", bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	req.SetBasicAuth("elastic", superuser)
	res, err := s.client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	var key struct{ Encoded string }
	if err := json.NewDecoder(res.Body).Decode(&key); err != nil || key.Encoded == "" {
		t.Fatalf("making an API key: status %d, %v", res.StatusCode, err)
	}
	return inFile(t, key.Encoded)
}

// inFile writes a secret into a file.
func inFile(t *testing.T, text string) *secret.Ref {
	t.Helper()
	path := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(path, []byte(text+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	return &secret.Ref{File: path}
}

// as returns settings for a new index under an API key.
func (s *secured) as(key *secret.Ref) *Settings {
	settings := s.settings()
	settings.CA = s.ca
	settings.Auth = httpx.Auth{APIKey: key}
	return settings
}

// The privileges are those that the README lists.
func TestSecuredElasticsearch(t *testing.T) {
	s := startSecured(t)
	all := s.apiKey(t, []string{"monitor", "manage_index_templates"}, []string{"view_index_metadata", "create_index", "manage", "index", "delete"})
	few := s.apiKey(t, nil, []string{"view_index_metadata", "index", "delete"})
	view := outputtest.NewView(outputtest.Entries(1, 20)...)

	t.Run("first with all privileges then with few", func(t *testing.T) {
		settings := s.as(all)
		o := openWith(t, settings)
		if _, err := o.Probe(t.Context()); err != nil {
			t.Error(err)
		}
		deliver(t, o, view.Delivery())
		settings.Auth = httpx.Auth{APIKey: few}
		deliver(t, openWith(t, settings), view.Delivery())
	})
	t.Run("basic authentication", func(t *testing.T) {
		settings := s.as(nil)
		settings.Auth = httpx.Auth{Basic: &httpx.Basic{Username: "elastic", Password: *inFile(t, superuser)}}
		deliver(t, openWith(t, settings), view.Delivery())
	})
	for _, tt := range []struct {
		name   string
		change func(*testing.T, *Settings)
		want   string
	}{
		{"few privileges and no index", func(_ *testing.T, settings *Settings) {
			settings.Auth.APIKey = few
		}, "manage_index_templates"},
		{"an index outside the account's pattern", func(_ *testing.T, settings *Settings) {
			settings.Index = "elsewhere"
		}, "security_exception"},
		{"no right to write", func(t *testing.T, settings *Settings) {
			settings.Auth.APIKey = s.apiKey(t, []string{"manage_index_templates"}, []string{"view_index_metadata", "create_index", "manage"})
			deliver(t, openWith(t, settings), outputtest.NewView().Delivery())
			settings.Auth.APIKey = s.apiKey(t, nil, []string{"view_index_metadata"})
		}, "granted by the index privileges"},
		{"a wrong key", func(t *testing.T, settings *Settings) {
			settings.Auth.APIKey = inFile(t, "d3Jvbmc6d3Jvbmctc2VjcmV0")
		}, "401 Unauthorized"},
		{"no credentials", func(_ *testing.T, settings *Settings) {
			settings.Auth.APIKey = nil
		}, "401 Unauthorized"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			settings := s.as(all)
			tt.change(t, settings)
			_, err := openWith(t, settings).Deliver(t.Context(), view.Delivery())
			if err == nil || !plugin.IsPermanent(err) || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("err = %v, want a permanent one with %q", err, tt.want)
			}
			if err != nil && strings.Contains(err.Error(), "d3Jvbmc6d3Jvbmctc2VjcmV0") {
				t.Errorf("the error shows the key: %v", err)
			}
		})
	}
	t.Run("an authority that nobody told us of", func(t *testing.T) {
		settings := s.as(all)
		settings.CA = ""
		_, err := openWith(t, settings).Deliver(t.Context(), view.Delivery())
		if err == nil || !strings.Contains(err.Error(), "set ca") {
			t.Errorf("err = %v, want one that says to set ca", err)
		}
	})
}
