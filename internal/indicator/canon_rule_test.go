package indicator

import (
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestCanonOfRule(t *testing.T) {
	digest := strings.Repeat("0a1b2c3d", 8)
	testCanon(t, Options{}, Rule, []canonCase{
		{"a language and a digest", "yara:" + digest, "rule yara:" + digest},
		{"capitals", "YARA:" + strings.ToUpper(digest), "rule yara:" + digest},
		{"a language with a hyphen", "tanium-signal:" + digest, "rule tanium-signal:" + digest},
		{"no language", ":" + digest, "reject not-a-rule"},
		{"spaces around the language", " yara :" + digest, "reject not-a-rule"},
		{"no digest", "yara:", "reject not-a-rule"},
		{"another digest", "yara:" + digest[1:], "reject not-a-rule"},
		{"a rule itself", "rule x { condition: true }", "reject not-a-rule"},
	})
}

func TestRuleValueNamesTheText(t *testing.T) {
	a, b := RuleValue("yara", "rule a"), RuleValue(" YARA ", "rule a")
	if a != b || a == RuleValue("sigma", "rule a") || a == RuleValue("yara", "rule b") || RuleLanguage(a) != "yara" {
		t.Errorf("got %s and %s", a, b)
	}
}

// Whatever a hub calls its language, the value is canonical or has a reason why
// it is none.
func TestRuleValueIsCanonical(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		value := RuleValue(rapid.String().Draw(t, "language"), rapid.String().Draw(t, "text"))
		checkStable(t, Options{}, Rule, value)
	})
}
