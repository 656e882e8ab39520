package indicator

import (
	"net/url"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestCanonOfURL(t *testing.T) {
	testCanon(t, Options{}, URL, []canonCase{
		{"a canonical URL", "http://example.com/a?b=c", "url http://example.com/a?b=c"},
		{"scheme and host in lower case, the rest as it is", "HTTP://EXAMPLE.com/Path?Query=A", "url http://example.com/Path?Query=A"},
		{"an empty path", "http://example.com", "url http://example.com/"},
		{"an empty path before a query", "http://example.com?a=b", "url http://example.com/?a=b"},
		{"an empty query stays", "http://example.com/?", "url http://example.com/?"},
		{"queries are not sorted", "http://example.com/?b=1&a=2", "url http://example.com/?b=1&a=2"},
		{"a path with empty segments", "http://example.com//a//b/", "url http://example.com//a//b/"},
		{"any scheme", "sftp+x://example.com/", "url sftp+x://example.com/"},
		{"a fragment is dropped", "http://example.com/a#b?c", "url http://example.com/a (fragment)"},
		{"an empty fragment is dropped", "http://example.com/a#", "url http://example.com/a (fragment)"},
		{"userinfo is dropped", "http://user:pass@example.com/", "url http://example.com/ (userinfo)"},
		{"userinfo with an at sign", "http://a@b:c@example.com/", "url http://example.com/ (userinfo)"},
		{"an at sign in the path is no userinfo", "http://example.com/@b", "url http://example.com/@b"},
		{"a name without a scheme", "example.com/path", "url example.com/path"},
		{"a host alone stays a URL", "example.com", "url example.com/"},
		{"an address alone stays a URL", "8.8.8.8", "url 8.8.8.8/"},
		{"two slashes without a scheme", "//example.com/path", "url example.com/path"},
		{"a URL in a query is no scheme", "example.com/?u=http://example.org", "url example.com/?u=http://example.org"},
	})
}

func TestCanonOfURLPort(t *testing.T) {
	testCanon(t, Options{}, URL, []canonCase{
		{"default of http", "http://example.com:80/", "url http://example.com/"},
		{"default of https", "https://example.com:443/", "url https://example.com/"},
		{"default of ws", "ws://example.com:80/", "url ws://example.com/"},
		{"default of wss", "wss://example.com:443/", "url wss://example.com/"},
		{"default of ftp", "ftp://example.com:21/", "url ftp://example.com/"},
		{"default of another scheme", "http://example.com:443/", "url http://example.com:443/"},
		{"no scheme has no default", "example.com:80/", "url example.com:80/"},
		{"leading zeros", "http://example.com:0080/", "url http://example.com/"},
		{"an empty port", "http://example.com:/", "url http://example.com/"},
		{"too large", "http://example.com:65536/", "reject not-a-url"},
		{"not a number", "http://example.com:http/", "reject not-a-url"},
		{"two ports", "http://example.com:80:80/", "reject not-a-url"},
		{"after IPv6", "http://[2a00::1]:8080/", "url http://[2a00::1]:8080/"},
	})
}

func TestCanonOfURLHost(t *testing.T) {
	testCanon(t, Options{}, URL, []canonCase{
		{"IPv4", "http://8.8.8.8/", "url http://8.8.8.8/"},
		{"IPv6", "http://[2A00:0::1]/", "url http://[2a00::1]/"},
		{"an IPv4-mapped address", "http://[::ffff:8.8.8.8]/", "url http://8.8.8.8/ (unmapped)"},
		{"IPv4 with a trailing dot", "http://8.8.8.8./", "url http://8.8.8.8/"},
		{"an internationalised name", "http://Bücher.de/", "url http://xn--bcher-kva.de/"},
		{"ideographic full stops", "http://www。example。com/", "url http://www.example.com/"},
		{"a trailing dot", "http://example.com./", "url http://example.com/"},
		{"a percent-encoded name", "http://ex%61mple.com/", "url http://example.com/"},
		{"a percent-encoded name in UTF-8", "http://b%C3%BCcher.de/", "url http://xn--bcher-kva.de/"},
		{"a public suffix serves pages", "http://github.io/x", "url http://github.io/x"},
		{"an underscore", "http://_a.example.com/", "url http://_a.example.com/"},

		{"an ambiguous address", "http://0x7f.1/", "reject ambiguous-address"},
		{"an integer", "http://2130706433/", "reject ambiguous-address"},
		{"an ambiguous address in disguise", "http://%30x7f.1/", "reject ambiguous-address"},
		{"a reserved address", "http://192.168.1.1/", "reject reserved-address"},
		{"a reserved address in IPv6", "http://[::1]/", "reject reserved-address"},
		{"a reserved address that is mapped", "http://[::ffff:10.0.0.1]/", "reject reserved-address"},
		{"a zone", "http://[fe80::1%25eth0]/", "reject zone-id"},
		{"a label too long", "http://" + label63 + "a.com/", "reject label-too-long"},
		{"a name too long", "http://" + name254 + "/", "reject name-too-long"},
		{"one label", "http://localhost/", "reject not-a-url"},
		{"no host", "http:///path", "reject not-a-url"},
		{"no host but a port", "http://:80/", "reject not-a-url"},
		{"nothing after the scheme", "http://", "reject not-a-url"},
		{"a range of addresses", "http://8.8.8.8-8.8.8.9/", "reject not-an-address"},
		{"IPv6 without brackets", "http://2a00::1/", "reject not-a-url"},
		{"IPv6 without brackets that ends as IPv4", "http://2a00::1:0.0.0.1:80/", "reject not-an-address"},
		{"IPv4 in brackets", "http://[8.8.8.8]/", "reject not-an-address"},
		{"a bracket that does not close", "http://[2a00::1/", "reject not-a-url"},
		{"a wildcard", "http://*.example.com/", "reject not-a-url"},
	})
}

func TestCanonRefusesURLsThatProgramsReadDifferently(t *testing.T) {
	testCanon(t, Options{}, URL, []canonCase{
		{"a backslash before the at sign", `http://good.example.com\@evil.example.com/`, "reject not-a-url"},
		{"a backslash in place of a slash", `http://example.com\path`, "reject not-a-url"},
		{"backslashes after the scheme", `http:\\example.com\path`, "reject not-a-url"},
		{"a tab within", "http://exa\tmple.com/", "reject control-character"},
		{"a tab in the path", "http://example.com/a\tb", "reject control-character"},
		{"a line end within", "http://example.com/a\nb", "reject control-character"},
		{"an escaped line end in the host", "http://example.com%0a/", "reject control-character"},
		{"an escaped slash in the host", "http://example.com%2f.example.org/", "reject not-a-url"},
		{"a broken escape in the host", "http://exa%6mple.com/", "reject not-a-url"},
		{"a space in the host", "http://exa mple.com/", "reject not-a-url"},
		{"a scheme without slashes", "mailto:a@example.com", "reject not-a-url"},
		{"an e-mail address", "a@example.com", "reject not-a-url"},
		{"script", "javascript:alert(1)", "reject not-a-url"},
		{"a defanged scheme", "hxxp://example.com/", "reject defanged"},
		{"text", "see the report", "reject not-a-url"},
	})
}

func TestCanonOfURLEscapes(t *testing.T) {
	testCanon(t, Options{}, URL, []canonCase{
		{"unreserved characters are decoded", "http://example.com/%61%2D%2e%5F%7E", "url http://example.com/a-._~"},
		{"other escapes are in upper case", "http://example.com/%2f%3a", "url http://example.com/%2F%3A"},
		{"an escaped control character stays", "http://example.com/%00%0a", "url http://example.com/%00%0A"},
		{"a space", "http://example.com/a b", "url http://example.com/a%20b"},
		{"characters beyond ASCII", "http://example.com/微?q=é", "url http://example.com/%E5%BE%AE?q=%C3%A9"},
		{"quotes, angles and braces", `http://example.com/"<>{}|^` + "`", "url http://example.com/%22%3C%3E%7B%7D%7C%5E%60"},
		{"a backslash in the path", `http://example.com/a\b`, "url http://example.com/a%5Cb"},
		{"a percent sign alone", "http://example.com/100%", "url http://example.com/100%25"},
		{"a percent sign before no digits", "http://example.com/%zz", "url http://example.com/%25zz"},
		{"an escape that would form another", "http://example.com/%4%31", "url http://example.com/%2541"},
		{"an escaped percent sign stays", "http://example.com/%2541", "url http://example.com/%2541"},
		{"brackets in a query", "http://example.com/?a[]=1", "url http://example.com/?a[]=1"},
		{"a plus sign is not a space", "http://example.com/?a+b", "url http://example.com/?a+b"},
		{"grown beyond 8 KiB", "http://example.com/" + strings.Repeat("é", 3000), "reject too-long"},
	})
}

func TestCanonOfURLDotSegments(t *testing.T) {
	for path, want := range map[string]string{
		"/a/b/c/./../../g":  "/a/g", // RFC 3986, section 5.2.4
		"/mid/content=5/..": "/mid/",
		"/.":                "/",
		"/..":               "/",
		"/./a":              "/a",
		"/../../a":          "/a",
		"/a/.":              "/a/",
		"/a/..":             "/",
		"/a//..":            "/a/",
		"/a/%2e%2E/b":       "/b",
		"/a/.b/..c/...":     "/a/.b/..c/...",
		"/a;x/../b;y":       "/b;y",
		"/a?/../b":          "/a?/../b",
	} {
		if got := outcome(Canon(URL, "http://example.com"+path)); got != "url http://example.com"+want {
			t.Errorf("the path %s gives %s, want %s", path, got, want)
		}
	}
}

func TestCanonOfURLOnReservedAddressIsASetting(t *testing.T) {
	testCanon(t, Options{AllowReserved: true}, URL, []canonCase{
		{"private", "http://192.168.1.1/x", "url http://192.168.1.1/x"},
		{"loopback", "http://[::1]:8080/x", "url http://[::1]:8080/x"},
	})
}

// TestRemoveDotSegmentsAgreesWithNetURL compares with another implementation of
// RFC 3986, section 5.2.4, which folds the slashes that a path begins with.
func TestRemoveDotSegmentsAgreesWithNetURL(t *testing.T) {
	paths := rapid.StringMatching(`(/(\.{0,3}|[a.]{0,2})){1,8}`)
	oneSlash := func(path string) string { return "/" + strings.TrimLeft(path, "/") }
	rapid.Check(t, func(t *rapid.T) {
		path := paths.Draw(t, "path")
		want := (&url.URL{Path: "/"}).ResolveReference(&url.URL{Path: path}).Path
		buf := []byte(path)
		got := string(buf[:removeDotSegments(buf)])
		if oneSlash(got) != oneSlash(want) {
			t.Fatalf("%q gives %q, want %q", path, got, want)
		}
	})
}

// TestEscapingKeepsTheBytes proves that no spelling of a path changes the bytes
// that a server sees behind it.
func TestEscapingKeepsTheBytes(t *testing.T) {
	parts := rapid.StringMatching(`([a-zA-Z~/é <>|;=]|%[0-9a-fA-F]{2}){0,12}`)
	rapid.Check(t, func(t *rapid.T) {
		part := parts.Draw(t, "part")
		want, err := url.PathUnescape(part)
		if err != nil {
			t.Fatal(err)
		}
		escaped := string(appendEscaped(nil, part))
		if got, err := url.PathUnescape(escaped); err != nil || got != want {
			t.Fatalf("%q became %q, which means %q (%v), want %q", part, escaped, got, err, want)
		}
	})
}
