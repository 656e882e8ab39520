package httpx

import (
	"crypto/sha256"
	"crypto/tls"
	"net/url"
	"strings"
	"testing"
)

func TestParseFingerprint(t *testing.T) {
	const digits = "a52dd93511e8c6045e21f16654b77c9ee0f34aea26d9f40320b531c474676228"
	pairs := make([]string, 0, len(digits)/2)
	for i := 0; i < len(digits); i += 2 {
		pairs = append(pairs, digits[i:i+2])
	}
	for _, text := range []string{digits, strings.ToUpper(digits), strings.Join(pairs, ":")} {
		if got, err := ParseFingerprint(text); err != nil || got.String() != digits {
			t.Errorf("ParseFingerprint(%q) = %v, %v", text, got, err)
		}
	}
	if got, err := ParseFingerprint(""); err != nil || got != (Fingerprint{}) {
		t.Errorf("an empty text = %v, %v, want none", got, err)
	}
	for _, text := range []string{digits[2:], digits + "00", "z" + digits[1:], "-----BEGIN CERTIFICATE-----"} {
		if _, err := ParseFingerprint(text); err == nil || !strings.Contains(err.Error(), "64 hexadecimal digits") {
			t.Errorf("ParseFingerprint(%q): %v", text, err)
		}
	}
}

// fingerprint is that of the authority's certificate.
func (a *authority) fingerprint() Fingerprint { return sha256.Sum256(a.certificate.Raw) }

// withChain makes a server show the authority's certificate beside its own.
func (a *authority) withChain(c *tls.Config) {
	c.Certificates[0].Certificate = append(c.Certificates[0].Certificate, a.certificate.Raw)
}

func pinned(t *testing.T, f Fingerprint, address string) *Client {
	t.Helper()
	client, err := Defaults().Client(Options{Addresses: []string{address}, Fingerprint: f})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.CloseIdleConnections)
	return client
}

func TestAFingerprint(t *testing.T) {
	ours, foreign := newAuthority(t, "ours"), newAuthority(t, "foreign")
	var leaf Fingerprint
	for _, tt := range []struct {
		name        string
		serve       func(*tls.Config)
		fingerprint func() Fingerprint
		host        string // of the address; it is 127.0.0.1 that serves
		want        string // "" is trusted
	}{
		{"of the authority that the server shows", ours.withChain, ours.fingerprint, "127.0.0.1", ""},
		{"of the server's own certificate", func(c *tls.Config) {
			leaf = sha256.Sum256(c.Certificates[0].Certificate[0])
		}, func() Fingerprint { return leaf }, "127.0.0.1", ""},
		{"of another authority", ours.withChain, foreign.fingerprint, "127.0.0.1", "no certificate of the server has the fingerprint"},
		{"of the authority, which the server keeps to itself", nil, ours.fingerprint, "127.0.0.1", "needs ca instead"},
		{"of an authority that is shown and has signed nothing", foreign.withChain, foreign.fingerprint, "127.0.0.1", "unknown authority"},
		{"of the right authority for another name", ours.withChain, ours.fingerprint, "localhost", "wanted to match localhost"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			address, err := url.Parse(ours.serve(t, tt.serve))
			if err != nil {
				t.Fatal(err)
			}
			address.Host = tt.host + ":" + address.Port()
			_, err = pinned(t, tt.fingerprint(), address.String()).Get(t.Context(), address.String(), nil)
			if tt.want == "" && err != nil {
				t.Errorf("not trusted: %v", err)
			}
			if tt.want != "" {
				wantError(t, err, tt.want)
			}
		})
	}
}

// A server at another address than those of the configuration is not ours to
// pin: it has to have a certificate as any server of the world.
func TestAFingerprintIsForTheConfiguredAddresses(t *testing.T) {
	a := newAuthority(t, "ours")
	configured, other := a.serve(t, a.withChain), a.serve(t, a.withChain)
	client := pinned(t, a.fingerprint(), configured)
	if _, err := client.Get(t.Context(), configured, nil); err != nil {
		t.Error(err)
	}
	_, err := client.Get(t.Context(), other, nil)
	wantError(t, err, "unknown authority")
}
