package indicator

import "strings"

// hashDigits is how many hexadecimal digits a hash has.
var hashDigits = map[Kind]int{MD5: 32, SHA1: 40, SHA256: 64, SHA512: 128}

// hashOfNothing holds the hashes of the empty file.
var hashOfNothing = map[Kind]string{
	MD5:    "d41d8cd98f00b204e9800998ecf8427e",
	SHA1:   "da39a3ee5e6b4b0d3255bfef95601890afd80709",
	SHA256: "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
	SHA512: "cf83e1357eefb8bdf1542850d66d8007d620e4050b5715dc83f4a921d36ce9ce" +
		"47d0d13c5d85f2b0ff8318d2877eec2f63b931bd47417a81a538327af927da3e",
}

func canonHash(kind Kind, value string) (Canonical, *Reject) {
	value = strings.ToLower(value)
	if !isHexadecimal(value) {
		return Canonical{}, rejectf(CodeNotHex, "%s is not hexadecimal, so it is no %s", quote(value), kind)
	}
	if want := hashDigits[kind]; len(value) != want {
		return Canonical{}, rejectf(CodeWrongHashLength, "%s has %d digits; %s has %d", quote(value), len(value), kind, want)
	}
	if value == hashOfNothing[kind] {
		return Canonical{}, rejectf(CodeHashOfNothing, "%s is the %s of an empty file", quote(value), kind)
	}
	if strings.Trim(value, "0") == "" || strings.Trim(value, "f") == "" {
		return Canonical{}, rejectf(CodeTrivialHash, "%s is a placeholder, and the hash of no file", quote(value))
	}
	return Canonical{Key: Key{kind, value}}, nil
}

func isHexadecimal(text string) bool {
	for i := range len(text) {
		if !isHex(text[i]) {
			return false
		}
	}
	return true
}
