package indicator

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
)

// RuleValue returns the value of a [Rule] key: the language of a detection rule,
// which is a pattern type such as "yara", and the SHA-256 of its text. A rule is
// too long to be a key, and two hubs that send the same one mean the same.
func RuleValue(language, text string) string {
	sum := sha256.Sum256([]byte(text))
	return strings.ToLower(strings.TrimSpace(language)) + ":" + hex.EncodeToString(sum[:])
}

// RuleLanguage returns the language in the value of a [Rule] key.
func RuleLanguage(value string) string {
	language, _, _ := strings.Cut(value, ":")
	return language
}

// canonRule takes "language:digest" in small letters.
func canonRule(value string) (Canonical, *Reject) {
	value = strings.ToLower(value)
	language, digest, found := strings.Cut(value, ":")
	if !found || language == "" || language != strings.TrimSpace(language) ||
		len(digest) != hashDigits[SHA256] || !isHexadecimal(digest) {
		return Canonical{}, rejectf(CodeNotRule, "%s is not a language and the SHA-256 of a rule, with a colon between them", quote(value))
	}
	return Canonical{Key: Key{Rule, value}}, nil
}
