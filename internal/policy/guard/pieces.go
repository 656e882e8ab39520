package guard

import "net/netip"

// cutter cuts a prefix into what is left around blocks.
type cutter struct {
	limit  int
	pieces []netip.Prefix
}

// cut adds the pieces of p around the blocks that it contains. It returns false
// where they are more than the limit.
func (c *cutter) cut(p netip.Prefix, inside table) bool {
	if len(inside) == 0 {
		c.pieces = append(c.pieces, p)
		return len(c.pieces) <= c.limit
	}
	if inside[0].length <= blockOf(p).length {
		return true
	}
	lower, upper := halves(p)
	middle := inside.after(blockOf(lower).last())
	return c.cut(lower, inside[:middle]) && c.cut(upper, inside[middle:])
}

// halves returns the two prefixes that p, which is not a single address,
// consists of.
func halves(p netip.Prefix) (lower, upper netip.Prefix) {
	length := p.Bits()
	number := p.Addr().AsSlice()
	number[length/8] |= 0x80 >> (length % 8)
	second, _ := netip.AddrFromSlice(number)
	return netip.PrefixFrom(p.Addr(), length+1), netip.PrefixFrom(second, length+1)
}
