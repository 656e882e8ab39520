package policy

import (
	"net/netip"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/indicatord/indicatord/internal/indicator"
	"github.com/indicatord/indicatord/internal/policy/guard"
)

func protecting(rules ...guard.Rule) *guard.Set {
	list := &guard.List{Name: "of a test"}
	for i := range rules {
		rules[i].List = list
	}
	return guard.Compile(slices.Values(rules), guard.Options{})
}

// TestTheGuardIsAskedLast, and the site's own word does not go before it.
func TestTheGuardIsAskedLast(t *testing.T) {
	ip := func(value string) indicator.Key { return indicator.Key{Kind: indicator.IP, Value: value} }
	set := protecting(guard.Rule{Key: ip("45.9.148.1"), Reason: "the gateway"}, guard.Rule{Key: indicator.Key{Kind: indicator.Domain, Value: "hub.example"}})
	bad, deny, low := assertion(nil), own(indicator.TypeMalicious), assertion(func(a *indicator.Assertion) { a.Confidence = 1 })
	for _, c := range []struct {
		name       string
		key        indicator.Key
		assertions []indicator.Assertion
		want       []Verdict
		pieces     string
		protected  string // where nothing is enforced
	}{
		{"clear", ip("45.9.148.2"), []indicator.Assertion{bad}, []Verdict{Passes}, "", ""},
		{"protected", ip("45.9.148.1"), []indicator.Assertion{bad}, []Verdict{NeverBlock}, "", "45.9.148.1 (the gateway), list of a test is protected"},
		{"protected, and denied by the site", ip("45.9.148.1"), []indicator.Assertion{deny}, []Verdict{NeverBlock}, "", "is protected"},
		{"split", ip("45.9.148.0/31"), []indicator.Assertion{bad}, []Verdict{Passes}, "45.9.148.0/32", "it is enforced in 1 piece around that"},
		{"too broad", ip("44.0.0.0/7"), []indicator.Assertion{bad}, []Verdict{TooBroad}, "", "wider than /16"},
		{"a public suffix", indicator.Key{Kind: indicator.Domain, Value: "com.cn"}, []indicator.Assertion{bad}, []Verdict{TooBroad}, "", "public suffix"},
		{"a protected name", indicator.Key{Kind: indicator.Domain, Value: "hub.example"}, []indicator.Assertion{bad}, []Verdict{NeverBlock}, "", "hub.example"},
		{"left out before it is asked", ip("45.9.148.1"), []indicator.Assertion{low}, []Verdict{LowConfidence}, "", ""},
		{"one of two left out before", ip("45.9.148.1"), []indicator.Assertion{low, bad}, []Verdict{LowConfidence, NeverBlock}, "", "is protected"},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := strict()
			p.Guard = set
			e := &indicator.Entry{Key: c.key, FirstSeen: noon, Assertions: c.assertions}
			if diff := cmp.Diff(c.want, p.Verdicts(e, noon)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			view, visible := p.View(e, noon)
			if visible != slices.Contains(c.want, Passes) {
				t.Errorf("in the view: %t", visible)
			}
			var pieces []netip.Prefix
			if c.pieces != "" {
				pieces = []netip.Prefix{netip.MustParsePrefix(c.pieces)}
			}
			if diff := cmp.Diff(pieces, view.Pieces, cmpopts.EquateEmpty(), cmpopts.EquateComparable(netip.Prefix{})); diff != "" || view.Protected != "" {
				t.Errorf("protected %q, the pieces (-want +got):\n%s", view.Protected, diff)
			}
			p.Enforcing = false
			shown, visible := p.View(e, noon)
			if visible && (shown.Pieces != nil || !strings.Contains(shown.Protected, c.protected) || (c.protected == "") != (shown.Protected == "")) {
				t.Errorf("where nothing is enforced: pieces %v, %q, want %q", shown.Pieces, shown.Protected, c.protected)
			}
		})
	}
}

func TestTheGuardIsInTheFingerprint(t *testing.T) {
	p, other := strict(), strict()
	p.Guard, other.Guard = protecting(guard.Rule{Key: indicator.Key{Kind: indicator.IP, Value: "45.9.148.1"}}), protecting()
	if p.Fingerprint(noon) == other.Fingerprint(noon) {
		t.Error("two sets have one fingerprint")
	}
}
