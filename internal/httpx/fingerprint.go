package httpx

import (
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/hex"
	"errors"
	"fmt"
	"net/netip"
	"strings"
)

// Fingerprint is the SHA-256 of a certificate in DER. The zero value stands for
// none.
type Fingerprint [sha256.Size]byte

// ParseFingerprint reads 64 hexadecimal digits, with or without colons between
// the bytes: both forms are printed by tools. An empty text is no fingerprint.
func ParseFingerprint(text string) (Fingerprint, error) {
	var f Fingerprint
	if text == "" {
		return f, nil
	}
	raw, err := hex.DecodeString(strings.ReplaceAll(text, ":", ""))
	if err != nil || len(raw) != len(f) {
		return f, errors.New("is not the SHA-256 of a certificate: want 64 hexadecimal digits, with or without colons between the bytes")
	}
	return Fingerprint(raw), nil
}

// String writes the digits without colons, as Elasticsearch prints them.
func (f Fingerprint) String() string { return hex.EncodeToString(f[:]) }

var errNotPinned = errors.New("no certificate of the server has the fingerprint that is configured")

// pin trusts one certificate that the server shows, and what that has signed.
type pin struct {
	sum Fingerprint
	// addresses are the hosts of the configuration that are IP addresses. A
	// handshake does not say which of them it is for.
	addresses []string
}

// newPin makes a pin for the hosts of the trusted origins.
func newPin(f Fingerprint, hosts []string) *pin {
	p := &pin{sum: f}
	for _, host := range hosts {
		if _, err := netip.ParseAddr(host); err == nil {
			p.addresses = append(p.addresses, host)
		}
	}
	return p
}

// apply makes the configuration trust the pin in place of authorities. The whole
// verification is then done by [pin.verify], which the standard library's would
// refuse to come to.
func (p *pin) apply(config *tls.Config) {
	config.InsecureSkipVerify = true
	config.VerifyConnection = p.verify
}

// verify is the tls.Config.VerifyConnection. A certificate that anybody may copy
// proves nothing by being shown, so the server's own has to be signed by it and
// to be for this host.
func (p *pin) verify(state tls.ConnectionState) error {
	options := x509.VerifyOptions{Roots: x509.NewCertPool(), Intermediates: x509.NewCertPool()}
	found := false
	var shown []string
	for _, certificate := range state.PeerCertificates {
		sum := Fingerprint(sha256.Sum256(certificate.Raw))
		shown = append(shown, fmt.Sprintf("%q with %x…", certificate.Subject.CommonName, sum[:8]))
		if sum == p.sum {
			found = true
			options.Roots.AddCert(certificate)
		} else {
			options.Intermediates.AddCert(certificate)
		}
	}
	var err error
	if found {
		err = p.verifyHost(state, options)
	} else {
		err = fmt.Errorf("%w: it shows %s", errNotPinned, strings.Join(shown, " and "))
	}
	if err != nil {
		return &tls.CertificateVerificationError{UnverifiedCertificates: state.PeerCertificates, Err: err}
	}
	return nil
}

// verifyHost checks the chain and the name. A host that is an IP address is in
// no handshake, so the certificate has to be for one of those configured.
func (p *pin) verifyHost(state tls.ConnectionState, options x509.VerifyOptions) error {
	names := p.addresses
	if state.ServerName != "" {
		names = []string{state.ServerName}
	}
	err := errors.New("the handshake names no host")
	for _, options.DNSName = range names {
		if _, err = state.PeerCertificates[0].Verify(options); err == nil {
			return nil
		}
	}
	return err
}
