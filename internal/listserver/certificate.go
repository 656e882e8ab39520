package listserver

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"log/slog"
	"os"
	"sync"
	"time"

	"github.com/indicatord/indicatord/internal/secret"
)

// TLS says who the server is, and which authority vouches for devices.
type TLS struct {
	// Certificate is the path of a PEM file with the server's certificate and
	// those between it and its authority.
	Certificate string
	// Key is where the PEM text of its key is.
	Key secret.Ref
	// ClientCA is the path of a PEM file with the authorities of client
	// certificates, "" for none.
	ClientCA string
}

// certificatesFor is how long the files count that were read: a renewed
// certificate is used by then.
const certificatesFor = 10 * time.Second

// certificates are read again from time to time. While the files cannot be read,
// those that were read last stay in use.
type certificates struct {
	files TLS
	log   *slog.Logger
	now   func() time.Time

	mu      sync.Mutex
	config  *tls.Config
	err     error
	checked time.Time
	pem     string
}

// forHandshake returns the configuration for one handshake; it is the
// tls.Config.GetConfigForClient.
func (c *certificates) forHandshake(*tls.ClientHelloInfo) (*tls.Config, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	now := c.now()
	if !c.checked.IsZero() && now.Sub(c.checked).Abs() < certificatesFor {
		return c.usable()
	}
	c.checked = now
	if c.err = c.read(); c.err != nil {
		c.log.Error("the certificate of the list server cannot be read; the one before stays in use", "error", c.err)
	}
	return c.usable()
}

func (c *certificates) usable() (*tls.Config, error) {
	if c.config == nil {
		return nil, c.err
	}
	return c.config, nil
}

// read makes a new configuration where the files have changed. Another one gives
// up the sessions of the one before.
func (c *certificates) read() error {
	certificate, err := os.ReadFile(c.files.Certificate)
	if err != nil {
		return fmt.Errorf("reading lists.tls.certificate: %w", err)
	}
	key, err := c.files.Key.Read()
	if err != nil {
		return fmt.Errorf("reading lists.tls.key: %w", err)
	}
	var authorities []byte
	if c.files.ClientCA != "" {
		if authorities, err = os.ReadFile(c.files.ClientCA); err != nil {
			return fmt.Errorf("reading lists.tls.client_ca: %w", err)
		}
	}
	all := string(certificate) + "\x00" + key.Reveal() + "\x00" + string(authorities)
	if all == c.pem {
		return nil
	}
	config, err := newConfig(certificate, []byte(key.Reveal()), authorities)
	if err != nil {
		return err
	}
	c.config, c.pem = config, all
	return nil
}

func newConfig(certificate, key, authorities []byte) (*tls.Config, error) {
	pair, err := tls.X509KeyPair(certificate, key)
	if err != nil {
		return nil, fmt.Errorf("reading lists.tls.certificate and its key: %w", err)
	}
	config := &tls.Config{MinVersion: tls.VersionTLS12, Certificates: []tls.Certificate{pair}, NextProtos: []string{"h2", "http/1.1"}}
	if authorities == nil {
		return config, nil
	}
	config.ClientCAs = x509.NewCertPool()
	if !config.ClientCAs.AppendCertsFromPEM(authorities) {
		return nil, fmt.Errorf("reading lists.tls.client_ca: it holds no PEM certificate")
	}
	config.ClientAuth = tls.VerifyClientCertIfGiven
	return config, nil
}
