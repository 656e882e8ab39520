package indicator

import (
	"net/netip"
	"strings"
)

// The lengths of the widest prefixes that are taken unless the options say
// otherwise.
const (
	DefaultWidestIPv4 = 8
	DefaultWidestIPv6 = 19
)

// mappedIPv4 is the IPv6 space in which every IPv4 address has a twin.
var mappedIPv4 = netip.MustParsePrefix("::ffff:0:0/96")

// canonAddress takes an address, a prefix, a range, or an address with a port.
// Package netip reads them, and it refuses what other readers guess at.
func (o Options) canonAddress(value string) (Canonical, *Reject) {
	if a, err := netip.ParseAddr(value); err == nil {
		return o.addressKey(a, value)
	}
	switch {
	case strings.IndexByte(value, '/') >= 0:
		return o.canonPrefix(value)
	case strings.IndexByte(value, '-') >= 0:
		return o.canonRange(value)
	case strings.IndexByte(value, ':') >= 0:
		return o.canonAddressPort(value)
	}
	return Canonical{}, notAddress(value)
}

func (o Options) addressKey(a netip.Addr, written string) (Canonical, *Reject) {
	if a.Zone() != "" {
		return Canonical{}, zoneID(written)
	}
	var notes Notes
	if a.Is4In6() {
		a, notes = a.Unmap(), NoteUnmapped
	}
	if reject := o.checkPrefix(netip.PrefixFrom(a, a.BitLen())); reject != nil {
		return Canonical{}, reject
	}
	return Canonical{Key: Key{IP, addressText(a, written)}, Notes: notes}, nil
}

// addressText writes an address, without new memory where written is already
// its text (RFC 5952).
func addressText(a netip.Addr, written string) string {
	var buf [netipTextLen]byte
	return textOf(a.AppendTo(buf[:0]), written)
}

// netipTextLen is room for the longest address or prefix.
const netipTextLen = len("ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.255/128")

func textOf(text []byte, written string) string {
	if string(text) == written {
		return written
	}
	return string(text)
}

func (o Options) canonPrefix(value string) (Canonical, *Reject) {
	p, err := netip.ParsePrefix(value)
	if err != nil {
		return Canonical{}, notAddress(value)
	}
	var notes Notes
	if mappedIPv4.Bits() <= p.Bits() && mappedIPv4.Contains(p.Addr()) {
		p, notes = netip.PrefixFrom(p.Addr().Unmap(), p.Bits()-mappedIPv4.Bits()), NoteUnmapped
	}
	if p != p.Masked() {
		p, notes = p.Masked(), notes|NoteHostBits
	}
	if reject := o.checkPrefix(p); reject != nil {
		return Canonical{}, reject
	}
	return Canonical{Key: prefixKey(p, value), Notes: notes}, nil
}

func prefixKey(p netip.Prefix, written string) Key {
	if p.IsSingleIP() {
		return Key{IP, addressText(p.Addr(), written)}
	}
	var buf [netipTextLen]byte
	return Key{IP, textOf(p.AppendTo(buf[:0]), written)}
}

// checkPrefix refuses what overlaps reserved space, and what is too wide. A
// prefix that holds a reserved block among other space is refused as a whole:
// a tool that blocked it would block the site itself.
func (o Options) checkPrefix(p netip.Prefix) *Reject {
	reserved, overlaps := reservedIn(p)
	overlaps = overlaps && !(o.AllowReserved && usable(p))
	if overlaps && reserved.prefix.Bits() <= p.Bits() {
		return rejectf(CodeReservedAddress, "%s is reserved for %s", prefixKey(p, "").Value, reserved.use)
	}
	if widest := o.widest(p.Addr()); p.Bits() < widest {
		return rejectf(CodeTooWide, "%s is wider than /%d", p, widest)
	}
	if p.Overlaps(mappedIPv4) {
		return rejectf(CodeTooWide, "%s holds every IPv4 address in mapped form", p)
	}
	if overlaps {
		return rejectf(CodeReservedAddress, "%s contains %s, which is reserved for %s", p, reserved.prefix, reserved.use)
	}
	return nil
}

// usable reports whether an address could stand for a machine somewhere.
func usable(p netip.Prefix) bool { return !p.IsSingleIP() || !p.Addr().IsUnspecified() }

func (o Options) widest(a netip.Addr) int {
	widest, fallback := o.WidestIPv6, DefaultWidestIPv6
	if a.Is4() {
		widest, fallback = o.WidestIPv4, DefaultWidestIPv4
	}
	if widest == 0 {
		return fallback
	}
	return max(1, widest)
}

func (o Options) canonAddressPort(value string) (Canonical, *Reject) {
	if inner, ok := bracketed(value); ok {
		return o.addressInBrackets(inner)
	}
	ap, err := netip.ParseAddrPort(value)
	if err != nil {
		return Canonical{}, notAddress(value)
	}
	c, reject := o.addressKey(ap.Addr(), ap.Addr().String())
	c.Port = ap.Port()
	c.Notes |= NotePort
	return c, reject
}

func bracketed(value string) (string, bool) {
	if len(value) < 2 || value[0] != '[' || value[len(value)-1] != ']' {
		return "", false
	}
	return value[1 : len(value)-1], true
}

func (o Options) addressInBrackets(inner string) (Canonical, *Reject) {
	a, err := netip.ParseAddr(inner)
	if err != nil || a.Is4() {
		return Canonical{}, notAddress(inner)
	}
	return o.addressKey(a, inner)
}

// notAddress tells apart the ways in which a value is not an address, where the
// difference helps.
func notAddress(value string) *Reject {
	if strings.Contains(value, "%") && strings.Contains(value, ":") {
		return zoneID(value)
	}
	host, _, _ := strings.Cut(value, "/")
	if before, after, _ := strings.Cut(host, ":"); !strings.Contains(after, ":") {
		host = before // what follows one colon is a port; with more of them it is no IPv4 address
	}
	if ambiguous(host) {
		return rejectf(CodeAmbiguousAddress,
			"tools disagree on what %s means; an IPv4 address is four decimal numbers without leading zeros", quote(value))
	}
	return rejectf(CodeNotAddress, "%s is not an address, a prefix or a range", quote(value))
}

func zoneID(value string) *Reject {
	return rejectf(CodeZoneID, "%s has a zone, which means something on one machine only", quote(value))
}

// ambiguous reports whether inet_aton of the C library would read host as an
// IPv4 address, though it is not four plain decimal numbers.
func ambiguous(host string) bool {
	parts := strings.Split(host, ".")
	plain := len(parts) == 4
	for _, part := range parts {
		if !isCNumber(part) {
			return false
		}
		plain = plain && (part[0] != '0' || part == "0")
	}
	return !plain && len(parts) <= 4
}

// isCNumber reports whether text is a number as the C language writes it.
func isCNumber(text string) bool {
	digits := "0123456789"
	if len(text) >= 2 && (text[:2] == "0x" || text[:2] == "0X") {
		text, digits = text[2:], "0123456789abcdefABCDEF"
		if text == "" {
			return true
		}
	}
	return text != "" && strings.Trim(text, digits) == ""
}
