package guard_test

import (
	"net/netip"
	"slices"
	"testing"

	"go4.org/netipx"
	"pgregory.net/rapid"

	"github.com/indicatord/indicatord/internal/indicator"
	"github.com/indicatord/indicatord/internal/policy/guard"
)

// prefixes draws prefixes that lie close together, so that they meet often.
func prefixes(base string, shortest int) *rapid.Generator[netip.Prefix] {
	return rapid.Custom(func(t *rapid.T) netip.Prefix {
		a := netip.MustParseAddr(base)
		number := a.AsSlice()
		low := rapid.SliceOfN(rapid.Byte(), 2, 2).Draw(t, "low bytes")
		copy(number[len(number)-2:], low)
		drawn, _ := netip.AddrFromSlice(number)
		return netip.PrefixFrom(drawn, rapid.IntRange(shortest, a.BitLen()).Draw(t, "bits")).Masked()
	})
}

func keyOf(p netip.Prefix) indicator.Key {
	if p.IsSingleIP() {
		return key(indicator.IP, p.Addr().String())
	}
	return key(indicator.IP, p.String())
}

// TestNothingProtectedIsEnforced compares with another implementation of address
// sets: whatever of an indicator is enforced is the indicator without what is
// protected, exactly.
func TestNothingProtectedIsEnforced(t *testing.T) {
	for name, family := range map[string]*rapid.Generator[netip.Prefix]{
		"IPv4":  prefixes("45.7.0.0", 16),
		"IPv6":  prefixes("2a00:1450::", 110),
		"NAT64": prefixes("64:ff9b::2d07:0", 112),
	} {
		t.Run(name, func(t *testing.T) { rapid.Check(t, func(t *rapid.T) { checkFamily(t, family) }) })
	}
}

func checkFamily(t *rapid.T, family *rapid.Generator[netip.Prefix]) {
	protected := rapid.SliceOfN(family, 0, 12).Draw(t, "protected")
	listed := family.Draw(t, "listed")
	var made []guard.Rule
	for _, p := range protected {
		made = append(made, guard.Rule{Key: keyOf(p)})
	}
	found := guard.Compile(slices.Values(made), guard.Options{MaxPieces: 1000}).Check(keyOf(listed), indicator.ScopeExact)

	var enforced []netip.Prefix
	switch found.Verdict {
	case guard.Clear:
		enforced = []netip.Prefix{listed}
	case guard.Split:
		enforced = found.Pieces
	case guard.Protected:
	default:
		t.Fatalf("%s is %s", listed, found.Verdict)
	}
	want := without(listed, protected)
	if got := union(t, enforced); !got.Equal(want) {
		t.Fatalf("of %s %v is enforced, want %v", listed, got.Prefixes(), want.Prefixes())
	}
	if found.Verdict == guard.Split && !slices.Equal(found.Pieces, want.Prefixes()) {
		t.Fatalf("the pieces are %v, the least are %v", found.Pieces, want.Prefixes())
	}
}

// without returns the addresses of a prefix that are in none of the others.
func without(listed netip.Prefix, protected []netip.Prefix) *netipx.IPSet {
	var b netipx.IPSetBuilder
	b.AddPrefix(listed)
	for _, p := range protected {
		b.RemovePrefix(p)
	}
	set, _ := b.IPSet()
	return set
}

func union(t *rapid.T, ps []netip.Prefix) *netipx.IPSet {
	var b netipx.IPSetBuilder
	for i, p := range ps {
		if i > 0 && indicator.ComparePrefix(ps[i-1], p) >= 0 {
			t.Fatalf("%s comes before %s", ps[i-1], p)
		}
		b.AddPrefix(p)
	}
	set, err := b.IPSet()
	if err != nil {
		t.Fatal(err)
	}
	return set
}

// TestEmbeddedIPv4IsProtected: what is enforced behind the prefixes that embed
// IPv4 addresses embeds none that is protected.
func TestEmbeddedIPv4IsProtected(t *testing.T) {
	family := prefixes("45.7.0.0", 18)
	rapid.Check(t, func(t *rapid.T) {
		protected, listed := family.Draw(t, "protected"), family.Draw(t, "listed")
		set := guard.Compile(slices.Values([]guard.Rule{{Key: keyOf(protected)}}), guard.Options{})
		plain := set.Check(keyOf(listed), indicator.ScopeExact)
		for embedding := range indicator.Embeddings(listed) {
			found := set.Check(keyOf(embedding), indicator.ScopeExact)
			if found.Verdict != plain.Verdict || len(found.Pieces) != len(plain.Pieces) {
				t.Fatalf("%s is %s, %s is %s", listed, outcome(plain), embedding, outcome(found))
			}
		}
	})
}

// TestDomainsByTheirDefinition compares with the definition: two sets of names
// meet.
func TestDomainsByTheirDefinition(t *testing.T) {
	labels := rapid.SliceOfN(rapid.SampledFrom([]string{"a", "b", "c"}), 1, 4)
	scopes := rapid.SampledFrom([]indicator.Scope{indicator.ScopeExact, indicator.ScopeSubdomains})
	rapid.Check(t, func(t *rapid.T) {
		var made []guard.Rule
		for range rapid.IntRange(0, 5).Draw(t, "rules") {
			made = append(made, guard.Rule{Key: nameOf(labels.Draw(t, "protected")), Scope: scopes.Draw(t, "rule's scope")})
		}
		listed, scope := nameOf(labels.Draw(t, "listed")), scopes.Draw(t, "scope")
		want := slices.ContainsFunc(made, func(r guard.Rule) bool { return meet(r.Key.Value, r.Scope, listed.Value, scope) })
		found := guard.Compile(slices.Values(made), guard.Options{}).Check(listed, scope)
		if got := found.Verdict == guard.Protected; got != want {
			t.Fatalf("%s (%s) is %s, want protected %t", listed, scope, outcome(found), want)
		}
	})
}

func nameOf(labels []string) indicator.Key {
	name := "example.org"
	for _, label := range labels {
		name = label + "." + name
	}
	return key(indicator.Domain, name)
}

// meet reports whether two parts of the name space have a name in common: then
// one of their tops is in the other.
func meet(a string, of indicator.Scope, b string, with indicator.Scope) bool {
	below := func(name, top string) bool { return len(name) > len(top) && name[len(name)-len(top)-1:] == "."+top }
	return a == b || of == indicator.ScopeSubdomains && below(b, a) || with == indicator.ScopeSubdomains && below(a, b)
}
