package syslog

import (
	"path/filepath"
	"testing"

	"github.com/indicatord/indicatord/outputs"
	"github.com/indicatord/indicatord/outputs/outputtest"
)

// log is a fake receiver of the suite.
type log interface {
	received() []message
	breakOff(*testing.T) (mend func())
}

func TestConformance(t *testing.T) {
	for _, tt := range []struct {
		name string
		tool func(*testing.T, *Settings) log
	}{
		{"tcp", func(t *testing.T, s *Settings) log {
			r := newReceiver(t)
			s.Address = r.address()
			return r
		}},
		{"tcp with newlines", func(t *testing.T, s *Settings) log {
			r := newReceiver(t)
			r.do(r.readWith(readLine))
			s.Address, s.Framing = r.address(), Newline
			return r
		}},
		{"udp", func(t *testing.T, s *Settings) log {
			r := newDatagramReceiver(t, "udp", "127.0.0.1:0")
			overUDP(s)
			s.Address, s.MaxDatagram = r.address, maxDatagram
			return r
		}},
		{"a datagram socket", func(t *testing.T, s *Settings) log {
			r := newDatagramReceiver(t, "unixgram", filepath.Join(t.TempDir(), "log"))
			s.Address, s.Network = r.address, Unix
			return r
		}},
		{"a stream socket", func(t *testing.T, s *Settings) log {
			r := newReceiverOn(t, listen(t, "unix", filepath.Join(t.TempDir(), "log")))
			r.do(r.readWith(readLine))
			s.Address, s.Network = r.address(), Unix
			return r
		}},
		{"tls", func(t *testing.T, s *Settings) log {
			pki := newAuthority(t)
			r := newReceiverOn(t, pki.listen(t))
			s.Address, s.Network, s.TLS.CA = r.address(), TLS, pki.ca
			return r
		}},
		{"relp", func(t *testing.T, s *Settings) log {
			r := newRELPReceiver(t)
			s.Address, s.Network = r.address(), RELP
			return r
		}},
		{"relp+tls", func(t *testing.T, s *Settings) log {
			pki := newAuthority(t)
			r := newRELPReceiverOn(t, pki.listen(t))
			s.Address, s.Network, s.TLS.CA = r.address(), RELPTLS, pki.ca
			return r
		}},
		{"two receivers", func(t *testing.T, s *Settings) log {
			first, second := newReceiver(t), newReceiver(t)
			s.Addresses, s.Receivers = []string{first.address(), second.address()}, All
			return second
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			outputtest.Run(t, outputtest.Suite{Spec: Spec(), New: func(t *testing.T) outputtest.Tool {
				settings := Defaults()
				receiver := tt.tool(t, settings)
				return outputtest.Tool{
					Settings: settings,
					Events:   func(t *testing.T) []outputtest.Event { return asEvents(t, receiver.received()) },
					Break:    receiver.breakOff,
				}
			}})
		})
	}
}

// asEvents reads the log as the suite wants it.
func asEvents(t *testing.T, messages []message) []outputtest.Event {
	t.Helper()
	ops := map[string]outputs.Op{"add": outputs.Add, "update": outputs.Update, "remove": outputs.Remove}
	events := make([]outputtest.Event, len(messages))
	for i, m := range messages {
		events[i] = outputtest.Event{Op: ops[m.value("action")], Key: m.key(t)}
	}
	return events
}
