package guard_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/indicatord/indicatord/internal/indicator"
	"github.com/indicatord/indicatord/internal/policy/guard"
)

var list = &guard.List{Name: "site", Version: "3", Source: "the network plan", Purpose: "the site stands still"}

// rules reads values, each with a reason after a number sign.
func rules(t testing.TB, lines ...string) []guard.Rule {
	t.Helper()
	var made []guard.Rule
	for _, line := range lines {
		value, reason, _ := strings.Cut(line, " # ")
		c, err := indicator.CanonProtected(value)
		if err != nil {
			t.Fatal(err)
		}
		for key := range c.Keys() {
			made = append(made, guard.Rule{Key: key, Scope: c.Scope, Reason: reason, List: list})
		}
	}
	return made
}

func compile(t testing.TB, lines ...string) *guard.Set {
	t.Helper()
	return guard.Compile(slices.Values(rules(t, lines...)), guard.Options{})
}

func key(kind indicator.Kind, value string) indicator.Key {
	return indicator.Key{Kind: kind, Value: value}
}

// outcome writes a finding on one line: the verdict, what is protected, the
// pieces.
func outcome(f guard.Finding) string {
	text := f.Verdict.String()
	if f.Rule != nil {
		text += " " + f.Rule.String()
	}
	for _, piece := range f.Pieces {
		text += " " + piece.String()
	}
	return text
}

func TestCheckAddresses(t *testing.T) {
	set := compile(t,
		"8.8.8.8 # Google Public DNS", "10.0.0.0/8", "10.1.0.0/16", "203.0.113.0/25", "203.0.113.128/25",
		"2001:4860:4860::8888", "2400:3200::/32", "198.51.100.8-198.51.100.10",
	)
	for _, tc := range []struct{ name, value, want string }{
		{"the address itself", "8.8.8.8", "protected 8.8.8.8"},
		{"the address before it", "8.8.8.7", "clear"},
		{"the address after it", "8.8.8.9", "clear"},
		{"before everything", "1.2.3.4", "clear"},
		{"after everything", "ff0e::1", "clear"},
		{"inside a protected prefix", "10.20.30.40", "protected 10.0.0.0/8"},
		{"the first address of one", "10.0.0.0", "protected 10.0.0.0/8"},
		{"the last address of one", "10.255.255.255", "protected 10.0.0.0/8"},
		{"a prefix inside one", "10.1.2.0/24", "protected 10.0.0.0/8"},
		{"a prefix around one address", "8.8.8.8/30", "split 8.8.8.8 8.8.8.9/32 8.8.8.10/31"},
		{"a prefix around some", "198.51.100.8/30", "split 198.51.100.8/31 198.51.100.11/32"},
		{"a prefix that protected ones fill", "203.0.113.0/24", "protected 203.0.113.0/25"},
		{"a prefix beside them", "203.0.114.0/24", "clear"},
		{"twice as wide", "203.0.112.0/23", "split 203.0.113.0/25 203.0.112.0/24"},
		{"as wide as is allowed", "44.4.0.0/16", "clear"},
		{"wider", "44.4.0.0/15", "too-broad"},
		{"wider, and protected", "10.0.0.0/9", "protected 10.0.0.0/8"},
		{"everything", "0.0.0.0/0", "too-broad"},
		{"IPv6", "2001:4860:4860::8888", "protected 2001:4860:4860::8888"},
		{"IPv6 around one address", "2001:4860:4860::8888/127", "split 2001:4860:4860::8888 2001:4860:4860::8889/128"},
		{"IPv6 inside a prefix", "2400:3200::1", "protected 2400:3200::/32"},
		{"IPv6 as wide as is allowed", "2a00:1450::/32", "clear"},
		{"IPv6 wider", "2a00:1450::/31", "too-broad"},
		{"all of IPv6", "::/0", "too-broad"},
		{"behind NAT64", "64:ff9b::808:808", "protected 8.8.8.8"},
		{"behind NAT64, beside it", "64:ff9b::808:809", "clear"},
		{"behind NAT64, around it", "64:ff9b::808:808/127", "split 8.8.8.8 64:ff9b::808:809/128"},
		{"behind NAT64, wider", "64:ff9b::2c04:0/111", "too-broad"},
		{"NAT64 itself", "64:ff9b::/96", "too-broad"},
		{"around NAT64", "64:ff9b::/48", "too-broad"},
		{"a network of 6to4", "2002:808:808::/48", "protected 8.8.8.8"},
		{"an address of 6to4", "2002:808:808:1::5", "protected 8.8.8.8"},
		{"networks of 6to4 around it", "2002:808:808::/47", "split 8.8.8.8 2002:808:809::/48"},
		{"in mapped form, which Canon never leaves", "::ffff:8.8.8.8", "protected 8.8.8.8"},
		{"all of IPv4 in mapped form", "::ffff:0:0/96", "too-broad"},
		{"no address at all", "8.8.8", "too-broad"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			found := set.Check(key(indicator.IP, tc.value), indicator.ScopeExact)
			if got := outcome(found); got != tc.want {
				t.Errorf("%s is %s, want %s", tc.value, got, tc.want)
			}
		})
	}
}

func TestCheckDomains(t *testing.T) {
	set := compile(t, "qq.com", "ocsp.digicert.com", ".plant.example.cn", "example.cn", ".gov.cn", "www.sgcc.com.cn", ".lan")
	for _, tc := range []struct{ name, value, scope, want string }{
		{"the name itself", "qq.com", "exact", "protected qq.com"},
		{"a name below an exact rule", "evil.qq.com", "exact", "clear"},
		{"and all below that", "evil.qq.com", "subdomains", "clear"},
		{"an exact rule with its subdomains", "qq.com", "subdomains", "protected qq.com"},
		{"another name with the same end", "xqq.com", "subdomains", "clear"},
		{"above a protected name, alone", "digicert.com", "exact", "clear"},
		{"above it, with subdomains", "digicert.com", "subdomains", "protected ocsp.digicert.com"},
		{"far above it", "sgcc.com.cn", "subdomains", "protected www.sgcc.com.cn"},
		{"beside it", "crl3.digicert.com", "subdomains", "clear"},
		{"a subtree's root", "plant.example.cn", "exact", "protected .plant.example.cn"},
		{"deep in a subtree", "a.b.plant.example.cn", "exact", "protected .plant.example.cn"},
		{"above a subtree, protected itself", "example.cn", "subdomains", "protected example.cn"},
		{"in the subtree of a public suffix", "evil.gov.cn", "exact", "protected .gov.cn"},
		{"in the subtree of a single label", "printer.lan", "exact", "protected .lan"},
		{"a public suffix", "com.cn", "exact", "too-broad"},
		{"a public suffix of a company", "github.io", "exact", "too-broad"},
		{"a site there", "evil.github.io", "subdomains", "clear"},
		{"a provider of names", "duckdns.org", "subdomains", "too-broad"},
		{"a name right below a rule with an asterisk", "foo.ck", "exact", "too-broad"},
		{"above such names, alone", "kawasaki.jp", "exact", "clear"},
		{"above such names, with subdomains", "kawasaki.jp", "subdomains", "too-broad"},
		{"a name like any other", "evil.example", "subdomains", "clear"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			var scope indicator.Scope
			if err := scope.UnmarshalText([]byte(tc.scope)); err != nil {
				t.Fatal(err)
			}
			if got := outcome(set.Check(key(indicator.Domain, tc.value), scope)); got != tc.want {
				t.Errorf("%s is %s, want %s", tc.value, got, tc.want)
			}
		})
	}
}

func TestCheckURLs(t *testing.T) {
	set := compile(t, "qq.com", ".plant.example.cn", "10.0.0.0/8", "2400:3200::1")
	for _, tc := range []struct{ name, value, want string }{
		{"the root of a host", "https://qq.com/", "protected qq.com"},
		{"on a port", "http://qq.com:8080/", "protected qq.com"},
		{"without a scheme", "qq.com/", "protected qq.com"},
		{"without a path", "https://qq.com", "protected qq.com"},
		{"a page of the host", "https://qq.com/evil.exe", "clear"},
		{"a query", "https://qq.com/?go=evil.example", "clear"},
		{"a query without a slash", "https://qq.com?go", "clear"},
		{"an empty query", "https://qq.com/?", "protected qq.com"},
		{"two slashes", "https://qq.com//", "protected qq.com"},
		{"slashes around a page", "https://qq.com//evil.exe/", "clear"},
		{"a host below an exact rule", "https://evil.qq.com/", "clear"},
		{"a host in a subtree", "https://scada.plant.example.cn/", "protected .plant.example.cn"},
		{"an address", "http://10.1.2.3/", "protected 10.0.0.0/8"},
		{"a page of an address", "http://10.1.2.3/evil", "clear"},
		{"an address of IPv6", "https://[2400:3200::1]:443/", "protected 2400:3200::1"},
		{"another address", "http://192.0.2.1/", "clear"},
		{"a public suffix", "https://com.cn/", "too-broad"},
		{"a page of a public suffix", "https://com.cn/gate", "clear"},
		{"no host", "/", "clear"},
		{"a bracket left open", "http://[2400:3200::1/", "clear"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if got := outcome(set.Check(key(indicator.URL, tc.value), indicator.ScopeExact)); got != tc.want {
				t.Errorf("%s is %s, want %s", tc.value, got, tc.want)
			}
		})
	}
}

func TestCheckHashesAndOthers(t *testing.T) {
	const nothing = "d41d8cd98f00b204e9800998ecf8427e"
	set := compile(t, nothing, "qq.com")
	for value, want := range map[indicator.Key]string{
		key(indicator.MD5, nothing):                            "protected " + nothing,
		key(indicator.MD5, "0123456789abcdef0123456789abcdef"): "clear",
		key(indicator.SHA1, nothing):                           "clear",
		key(indicator.Email, "a@qq.com"):                       "clear",
		key(indicator.FileName, "qq.com"):                      "clear",
	} {
		if got := outcome(set.Check(value, indicator.ScopeExact)); got != want {
			t.Errorf("%s is %s, want %s", value, got, want)
		}
	}
}

func TestCheckBoundsPieces(t *testing.T) {
	// Around one address of a /24 are 8 pieces, around two of them more.
	four := guard.Options{MaxPieces: 8}
	for lines, want := range map[string]guard.Verdict{
		"198.51.100.7":                guard.Split,
		"198.51.100.7 198.51.100.200": guard.Fragmented,
	} {
		set := guard.Compile(slices.Values(rules(t, strings.Fields(lines)...)), four)
		found := set.Check(key(indicator.IP, "198.51.100.0/24"), indicator.ScopeExact)
		if found.Verdict != want || found.Held() != (want == guard.Fragmented) || found.Held() && found.Pieces != nil {
			t.Errorf("around %s it is %s", lines, outcome(found))
		}
	}
}

func TestFloorsAreOptions(t *testing.T) {
	set := guard.Compile(slices.Values([]guard.Rule(nil)), guard.Options{WidestIPv4: 8, WidestIPv6: 24})
	for value, want := range map[string]string{
		"44.0.0.0/8": "clear", "44.0.0.0/7": "too-broad", "2a00:1400::/24": "clear", "2a00:1400::/23": "too-broad",
	} {
		if got := outcome(set.Check(key(indicator.IP, value), indicator.ScopeExact)); got != want {
			t.Errorf("%s is %s, want %s", value, got, want)
		}
	}
}

func TestReasons(t *testing.T) {
	set := compile(t, "8.8.8.8 # Google Public DNS", "10.0.0.0/8", "198.51.100.3 # the gateway", "198.51.100.5", ".plant.example.cn # our zone")
	narrow := guard.Compile(set.Rules(), guard.Options{MaxPieces: 1})
	for _, tc := range []struct {
		set  *guard.Set
		key  indicator.Key
		want string
	}{
		{set, key(indicator.IP, "192.0.2.1"), ""},
		{set, key(indicator.IP, "8.8.8.8"), "8.8.8.8 (Google Public DNS), list site is protected"},
		{set, key(indicator.IP, "10.1.0.0/16"), "10.1.0.0/16 would block what is protected: 10.0.0.0/8, list site"},
		{set, key(indicator.IP, "8.8.8.0/24"), "8.8.8.0/24 contains the protected 8.8.8.8 (Google Public DNS), list site; it is enforced in 8 pieces around that"},
		{set, key(indicator.IP, "198.51.100.0/29"), "198.51.100.0/29 contains 2 protected blocks, the first of them 198.51.100.3 (the gateway), list site; it is enforced in 4 pieces around that"},
		{narrow, key(indicator.IP, "8.8.8.0/24"), "8.8.8.0/24 contains the protected 8.8.8.8 (Google Public DNS), list site; going around that takes more than 1 piece"},
		{set, key(indicator.IP, "44.0.0.0/12"), "44.0.0.0/12 is wider than /16, the widest that is enforced unasked"},
		{set, key(indicator.Domain, "com.cn"), "com.cn is a public suffix: anybody can register names below it"},
		{set, key(indicator.Domain, "a.plant.example.cn"), "a.plant.example.cn would block what is protected: .plant.example.cn (our zone), list site"},
	} {
		found := tc.set.Check(tc.key, indicator.ScopeExact)
		if diff := cmp.Diff(tc.want, found.Reason()); diff != "" {
			t.Error(diff)
		}
	}
}

func TestFingerprint(t *testing.T) {
	base := []string{"10.0.0.0/8", "8.8.8.8 # Google", ".example.cn", "qq.com", "d41d8cd98f00b204e9800998ecf8427e"}
	want := compile(t, base...).Fingerprint()
	reversed := slices.Clone(base)
	slices.Reverse(reversed)
	for name, lines := range map[string][]string{
		"another order":                 reversed,
		"another reason":                {base[0], "8.8.8.8 # a resolver", base[2], base[3], base[4]},
		"an address inside of a prefix": append(slices.Clone(base), "10.1.2.3"),
		"a name inside of a subtree":    append(slices.Clone(base), "a.example.cn"),
		"a repetition":                  append(slices.Clone(base), base...),
	} {
		if got := compile(t, lines...).Fingerprint(); got != want {
			t.Errorf("%s changes the fingerprint", name)
		}
	}
	seen := map[string]string{want: "nothing"}
	for _, changed := range []string{"8.8.4.4", "10.0.0.0/7", ".qq.com", "www.qq.com", "da39a3ee5e6b4b0d3255bfef95601890afd80709", "2400:3200::1"} {
		got := compile(t, append(slices.Clone(base), changed)...).Fingerprint()
		if other, ok := seen[got]; ok {
			t.Errorf("%s and %s give the same fingerprint", changed, other)
		}
		seen[got] = changed
	}
	for _, options := range []guard.Options{{MaxPieces: 5}, {WidestIPv4: 8}, {WidestIPv6: 20}} {
		got := guard.Compile(slices.Values(rules(t, base...)), options).Fingerprint()
		if other, ok := seen[got]; ok {
			t.Errorf("%+v and %s give the same fingerprint", options, other)
		}
		seen[got] = fmt.Sprint(options)
	}
}

func TestTheFirstOfEqualRulesIsNamed(t *testing.T) {
	first := guard.Rule{Key: key(indicator.IP, "8.8.8.8"), Reason: "first"}
	second := guard.Rule{Key: key(indicator.IP, "8.8.8.8"), Reason: "second"}
	set := guard.Compile(slices.Values([]guard.Rule{first, second}), guard.Options{})
	if found := set.Check(first.Key, indicator.ScopeExact); found.Rule.Reason != "first" || set.Len() != 2 {
		t.Errorf("it names the %s of %d", found.Rule.Reason, set.Len())
	}
}
