// Package cidr joins prefixes without ever changing the set of addresses that
// they stand for.
package cidr

import "net/netip"

// Block is a prefix and what is attached to it.
type Block[T any] struct {
	Prefix netip.Prefix
	Value  T
}

// Merger joins prefixes that come in order: by family, then by address, the wider
// prefix first. What it gives back is in the same order, without overlaps, and
// the shortest list of prefixes with the same addresses. It holds at most some
// hundred blocks at a time, however many come.
type Merger[T any] struct {
	// Join makes one value of those of two blocks that become one.
	Join func(a, b T) T

	// run holds blocks that touch one another, so that together they are one
	// range of addresses. None of them can be joined yet.
	run []Block[T]
	// finished is what the last call returned; its room is used again.
	finished []Block[T]
}

// Add takes the next block and returns those that are finished, which are good
// until the next call. The prefix is masked, and does not come before that of
// the call before.
func (m *Merger[T]) Add(b Block[T]) []Block[T] {
	if n := len(m.run); n > 0 {
		last := &m.run[n-1]
		if last.Prefix.Overlaps(b.Prefix) {
			last.Value = m.Join(last.Value, b.Value)
			return nil
		}
		if Last(last.Prefix).Next() == b.Prefix.Addr() {
			m.run = append(m.run, b)
			m.collapse()
			return nil
		}
	}
	m.run, m.finished = append(m.finished[:0], b), m.run
	return m.finished
}

// Flush returns what is left.
func (m *Merger[T]) Flush() []Block[T] {
	m.run, m.finished = m.finished[:0], m.run
	return m.finished
}

// collapse joins the last two blocks as long as they are the halves of a wider
// prefix.
func (m *Merger[T]) collapse() {
	for n := len(m.run); n > 1; n = len(m.run) {
		lower, upper := m.run[n-2], m.run[n-1]
		whole, halves := parent(lower.Prefix, upper.Prefix)
		if !halves {
			return
		}
		m.run = append(m.run[:n-2], Block[T]{whole, m.Join(lower.Value, upper.Value)})
	}
}

// parent returns the prefix of which lower and upper are the halves.
func parent(lower, upper netip.Prefix) (netip.Prefix, bool) {
	bits := lower.Bits()
	if bits == 0 || bits != upper.Bits() || lower.Addr().BitLen() != upper.Addr().BitLen() {
		return netip.Prefix{}, false
	}
	whole := netip.PrefixFrom(lower.Addr(), bits-1).Masked()
	return whole, whole.Addr() == lower.Addr() && whole.Contains(upper.Addr())
}

// Last returns the last address of a prefix, in which all bits of the host are
// set.
func Last(p netip.Prefix) netip.Addr {
	if p.Addr().Is4() {
		a := p.Addr().As4()
		setBits(a[:], p.Bits())
		return netip.AddrFrom4(a)
	}
	a := p.Addr().As16()
	setBits(a[:], p.Bits())
	return netip.AddrFrom16(a)
}

// setBits sets every bit from the given one on.
func setBits(b []byte, from int) {
	for i := range b {
		switch keep := from - 8*i; {
		case keep <= 0:
			b[i] = 0xff
		case keep < 8:
			b[i] |= 0xff >> keep
		}
	}
}
