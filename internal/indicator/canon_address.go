package indicator

import (
	"encoding/binary"
	"math/bits"
	"net/netip"
	"strings"
)

// The widest prefixes that are taken unless the options say otherwise.
const (
	defaultWidestIPv4 = 8
	defaultWidestIPv6 = 19
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

// checkPrefix refuses what lies wholly in a reserved block, and what is too
// wide. A prefix that holds a reserved block among other space is taken: the
// guards of the outputs subtract from it what must never be blocked.
func (o Options) checkPrefix(p netip.Prefix) *Reject {
	if use := reservedUse(p); use != "" && !(o.AllowReserved && usable(p)) {
		return rejectf(CodeReservedAddress, "%s is reserved for %s", prefixKey(p, "").Value, use)
	}
	if widest := o.widest(p.Addr()); p.Bits() < widest {
		return rejectf(CodeTooWide, "%s is wider than /%d", p, widest)
	}
	if p.Overlaps(mappedIPv4) {
		return rejectf(CodeTooWide, "%s holds every IPv4 address in mapped form", p)
	}
	return nil
}

// usable reports whether an address could stand for a machine somewhere.
func usable(p netip.Prefix) bool { return !p.IsSingleIP() || !p.Addr().IsUnspecified() }

func (o Options) widest(a netip.Addr) int {
	widest, fallback := o.WidestIPv6, defaultWidestIPv6
	if a.Is4() {
		widest, fallback = o.WidestIPv4, defaultWidestIPv4
	}
	if widest == 0 {
		return fallback
	}
	return max(1, widest)
}

func (o Options) canonRange(value string) (Canonical, *Reject) {
	from, to, _ := strings.Cut(value, "-")
	first, reject := rangeEnd(from)
	if reject != nil {
		return Canonical{}, reject
	}
	last, reject := rangeEnd(to)
	if reject != nil {
		return Canonical{}, reject
	}
	if reject := o.checkRange(first, last); reject != nil {
		return Canonical{}, reject
	}
	keys := make([]Key, 0, 8)
	for _, p := range cover(first, last) {
		if reject := o.checkPrefix(p); reject != nil {
			return Canonical{}, reject
		}
		keys = append(keys, prefixKey(p, ""))
	}
	return Canonical{Key: keys[0], More: keys[1:len(keys):len(keys)], Notes: NoteRange}, nil
}

func rangeEnd(text string) (netip.Addr, *Reject) {
	text = strings.Trim(text, " ")
	a, err := netip.ParseAddr(text)
	if err != nil {
		return netip.Addr{}, notAddress(text)
	}
	if a.Zone() != "" {
		return netip.Addr{}, zoneID(text)
	}
	return a.Unmap(), nil
}

// checkRange holds a range to the breadth that a prefix may have, however many
// prefixes it takes to cover it.
func (o Options) checkRange(first, last netip.Addr) *Reject {
	if first.BitLen() != last.BitLen() {
		return rejectf(CodeRangeMixed, "%s and %s are of different families", first, last)
	}
	if last.Less(first) {
		return rejectf(CodeRangeReversed, "%s comes after %s", first, last)
	}
	widest := o.widest(first)
	if bitLen(first, last) > first.BitLen()-widest {
		return rejectf(CodeTooWide, "%s to %s holds more addresses than a /%d", first, last, widest)
	}
	return nil
}

// bitLen is the number of bits that the distance between two addresses of one
// family takes.
func bitLen(first, last netip.Addr) int {
	from, to := first.As16(), last.As16()
	low, borrow := bits.Sub64(binary.BigEndian.Uint64(to[8:]), binary.BigEndian.Uint64(from[8:]), 0)
	high, _ := bits.Sub64(binary.BigEndian.Uint64(to[:8]), binary.BigEndian.Uint64(from[:8]), borrow)
	if high != 0 {
		return 64 + bits.Len64(high)
	}
	return bits.Len64(low)
}

// cover returns the fewest prefixes that hold the addresses from first to last
// and no other, in ascending order: at most 62 for IPv4 and 254 for IPv6.
func cover(first, last netip.Addr) []netip.Prefix {
	var prefixes []netip.Prefix
	for {
		p := widestFrom(first, last)
		prefixes = append(prefixes, p)
		end := lastOf(p)
		if end == last {
			return prefixes
		}
		first = end.Next()
	}
}

// widestFrom returns the widest prefix that begins at first and does not reach
// beyond last.
func widestFrom(first, last netip.Addr) netip.Prefix {
	best := netip.PrefixFrom(first, first.BitLen())
	for best.Bits() > 0 {
		wider := netip.PrefixFrom(first, best.Bits()-1)
		if wider.Masked() != wider || last.Less(lastOf(wider)) {
			return best
		}
		best = wider
	}
	return best
}

func lastOf(p netip.Prefix) netip.Addr {
	if p.Addr().Is4() {
		b := p.Addr().As4()
		setFrom(b[:], p.Bits())
		return netip.AddrFrom4(b)
	}
	b := p.Addr().As16()
	setFrom(b[:], p.Bits())
	return netip.AddrFrom16(b)
}

// setFrom sets every bit of b from the given one to the last.
func setFrom(b []byte, bit int) {
	for i := range b {
		keep := min(8, max(0, bit-8*i))
		b[i] |= byte(0xff >> keep)
	}
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
	if host, _, _ = strings.Cut(host, ":"); ambiguous(host) {
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
