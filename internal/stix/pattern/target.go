package pattern

import (
	"net/netip"
	"strings"

	"github.com/indicatord/indicatord/internal/indicator"
)

// target says what a property holds.
type target struct {
	kind indicator.Kind
	// byForm is set where the property refers to an object of any address type,
	// so that the form of the value alone says its kind.
	byForm    bool
	direction indicator.Direction
}

// knownProperty is an object path whose values have a kind of their own.
type knownProperty struct {
	steps []string
	target
}

var knownProperties = map[string][]knownProperty{
	"ipv4-addr":   {{[]string{"value"}, target{kind: indicator.IP}}},
	"ipv6-addr":   {{[]string{"value"}, target{kind: indicator.IP}}},
	"domain-name": {{[]string{"value"}, target{kind: indicator.Domain}}},
	"url":         {{[]string{"value"}, target{kind: indicator.URL}}},
	"email-addr":  {{[]string{"value"}, target{kind: indicator.Email}}},
	"mac-addr":    {{[]string{"value"}, target{kind: indicator.MAC}}},
	"network-traffic": {
		{[]string{"dst_ref", "value"}, target{byForm: true, direction: indicator.DirectionTo}},
		{[]string{"src_ref", "value"}, target{byForm: true, direction: indicator.DirectionFrom}},
		{[]string{"extensions", "http-request-ext", "request_header", "User-Agent"}, target{kind: indicator.UserAgent}},
	},
	"email-message": {
		{[]string{"from_ref", "value"}, target{kind: indicator.Email, direction: indicator.DirectionFrom}},
		{[]string{"sender_ref", "value"}, target{kind: indicator.Email, direction: indicator.DirectionFrom}},
	},
	"file": {{[]string{"name"}, target{kind: indicator.FileName}}},
	"process": {
		{[]string{"command_line"}, target{kind: indicator.Process}},
		{[]string{"name"}, target{kind: indicator.Process}},
	},
	"windows-registry-key": {{[]string{"key"}, target{kind: indicator.RegistryKey}}},
	"mutex":                {{[]string{"name"}, target{kind: indicator.Mutex}}},
	"x509-certificate":     {{[]string{"serial_number"}, target{kind: indicator.Certificate}}},
}

// target returns what the property at the path holds. A property without a kind
// of its own is [indicator.Other].
func (p *path) target() target {
	for i := range knownProperties[p.object] {
		if known := &knownProperties[p.object][i]; p.is(known.steps) {
			return known.target
		}
	}
	if len(p.steps) == 2 && p.steps[0] == (step{name: "hashes"}) {
		return target{kind: p.hashTarget()}
	}
	return target{kind: indicator.Other}
}

func (p *path) hashTarget() indicator.Kind {
	switch p.object {
	case "file":
		if kind, ok := hashKinds[p.steps[1].name]; ok {
			return kind
		}
	case "x509-certificate":
		return indicator.Certificate
	}
	return indicator.Other
}

func (p *path) is(steps []string) bool {
	if len(p.steps) != len(steps) {
		return false
	}
	for i, name := range steps {
		if p.steps[i].index || p.steps[i].name != name {
			return false
		}
	}
	return true
}

// last returns the name of the last property.
func (p *path) last() string { return p.steps[len(p.steps)-1].name }

// sameParent reports whether both paths lead to properties of one object.
func (p *path) sameParent(q *path) bool {
	n := len(p.steps)
	if p.object != q.object || n != len(q.steps) {
		return false
	}
	for i := range n - 1 {
		if p.steps[i] != q.steps[i] {
			return false
		}
	}
	return true
}

// addressType returns the type of the STIX object that holds a value of this
// form.
func addressType(value string) string {
	switch kindByForm(value) {
	case indicator.IP:
		if strings.Contains(value, ":") {
			return "ipv6-addr"
		}
		return "ipv4-addr"
	case indicator.MAC:
		return "mac-addr"
	case indicator.Email:
		return "email-addr"
	case indicator.URL:
		return "url"
	}
	return "domain-name"
}

// isOtherFamily reports whether the path is that of one address family and the
// value an address or a prefix of the other. By the letter it matches nothing;
// the address is what the producer means.
func (p *path) isOtherFamily(value string) bool {
	switch addressType(value) {
	case "ipv4-addr":
		return p.object == "ipv6-addr"
	case "ipv6-addr":
		return p.object == "ipv4-addr"
	}
	return false
}

// kindByForm tells the kind of a value whose field may hold any address.
func kindByForm(value string) indicator.Kind {
	if _, err := netip.ParseAddr(value); err == nil {
		return indicator.IP
	}
	if _, err := netip.ParsePrefix(value); err == nil {
		return indicator.IP
	}
	switch {
	case isMAC(value):
		return indicator.MAC
	case strings.Contains(value, "://"):
		return indicator.URL
	case strings.Contains(value, "@"):
		return indicator.Email
	}
	return indicator.Domain
}

// isMAC reports whether s is six pairs of hexadecimal digits with colons: the
// only form that STIX knows.
func isMAC(s string) bool {
	const form = "00:00:00:00:00:00"
	if len(s) != len(form) {
		return false
	}
	for i := range len(form) {
		if form[i] == ':' && s[i] != ':' || form[i] != ':' && !isHexDigit(s[i]) {
			return false
		}
	}
	return true
}
