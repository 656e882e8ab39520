package guard

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"

	"github.com/indicatord/indicatord/internal/indicator"
)

// version rises when equal rules protect otherwise than before.
const version = 1

// Fingerprint identifies what the set protects and its limits: two sets that say
// the same of every indicator, reasons apart, have the same one. Neither the
// order of rules counts, nor one inside of another.
func (s *Set) Fingerprint() string { return s.fingerprint }

func (s *Set) identify() string {
	sum := sha256.New()
	fmt.Fprintln(sum, version, s.options)
	var text []byte
	for _, b := range s.blocks.table {
		text = binary.BigEndian.AppendUint64(text[:0], b.first.high)
		text = binary.BigEndian.AppendUint64(text, b.first.low)
		sum.Write(append(text, b.length))
	}
	for _, name := range slices.Sorted(maps.Keys(s.names)) {
		if found := s.names[name]; found.rule != none && s.names.around(name) == none {
			fmt.Fprintln(sum, name, found.subtree)
		}
	}
	for _, key := range slices.SortedFunc(maps.Keys(s.hashes), indicator.Compare) {
		fmt.Fprintln(sum, key)
	}
	return hex.EncodeToString(sum.Sum(nil)[:12])
}
