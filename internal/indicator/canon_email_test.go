package indicator

import (
	"strings"
	"testing"
)

func TestCanonOfEmail(t *testing.T) {
	local64 := strings.Repeat("a", 64)
	testCanon(t, Options{}, Email, []canonCase{
		{"an address", "info@example.com", "email info@example.com"},
		{"the local part keeps its case", "John.Doe+Tag@EXAMPLE.com", "email John.Doe+Tag@example.com"},
		{"an internationalised domain", "info@bücher.de", "email info@xn--bcher-kva.de"},
		{"an internationalised local part", "用户@example.com", "email 用户@example.com"},
		{"a trailing dot", "info@example.com.", "email info@example.com"},
		{"a public suffix", "info@github.io", "email info@github.io"},
		{"a quoted local part", `"a b@c"@example.com`, `email "a b@c"@example.com`},
		{"dots where none should be", ".a..b.@example.com", "email .a..b.@example.com"},
		{"a local part of 64 octets", local64 + "@example.com", "email " + local64 + "@example.com"},
		{"a local part of 65 octets", local64 + "a@example.com", "reject not-an-email"},

		{"no at sign", "example.com", "reject not-an-email"},
		{"no local part", "@example.com", "reject not-an-email"},
		{"no domain", "info@", "reject not-an-email"},
		{"two at signs", "a@b@example.com", "reject not-an-email"},
		{"a space", "in fo@example.com", "reject not-an-email"},
		{"a display name", "Info <info@example.com>", "reject not-an-email"},
		{"a mailto URL", "mailto:info@example.com", "reject not-an-email"},
		{"one label", "root@localhost", "reject not-an-email"},
		{"an address of a machine", "root@8.8.8.8", "reject not-an-email"},
		{"an address of a machine in brackets", "root@[8.8.8.8]", "reject not-an-email"},
		{"empty quotes", `""@example.com`, "reject not-an-email"},
		{"a quote within quotes", `"a"b"@example.com`, "reject not-an-email"},
		{"a label too long", "info@" + label63 + "a.com", "reject label-too-long"},
	})
}
