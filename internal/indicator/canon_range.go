package indicator

import (
	"encoding/binary"
	"math/bits"
	"net/netip"
	"strings"
)

// canonRange takes "first-last", both included. A range that overlaps reserved
// space is refused as a whole: it was not meant as it is written.
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
