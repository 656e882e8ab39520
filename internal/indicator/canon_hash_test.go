package indicator

import (
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"fmt"
	"strings"
	"testing"
)

// hashesOf returns the hash of data for each kind.
func hashesOf(data string) map[Kind]string {
	b := []byte(data)
	return map[Kind]string{
		MD5:    fmt.Sprintf("%x", md5.Sum(b)),
		SHA1:   fmt.Sprintf("%x", sha1.Sum(b)),
		SHA256: fmt.Sprintf("%x", sha256.Sum256(b)),
		SHA512: fmt.Sprintf("%x", sha512.Sum512(b)),
	}
}

func TestCanonOfHash(t *testing.T) {
	hashes, empty := hashesOf("malware"), hashesOf("")
	for kind, hash := range hashes {
		t.Run(kind.String(), func(t *testing.T) {
			testCanon(t, Options{}, kind, []canonCase{
				{"lower case", hash, kind.String() + " " + hash},
				{"upper case", strings.ToUpper(hash), kind.String() + " " + hash},
				{"a digit short", hash[1:], "reject wrong-hash-length"},
				{"a digit long", hash + "0", "reject wrong-hash-length"},
				{"not hexadecimal", "g" + hash[1:], "reject not-hex"},
				{"with a prefix", "0x" + hash[2:], "reject not-hex"},
				{"of an empty file", empty[kind], "reject empty-file-hash"},
				{"of an empty file in upper case", strings.ToUpper(empty[kind]), "reject empty-file-hash"},
				{"all zeros", strings.Repeat("0", len(hash)), "reject trivial-hash"},
				{"all f", strings.Repeat("F", len(hash)), "reject trivial-hash"},
				{"all of another digit", strings.Repeat("1", len(hash)), kind.String() + " " + strings.Repeat("1", len(hash))},
			})
		})
	}
}

func TestCanonHoldsAHashToTheLengthOfItsAlgorithm(t *testing.T) {
	hashes := hashesOf("malware")
	for kind := range hashes {
		for other, hash := range hashes {
			if got := outcome(Canon(kind, hash)); kind != other && got != "reject wrong-hash-length" {
				t.Errorf("a %s as a %s: %s, want wrong-hash-length", other, kind, got)
			}
		}
	}
}

func TestCanonRefusesFuzzyHashes(t *testing.T) {
	testCanon(t, Options{}, SHA256, []canonCase{
		{"ssdeep", "3:AXGBicFlgVNhBGcL6wCrFQEv:AXGHsNhxLsr2C", "reject not-hex"},
		{"TLSH", "T1" + strings.Repeat("A0", 35), "reject not-hex"},
		{"TLSH without its version", strings.Repeat("A0", 35), "reject wrong-hash-length"},
	})
}
