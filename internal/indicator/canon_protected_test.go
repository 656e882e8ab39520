package indicator

import (
	"errors"
	"net/netip"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestCanonProtected(t *testing.T) {
	for _, tc := range []struct{ value, want string }{
		{"10.0.0.0/8", "ip 10.0.0.0/8 exact"},
		{"10.1.2.3/24", "ip 10.1.2.0/24 exact"},
		{"192.168.0.1", "ip 192.168.0.1 exact"},
		{"64.0.0.0/2", "ip 64.0.0.0/2 exact"},
		{"fe80::1", "ip fe80::1 exact"},
		{"FE80::/10", "ip fe80::/10 exact"},
		{"::ffff:192.0.2.1", "ip 192.0.2.1 exact"},
		{" 192.0.2.7 ", "ip 192.0.2.7 exact"},
		{"192.0.2.7.", "ip 192.0.2.7 exact"},
		{"example.org", "domain example.org exact"},
		{"EXAMPLE.org.", "domain example.org exact"},
		{"*.example.org", "domain example.org subdomains"},
		{".example.org", "domain example.org subdomains"},
		{".gov.cn", "domain gov.cn subdomains"},
		{"github.io", "domain github.io exact"},
		{".local", "domain local subdomains"},
		{"公司.cn", "domain xn--55qx5d.cn exact"},
		{"D41D8CD98F00B204E9800998ECF8427E", "md5 d41d8cd98f00b204e9800998ecf8427e exact"},
		{"da39a3ee5e6b4b0d3255bfef95601890afd80709", "sha1 da39a3ee5e6b4b0d3255bfef95601890afd80709 exact"},
	} {
		c, err := CanonProtected(tc.value)
		if got := c.Key.String() + " " + c.Scope.String(); err != nil || got != tc.want {
			t.Errorf("%q is %s (%v), want %s", tc.value, got, err, tc.want)
		}
	}
}

func TestCanonProtectedRefuses(t *testing.T) {
	for value, want := range map[string]Code{
		"":                      CodeEmpty,
		"0.0.0.0/0":             CodeTooWide,
		"::/0":                  CodeTooWide,
		"010.0.0.1":             CodeAmbiguousAddress,
		"10":                    CodeAmbiguousAddress,
		"0.0.0.0-0.":            CodeAmbiguousAddress,
		"192.0.2.1:53":          CodeNotAddress,
		"fe80::1%eth0":          CodeZoneID,
		"https://example.org/":  CodeNotAddress,
		"example.org/path":      CodeNotAddress,
		"two words.example.org": CodeNotDomain,
		"-..":                   CodeNotDomain,
		".":                     CodeNotDomain,
		"192.0.2.9-192.0.2.1":   CodeRangeReversed,
	} {
		c, err := CanonProtected(value)
		reject, ok := errors.AsType[*Reject](err)
		if !ok || reject.Code != want {
			t.Errorf("%q is %v (%v), want the code %s", value, c.Key, err, want)
		}
	}
}

func TestCanonProtectedTakesRanges(t *testing.T) {
	c, err := CanonProtected("192.0.2.0-192.0.2.2")
	want := []Key{{IP, "192.0.2.0/31"}, {IP, "192.0.2.2"}}
	if diff := cmp.Diff(want, slices.Collect(c.Keys())); err != nil || diff != "" {
		t.Errorf("%v\n%s", err, diff)
	}
}

func TestReservedIsInOrderAndRefused(t *testing.T) {
	var before netip.Prefix
	for p, use := range Reserved() {
		if before.IsValid() && ComparePrefix(before, p) >= 0 || before.Overlaps(p) {
			t.Errorf("%s comes before %s", before, p)
		}
		if _, err := Canon(IP, p.String()); err == nil || use == "" {
			t.Errorf("%s (%q) is taken", p, use)
		}
		before = p
	}
}

func TestEmbeddings(t *testing.T) {
	got := slices.Collect(Embeddings(netip.MustParsePrefix("8.8.8.8/32")))
	want := []netip.Prefix{netip.MustParsePrefix("64:ff9b::808:808/128"), netip.MustParsePrefix("2002:808:808::/48")}
	if !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	if got := slices.Collect(Embeddings(netip.MustParsePrefix("2001:db8::/32"))); got != nil {
		t.Errorf("IPv6 is embedded in %v", got)
	}
}
