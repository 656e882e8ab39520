package indicator

import (
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// canonCase is one row of a specification: what a value in a field of some kind
// becomes.
type canonCase struct {
	name string
	in   string
	// want is what outcome writes.
	want string
}

func testCanon(t *testing.T, o Options, kind Kind, cases []canonCase) {
	t.Helper()
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			if got := outcome(o.Canon(kind, c.in)); got != c.want {
				t.Errorf("Canon(%s, %q)\n got %s\nwant %s", kind, c.in, got, c.want)
			}
		})
	}
}

// outcome writes a canonical form on one line, "ip 8.8.8.8 port=53 (port)", or
// the code of the rejection.
func outcome(c Canonical, err error) string {
	if err != nil {
		var reject *Reject
		if !errors.As(err, &reject) {
			return fmt.Sprintf("error of type %T", err)
		}
		return "reject " + string(reject.Code)
	}
	var b strings.Builder
	for k := range c.Keys() {
		fmt.Fprintf(&b, "%s, ", k)
	}
	text := strings.TrimSuffix(b.String(), ", ")
	if c.Scope != ScopeExact {
		text += " " + c.Scope.String()
	}
	if c.Port != 0 {
		text += fmt.Sprintf(" port=%d", c.Port)
	}
	if c.Notes != 0 {
		text += " (" + c.Notes.String() + ")"
	}
	return text
}

func TestCanonOfAnyMatchedKind(t *testing.T) {
	long := strings.Repeat("a", MaxValue+1)
	for _, kind := range []Kind{IP, Domain, URL, Email, MD5, SHA1, SHA256, SHA512} {
		t.Run(kind.String(), func(t *testing.T) {
			testCanon(t, Options{}, kind, []canonCase{
				{"nothing", "", "reject empty"},
				{"only spaces", "  \u3000", "reject empty"},
				{"more than 8 KiB", long, "reject too-long"},
				{"a NUL", "8.8.8.8\x00", "reject control-character"},
				{"a trailing line end", "example.com\r\n", "reject control-character"},
				{"a control character beyond ASCII", "exa\u0085mple.com", "reject control-character"},
				{"bytes that are not UTF-8", "ex\xffample.com", "reject invalid-utf8"},
			})
		})
	}
}

func TestCanonOfUnknownKind(t *testing.T) {
	for _, kind := range []Kind{0, 9, 31, 40, 62, 64, 255} {
		if got := outcome(Canon(kind, "x")); got != "reject unknown-kind" {
			t.Errorf("Canon(%s): %s, want unknown-kind", kind, got)
		}
	}
}

func TestCanonTrimsSpacesAndSaysSo(t *testing.T) {
	testCanon(t, Options{}, Domain, []canonCase{
		{"around", " example.com ", "domain example.com (trimmed)"},
		{"no-break and ideographic", "\u00a0example.com\u3000", "domain example.com (trimmed)"},
		{"within is no name", "exam ple.com", "reject not-a-domain"},
	})
}

func TestCanonOfDefangedValues(t *testing.T) {
	refang := Options{Refang: true}
	for _, c := range []struct {
		kind       Kind
		in, strict string
		refanged   string
	}{
		{Domain, "evil[.]example.com", "reject defanged", "domain evil.example.com (refanged)"},
		{Domain, "hxxp://evil[.]example.com", "reject defanged", "url http://evil.example.com/ (refanged,retyped)"},
		{IP, "8[.]8[.]8[.]8", "reject defanged", "ip 8.8.8.8 (refanged)"},
		{IP, "8.8.8.8\u200b", "reject defanged", "ip 8.8.8.8 (refanged)"},
		{URL, "hXXps://evil.example.com/", "reject defanged", "url https://evil.example.com/ (refanged)"},
		{Email, "a[at]example.com", "reject defanged", "email a@example.com (refanged)"},
		{Domain, "not[.]a name", "reject not-a-domain", "reject not-a-domain"},
		{IP, "10[.]0[.]0[.]1", "reject not-an-address", "reject reserved-address"},
		{FileName, "a[.]txt", "file-name a[.]txt", "file-name a[.]txt"},
	} {
		if got := outcome(Canon(c.kind, c.in)); got != c.strict {
			t.Errorf("Canon(%s, %q) = %s, want %s", c.kind, c.in, got, c.strict)
		}
		if got := outcome(refang.Canon(c.kind, c.in)); got != c.refanged {
			t.Errorf("refanging Canon(%s, %q) = %s, want %s", c.kind, c.in, got, c.refanged)
		}
	}
}

func TestKeysStopsWhenAsked(t *testing.T) {
	c, err := Canon(IP, "8.8.8.1-8.8.8.4")
	if err != nil {
		t.Fatal(err)
	}
	for wanted := 1; wanted <= 1+len(c.More); wanted++ {
		var got []Key
		for k := range c.Keys() {
			if got = append(got, k); len(got) == wanted {
				break
			}
		}
		if want := append([]Key{c.Key}, c.More...)[:wanted]; !slices.Equal(got, want) {
			t.Errorf("the first %d keys are %v, want %v", wanted, got, want)
		}
	}
}

// anyValue draws values that are near enough to good ones to get far.
func anyValue() *rapid.Generator[string] {
	host := rapid.OneOf(
		rapid.StringMatching(`([a-zA-Z0-9_-]{1,8}\.){1,3}[a-zA-Z]{2,5}\.?`),
		rapid.StringMatching(`([a-zß-ÿα-ω一-十0-9]{1,6}[.。．]){1,2}(com|CN|公司|ελ)`),
		rapid.StringMatching(`xn--[a-z0-9-]{1,12}\.(com|xn--p1ai)`),
		rapid.StringMatching(`[0-9]{1,3}(\.[0-9]{1,3}){1,4}`),
		rapid.StringMatching(`0x[0-9a-f]{1,8}(\.[0-7]{1,3}){0,3}`),
		rapid.Map(rapid.SliceOfN(rapid.Byte(), 16, 16), func(b []byte) string {
			return netip.AddrFrom16([16]byte(b)).String()
		}),
	)
	tail := rapid.StringMatching(`(:[0-9]{0,6})?([/?#@\\-](%[0-9a-fA-F]{0,2}|[a-z.~/é?#%-]){0,8}){0,2}`)
	return rapid.OneOf(
		rapid.String(),
		host,
		rapid.Custom(func(t *rapid.T) string { return host.Draw(t, "host") + tail.Draw(t, "tail") }),
		rapid.Custom(func(t *rapid.T) string {
			scheme := rapid.SampledFrom([]string{"http://", "HTTPS://", "ftp://", "hxxp://", "//", "*.", ".", "u@", "http://u:p@"})
			return scheme.Draw(t, "scheme") + host.Draw(t, "host") + tail.Draw(t, "tail")
		}),
		rapid.Custom(func(t *rapid.T) string { return host.Draw(t, "first") + "-" + host.Draw(t, "last") }),
		rapid.StringMatching(`[0-9a-fA-F]{32}([0-9a-f]{8})?([0-9a-f]{24})?([0-9a-f]{64})?`),
	)
}

func anyOptions() *rapid.Generator[Options] {
	return rapid.Custom(func(t *rapid.T) Options {
		return Options{
			AllowReserved: rapid.Bool().Draw(t, "allow reserved"),
			WidestIPv4:    rapid.IntRange(-1, 33).Draw(t, "widest IPv4"),
			WidestIPv6:    rapid.IntRange(-1, 129).Draw(t, "widest IPv6"),
			Refang:        rapid.Bool().Draw(t, "refang"),
		}
	})
}

func TestCanonOfCanonIsItself(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		o := anyOptions().Draw(t, "options")
		kind := rapid.SampledFrom(Kinds()).Draw(t, "kind")
		checkStable(t, o, kind, anyValue().Draw(t, "value"))
	})
}

type reporter interface {
	Helper()
	Fatalf(format string, args ...any)
}

// checkStable states what holds for every value: it is refused with a known
// code, or every key of it is its own canonical form, of its own kind.
func checkStable(t reporter, o Options, kind Kind, value string) {
	t.Helper()
	c, err := o.Canon(kind, value)
	if err != nil {
		checkReject(t, err)
		return
	}
	if c.Notes.Has(NoteRetyped) == (c.Key.Kind == kind) {
		t.Fatalf("Canon(%s, %q) is %s, noted as %q", kind, value, c.Key, c.Notes)
	}
	for k := range c.Keys() {
		again, err := o.Canon(k.Kind, k.Value)
		if err != nil {
			t.Fatalf("Canon(%s, %q) gives %s, which is refused: %v", kind, value, k, err)
		}
		if diff := cmp.Diff(Canonical{Key: k}, again); diff != "" {
			t.Fatalf("Canon(%s, %q) gives a key that is not its own canonical form:\n%s", kind, value, diff)
		}
		if k.Kind == IP && (!k.Prefix().IsValid() || k.Prefix() != k.Prefix().Masked()) {
			t.Fatalf("Canon(%s, %q) gives %s, which is no prefix", kind, value, k)
		}
	}
}

func checkReject(t reporter, err error) {
	t.Helper()
	var reject *Reject
	if !errors.As(err, &reject) {
		t.Fatalf("the error is a %T, want a *Reject", err)
	}
	known := slices.ContainsFunc(Codes(), func(i CodeInfo) bool { return i.Code == reject.Code })
	if !known || reject.Detail == "" || len(reject.Detail) > 800 {
		t.Fatalf("the code %q has the detail %q", reject.Code, reject.Detail)
	}
}

func FuzzCanon(f *testing.F) {
	for _, kind := range Kinds() {
		f.Add(uint8(kind), "example.com", false)
	}
	for _, value := range fuzzSeeds {
		f.Add(uint8(Domain), value, true)
		f.Add(uint8(URL), value, false)
		f.Add(uint8(IP), value, false)
	}
	f.Fuzz(func(t *testing.T, kind uint8, value string, loose bool) {
		checkStable(t, Options{AllowReserved: loose, Refang: loose}, Kind(kind), value)
	})
}

var fuzzSeeds = []string{
	"8.8.8.8", "8.8.8.0/24", "8.8.8.8:53", "8.8.8.8-8.8.9.9", "::ffff:8.8.8.8", "[2a00::1]:443", "fe80::1%eth0",
	"2a00::-2a00::ffff:ffff", "0x7f.1", "012.0.0.1", "::ffff:0:0/90",
	"straße.de", "公司.cn", "xn--55qx5d.cn", "a\u200db.com", "*.example.com", "example。com。", "_dmarc.example.com",
	"HTTP://u:p@EXAMPLE.com:080/a/./b/../%7e%2f%zz?q=ü#f", "//example.com", "http://ex%41mple.com/%4%31",
	`http://good.example.com\@evil.example.com/`, "hxxps[:]//evil[.]example[dot]com", "ｈｘｘｐ：／／ｅｖｉｌ．ｃｏｍ", "meow://[2a00::1]/",
	`"a b"@example.com`, "a[at]example.com",
}
