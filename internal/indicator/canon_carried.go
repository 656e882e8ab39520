package indicator

import (
	"net"
	"strings"
)

// canonCarried keeps a value as it is written, spaces included: only a SIEM
// compares it, and with text that was never made canonical.
func canonCarried(kind Kind, value string) (Canonical, *Reject) {
	if _, known := kindNames[kind]; !known {
		return Canonical{}, unknownKind(kind)
	}
	if strings.TrimFunc(value, isSpace) == "" {
		return Canonical{}, rejectf(CodeEmpty, "the value is empty")
	}
	if reject := checkText(value); reject != nil {
		return Canonical{}, reject
	}
	switch kind {
	case MAC:
		return canonMAC(value)
	case Rule:
		return canonRule(value)
	}
	return Canonical{Key: Key{kind, value}}, nil
}

// canonMAC writes an EUI-48 or EUI-64 in lower case with colons.
func canonMAC(value string) (Canonical, *Reject) {
	address, err := net.ParseMAC(value)
	if err != nil || len(address) > 8 {
		return Canonical{}, rejectf(CodeNotMAC, "%s is not a MAC address of 48 or 64 bits", quote(value))
	}
	return Canonical{Key: Key{MAC, address.String()}}, nil
}
