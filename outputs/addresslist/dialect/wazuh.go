package dialect

import (
	"net/netip"
	"strconv"
	"strings"

	"github.com/indicatord/indicatord/internal/indicator"
)

var wazuh = Dialect{
	Name:   "wazuh",
	Reader: "Wazuh, CDB list",
	Source: "Wazuh documentation, Using CDB lists",
	Note: "A CDB list has networks of 8, 16 and 24 bits alone: others are written as several of these, or as their addresses. " +
		"IPv6 prefixes are left out. The manager reads lists when it starts.",
	Kinds:     matchable,
	Addresses: AnyAddress,
	Names:     Alone,
	Options:   []Option{{"value", "indicatord", "The value of every key.", word(63)}},
	Disjoint:  true,
	Line:      wazuhPair,
}

func wazuhPair(line []byte, e *indicator.Entry, l *List) ([]byte, Unsaid) {
	end := ":" + l.Options["value"]
	key := e.Key.Value
	switch {
	case e.Key.Kind == indicator.IP && strings.Contains(key, "/"):
		return appendNetworks(line, e.Key.Prefix(), end)
	case strings.Contains(key, `"`):
		return line, "a quotation mark in the value"
	case strings.Contains(key, ":"):
		return append(line, `"`+key+`"`+end...), ""
	}
	return append(append(line, key...), end...), ""
}

// appendNetworks writes a prefix as the networks of whole bytes that it is made
// of.
func appendNetworks(line []byte, p netip.Prefix, end string) ([]byte, Unsaid) {
	if p.Addr().Is6() {
		return line, "an IPv6 prefix, and the reader takes IPv6 addresses alone"
	}
	whole := (p.Bits() + 7) / 8 // bytes that every network has
	parts := p.Addr().As4()
	for i := range 1 << (8*whole - p.Bits()) {
		if i > 0 {
			line = append(line, '\n')
		}
		for at := range whole {
			part := int(parts[at])
			if at == whole-1 {
				part += i
			}
			line = strconv.AppendInt(line, int64(part), 10)
			if at < 3 {
				line = append(line, '.')
			}
		}
		line = append(line, end...)
	}
	return line, ""
}
