package indicator

import (
	"cmp"
	"net/netip"
	"strings"
)

// Key is what an entry is about: a kind and a value in canonical form. Only
// [Canon] and the store make keys, so two keys are about the same thing exactly
// when they are equal. A key is comparable and may be a map key.
type Key struct {
	Kind Kind `json:"kind"`
	// Value is the canonical text. An address has no prefix length
	// ("192.0.2.7"); a wider prefix has one ("192.0.2.0/24").
	Value string `json:"value"`
}

// String writes the key as "kind value".
func (k Key) String() string { return k.Kind.String() + " " + k.Value }

// Prefix returns the addresses of an [IP] key: an address is a prefix of full
// length. For any other kind, or a value that is not canonical, it returns the
// zero prefix.
func (k Key) Prefix() netip.Prefix {
	if k.Kind != IP {
		return netip.Prefix{}
	}
	if strings.IndexByte(k.Value, '/') >= 0 {
		p, _ := netip.ParsePrefix(k.Value)
		return p
	}
	a, err := netip.ParseAddr(k.Value)
	if err != nil {
		return netip.Prefix{}
	}
	return netip.PrefixFrom(a, a.BitLen())
}

// Compare orders keys as lists are written: by kind; addresses by family, then
// number, then the wider prefix first; everything else by its bytes.
func Compare(a, b Key) int {
	if c := cmp.Compare(a.Kind, b.Kind); c != 0 {
		return c
	}
	if a.Kind == IP {
		return ComparePrefix(a.Prefix(), b.Prefix())
	}
	return cmp.Compare(a.Value, b.Value)
}

// ComparePrefix orders prefixes as [Compare] orders the keys that hold them.
func ComparePrefix(a, b netip.Prefix) int {
	if c := a.Addr().Compare(b.Addr()); c != 0 {
		return c
	}
	return cmp.Compare(a.Bits(), b.Bits())
}
