// Package syslog tells a SIEM of every change of a view: one RFC 5424 event for
// each entry that comes, changes or leaves, over TCP with octet counting (RFC
// 6587, section 3.4.1).
package syslog

import (
	_ "embed"
	"errors"
	"fmt"
	"net"
	"strconv"
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
		Summary:  "Sends one RFC 5424 event for each change of an entry to a SIEM, over TCP.",
		Sample:   sample,
		Settings: func() outputs.Settings { return Defaults() },
	}
}

// Settings is the settings block of a syslog output.
type Settings struct {
	// Address is the receiver's host and port.
	Address string `yaml:"address"`
	// Network is the transport: "tcp".
	Network string `yaml:"network"`
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
	// Timeout bounds the connection's start, each write, and the wait for the
	// receiver at the end.
	Timeout time.Duration `yaml:"timeout"`
	// Confirm makes the end of a delivery wait until the receiver has read
	// everything and closed the connection.
	Confirm bool `yaml:"confirm"`
}

// Defaults returns the settings of an output whose configuration gives none.
func Defaults() *Settings {
	return &Settings{
		Network:    "tcp",
		Facility:   Local0,
		Severity:   Informational,
		AppName:    "indicatord",
		Enterprise: 32473, // the number for examples, RFC 5612
		Payload:    SD,
		Delimiter:  "^",
		Encoding:   UTF8,
		MaxSize:    8096, // what rsyslog takes unless told otherwise
		Timeout:    10 * time.Second,
		Confirm:    true,
	}
}

// The bounds of max_size, in bytes: room for an event with an ordinary value,
// and more than any receiver takes.
const (
	minMaxSize = 1 << 10
	maxMaxSize = 1 << 20
)

// Validate reports everything that is wrong with the settings.
func (s *Settings) Validate() error {
	return errors.Join(
		plugin.Field("address", checkAddress(s.Address)),
		plugin.Field("network", checkNetwork(s.Network)),
		plugin.Field("app_name", checkHeaderField(s.AppName, maxAppName)),
		plugin.Field("hostname", s.checkHostname()),
		plugin.Field("enterprise", checkEnterprise(s.Enterprise)),
		s.validatePayload(),
		plugin.Field("max_size", checkMaxSize(s.MaxSize)),
		plugin.Field("timeout", checkTimeout(s.Timeout)),
	)
}

// Open makes the output. The receiver is first spoken to by the first delivery.
func (s *Settings) Open(env plugin.Env) (outputs.Output, error) {
	return newOutput(*s, env)
}

func checkAddress(address string) error {
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

func checkNetwork(network string) error {
	if network == "tcp" {
		return nil
	}
	return fmt.Errorf(`%q is not supported: want "tcp"`, network)
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

func checkEnterprise(n uint32) error {
	if n == 0 {
		return errors.New("0 is reserved: want the site's private enterprise number, or 32473, the one for examples")
	}
	return nil
}

func checkMaxSize(n int) error {
	if n < minMaxSize || n > maxMaxSize {
		return fmt.Errorf("%d bytes is out of range: want %d to %d", n, minMaxSize, maxMaxSize)
	}
	return nil
}

func checkTimeout(d time.Duration) error {
	if d <= 0 {
		return fmt.Errorf("%s is not a time to wait: want more than 0, such as 10s", d)
	}
	return nil
}
