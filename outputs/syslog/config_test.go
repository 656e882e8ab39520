package syslog

import (
	"strings"
	"testing"
	"time"

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
		{"UDP", func(s *Settings) { s.Network = "udp" }, `network: "udp" is not supported: want "tcp"`},
		{"TLS", func(s *Settings) { s.Network = "tls" }, `network: "tls" is not supported: want "tcp"`},
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
	for _, field := range []string{"address", "network", "app_name", "enterprise", "max_size", "timeout"} {
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
