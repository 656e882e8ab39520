package syslog

import (
	"crypto/tls"
	"errors"
	"fmt"

	"github.com/indicatord/indicatord/internal/httpx"
	"github.com/indicatord/indicatord/internal/plugin"
)

// Security says how TLS is spoken: whom to trust, and who we are.
type Security struct {
	// CA is the path of a PEM file with the authorities to trust instead of the
	// system's. A receiver's own certificate may stand in it.
	CA string `yaml:"ca"`
	// ServerName is the name that the receiver's certificate must hold. Empty is
	// the host of the address.
	ServerName string `yaml:"server_name"`
	// ClientCertificate says who we are, where the receiver asks.
	ClientCertificate *httpx.ClientCertificate `yaml:"client_certificate"`
	// MinVersion is the oldest version of TLS to speak: "1.2" or "1.3".
	MinVersion string `yaml:"min_version"`
}

var tlsVersions = map[string]uint16{"1.2": tls.VersionTLS12, "1.3": tls.VersionTLS13}

// config reads the files anew, so that a certificate that was renewed needs no
// restart.
func (s Security) config() (*tls.Config, error) {
	roots, err := httpx.ReadCA(s.CA)
	if err != nil {
		return nil, fmt.Errorf("tls: %w", err)
	}
	config := &tls.Config{MinVersion: tlsVersions[s.MinVersion], RootCAs: roots, ServerName: s.ServerName}
	if s.ClientCertificate == nil {
		return config, nil
	}
	pair, err := tls.LoadX509KeyPair(s.ClientCertificate.Cert, s.ClientCertificate.Key)
	if err != nil {
		return nil, plugin.Permanent(fmt.Errorf("reading tls.client_certificate: %w", err))
	}
	config.Certificates = []tls.Certificate{pair}
	return config, nil
}

// validate reports what is wrong with the settings for a network.
func (s Security) validate(network Network) error {
	if s == (Security{MinVersion: s.MinVersion}) {
		return plugin.Field("tls.min_version", s.checkVersion())
	}
	if !network.encrypted() {
		return plugin.Fieldf("tls", `is for the networks "tls" and "relp+tls": events over %q are not encrypted`, network)
	}
	return errors.Join(plugin.Field("tls.min_version", s.checkVersion()), checkPair(s.ClientCertificate))
}

func (s Security) checkVersion() error {
	if _, known := tlsVersions[s.MinVersion]; !known {
		return fmt.Errorf(`%q is not a version to speak: want "1.2" or "1.3"`, s.MinVersion)
	}
	return nil
}

func checkPair(pair *httpx.ClientCertificate) error {
	if pair == nil {
		return nil
	}
	var errs []error
	if pair.Cert == "" {
		errs = append(errs, plugin.Fieldf("tls.client_certificate.cert", "is missing: want the path of a PEM file"))
	}
	if pair.Key == "" {
		errs = append(errs, plugin.Fieldf("tls.client_certificate.key", "is missing: want the path of a PEM file"))
	}
	return errors.Join(errs...)
}
