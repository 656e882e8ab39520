package syslog

import (
	"fmt"
	"slices"
	"strings"
)

// facilities are the names of RFC 5424, table 1, in the order of their codes.
var facilities = []string{
	"kern", "user", "mail", "daemon", "auth", "syslog", "lpr", "news",
	"uucp", "cron", "authpriv", "ftp", "ntp", "audit", "alert", "clock",
	"local0", "local1", "local2", "local3", "local4", "local5", "local6", "local7",
}

// severities are the names of RFC 5424, table 2, in the order of their codes.
var severities = []string{
	"emergency", "alert", "critical", "error", "warning", "notice", "informational", "debug",
}

// Facility is a syslog facility: its code of RFC 5424, table 1.
type Facility uint8

// Severity is a syslog severity: its code of RFC 5424, table 2.
type Severity uint8

// The defaults of an output.
const (
	Local0        Facility = 16
	Informational Severity = 6
)

// String returns the facility's name, such as "local0".
func (f Facility) String() string { return nameAt(facilities, int(f)) }

// MarshalText writes the facility's name.
func (f Facility) MarshalText() ([]byte, error) { return []byte(f.String()), nil }

// UnmarshalText reads a facility's name.
func (f *Facility) UnmarshalText(text []byte) error {
	i, err := indexOf(facilities, "facility", string(text))
	*f = Facility(i)
	return err
}

// String returns the severity's name, such as "notice".
func (s Severity) String() string { return nameAt(severities, int(s)) }

// MarshalText writes the severity's name.
func (s Severity) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText reads a severity's name.
func (s *Severity) UnmarshalText(text []byte) error {
	i, err := indexOf(severities, "severity", string(text))
	*s = Severity(i)
	return err
}

// priority is the PRI value of RFC 5424, section 6.2.1.
func priority(f Facility, s Severity) int { return int(f)*8 + int(s) }

func nameAt(names []string, i int) string {
	if i < len(names) {
		return names[i]
	}
	return fmt.Sprintf("code(%d)", i)
}

func indexOf(names []string, what, name string) (int, error) {
	if i := slices.Index(names, name); i >= 0 {
		return i, nil
	}
	return 0, fmt.Errorf("unknown %s %q: want one of %s", what, name, strings.Join(names, ", "))
}
