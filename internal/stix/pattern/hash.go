package pattern

import (
	"strings"

	"github.com/indicatord/indicatord/internal/indicator"
)

// hashKinds are the algorithms that make a key, by the name that the
// vocabulary gives them (hash-algorithm-ov).
var hashKinds = map[string]indicator.Kind{
	"MD5": indicator.MD5, "SHA-1": indicator.SHA1,
	"SHA-256": indicator.SHA256, "SHA-512": indicator.SHA512,
}

// hashSpellings gives for a name in capitals and without hyphens the name of
// the vocabulary.
var hashSpellings = map[string]string{
	"MD5": "MD5", "SHA1": "SHA-1", "SHA256": "SHA-256", "SHA512": "SHA-512",
	"SHA3256": "SHA3-256", "SHA3512": "SHA3-512", "SSDEEP": "SSDEEP", "TLSH": "TLSH",
}

// standardHashKey returns the vocabulary's spelling of a hash key, and the
// leniency it takes, none where the key is in the vocabulary or unknown.
func standardHashKey(written string) (standard string, leniency Leniencies) {
	if _, ok := hashKinds[written]; ok {
		return written, 0
	}
	upper := strings.ToUpper(written)
	standard, ok := hashSpellings[strings.NewReplacer("-", "", "_", "").Replace(upper)]
	switch {
	case !ok || standard == written:
		return written, 0
	case standard == upper:
		return standard, LenientHashCase
	}
	return standard, LenientHashAlias
}
