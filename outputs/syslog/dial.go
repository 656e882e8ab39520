package syslog

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
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
		return secured, s.handshaken(trustworthy(err))
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

// handshaken says what may be wrong where a receiver does not even begin to speak
// TLS.
func (s *Settings) handshaken(err error) error {
	const advice = "check that its port is one for TLS"
	if _, unconnected := errors.AsType[*net.OpError](err); unconnected {
		return err
	}
	switch {
	case errors.Is(err, context.DeadlineExceeded):
		return fmt.Errorf("the receiver has not answered the TLS handshake within %s: %s", s.Timeout, advice)
	case errors.Is(err, io.EOF):
		return fmt.Errorf("the receiver closed the connection in the TLS handshake: %s, and see its own log", advice)
	}
	if _, garbled := errors.AsType[tls.RecordHeaderError](err); garbled {
		return fmt.Errorf("the receiver does not speak TLS: %s: %w", advice, err)
	}
	return err
}

// trustworthy says what to do where a receiver's certificate does not satisfy.
func trustworthy(err error) error {
	if _, distrusted := errors.AsType[*tls.CertificateVerificationError](err); distrusted {
		return fmt.Errorf("the receiver's certificate cannot be trusted (tls.ca names the authorities to trust, tls.server_name the name in it): %w", err)
	}
	return err
}
