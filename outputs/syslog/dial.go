package syslog

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"

	"golang.org/x/sys/unix"
)

// dial opens a connection to the receiver at the address. It gives up after the
// timeout, and when ctx ends.
func (s *Settings) dial(ctx context.Context, address string) (net.Conn, error) {
	dialer := net.Dialer{Timeout: s.Timeout}
	conn, err := s.dialWith(ctx, &dialer, address)
	return conn, cause(ctx, err)
}

func (s *Settings) dialWith(ctx context.Context, dialer *net.Dialer, address string) (net.Conn, error) {
	switch {
	case s.Network == Unix:
		return dialSocket(ctx, dialer, address)
	case s.Network.encrypted():
		config, err := s.TLS.config()
		if err != nil {
			return nil, err
		}
		secured, err := (&tls.Dialer{NetDialer: dialer, Config: config}).DialContext(ctx, "tcp", address)
		return secured, trustworthy(err)
	case s.Network == UDP:
		return dialer.DialContext(ctx, "udp", address)
	}
	return dialer.DialContext(ctx, "tcp", address)
}

// dialSocket opens a socket of the machine as the one of the two sorts that it
// is.
func dialSocket(ctx context.Context, dialer *net.Dialer, path string) (net.Conn, error) {
	conn, err := dialer.DialContext(ctx, "unixgram", path)
	if errors.Is(err, unix.EPROTOTYPE) {
		return dialer.DialContext(ctx, "unix", path)
	}
	return conn, err
}

// trustworthy says what to do where a receiver's certificate does not satisfy.
func trustworthy(err error) error {
	if _, distrusted := errors.AsType[*tls.CertificateVerificationError](err); distrusted {
		return fmt.Errorf("the receiver's certificate cannot be trusted (tls.ca names the authorities to trust, tls.server_name the name in it): %w", err)
	}
	return err
}
