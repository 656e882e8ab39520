package cidr

import (
	"net/netip"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go4.org/netipx"
	"pgregory.net/rapid"
)

// byPlace orders prefixes as a Merger wants them.
func byPlace(a, b netip.Prefix) int {
	if c := a.Addr().Compare(b.Addr()); c != 0 {
		return c
	}
	return a.Bits() - b.Bits()
}

// merge joins prefixes in any order, and adds up a one for each.
func merge(prefixes []netip.Prefix) []Block[int] {
	prefixes = slices.Clone(prefixes)
	slices.SortFunc(prefixes, byPlace)
	m := Merger[int]{Join: func(a, b int) int { return a + b }}
	var all []Block[int]
	for _, p := range prefixes {
		all = append(all, m.Add(Block[int]{p, 1})...)
	}
	return append(all, m.Flush()...)
}

func parse(texts ...string) []netip.Prefix {
	var all []netip.Prefix
	for _, text := range texts {
		all = append(all, netip.MustParsePrefix(text))
	}
	return all
}

func prefixesOf(blocks []Block[int]) []netip.Prefix {
	var all []netip.Prefix
	for _, b := range blocks {
		all = append(all, b.Prefix)
	}
	return all
}

func TestMerger(t *testing.T) {
	tests := []struct {
		name       string
		give, want []netip.Prefix
	}{
		{"nothing", nil, nil},
		{"two halves", parse("192.0.2.0/25", "192.0.2.128/25"), parse("192.0.2.0/24")},
		{"neighbours that are no halves", parse("192.0.2.1/32", "192.0.2.2/32"), parse("192.0.2.1/32", "192.0.2.2/32")},
		{"halves of halves", parse("192.0.2.0/32", "192.0.2.1/32", "192.0.2.2/31", "192.0.2.4/30"), parse("192.0.2.0/29")},
		{"what lies in another", parse("192.0.2.0/24", "192.0.2.7/32", "192.0.2.64/26"), parse("192.0.2.0/24")},
		{"the same twice", parse("192.0.2.7/32", "192.0.2.7/32"), parse("192.0.2.7/32")},
		{"everything", parse("0.0.0.0/1", "128.0.0.0/1", "::/1", "8000::/1"), parse("0.0.0.0/0", "::/0")},
		{"the families stay apart", parse("255.255.255.255/32", "::/128"), parse("255.255.255.255/32", "::/128")},
		{"the last addresses", parse("255.255.255.254/32", "255.255.255.255/32"), parse("255.255.255.254/31")},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got := prefixesOf(merge(test.give))
			if diff := cmp.Diff(test.want, got, cmp.Comparer(func(a, b netip.Prefix) bool { return a == b })); diff != "" {
				t.Errorf("joined (-want +got):\n%s", diff)
			}
		})
	}
}

// drawn makes prefixes in a corner of either family, where they often meet.
func drawn() *rapid.Generator[netip.Prefix] {
	return rapid.Custom(func(t *rapid.T) netip.Prefix {
		bits := rapid.IntRange(0, 9).Draw(t, "bits of the host")
		low := byte(rapid.IntRange(0, 255).Draw(t, "last byte"))
		high := byte(rapid.IntRange(0, 3).Draw(t, "byte before"))
		address := netip.AddrFrom4([4]byte{192, 0, high, low})
		if rapid.Bool().Draw(t, "IPv6") {
			address = netip.AddrFrom16([16]byte{0: 0x20, 1: 0x01, 14: high, 15: low})
		}
		return netip.PrefixFrom(address, address.BitLen()-bits).Masked()
	})
}

// TestMergerMatchesNetipx holds the result to another implementation, which
// keeps sets of addresses: the set is the same, and the list as short.
func TestMergerMatchesNetipx(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		prefixes := rapid.SliceOf(drawn()).Draw(t, "prefixes")
		var builder netipx.IPSetBuilder
		for _, p := range prefixes {
			builder.AddPrefix(p)
		}
		set, err := builder.IPSet()
		if err != nil {
			t.Fatal(err)
		}
		blocks := merge(prefixes)
		if got, want := prefixesOf(blocks), set.Prefixes(); !slices.Equal(got, want) {
			t.Fatalf("joined %v, want %v", got, want)
		}
		sum := 0
		for _, b := range blocks {
			sum += b.Value
		}
		if sum != len(prefixes) {
			t.Fatalf("the blocks stand for %d of %d prefixes", sum, len(prefixes))
		}
	})
}

// universe returns eight addresses and the fifteen prefixes in them.
func universe(first string) (addresses []netip.Addr, prefixes []netip.Prefix) {
	for a := netip.MustParseAddr(first); len(addresses) < 8; a = a.Next() {
		addresses = append(addresses, a)
	}
	for host := range 4 {
		for i := 0; i < 8; i += 1 << host {
			prefixes = append(prefixes, netip.PrefixFrom(addresses[i], addresses[i].BitLen()-host))
		}
	}
	return addresses, prefixes
}

// TestMergerOnEverySmallSet tries each set of the prefixes in a range of eight
// addresses, of both families, against the plain meaning of a prefix: the result
// has the same addresses, none of them twice, and no two halves of a whole.
func TestMergerOnEverySmallSet(t *testing.T) {
	for _, first := range []string{"192.0.2.8", "2001:db8::8"} {
		addresses, prefixes := universe(first)
		for set := range 1 << len(prefixes) {
			var chosen []netip.Prefix
			for i, p := range prefixes {
				if set>>i&1 == 1 {
					chosen = append(chosen, p)
				}
			}
			got := prefixesOf(merge(chosen))
			for _, a := range addresses {
				if want := min(1, holding(chosen, a)); holding(got, a) != want {
					t.Fatalf("%v became %v, in which %s is %d times", chosen, got, a, holding(got, a))
				}
			}
			for i := range max(0, len(got)-1) {
				if _, halves := parent(got[i], got[i+1]); halves {
					t.Fatalf("%v became %v, which is not as short as can be", chosen, got)
				}
			}
		}
	}
}

// holding counts the prefixes that hold an address.
func holding(prefixes []netip.Prefix, a netip.Addr) int {
	n := 0
	for _, p := range prefixes {
		if p.Contains(a) {
			n++
		}
	}
	return n
}

func TestMergerHoldsLittle(t *testing.T) {
	m := Merger[int]{Join: func(a, b int) int { return a + b }}
	a := netip.MustParseAddr("10.0.0.1")
	for range 100_000 {
		m.Add(Block[int]{netip.PrefixFrom(a, 32), 1})
		if len(m.run) > 62 {
			t.Fatalf("it holds %d blocks", len(m.run))
		}
		a = a.Next()
	}
}

func TestLast(t *testing.T) {
	for prefix, want := range map[string]string{
		"192.0.2.0/24": "192.0.2.255", "192.0.2.7/32": "192.0.2.7", "192.0.2.0/23": "192.0.3.255",
		"0.0.0.0/0": "255.255.255.255", "2001:db8::/33": "2001:db8:7fff:ffff:ffff:ffff:ffff:ffff", "::1/128": "::1",
	} {
		if got := Last(netip.MustParsePrefix(prefix)); got != netip.MustParseAddr(want) {
			t.Errorf("the last address of %s is %s, want %s", prefix, got, want)
		}
	}
}
