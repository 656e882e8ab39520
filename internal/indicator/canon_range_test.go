package indicator

import (
	"net/netip"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"go4.org/netipx"
	"pgregory.net/rapid"
)

func TestCanonOfRange(t *testing.T) {
	testCanon(t, Options{}, IP, []canonCase{
		{"a prefix in other words", "8.8.8.0-8.8.8.255", "ip 8.8.8.0/24 (range)"},
		{"several prefixes", "8.8.8.1-8.8.8.4", "ip 8.8.8.1, ip 8.8.8.2/31, ip 8.8.8.4 (range)"},
		{"one address", "8.8.8.8-8.8.8.8", "ip 8.8.8.8 (range)"},
		{"spaces at the hyphen", "8.8.8.8 - 8.8.8.9", "ip 8.8.8.8/31 (range)"},
		{"IPv6", "2a00::-2a00::1:ffff", "ip 2a00::/111 (range)"},
		{"mapped ends", "::ffff:8.8.8.8-::ffff:8.8.8.9", "ip 8.8.8.8/31 (range)"},
		{"the last addresses of IPv6 do not wrap", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:fffe-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "reject reserved-address"},

		{"reversed", "8.8.8.9-8.8.8.8", "reject range-reversed"},
		{"mixed families", "8.8.8.8-2a00::1", "reject range-mixed"},
		{"a zone", "fe80::1%eth0-fe80::2%eth0", "reject zone-id"},
		{"an ambiguous end", "8.8.8.8-8.8.8.010", "reject ambiguous-address"},
		{"a short end", "8.8.8.8-9", "reject ambiguous-address"},
		{"no end", "8.8.8.8-", "reject not-an-address"},
		{"three ends", "8.8.8.8-8.8.8.9-8.8.8.10", "reject not-an-address"},
		{"prefixes as ends", "8.8.8.0/24-8.8.9.0/24", "reject not-an-address"},

		{"wholly reserved", "10.0.0.1-10.0.0.9", "reject reserved-address"},
		{"partly reserved", "9.255.255.0-10.0.0.255", "reject reserved-address"},
		{"reserved at the start of a wider prefix", "192.168.0.0-193.0.0.0", "reject reserved-address"},
		{"reserved in the middle", "2001:db7::-2001:db9::", "reject reserved-address"},
		{"reserved behind 6to4", "2002:9ff::-2002:a01::", "reject reserved-address"},
		{"as wide as may be", "8.0.0.0-8.255.255.255", "ip 8.0.0.0/8 (range)"},
		{"as many addresses as may be, across a border", "8.128.0.0-9.127.255.255", "ip 8.128.0.0/9, ip 9.0.0.0/9 (range)"},
		{"one address too many", "8.128.0.0-9.128.0.0", "reject too-wide"},
		{"every IPv4 address", "0.0.0.0-255.255.255.255", "reject too-wide"},
		{"every IPv6 address", "::-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "reject too-wide"},
		{"IPv6 that runs over every IPv4 address", "::fffe:0:0-::1:0:0:0", "reject too-wide"},
	})
}

func TestCoverAtItsLongest(t *testing.T) {
	for _, c := range []struct {
		first, last string
		want        int
	}{
		{"0.0.0.1", "255.255.255.254", 62},
		{"::1", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:fffe", 254},
		{"0.0.0.0", "255.255.255.255", 1},
	} {
		if got := len(cover(netip.MustParseAddr(c.first), netip.MustParseAddr(c.last))); got != c.want {
			t.Errorf("%s to %s takes %d prefixes, want %d", c.first, c.last, got, c.want)
		}
	}
}

// TestCoverIsExactlyTheRange compares with another implementation, which proves
// both that the cover is exact and that no smaller one exists.
func TestCoverIsExactlyTheRange(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		first, last := anyRange(t)
		want := netipx.IPRangeFrom(first, last).Prefixes()
		if diff := cmp.Diff(want, cover(first, last), cmpopts.EquateComparable(netip.Prefix{})); diff != "" {
			t.Fatalf("the cover of %s to %s differs (-want +got):\n%s", first, last, diff)
		}
	})
}

func TestKeysOfARangeAreExactlyTheRange(t *testing.T) {
	o := Options{AllowReserved: true, WidestIPv4: 1, WidestIPv6: 1}
	rapid.Check(t, func(t *rapid.T) {
		first, last := anyRange(t)
		c, err := o.Canon(IP, first.String()+"-"+last.String())
		if err != nil {
			t.Skip("refused: ", err)
		}
		var set netipx.IPSetBuilder
		for k := range c.Keys() {
			set.AddPrefix(k.Prefix())
		}
		held, err := set.IPSet()
		if err != nil {
			t.Fatal(err)
		}
		if got := held.Ranges(); len(got) != 1 || got[0] != netipx.IPRangeFrom(first, last) {
			t.Fatalf("the keys of %s to %s hold %v", first, last, got)
		}
	})
}

func anyRange(t *rapid.T) (first, last netip.Addr) {
	v4 := rapid.Bool().Draw(t, "IPv4")
	first, last = anyAddr(t, v4).Unmap(), anyAddr(t, v4).Unmap()
	if rapid.Bool().Draw(t, "short") {
		last = first
		for range rapid.IntRange(0, 300).Draw(t, "length") {
			if next := last.Next(); next.IsValid() {
				last = next
			}
		}
	}
	if last.Less(first) {
		first, last = last, first
	}
	return first, last
}
