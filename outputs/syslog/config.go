// Package syslog tells a SIEM of every change of a view: one syslog event for
// each entry that comes, changes or leaves, over UDP, TCP, TLS, RELP or a socket
// of the machine.
package syslog

import (
	_ "embed"
	"time"

	"github.com/indicatord/indicatord/internal/plugin"
	"github.com/indicatord/indicatord/outputs"
)

//go:embed sample.yaml
var sample string

// Spec describes the output to the agent.
func Spec() outputs.Spec {
	return outputs.Spec{
		Name:     "syslog",
		Summary:  "Sends one syslog event for each change of an entry to a SIEM, over UDP, TCP, TLS or RELP.",
		Sample:   sample,
		Settings: func() outputs.Settings { return Defaults() },
	}
}

// Settings is the settings block of a syslog output.
type Settings struct {
	// Address is the receiver's host and port, or the path of a socket.
	Address string `yaml:"address"`
	// Addresses are several receivers, in place of Address.
	Addresses []string `yaml:"addresses"`
	// Receivers says which of several receivers get the events.
	Receivers Receivers `yaml:"receivers"`
	// Network is the transport.
	Network Network `yaml:"network"`
	// Framing tells events apart in a stream. Empty is what is usual for the
	// network: octets, and for a socket of the machine a newline.
	Framing Framing `yaml:"framing"`
	// TLS says how the networks "tls" and "relp+tls" are secured.
	TLS Security `yaml:"tls"`
	// Rate bounds what is sent.
	Rate Rate `yaml:"rate"`
	// Header is the form of what stands before an event's payload.
	Header Header `yaml:"header"`
	// Facility and Severity make the priority of every event (RFC 5424, section
	// 6.2.1).
	Facility Facility `yaml:"facility"`
	Severity Severity `yaml:"severity"`
	// Hostname is the HOSTNAME of every event. Empty is the machine's own name.
	Hostname string `yaml:"hostname"`
	// AppName is the APP-NAME of every event.
	AppName string `yaml:"app_name"`
	// Enterprise is the private enterprise number in the name of the structured
	// data element (RFC 5424, section 7.2.2).
	Enterprise uint32 `yaml:"enterprise"`
	// Payload is the notation of the events.
	Payload Payload `yaml:"payload"`
	// Template is what the payload "template" writes for an event, in the
	// language of the package text/template.
	Template string `yaml:"template"`
	// Delimiter stands between the fields of LEEF 2.0.
	Delimiter string `yaml:"delimiter"`
	// Encoding is how the characters of the payload become bytes.
	Encoding Encoding `yaml:"encoding"`
	// MaxSize is the length of the longest event, in bytes.
	MaxSize int `yaml:"max_size"`
	// MaxDatagram is the length of the longest event over UDP, in bytes, where
	// MaxSize is not less.
	MaxDatagram int `yaml:"max_datagram"`
	// Timeout bounds the connection's start, each write, and each wait for an
	// answer of the receiver.
	Timeout time.Duration `yaml:"timeout"`
	// Confirm makes the end of a delivery over a stream without acknowledgements
	// wait until the receiver has read everything and closed the connection.
	Confirm bool `yaml:"confirm"`
}

// Defaults returns the settings of an output whose configuration gives none.
func Defaults() *Settings {
	return &Settings{
		Network:     TCP,
		Receivers:   Failover,
		TLS:         Security{MinVersion: "1.2"},
		Header:      RFC5424,
		Facility:    Local0,
		Severity:    Informational,
		AppName:     "indicatord",
		Enterprise:  32473, // the number for examples, RFC 5612
		Payload:     SD,
		Delimiter:   "^",
		Encoding:    UTF8,
		MaxSize:     8096, // what rsyslog takes unless told otherwise
		MaxDatagram: 1472, // what fits into one Ethernet frame after the headers of IPv4 and UDP
		Timeout:     10 * time.Second,
		Confirm:     true,
	}
}

// Open makes the output. The receiver is first spoken to by the first delivery.
func (s *Settings) Open(env plugin.Env) (outputs.Output, error) {
	return newOutput(*s, env)
}

// addresses are the receivers, however many the settings name.
func (s *Settings) addresses() []string {
	if len(s.Addresses) > 0 {
		return s.Addresses
	}
	return []string{s.Address}
}

func (s *Settings) framing() Framing {
	if s.Framing == "" {
		return s.Network.framing()
	}
	return s.Framing
}

// longest is the length of the longest event that the network carries.
func (s *Settings) longest() int {
	if s.Network == UDP {
		return min(s.MaxSize, s.MaxDatagram)
	}
	return s.MaxSize
}
