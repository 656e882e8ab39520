package guard

import (
	"cmp"
	"encoding/binary"
	"math/bits"
	"net/netip"
	"slices"
)

// address is the number of an IPv6 address. One of IPv4 has the number of its
// mapped form, so that one table serves both families.
type address struct{ high, low uint64 }

func addressOf(a netip.Addr) address {
	b := a.As16()
	return address{binary.BigEndian.Uint64(b[:8]), binary.BigEndian.Uint64(b[8:])}
}

func (a address) compare(b address) int {
	if c := cmp.Compare(a.high, b.high); c != 0 {
		return c
	}
	return cmp.Compare(a.low, b.low)
}

// less is compare for the inner loop of a search, without branches.
func (a address) less(b address) bool {
	_, borrow := bits.Sub64(a.low, b.low, 0)
	_, borrow = bits.Sub64(a.high, b.high, borrow)
	return borrow != 0
}

// block is a prefix that is protected.
type block struct {
	first  address
	length uint8 // of the prefix, counted as for IPv6
	rule   int32
}

func blockOf(p netip.Prefix) block {
	length := p.Bits()
	if p.Addr().Is4() {
		length += mappedBits
	}
	return block{first: addressOf(p.Addr()), length: uint8(length)}
}

// mappedBits is the length of the prefix before an IPv4 address in mapped form.
const mappedBits = 96

// last returns the last address of the block.
func (b block) last() address {
	if b.length >= 64 {
		return address{b.first.high, b.first.low | ^uint64(0)>>(b.length-64)}
	}
	return address{b.first.high | ^uint64(0)>>b.length, ^uint64(0)}
}

// table holds blocks in the order of their addresses. No two overlap: of two
// prefixes that do, one contains the other, and the table has the wider one.
type table []block

// newTable makes a table of blocks in any order. Of equal ones it keeps the
// first.
func newTable(blocks []block) table {
	slices.SortFunc(blocks, func(a, b block) int {
		return cmp.Or(a.first.compare(b.first), cmp.Compare(a.length, b.length), cmp.Compare(a.rule, b.rule))
	})
	kept := blocks[:0]
	for _, b := range blocks {
		if n := len(kept); n == 0 || kept[n-1].last().less(b.first) {
			kept = append(kept, b)
		}
	}
	return table(slices.Clip(kept))
}

// after returns the index of the first block that begins after a.
func (t table) after(a address) int {
	low, high := 0, len(t)
	for low < high {
		if middle := int(uint(low+high) >> 1); a.less(t[middle].first) {
			high = middle
		} else {
			low = middle + 1
		}
	}
	return low
}

// indexed is a table that is searched very often, and mostly for addresses of
// IPv4.
type indexed struct {
	table
	// four says, for each half of an IPv4 address, which block is the first that
	// does not begin before it: a search begins where few are left.
	four []int32
}

// upperHalves is the number of upper halves of an IPv4 address.
const upperHalves = 1 << 16

func newIndexed(blocks []block) indexed {
	t := indexed{table: newTable(blocks), four: make([]int32, upperHalves+1)}
	at := 0
	for half := range t.four {
		for at < len(t.table) && t.table[at].first.less(address{0, 0xffff_0000_0000 + uint64(half)<<16}) {
			at++
		}
		t.four[half] = int32(at)
	}
	return t
}

// overlapping returns the blocks that overlap p: one that contains it, or all
// that it contains.
func (t *indexed) overlapping(p block) table {
	start := t.after(p.first)
	if start > 0 && !t.table[start-1].last().less(p.first) {
		start--
	}
	last := p.last()
	end := start
	for step := 1; end < len(t.table) && !last.less(t.table[end].first); step *= 2 {
		// Few blocks overlap anything, so the end is looked for in growing steps.
		next := min(end+step, len(t.table))
		end += t.table[end:next].after(last)
		if end < next {
			break
		}
	}
	return t.table[start:end]
}

// after is that of the table.
func (t *indexed) after(a address) int {
	if a.high != 0 || a.low>>32 != 0xffff {
		return t.table.after(a)
	}
	half := a.low >> 16 & (upperHalves - 1)
	start, end := t.four[half], t.four[half+1]
	return int(start) + t.table[start:end].after(a)
}

// contains reports whether a block holds the address.
func (t *indexed) contains(a address) bool {
	start := t.after(a)
	return start > 0 && !t.table[start-1].last().less(a)
}

// fourOf reads an IPv4 address in canonical form, and nothing else: it is several
// times as fast as a parser that reads everything.
func fourOf(text string) (address, bool) {
	var number, octet uint64
	octets, digits := 1, 0
	for i := range len(text) {
		switch b := text[i]; {
		case '0' <= b && b <= '9':
			if digits > 0 && octet == 0 {
				return address{}, false // a leading zero
			}
			octet = octet*10 + uint64(b-'0')
			digits++
		case b == '.' && digits > 0 && octets < 4:
			number, octet = number<<8|octet, 0
			octets, digits = octets+1, 0
		default:
			return address{}, false
		}
		if octet > 255 {
			return address{}, false
		}
	}
	return address{0, 0xffff_0000_0000 | number<<8 | octet}, octets == 4 && digits > 0
}
