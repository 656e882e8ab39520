package syslog

import (
	"errors"
	"fmt"
	"net"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/indicatord/indicatord/internal/plugin"
)

// The bounds of the lengths of events, in bytes: room for an event with an
// ordinary value, more than any receiver takes, and what UDP can carry over IPv4.
const (
	minMaxSize  = 1 << 10
	maxMaxSize  = 1 << 20
	maxDatagram = 65507
)

// Validate reports everything that is wrong with the settings.
func (s *Settings) Validate() error {
	return errors.Join(
		s.checkAddresses(),
		plugin.Field("receivers", oneOf(s.Receivers, Failover, All)),
		plugin.Field("network", oneOf(s.Network, UDP, TCP, TLS, RELP, RELPTLS, Unix)),
		plugin.Field("framing", s.checkFraming()),
		s.TLS.validate(s.Network),
		plugin.Field("rate.events", checkRate(s.Rate.Events)),
		plugin.Field("rate.bytes", checkRate(s.Rate.Bytes)),
		plugin.Field("header", oneOf(s.Header, RFC5424, RFC3164)),
		plugin.Field("app_name", s.checkAppName()),
		plugin.Field("hostname", s.checkHostname()),
		plugin.Field("enterprise", checkEnterprise(s.Enterprise)),
		s.validatePayload(),
		plugin.Field("max_size", checkSize(s.MaxSize, maxMaxSize)),
		plugin.Field("max_datagram", checkSize(s.MaxDatagram, maxDatagram)),
		plugin.Field("timeout", checkTimeout(s.Timeout)),
	)
}

func (s *Settings) checkAddresses() error {
	if len(s.Addresses) == 0 {
		return plugin.Field("address", s.checkAddress(s.Address))
	}
	var errs []error
	if s.Address != "" {
		errs = append(errs, plugin.Fieldf("address", "stands beside addresses: want one of the two"))
	}
	seen := map[string]bool{}
	for i, address := range s.Addresses {
		place := fmt.Sprintf("addresses[%d]", i)
		errs = append(errs, plugin.Field(place, s.checkAddress(address)))
		if seen[address] {
			errs = append(errs, plugin.Fieldf(place, "%q stands there twice", address))
		}
		seen[address] = true
	}
	return errors.Join(errs...)
}

func (s *Settings) checkAddress(address string) error {
	if s.Network == Unix {
		return checkSocket(address)
	}
	return checkHostPort(address)
}

func checkSocket(path string) error {
	if !filepath.IsAbs(path) {
		return fmt.Errorf(`%q is not the absolute path of a socket: want something like "/dev/log"`, path)
	}
	return nil
}

func checkHostPort(address string) error {
	if address == "" {
		return errors.New(`is missing: want the receiver's host and port, such as "siem.example:601"`)
	}
	host, port, err := net.SplitHostPort(address)
	if err != nil || host == "" {
		return fmt.Errorf(`%q is not a host and a port: want something like "siem.example:601" or "[2001:db8::7]:601"`, address)
	}
	if n, err := strconv.ParseUint(port, 10, 16); err != nil || n == 0 {
		return fmt.Errorf("%q is not a port: want a number from 1 to 65535", port)
	}
	return nil
}

func (s *Settings) checkFraming() error {
	switch {
	case s.Framing == "":
		return nil
	case s.Network == TLS && s.Framing == Newline:
		return errors.New(`"newline" is not for TLS, which counts octets (RFC 5425, section 4.3): want "octets"`)
	case s.Network == UDP || s.Network.acknowledges():
		return fmt.Errorf("is for streams: leave it out, since %q has a way of its own to tell events apart", s.Network)
	}
	return oneOf(s.Framing, Octets, Newline)
}

// checkAppName keeps to what ends a TAG where the header has one.
func (s *Settings) checkAppName() error {
	if s.Header != RFC3164 {
		return checkHeaderField(s.AppName, maxAppName)
	}
	if strings.ContainsAny(s.AppName, ":[]") {
		return fmt.Errorf("%q does not fit the tag of RFC 3164, which ends at a colon or a bracket", s.AppName)
	}
	return checkHeaderField(s.AppName, maxTag)
}

func (s *Settings) checkHostname() error {
	if s.Hostname == "" {
		return nil
	}
	return checkHeaderField(s.Hostname, maxHostname)
}

func checkHeaderField(text string, limit int) error {
	if text == "" || headerField(text, limit) != text {
		return fmt.Errorf("%q does not fit the header: want 1 to %d printable ASCII characters without spaces", text, limit)
	}
	return nil
}

func checkRate(n int) error {
	if n < 0 {
		return fmt.Errorf("%d is no rate: want a number for each second, or 0 for no bound", n)
	}
	return nil
}

func checkEnterprise(n uint32) error {
	if n == 0 {
		return errors.New("0 is reserved: want the site's private enterprise number, or 32473, the one for examples")
	}
	return nil
}

func checkSize(n, highest int) error {
	if n < minMaxSize || n > highest {
		return fmt.Errorf("%d bytes is out of range: want %d to %d", n, minMaxSize, highest)
	}
	return nil
}

func checkTimeout(d time.Duration) error {
	if d <= 0 {
		return fmt.Errorf("%s is not a time to wait: want more than 0, such as 10s", d)
	}
	return nil
}
