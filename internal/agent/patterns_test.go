package agent

import (
	"fmt"
	"strings"
	"testing"

	"github.com/indicatord/indicatord/internal/admin"
)

// settingsOfPatterns are keys of a connector, each with a pattern and what a
// tool holds of it without the key and with it.
var settingsOfPatterns = []struct{ key, pattern, without, with string }{
	{
		"patterns: {lenient: []}", "[file:hashes.SHA-256 = '" + strings.Repeat("0a1b2c3d", 8) + "']",
		strings.Repeat("0a1b2c3d", 8), "",
	},
	{
		"patterns: {widen: [address-and-port]}", "[network-traffic:dst_ref.value = '5.6.0.9' AND network-traffic:dst_port = 443]",
		"", "5.6.0.9",
	},
	{"patterns: {cidr_equality: refuse}", "[ipv4-addr:value = '5.6.0.0/24']", "5.6.0.0/24", ""},
	{"patterns: {max_terms: 1}", "[ipv4-addr:value IN ('5.6.0.1', '5.6.0.2')]", "5.6.0.1 5.6.0.2", ""},
	{"patterns: {max_bytes: 20}", "[ipv4-addr:value = '5.6.0.1']", "5.6.0.1", ""},
	{"patterns: {max_depth: 1}", "([(ipv4-addr:value = '5.6.0.1')])", "5.6.0.1", ""},
	{"refang: true", "[domain-name:value = 'evil[.]org']", "", "evil.org"},
	{"allow_reserved: true", "[ipv4-addr:value = '10.0.0.1']", "", "10.0.0.1"},
	{"widest_ipv4: 16", "[ipv4-addr:value = '5.0.0.0/12']", "5.0.0.0/12", ""},
	{"widest_ipv6: 32", "[ipv6-addr:value = '2a00::/20']", "2a00::/20", ""},
}

// A setting counts for what is stored already, without a pull.
func TestSettingsOfPatternsDeriveAgain(t *testing.T) {
	for _, tt := range settingsOfPatterns {
		t.Run(tt.key, func(t *testing.T) {
			s := newStand(t)
			plain := string(object(1))
			s.sources["hub"].Put([]byte(strings.Replace(plain, "[ipv4-addr:value = '"+address(1)+"']", tt.pattern, 1)))
			s.roundWith("")
			s.mustHold("tool", tt.without)
			s.roundWith(", " + tt.key)
			s.mustHold("tool", tt.with)
		})
	}
}

// roundWith makes one round with further keys of the connector.
func (s *stand) roundWith(keys string) {
	s.t.Helper()
	text := fmt.Sprintf(`
connectors:
  - {name: hub, type: memory, schedule: "@never"%s}
outputs:
  - {name: tool, type: memory}
`, keys)
	if err := Once(s.t.Context(), s.config(text), admin.Round{}, s.options()); err != nil {
		s.t.Fatal(err)
	}
}
