package indicator

import (
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"
)

func TestRefang(t *testing.T) {
	for _, c := range []struct{ name, in, want string }{
		{"hxxp", "hxxp://example.com/", "http://example.com/"},
		{"hXXps", "hXXps://example.com/", "https://example.com/"},
		{"HXXP", "HXXP://EXAMPLE.COM/", "http://EXAMPLE.COM/"},
		{"meow", "meow://example.com/", "http://example.com/"},
		{"fxp", "fxp://example.com/", "ftp://example.com/"},
		{"a scheme within text", "http://example.com/?u=hxxp://example.org", "http://example.com/?u=http://example.org"},
		{"square brackets", "www[.]example[.]com", "www.example.com"},
		{"round brackets", "www(.)example(.)com", "www.example.com"},
		{"braces", "www{.}example{.}com", "www.example.com"},
		{"the word dot", "www[dot]example(dot)com", "www.example.com"},
		{"the word dot in upper case", "www[DOT]example(Dot)com", "www.example.com"},
		{"a backslash before a dot", `www\.example\.com`, "www.example.com"},
		{"a colon in brackets", "hxxps[:]//example.com", "https://example.com"},
		{"the whole separator in brackets", "hxxps[://]example.com", "https://example.com"},
		{"slashes in brackets", "hxxps:[/][/]example.com", "https://example.com"},
		{"at in brackets", "info[at]example[.]com", "info@example.com"},
		{"an at sign in brackets", "info[@]example.com", "info@example.com"},
		{"characters that cannot be seen", "exa\u200bmp\u00adle\ufeff.com\u2060", "example.com"},
		{"full-width characters", "ｈｔｔｐ：／／ｅｘａｍｐｌｅ．ｃｏｍ", "http://example.com"},
		{"full-width brackets", "example［．］com", "example.com"},
		{"IPv4", "8[.]8[.]8[.]8", "8.8.8.8"},
		{"IPv6 with colons in brackets", "2a00[:][:]1", "2a00::1"},
		{"one disguise in another", "example[[.]]com", "example.com"},
		{"IPv6 in brackets after a defanged scheme", "hxxp://[2a00::1]:8080/", "http://[2a00::1]:8080/"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got, changed := Refang(c.in); got != c.want || !changed {
				t.Errorf("Refang(%q) = %q, %v, want %q, true", c.in, got, changed, c.want)
			}
		})
	}
}

func TestRefangLeavesTheRestAlone(t *testing.T) {
	for _, text := range []string{
		"", "example.com", "8.8.8.8", "http://example.com/a(b)?c[0]=d", "[2a00::1]:443", "http://[::ffff:8.8.8.8]/", "[::]",
		"http://[2a00::1]/", "xhxxp://example.com", "hxxp is a word", "公司.cn", "example。com",
		"not UTF-8 \xff[.]", "[.]\xff",
		strings.Repeat("[", 20) + "." + strings.Repeat("]", 20),
	} {
		if got, changed := Refang(text); got != text || changed {
			t.Errorf("Refang(%q) = %q, %v, want it unchanged", text, got, changed)
		}
	}
}

// checkRefang states what holds for every text: it changes once at most, it
// does not grow, and it stays what it was as UTF-8.
func checkRefang(t reporter, text string) {
	t.Helper()
	plain, changed := Refang(text)
	if changed == (plain == text) {
		t.Fatalf("Refang(%q) = %q says changed: %v", text, plain, changed)
	}
	if again, more := Refang(plain); more {
		t.Fatalf("Refang(%q) = %q, which changes again to %q", text, plain, again)
	}
	if len(plain) > len(text) || utf8.ValidString(plain) != utf8.ValidString(text) {
		t.Fatalf("Refang(%q) = %q, which grew or broke", text, plain)
	}
}

func TestRefangTwiceIsRefangOnce(t *testing.T) {
	text := rapid.StringMatching(`(hxxps?|MEOW|fxp|\[|\]|\(|\)|\{|\}|\\|\.|:|/|dot|at|@|[a-z0-9]|[。．［］\x{200b}é]){0,16}`)
	rapid.Check(t, func(t *rapid.T) { checkRefang(t, text.Draw(t, "text")) })
}

func TestRefangKeepsBracketedAddresses(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		host := "[" + anyAddr(t, false).String() + "]"
		for _, text := range []string{host, host + ":443", "http://" + host + "/x"} {
			if got, changed := Refang(text); changed {
				t.Fatalf("Refang(%q) = %q, want it unchanged", text, got)
			}
		}
	})
}

func FuzzRefang(f *testing.F) {
	for _, value := range fuzzSeeds {
		f.Add(value)
	}
	f.Fuzz(func(t *testing.T, text string) { checkRefang(t, text) })
}
