package indicator

import (
	"strings"
	"testing"
)

var (
	label63  = strings.Repeat("a", 63)
	name253  = strings.Repeat(label63+".", 3) + strings.Repeat("b", 61)
	name254  = strings.Repeat(label63+".", 3) + strings.Repeat("b", 62)
	idn63    = strings.Repeat("ü", 60)  // more than 63 octets as an A-label
	idnLong  = strings.Repeat("ü", 600) // more than any name in UTF-8
	joinerZW = "\u200d"
)

func TestCanonOfDomain(t *testing.T) {
	testCanon(t, Options{}, Domain, []canonCase{
		{"a plain name", "www.example.com", "domain www.example.com"},
		{"upper case", "WWW.Example.COM", "domain www.example.com"},
		{"a trailing dot", "example.com.", "domain example.com"},
		{"two trailing dots", "example.com..", "reject not-a-domain"},
		{"a label with an underscore", "_dmarc.example.com", "domain _dmarc.example.com"},
		{"hyphens in odd places", "-a.b-.r3---sn.example.com", "domain -a.b-.r3---sn.example.com"},
		{"a label of digits", "163.com", "domain 163.com"},
		{"a last label with a digit", "example.c0m", "domain example.c0m"},

		{"a label of 63 octets", label63 + ".com", "domain " + label63 + ".com"},
		{"a label of 64 octets", label63 + "a.com", "reject label-too-long"},
		{"a label of 64 octets at the end", "com." + label63 + "a", "reject label-too-long"},
		{"an internationalised label too long as an A-label", idn63 + ".com", "reject label-too-long"},
		{"a name of 253 octets", name253, "domain " + name253},
		{"a name of 254 octets", name254, "reject name-too-long"},
		{"a name of 253 octets and its trailing dot", name253 + ".", "domain " + name253},
		{"a name too long to be mapped", idnLong + "." + idnLong + ".com", "reject name-too-long"},

		{"one label", "localhost", "reject not-a-domain"},
		{"one label that is a suffix", "com", "reject not-a-domain"},
		{"an empty label", "example..com", "reject not-a-domain"},
		{"only a dot", ".", "reject not-a-domain"},
		{"a space", "exa mple.com", "reject not-a-domain"},
		{"a star in the middle", "a.*.example.com", "reject not-a-domain"},
		{"a percent sign", "ex%61mple.com", "reject not-a-domain"},
		{"a comma", "example.com,example.org", "reject not-a-domain"},
		{"a last label of digits", "example.123", "reject not-a-domain"},
		{"a last label in hexadecimal", "example.0x1f", "reject not-a-domain"},
	})
}

func TestCanonOfInternationalisedDomain(t *testing.T) {
	testCanon(t, Options{}, Domain, []canonCase{
		{"A-label and U-label are one name", "bücher.de", "domain xn--bcher-kva.de"},
		{"an A-label", "xn--bcher-kva.de", "domain xn--bcher-kva.de"},
		{"an A-label in upper case", "XN--BCHER-KVA.de", "domain xn--bcher-kva.de"},
		{"upper case beyond ASCII", "BÜCHER.de", "domain xn--bcher-kva.de"},
		{"decomposed characters", "bu\u0308cher.de", "domain xn--bcher-kva.de"},
		{"Chinese", "微步在线.中国", "domain xn--3ds31rc6jhpt.xn--fiqs8s"},
		{"an emoji", "💩.la", "domain xn--ls8h.la"},
		{"an underscore beside other scripts", "_dmarc.bücher.de", "domain _dmarc.xn--bcher-kva.de"},

		{"ß is a letter of its own", "straße.de", "domain xn--strae-oqa.de"},
		{"ς is a letter of its own", "βόλος.com", "domain xn--nxasmm1c.com"},
		{"σ is another", "βόλοσ.com", "domain xn--nxasmq6b.com"},
		{"a joiner where its script needs it", "क्" + joinerZW + "ष.com", "domain xn--11b2ezcw70k.com"},
		{"a joiner where none belongs", "a" + joinerZW + "b.com", "reject defanged"},

		{"ideographic full stops", "www。example。com。", "domain www.example.com"},
		{"full-width full stop", "www．example．com", "domain www.example.com"},
		{"half-width full stop", "www｡example｡com", "domain www.example.com"},
		{"full-width letters", "ｅｘａｍｐｌｅ.com", "domain example.com"},
		{"a full-width slash makes no URL", "example.com／x", "reject defanged"},

		{"an A-label that decodes to nothing good", "xn--a.com", "reject not-a-domain"},
		{"an A-label of plain ASCII", "xn--abc-.com", "reject not-a-domain"},
		{"an A-label that should be mapped", "xn--bcher-2pa.de", "reject not-a-domain"},
		{"a character that is not allowed", "a\u2028b.com", "reject not-a-domain"},
		{"a name that mixes directions", "aא.com", "reject not-a-domain"},
	})
}

func TestCanonRefusesPublicSuffixes(t *testing.T) {
	testCanon(t, Options{}, Domain, []canonCase{
		{"of ICANN", "co.uk", "reject public-suffix"},
		{"of China", "com.cn", "reject public-suffix"},
		{"of a province", "bj.cn", "reject public-suffix"},
		{"in Chinese", "公司.cn", "reject public-suffix"},
		{"in Chinese as an A-label", "xn--55qx5d.cn", "reject public-suffix"},
		{"of a hosting service", "github.io", "reject public-suffix"},
		{"in upper case with a dot", "GitHub.IO.", "reject public-suffix"},
		{"with its subdomains", "*.com.cn", "reject public-suffix"},
		{"of a rule with a star", "anything.ck", "reject public-suffix"},
		{"an exception to that rule", "www.ck", "domain www.ck"},
		{"a name below one", "evil.github.io", "domain evil.github.io"},
		{"a name below a province", "evil.bj.cn", "domain evil.bj.cn"},
		{"a name below a suffix that nobody listed", "evil.nosuchsuffix", "domain evil.nosuchsuffix"},
	})
}

func TestCanonOfWildcard(t *testing.T) {
	testCanon(t, Options{}, Domain, []canonCase{
		{"a star", "*.example.com", "domain example.com subdomains"},
		{"a leading dot", ".example.com", "domain example.com subdomains"},
		{"a star and upper case", "*.Example.COM.", "domain example.com subdomains"},
		{"two stars", "*.*.example.com", "reject not-a-domain"},
		{"a star alone", "*", "reject not-a-domain"},
		{"a star and an address", "*.8.8.8.8", "reject not-a-domain"},
		{"a star and one label", "*.com", "reject not-a-domain"},
	})
}

func TestCanonRetypesWhatIsInAFieldForDomains(t *testing.T) {
	testCanon(t, Options{}, Domain, []canonCase{
		{"IPv4", "8.8.8.8", "ip 8.8.8.8 (retyped)"},
		{"IPv4 with a trailing dot", "8.8.8.8.", "ip 8.8.8.8 (retyped)"},
		{"IPv4 with ideographic full stops", "8。8。8。8", "ip 8.8.8.8 (retyped)"},
		{"IPv6", "2a00::1", "ip 2a00::1 (retyped)"},
		{"IPv6 in brackets", "[2a00::1]", "ip 2a00::1 (retyped)"},
		{"IPv6 with a port", "[2a00::1]:443", "ip 2a00::1 port=443 (retyped,port)"},
		{"a prefix", "8.8.8.0/24", "ip 8.8.8.0/24 (retyped)"},
		{"a range", "8.8.8.8-8.8.8.9", "ip 8.8.8.8/31 (retyped,range)"},
		{"IPv4 with a port", "8.8.8.8:53", "ip 8.8.8.8 port=53 (retyped,port)"},
		{"a name with a port", "example.com:8080", "domain example.com port=8080 (port)"},
		{"a URL", "http://example.com/x", "url http://example.com/x (retyped)"},
		{"a URL without a scheme", "example.com/x", "url example.com/x (retyped)"},
		{"a URL with an e-mail address in it", "example.com/?a=b@example.org", "url example.com/?a=b@example.org (retyped)"},
		{"an e-mail address", "a@example.com", "email a@example.com (retyped)"},

		{"a reserved address", "10.0.0.1", "reject reserved-address"},
		{"an ambiguous address", "012.0.0.1", "reject ambiguous-address"},
		{"a zone", "fe80::1%eth0", "reject zone-id"},
		{"an address with a number too large", "256.8.8.8", "reject not-a-domain"},
		{"a word with a slash", "n/a", "reject not-a-domain"},
		{"an at sign alone", "@", "reject not-a-domain"},
		{"a name with a port too large", "example.com:99999", "reject not-a-domain"},
		{"a name with a colon", "example.com:", "reject not-a-domain"},
		{"a colon alone", ":", "reject not-a-domain"},
	})
}

func TestDisplayDomain(t *testing.T) {
	for name, want := range map[string]string{
		"example.com":            "example.com",
		"xn--bcher-kva.de":       "bücher.de",
		"xn--strae-oqa.de":       "straße.de",
		"_x.xn--55qx5d.cn":       "_x.公司.cn",
		"xn--a.com":              "xn--a.com",
		"":                       "",
		"www.xn--ls8h.la":        "www.💩.la",
		"not-xn--a-label.com":    "not-xn--a-label.com",
		"xn--abc-.xn--fiqs8s.cn": "xn--abc-.xn--fiqs8s.cn",
	} {
		if got := DisplayDomain(name); got != want {
			t.Errorf("DisplayDomain(%q) = %q, want %q", name, got, want)
		}
	}
}
