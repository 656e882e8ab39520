package syslog

import (
	"strings"
	"testing"
	"time"

	"github.com/indicatord/indicatord/internal/httpx"
	"github.com/indicatord/indicatord/internal/plugin"
)

var pluginEnv = plugin.Env{Site: "plant-07", Name: "siem"}

func TestValidate(t *testing.T) {
	for _, tt := range []struct {
		name   string
		change func(*Settings)
		want   string // "" is valid
	}{
		{"a name and a port", func(s *Settings) { s.Address = "siem.example:601" }, ""},
		{"IPv6", func(s *Settings) { s.Address = "[2001:db8::7]:6514" }, ""},
		{"no address", func(s *Settings) { s.Address = "" }, "address: is missing"},
		{"no port", func(s *Settings) { s.Address = "siem.example" }, "address: "},
		{"no host", func(s *Settings) { s.Address = ":601" }, "address: "},
		{"a service's name", func(s *Settings) { s.Address = "siem.example:syslog" }, `"syslog" is not a port`},
		{"port 0", func(s *Settings) { s.Address = "siem.example:0" }, `"0" is not a port`},
		{"UDP", func(s *Settings) { s.Network = UDP }, ""},
		{"TLS", func(s *Settings) { s.Network = TLS }, ""},
		{"RELP", func(s *Settings) { s.Network = RELP }, ""},
		{"RELP over TLS", func(s *Settings) { s.Network = RELPTLS }, ""},
		{"a network that is none", func(s *Settings) { s.Network = "sctp" }, `network: "sctp" is not supported: want one of udp, tcp, tls, relp, relp+tls, unix`},
		{"a socket", func(s *Settings) { s.Network, s.Address = Unix, "/dev/log" }, ""},
		{"a socket without a path", func(s *Settings) { s.Network = Unix }, `address: "siem.example:601" is not the absolute path of a socket`},
		{"several receivers", func(s *Settings) { s.Address, s.Addresses = "", []string{"a.example:601", "b.example:601"} }, ""},
		{"an address beside several", func(s *Settings) { s.Addresses = []string{"a.example:601"} }, "address: stands beside addresses"},
		{"a receiver twice", func(s *Settings) { s.Address, s.Addresses = "", []string{"a.example:601", "a.example:601"} }, `addresses[1]: "a.example:601" stands there twice`},
		{"a wrong one of several", func(s *Settings) { s.Address, s.Addresses = "", []string{"a.example:601", "b.example"} }, "addresses[1]: "},
		{"receivers of no sort", func(s *Settings) { s.Receivers = "some" }, `receivers: "some" is not supported: want one of failover, all`},
		{"newlines over TCP", func(s *Settings) { s.Framing = Newline }, ""},
		{"a framing that is none", func(s *Settings) { s.Framing = "nul" }, `framing: "nul" is not supported`},
		{"newlines over TLS", func(s *Settings) { s.Network, s.Framing = TLS, Newline }, "framing: "},
		{"framing over UDP", func(s *Settings) { s.Network, s.Framing = UDP, Octets }, "framing: is for streams"},
		{"framing over RELP", func(s *Settings) { s.Network, s.Framing = RELP, Octets }, "framing: is for streams"},
		{"TLS settings without TLS", func(s *Settings) { s.TLS.CA = "ca.pem" }, `tls: is for the networks "tls" and "relp+tls"`},
		{"an old TLS", func(s *Settings) { s.Network, s.TLS.MinVersion = TLS, "1.1" }, `tls.min_version: "1.1"`},
		{"a certificate without its key", func(s *Settings) {
			s.Network, s.TLS.ClientCertificate = TLS, &httpx.ClientCertificate{Cert: "gate.pem"}
		}, "tls.client_certificate.key: is missing"},
		{"a key without its certificate", func(s *Settings) {
			s.Network, s.TLS.ClientCertificate = TLS, &httpx.ClientCertificate{Key: "gate.key"}
		}, "tls.client_certificate.cert: is missing"},
		{"a rate below zero", func(s *Settings) { s.Rate.Events = -1 }, "rate.events: "},
		{"bytes below zero", func(s *Settings) { s.Rate.Bytes = -1 }, "rate.bytes: "},
		{"a header that is none", func(s *Settings) { s.Header = "rfc6587" }, `header: "rfc6587" is not supported: want one of rfc5424, rfc3164`},
		{"the old header", func(s *Settings) { s.Header = RFC3164 }, ""},
		{"the old header with a colon in its tag", func(s *Settings) { s.Header, s.AppName = RFC3164, "a:b" }, "app_name: "},
		{"the old header with a long tag", func(s *Settings) { s.Header, s.AppName = RFC3164, strings.Repeat("a", 33) }, "app_name: "},
		{"datagrams that no network carries", func(s *Settings) { s.MaxDatagram = 65508 }, "max_datagram: "},
		{"no application", func(s *Settings) { s.AppName = "" }, "app_name: "},
		{"an application with a space", func(s *Settings) { s.AppName = "indi catord" }, "app_name: "},
		{"a long application", func(s *Settings) { s.AppName = strings.Repeat("a", 49) }, "app_name: "},
		{"a host name with a newline", func(s *Settings) { s.Hostname = "gate\n" }, "hostname: "},
		{"no enterprise", func(s *Settings) { s.Enterprise = 0 }, "enterprise: "},
		{"tiny events", func(s *Settings) { s.MaxSize = 480 }, "max_size: "},
		{"huge events", func(s *Settings) { s.MaxSize = 1 << 30 }, "max_size: "},
		{"no time", func(s *Settings) { s.Timeout = -time.Second }, "timeout: "},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := Defaults()
			s.Address = "siem.example:601"
			tt.change(s)
			err := s.Validate()
			if tt.want == "" && err != nil {
				t.Fatalf("Validate = %v, want nil", err)
			}
			if tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want)) {
				t.Fatalf("Validate = %v, want %q", err, tt.want)
			}
		})
	}
}

func TestValidateReportsEverythingAtOnce(t *testing.T) {
	err := (&Settings{}).Validate()
	for _, field := range []string{"address", "receivers", "network", "tls.min_version", "header", "app_name", "enterprise", "max_size", "max_datagram", "timeout"} {
		if err == nil || !strings.Contains(err.Error(), field+": ") {
			t.Errorf("%s is not reported: %v", field, err)
		}
	}
}

func TestFacilityAndSeverityNames(t *testing.T) {
	for code, name := range facilities {
		var f Facility
		if err := f.UnmarshalText([]byte(name)); err != nil || int(f) != code || f.String() != name {
			t.Errorf("%s = %d, %v", name, f, err)
		}
	}
	for code, name := range severities {
		var s Severity
		if err := s.UnmarshalText([]byte(name)); err != nil || int(s) != code || s.String() != name {
			t.Errorf("%s = %d, %v", name, s, err)
		}
	}
	if got := priority(23, 7); got != 191 {
		t.Errorf("the highest priority is %d, want 191", got)
	}
	var f Facility
	if err := f.UnmarshalText([]byte("local8")); err == nil || !strings.Contains(err.Error(), "local7") {
		t.Errorf("local8: %v, want an error that lists the names", err)
	}
}
