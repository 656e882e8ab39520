package gbt36643

import (
	"strings"
	"testing"

	"github.com/indicatord/indicatord/internal/indicator"
	"github.com/indicatord/indicatord/internal/stix/pattern"
)

func TestPropertyByForm(t *testing.T) {
	for value, want := range map[string]string{
		"5.149.248.77":                      "ipv4-addr:value",
		"5.149.248.0/24":                    "ipv4-addr:value",
		"2a02:4780::77":                     "ipv6-addr:value",
		"2a02:4780::/32":                    "ipv6-addr:value",
		"bad.example.com":                   "domain-name:value",
		"坏人.example.com":                    "domain-name:value",
		"http://bad.example.com/":           "url:value",
		"bad.example.com/x":                 "url:value",
		"bad@example.com":                   "email-addr:value",
		strings.Repeat("aB", 16):            "file:hashes.MD5",
		strings.Repeat("aB", 20):            "file:hashes.'SHA-1'",
		strings.Repeat("aB", 32):            "file:hashes.'SHA-256'",
		strings.Repeat("aB", 64):            "file:hashes.'SHA-512'",
		strings.Repeat("aB", 15) + "zz":     "domain-name:value",
		"5.149.248.7-5.149.248.9":           "ipv4-addr:value",
		"2a02::1 - 2a02::5":                 "ipv6-addr:value",
		"a-b.example.com":                   "domain-name:value",
		"":                                  "domain-name:value",
		strings.Repeat("xn--a.", 5) + "com": "domain-name:value",
	} {
		if got := propertyOf(value); got != want {
			t.Errorf("%q is taken for %s, want %s", value, got, want)
		}
	}
}

// TestComparisonsAreWrittenAsTheyAre: what a pattern is read as is what was
// written into it, and nothing more.
func TestComparisonsAreWrittenAsTheyAre(t *testing.T) {
	for _, tt := range []struct {
		property, value string
		kind            byte
		direction       indicator.Direction
		want            string
	}{
		{"url:value", `a'b\c] OR [url:value = 'd`, '"', indicator.DirectionTo, `url:value = 'a\'b\\c] OR [url:value = \'d'`},
		{"ipv4-addr:value", "5.149.248.77", '"', indicator.DirectionUnknown, "ipv4-addr:value = '5.149.248.77'"},
		{"ipv4-addr:value", "5.149.248.77", '"', indicator.DirectionTo, "network-traffic:dst_ref.value = '5.149.248.77'"},
		{"ipv6-addr:value", "2a02::1", '"', indicator.DirectionFrom, "network-traffic:src_ref.value = '2a02::1'"},
		{
			"domain-name:value", "bad.example.com", '"', indicator.DirectionBoth,
			"(network-traffic:dst_ref.value = 'bad.example.com' OR network-traffic:src_ref.value = 'bad.example.com')",
		},
		{"ipv4-addr:value", "5.149.248.7-5.149.248.9", '"', indicator.DirectionTo, "ipv4-addr:value = '5.149.248.7-5.149.248.9'"},
		{byForm, "2a02::1", '"', indicator.DirectionUnknown, "ipv6-addr:value = '2a02::1'"},
		{"network-traffic:dst_port", "443", '0', indicator.DirectionUnknown, "network-traffic:dst_port = 443"},
		{"network-traffic:dst_port", "443", '"', indicator.DirectionUnknown, "network-traffic:dst_port = '443'"},
		{"file:size", "1e3", '0', indicator.DirectionUnknown, "file:size = '1e3'"},
	} {
		c := comparison{tt.property, node{kind: '"', text: tt.value}}
		if tt.kind == '0' {
			c.value.kind = '0'
		}
		got := c.write(tt.direction)
		if got != tt.want {
			t.Errorf("%s = %q is written as %s, want %s", tt.property, tt.value, got, tt.want)
		}
		if _, err := pattern.Parse("["+got+"]", pattern.Options{Refuse: pattern.AllLeniencies}); err != nil {
			t.Errorf("%s cannot be read: %v", got, err)
		}
	}
}
