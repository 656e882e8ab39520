package indicator

import (
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// canonRules are the rules of canonical forms, one after the other, each with
// values that show it. The other tests of this package go through each rule at
// length.
var canonRules = []struct {
	rule string
	kind Kind
	// cases are what a value becomes, in pairs.
	cases []string
}{
	{"an address has one spelling only: no leading zeros, hexadecimal, octal, integer or short form", IP, []string{
		"012.0.0.1", "reject ambiguous-address", "0x8.8.8.8", "reject ambiguous-address",
		"134744072", "reject ambiguous-address", "8.8.8", "reject ambiguous-address",
	}},
	{"an IPv4-mapped address is the IPv4 address", IP, []string{"::ffff:8.8.4.4", "ip 8.8.4.4 (unmapped)"}},
	{"6to4, Teredo and NAT64 stay IPv6", IP, []string{
		"2002:808:808::1", "ip 2002:808:808::1", "2001:0:4136:e378::1", "ip 2001:0:4136:e378::1", "64:ff9b::8.8.8.8", "ip 64:ff9b::808:808",
	}},
	{"a zone is refused", IP, []string{"2a00::1%eth0", "reject zone-id"}},
	{"IPv6 is written as RFC 5952 says", IP, []string{"2A00:0:0:1:0:0:0:1", "ip 2a00:0:0:1::1"}},
	{"host bits are cleared, and that is noted", IP, []string{"8.8.4.4/24", "ip 8.8.4.0/24 (host-bits)"}},
	{"/32 and /128 are addresses", IP, []string{"8.8.4.4/32", "ip 8.8.4.4", "2a00::1/128", "ip 2a00::1"}},
	{"a range is the fewest prefixes that cover it", IP, []string{
		"8.8.4.0-8.8.4.2", "ip 8.8.4.0/31, ip 8.8.4.2 (range)", "8.8.4.2-8.8.4.0", "reject range-reversed", "8.8.4.0-2a00::", "reject range-mixed",
	}},
	{"a port is split off and kept", IP, []string{"8.8.4.4:53", "ip 8.8.4.4 port=53 (port)", "[2a00::1]:53", "ip 2a00::1 port=53 (port)"}},
	{"nothing is wider than /8 and /19, and never everything", IP, []string{
		"8.0.0.0/7", "reject too-wide", "2a00::/18", "reject too-wide", "0.0.0.0/0", "reject too-wide", "::/0", "reject too-wide",
	}},
	{"unspecified, loopback, link-local, multicast, private, shared, documentation, benchmark, reserved and unique local space is refused", IP, []string{
		"0.0.0.0", "reject reserved-address", "::", "reject reserved-address", "127.0.0.1", "reject reserved-address", "::1", "reject reserved-address",
		"169.254.1.1", "reject reserved-address", "fe80::1", "reject reserved-address", "224.0.0.1", "reject reserved-address", "ff02::1", "reject reserved-address",
		"10.0.0.1", "reject reserved-address", "172.16.0.1", "reject reserved-address", "192.168.0.1", "reject reserved-address",
		"100.64.0.1", "reject reserved-address", "192.0.2.1", "reject reserved-address", "2001:db8::1", "reject reserved-address",
		"198.18.0.1", "reject reserved-address", "240.0.0.1", "reject reserved-address", "fd00::1", "reject reserved-address",
	}},

	{"one trailing dot goes, letters are small", Domain, []string{"Example.COM.", "domain example.com", "example.com..", "reject not-a-domain"}},
	{"the full stops of other scripts are dots", Domain, []string{"a。example．co｡jp", "domain a.example.co.jp"}},
	{"UTS 46 is applied without the transitional mapping", Domain, []string{
		"straße.de", "domain xn--strae-oqa.de", "βόλος.com", "domain xn--nxasmm1c.com", "क्\u200dष.com", "domain xn--11b2ezcw70k.com",
	}},
	{"the rules of STD 3 are off: underscores are taken", Domain, []string{"_dmarc.example.com", "domain _dmarc.example.com"}},
	{"a label has 1 to 63 octets, a name up to 253 and at least two labels, the last not a number", Domain, []string{
		strings.Repeat("a", 64) + ".com", "reject label-too-long", "a..com", "reject not-a-domain",
		name254, "reject name-too-long", "localhost", "reject not-a-domain", "a.123", "reject not-a-domain",
	}},
	{"a wildcard or a leading dot stands for the names below", Domain, []string{
		"*.example.com", "domain example.com subdomains", ".example.com", "domain example.com subdomains",
	}},
	{"a public suffix is refused, of ICANN or private, Chinese ones too", Domain, []string{
		"co.uk", "reject public-suffix", "github.io", "reject public-suffix", "bj.cn", "reject public-suffix",
		"公司.cn", "reject public-suffix", "网络.cn", "reject public-suffix", "edu.cn", "reject public-suffix",
	}},
	{"an address, a URL, an e-mail address or a port in a field for domains is taken for what it is", Domain, []string{
		"8.8.4.4", "ip 8.8.4.4 (retyped)", "http://example.com/x", "url http://example.com/x (retyped)",
		"a@example.com", "email a@example.com (retyped)", "example.com:8080", "domain example.com port=8080 (port)",
	}},

	{"scheme and host are in small letters, path and query are not", URL, []string{"HTTP://Example.COM/A?B", "url http://example.com/A?B"}},
	{"the host is an A-label", URL, []string{"http://bücher.de/", "url http://xn--bcher-kva.de/"}},
	{"the default port goes", URL, []string{"https://example.com:443/", "url https://example.com/"}},
	{"dot segments go", URL, []string{"http://example.com/a/./b/../c", "url http://example.com/a/c"}},
	{"escapes are in capitals, unreserved characters plain", URL, []string{"http://example.com/%7e%2f", "url http://example.com/~%2F"}},
	{"an empty path is a slash", URL, []string{"http://example.com", "url http://example.com/"}},
	{"the fragment goes", URL, []string{"http://example.com/a#b", "url http://example.com/a (fragment)"}},
	{"userinfo goes", URL, []string{"http://u:p@example.com/", "url http://example.com/ (userinfo)"}},
	{"queries are not sorted", URL, []string{"http://example.com/?b&a", "url http://example.com/?b&a"}},
	{"control characters, and backslashes before the path, are refused", URL, []string{
		"http://exa\tmple.com/", "reject control-character", `http://example.com\@example.org/`, "reject not-a-url",
	}},
	{"a missing scheme stays missing", URL, []string{"example.com/x", "url example.com/x"}},
	{"a URL never becomes its host", URL, []string{"http://8.8.4.4/", "url http://8.8.4.4/", "example.com", "url example.com/"}},

	{"a hash is hexadecimal in small letters, as long as its algorithm says", MD5, []string{
		strings.Repeat("AB", 16), "md5 " + strings.Repeat("ab", 16), strings.Repeat("ab", 15), "reject wrong-hash-length",
		strings.Repeat("a", 31), "reject wrong-hash-length", strings.Repeat("ab", 20), "reject wrong-hash-length",
	}},
	{"fuzzy hashes are no hashes", SHA256, []string{"3:AXGBicFlgVNhBGcL6wCrFQEv:AXGHsNhxLsr2C", "reject not-hex", "T1" + strings.Repeat("A0", 35), "reject not-hex"}},
	{"the MD5 of an empty file, and what is all 0 or all f, is refused", MD5, []string{
		"d41d8cd98f00b204e9800998ecf8427e", "reject empty-file-hash", strings.Repeat("0", 32), "reject trivial-hash", strings.Repeat("f", 32), "reject trivial-hash",
	}},
	{"the SHA-1 of an empty file is refused", SHA1, []string{"da39a3ee5e6b4b0d3255bfef95601890afd80709", "reject empty-file-hash"}},
	{"the SHA-256 of an empty file is refused", SHA256, []string{
		"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", "reject empty-file-hash",
	}},
	{"the domain of an e-mail address is a domain, the rest keeps its letters", Email, []string{"John@Bücher.DE", "email John@xn--bcher-kva.de"}},

	{"defanged values are refused unless the source is set to have them repaired", URL, []string{"hxxp://example[.]com/", "reject defanged"}},
}

func TestEachRuleOfCanonicalForms(t *testing.T) {
	for _, r := range canonRules {
		t.Run(r.rule, func(t *testing.T) {
			for i := 0; i+1 < len(r.cases); i += 2 {
				if got := outcome(Canon(r.kind, r.cases[i])); got != r.cases[i+1] {
					t.Errorf("Canon(%s, %q)\n got %s\nwant %s", r.kind, r.cases[i], got, r.cases[i+1])
				}
			}
		})
	}
}

// goodValues draw, for each kind, values that are nearly always taken.
var goodValues = map[Kind]*rapid.Generator[string]{
	IP:     rapid.StringMatching(`([1-9]|[1-8][0-9])\.[1-9][0-9]?\.[1-9][0-9]?\.[1-9][0-9]?(/(2[4-9]|3[0-2])|:[1-9][0-9]{1,3})?`),
	Domain: rapid.StringMatching(`(\*\.)?([a-zA-Z0-9_ü微]{1,9}[.。]){1,3}(com|CN|公司)\.?`),
	URL:    rapid.StringMatching(`((http|HTTPS|ftp)://)?[a-zA-Z0-9]{1,9}\.com(:[1-9][0-9]{0,3})?(/[a-zA-Z.%~é]{0,6}){0,3}(\?[a-z%=&]{0,9})?(#x)?`),
	Email:  rapid.StringMatching(`[a-zA-Z0-9.+]{1,9}@[a-zA-Zü]{1,9}\.(com|DE)\.?`),
	MD5:    rapid.StringMatching(`[0-9a-fA-F]{32}`),
	SHA1:   rapid.StringMatching(`[0-9a-fA-F]{40}`),
	SHA256: rapid.StringMatching(`[0-9a-fA-F]{64}`),
	SHA512: rapid.StringMatching(`[0-9a-fA-F]{128}`),

	FileName:    rapid.StringMatching(` ?[a-zA-Z微 .]{1,12}\.(exe|DLL)`),
	Process:     rapid.StringMatching(`C:\\[a-z ]{1,9}\.exe( [/-][a-z"]{1,5}){0,3}`),
	RegistryKey: rapid.StringMatching(`HKEY_LOCAL_MACHINE(\\[a-zA-Z ]{1,9}){1,4}`),
	Certificate: rapid.StringMatching(`[0-9a-fA-F]{2}(:[0-9a-fA-F]{2}){7,19}`),
	Mutex:       rapid.StringMatching(`Global\\[a-zA-Z0-9{}-]{1,20}`),
	UserAgent:   rapid.StringMatching(`Mozilla/[0-9]\.0 \([a-zA-Z ;]{1,20}\)`),
	MAC:         rapid.StringMatching(`[0-9a-fA-F]{2}(:[0-9a-fA-F]{2}){5}|[0-9a-fA-F]{2}(-[0-9a-fA-F]{2}){7}|[0-9a-fA-F]{4}(\.[0-9a-fA-F]{4}){2}`),
	Rule:        rapid.StringMatching(`[a-zA-Z-]{1,9}[a-z]:[0-9a-fA-F]{64}`),
	Other:       rapid.StringMatching(`[a-z-]{1,9}:[a-z_]{1,9}=[ -~]{1,20}`),
}

// TestCanonOfCanonIsItselfForEachKind: whatever is taken is its own canonical
// form, and of each kind something is taken.
func TestCanonOfCanonIsItselfForEachKind(t *testing.T) {
	for _, kind := range Kinds() {
		t.Run(kind.String(), func(t *testing.T) {
			taken := 0
			rapid.Check(t, func(t *rapid.T) {
				value := goodValues[kind].Draw(t, "value")
				checkStable(t, Options{}, kind, value)
				if _, err := Canon(kind, value); err == nil {
					taken++
				}
			})
			if taken < 20 {
				t.Errorf("only %d values were taken", taken)
			}
		})
	}
}
