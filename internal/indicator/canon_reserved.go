package indicator

import (
	"iter"
	"net/netip"
	"slices"
)

// block is a range of addresses that no machine on the internet has, so no hub
// can mean one: it is there by mistake, or the enemy put it there.
type block struct {
	prefix netip.Prefix
	use    string
}

// specialBlocks are the blocks that the IANA special-purpose registries mark as
// not globally reachable, the multicast space, and what was never given out.
// 6to4, Teredo and the well-known prefix of NAT64 are reachable, and are not here.
var specialBlocks = []block{
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

// embeddings are the IPv6 prefixes behind which a whole IPv4 address follows. A
// tool that blocks such an address blocks the IPv4 address for whoever reaches
// it by translation or through a tunnel.
var embeddings = []struct {
	prefix netip.Prefix
	name   string
}{
	{netip.MustParsePrefix("64:ff9b::/96"), "behind the prefix of NAT64 (RFC 6052)"},
	{netip.MustParsePrefix("2002::/16"), "behind the prefix of 6to4 (RFC 3056)"},
}

// reservedBlocks are the special blocks and those that embed one of IPv4. No
// two overlap, and they are in the order of their addresses.
var reservedBlocks = func() []block {
	blocks := slices.Clone(specialBlocks)
	for _, b := range specialBlocks {
		if b.prefix.Addr().Is4() {
			blocks = append(blocks, embedded(b)...)
		}
	}
	slices.SortFunc(blocks, func(a, b block) int { return a.prefix.Addr().Compare(b.prefix.Addr()) })
	return blocks
}()

// embedded returns the blocks of IPv6 that embed a block of IPv4.
func embedded(b block) []block {
	blocks := make([]block, 0, len(embeddings))
	for _, e := range embeddings {
		blocks = append(blocks, block{embed(e.prefix, b.prefix), b.use + " " + e.name})
	}
	return blocks
}

// embed returns the addresses of p behind an IPv6 prefix.
func embed(behind, p netip.Prefix) netip.Prefix {
	a, v4 := behind.Addr().As16(), p.Addr().As4()
	copy(a[behind.Bits()/8:], v4[:])
	return netip.PrefixFrom(netip.AddrFrom16(a), behind.Bits()+p.Bits())
}

// Reserved yields the blocks of addresses that no machine on the internet has,
// by the IANA special-purpose registries, and what each is reserved for. No two
// overlap, and they come in the order of their addresses. Those that embed a
// block of IPv4 ([Embeddings]) are among them.
func Reserved() iter.Seq2[netip.Prefix, string] {
	return func(yield func(netip.Prefix, string) bool) {
		for i := range reservedBlocks {
			if !yield(reservedBlocks[i].prefix, reservedBlocks[i].use) {
				return
			}
		}
	}
}

// Embeddings yields the IPv6 prefixes behind which the addresses of the IPv4
// prefix p are reached too, by translation (NAT64, RFC 6052) or through a tunnel
// (6to4, RFC 3056). For a prefix of IPv6 it yields none.
func Embeddings(p netip.Prefix) iter.Seq[netip.Prefix] {
	return func(yield func(netip.Prefix) bool) {
		if !p.Addr().Is4() {
			return
		}
		for _, e := range embeddings {
			if !yield(embed(e.prefix, p)) {
				return
			}
		}
	}
}

// reservedIn returns the first reserved block that p overlaps, and whether there
// is one: of two prefixes that overlap, one holds the other.
func reservedIn(p netip.Prefix) (block, bool) {
	// Only the last block that begins at or before p can hold it, and if none
	// does, the one after that is the first that p can hold.
	next := after(p.Addr())
	for i := max(0, next-1); i < min(next+1, len(reservedBlocks)); i++ {
		if b := &reservedBlocks[i]; b.prefix.Overlaps(p) {
			return *b, true
		}
	}
	return block{}, false
}

// after returns the index of the first reserved block that begins after a.
func after(a netip.Addr) int {
	low, high := 0, len(reservedBlocks)
	for low < high {
		if middle := (low + high) / 2; a.Less(reservedBlocks[middle].prefix.Addr()) {
			high = middle
		} else {
			low = middle + 1
		}
	}
	return low
}
