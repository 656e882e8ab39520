package indicator

import "net/netip"

// block is a range of addresses that no machine on the internet has, so no hub
// can mean one: it is there by mistake, or the enemy put it there.
type block struct {
	prefix netip.Prefix
	use    string
}

// reservedBlocks are the blocks that the IANA special-purpose registries mark
// as not globally reachable, the multicast space, and what was never given out.
// 6to4, Teredo and the well-known prefix of NAT64 are reachable, and are not here.
var reservedBlocks = []block{
	{netip.MustParsePrefix("0.0.0.0/8"), "this network (RFC 791)"},
	{netip.MustParsePrefix("10.0.0.0/8"), "private use (RFC 1918)"},
	{netip.MustParsePrefix("100.64.0.0/10"), "shared address space (RFC 6598)"},
	{netip.MustParsePrefix("127.0.0.0/8"), "loopback (RFC 1122)"},
	{netip.MustParsePrefix("169.254.0.0/16"), "link-local (RFC 3927)"},
	{netip.MustParsePrefix("172.16.0.0/12"), "private use (RFC 1918)"},
	{netip.MustParsePrefix("192.0.0.0/24"), "protocol assignments (RFC 6890)"},
	{netip.MustParsePrefix("192.0.2.0/24"), "documentation (RFC 5737)"},
	{netip.MustParsePrefix("192.88.99.0/24"), "the former 6to4 relays (RFC 7526)"},
	{netip.MustParsePrefix("192.168.0.0/16"), "private use (RFC 1918)"},
	{netip.MustParsePrefix("198.18.0.0/15"), "benchmarks (RFC 2544)"},
	{netip.MustParsePrefix("198.51.100.0/24"), "documentation (RFC 5737)"},
	{netip.MustParsePrefix("203.0.113.0/24"), "documentation (RFC 5737)"},
	{netip.MustParsePrefix("224.0.0.0/4"), "multicast (RFC 5771)"},
	{netip.MustParsePrefix("240.0.0.0/4"), "reserved and broadcast (RFC 1112)"},

	{netip.MustParsePrefix("::/96"), "unspecified, loopback and IPv4-compatible (RFC 4291)"},
	{netip.MustParsePrefix("64:ff9b:1::/48"), "local-use translation (RFC 8215)"},
	{netip.MustParsePrefix("100::/64"), "discard-only (RFC 6666)"},
	{netip.MustParsePrefix("100:0:0:1::/64"), "dummy prefix (RFC 9780)"},
	{netip.MustParsePrefix("2001:2::/48"), "benchmarks (RFC 5180)"},
	{netip.MustParsePrefix("2001:db8::/32"), "documentation (RFC 3849)"},
	{netip.MustParsePrefix("3fff::/20"), "documentation (RFC 9637)"},
	{netip.MustParsePrefix("5f00::/16"), "segment routing (RFC 9602)"},
	{netip.MustParsePrefix("fc00::/7"), "unique local (RFC 4193)"},
	{netip.MustParsePrefix("fe80::/10"), "link-local (RFC 4291)"},
	{netip.MustParsePrefix("fec0::/10"), "the former site-local (RFC 3879)"},
	{netip.MustParsePrefix("ff00::/8"), "multicast (RFC 4291)"},
}

// reserved4 and reserved6 hold the blocks by the first byte of their addresses,
// so that the check costs next to nothing for an ordinary address.
var reserved4, reserved6 = func() (v4, v6 [256][]block) {
	for _, b := range reservedBlocks {
		byFirst, first := &v6, int(b.prefix.Addr().As16()[0])
		if b.prefix.Addr().Is4() {
			byFirst, first = &v4, int(b.prefix.Addr().As4()[0])
		}
		for i := range 1 << max(0, 8-b.prefix.Bits()) {
			byFirst[first+i] = append(byFirst[first+i], b)
		}
	}
	return v4, v6
}()

// reservedUse says what the block is for that the whole of p lies in, "" where
// it lies in none.
func reservedUse(p netip.Prefix) string {
	var blocks []block
	if a := p.Addr(); a.Is4() {
		blocks = reserved4[a.As4()[0]]
	} else {
		blocks = reserved6[a.As16()[0]]
	}
	for _, b := range blocks {
		if b.prefix.Bits() <= p.Bits() && b.prefix.Contains(p.Addr()) {
			return b.use
		}
	}
	return ""
}
