package syslog

import (
	"fmt"
	"slices"
	"strings"
)

// Network is a transport for events.
type Network string

// The transports.
const (
	// UDP sends each event in a datagram of its own (RFC 5426). Nothing tells
	// whether it arrived.
	UDP Network = "udp"
	// TCP is plain TCP (RFC 6587).
	TCP Network = "tcp"
	// TLS is TLS over TCP (RFC 5425).
	TLS Network = "tls"
	// RELP is the Reliable Event Logging Protocol, in which the receiver
	// acknowledges each event.
	RELP Network = "relp"
	// RELPTLS is RELP within TLS.
	RELPTLS Network = "relp+tls"
	// Unix is a socket of the machine, such as /dev/log: of datagrams, or a
	// stream.
	Unix Network = "unix"
)

// Framing says where an event ends in a stream (RFC 6587, section 3.4).
type Framing string

// The framings.
const (
	// Octets writes the length of each event before it.
	Octets Framing = "octets"
	// Newline writes a line feed after each event.
	Newline Framing = "newline"
)

// Header is the form of what stands before an event's payload.
type Header string

// The headers.
const (
	// RFC5424 has a version, a year, a zone and structured data.
	RFC5424 Header = "rfc5424"
	// RFC3164 is the older form, for receivers that know no other.
	RFC3164 Header = "rfc3164"
)

// Receivers says which of several receivers get the events.
type Receivers string

// The ways to use several receivers.
const (
	// Failover sends each delivery to the first receiver that takes it.
	Failover Receivers = "failover"
	// All sends each delivery to every receiver, and counts it once all of them
	// have it.
	All Receivers = "all"
)

func (n Network) encrypted() bool { return n == TLS || n == RELPTLS }

// acknowledges reports whether the receiver answers for each event.
func (n Network) acknowledges() bool { return n == RELP || n == RELPTLS }

// framing is how events are told apart where the settings do not say.
func (n Network) framing() Framing {
	if n == Unix {
		return Newline
	}
	return Octets
}

// oneOf reports a word that is none of those known.
func oneOf[T ~string](word T, known ...T) error {
	if slices.Contains(known, word) {
		return nil
	}
	names := make([]string, len(known))
	for i, name := range known {
		names[i] = string(name)
	}
	return fmt.Errorf("%q is not supported: want one of %s", word, strings.Join(names, ", "))
}
