package guard_test

import (
	"math/bits"
	"net/netip"
	"slices"
	"testing"

	"github.com/indicatord/indicatord/internal/indicator"
	"github.com/indicatord/indicatord/internal/policy/guard"
)

// universe is a range of eight addresses with the fifteen prefixes in it.
type universe struct {
	addresses []netip.Addr
	prefixes  []netip.Prefix
}

func newUniverse(first string) universe {
	var u universe
	for a := netip.MustParseAddr(first); len(u.addresses) < 8; a = a.Next() {
		u.addresses = append(u.addresses, a)
	}
	for host := range 4 {
		for i := 0; i < 8; i += 1 << host {
			u.prefixes = append(u.prefixes, netip.PrefixFrom(u.addresses[i], u.addresses[i].BitLen()-host))
		}
	}
	return u
}

// set is the naive set of addresses: a bit for each. It fails where two prefixes
// hold the same.
func (u *universe) set(t *testing.T, prefixes ...netip.Prefix) uint8 {
	t.Helper()
	var all uint8
	for _, p := range prefixes {
		for i, a := range u.addresses {
			if p.Contains(a) {
				if all>>i&1 == 1 {
					t.Fatalf("%v hold %s twice", prefixes, a)
				}
				all |= 1 << i
			}
		}
	}
	return all
}

// TestSubtractionFromEverySmallSet takes each set of up to four protected prefixes in
// a range of eight addresses from each prefix of it, in both families: what is enforced is
// exactly the rest.
func TestSubtractionFromEverySmallSet(t *testing.T) {
	for _, first := range []string{"45.7.0.8", "2a00:1450::8"} {
		u := newUniverse(first)
		sets, keys := make([]uint8, len(u.prefixes)), make([]indicator.Key, len(u.prefixes))
		for i, p := range u.prefixes {
			sets[i], keys[i] = u.set(t, p), keyOf(p)
		}
		for chosen := range uint(1) << len(u.prefixes) {
			if bits.OnesCount(chosen) > 4 {
				continue // Compiling all 32,768 sets would take long.
			}
			var protected uint8
			var rules []guard.Rule
			for i := range u.prefixes {
				if chosen>>i&1 == 1 {
					protected |= sets[i]
					rules = append(rules, guard.Rule{Key: keys[i]})
				}
			}
			compiled := guard.Compile(slices.Values(rules), guard.Options{MaxPieces: 8})
			for i, listed := range u.prefixes {
				found := compiled.Check(keys[i], indicator.ScopeExact)
				if got, want := u.enforced(t, listed, found), sets[i]&^protected; got != want {
					t.Fatalf("of %s without %v there is %08b enforced, want %08b: %+v", listed, rules, got, want, found)
				}
			}
		}
	}
}

// enforced is what a finding leaves of a prefix.
func (u *universe) enforced(t *testing.T, listed netip.Prefix, f guard.Finding) uint8 {
	t.Helper()
	switch f.Verdict {
	case guard.Clear:
		return u.set(t, listed)
	case guard.Split:
		return u.set(t, f.Pieces...)
	}
	return 0
}
