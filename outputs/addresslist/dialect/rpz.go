package dialect

import (
	"fmt"
	"net/netip"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/indicatord/indicatord/internal/indicator"
)

// maxWireName is the length of a name in a DNS message, RFC 1035, section 3.1.
const maxWireName = 255

var rpz = Dialect{
	Name:   "rpz",
	Reader: "response policy zone for BIND, Unbound, Knot Resolver and the PowerDNS Recursor",
	Source: "draft-vixie-dnsop-dns-rpz-00; RFC 1035, sections 3.1 and 5.1; RFC 1982",
	Note: "The serial rises with every change of the list. Knot Resolver matches names alone: select them. " +
		"Give `zone` the name that the resolver knows the zone by: names that would be too long below it are left out, and so are names that end in a label such as `rpz-ip`, which are triggers of other kinds to the reader.",
	Kinds:     []indicator.Kind{indicator.IP, indicator.Domain},
	Addresses: AnyAddress,
	Names:     ByScope,
	Options: []Option{
		{"zone", "rpz.indicatord.invalid", "The name of the zone.", zoneName},
		{
			"action", "nxdomain", "What a listed name is answered with: `nxdomain`, `nodata`, `drop`, `tcp-only`, or `passthru` for a list of what is let through.",
			oneOf("nxdomain", "nodata", "drop", "tcp-only", "passthru"),
		},
		{"ttl", "300", "The time to live of the records, in seconds.", number(0, 604_800)},
	},
	Comment: ";",
	Serial:  true,
	Header: func(l *List) string {
		return fmt.Sprintf("$TTL %s\n@ SOA localhost. hostmaster.localhost. %d 3600 600 604800 %s\n@ NS localhost.\n",
			l.Options["ttl"], l.Serial, l.Options["ttl"])
	},
	Line: rpzRecords,
}

var rpzActions = map[string]string{
	"nxdomain": ".", "nodata": "*.", "drop": "rpz-drop.", "tcp-only": "rpz-tcp-only.", "passthru": "rpz-passthru.",
}

func rpzRecords(line []byte, e *indicator.Entry, l *List) ([]byte, Unsaid) {
	owner := e.Key.Value
	if e.Key.Kind == indicator.IP {
		owner = rpzAddress(e.Key.Prefix())
	} else if unsaid := rpzName(owner); unsaid != "" {
		return line, unsaid
	}
	action := rpzActions[l.Options["action"]]
	longest := owner
	if wide(e) {
		longest = "*." + owner
	}
	// Each label has a byte for its length, and the root is a byte.
	if len(longest)+1+len(l.Options["zone"])+1+1 > maxWireName {
		return line, "a name that is too long below the name of the zone"
	}
	line = append(append(append(line, owner...), " CNAME "...), action...)
	if wide(e) {
		line = append(append(append(line, "\n*."...), owner...), " CNAME "...)
		line = append(line, action...)
	}
	return line, ""
}

// rpzName returns why a name cannot be a trigger. To the reader a name whose last
// label begins with "rpz-" is no name: "8.0.0.0.10.rpz-client-ip" would be every
// client of 10.0.0.0/8.
func rpzName(name string) Unsaid {
	switch {
	case !isZoneName(name):
		return "a character that a zone file needs quoted"
	case strings.HasPrefix(name[strings.LastIndexByte(name, '.')+1:], "rpz-"):
		return "a name that the reader takes for a trigger of another kind"
	}
	return ""
}

// rpzAddress writes a prefix as the owner of a response address trigger: its
// length and its parts from the last to the first, with "zz" for the run of zeros
// that the text of an IPv6 address leaves out.
func rpzAddress(p netip.Prefix) string {
	parts := strings.Split(p.Addr().String(), ".")
	if p.Addr().Is6() {
		parts = strings.Split(compressed(p.Addr()), ":")
	}
	slices.Reverse(parts)
	return strconv.Itoa(p.Bits()) + "." + strings.Join(parts, ".") + ".rpz-ip"
}

// compressed writes an IPv6 address with "zz" in place of the omitted zeros.
func compressed(a netip.Addr) string {
	text := strings.Replace(a.String(), "::", ":zz:", 1)
	return strings.Trim(text, ":")
}

var zonePattern = regexp.MustCompile(`^[a-z0-9_-]{1,63}(\.[a-z0-9_-]{1,63})*$`)

func zoneName(text string) error {
	if !zonePattern.MatchString(text) || len(text) > 200 {
		return fmt.Errorf("%q is not the name of a zone, in small letters and without a dot at its end", text)
	}
	return nil
}

// isZoneName reports whether a name stands in a zone file as it is.
func isZoneName(name string) bool {
	for i := range len(name) {
		b := name[i]
		if (b < 'a' || b > 'z') && (b < '0' || b > '9') && b != '-' && b != '.' && b != '_' {
			return false
		}
	}
	return true
}
