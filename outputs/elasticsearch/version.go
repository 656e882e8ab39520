package elasticsearch

import (
	"strconv"
	"strings"
)

// epoch counts how often the numbering of the entries has begun anew. The version
// of a document is an epoch and, below it, the sequence of its entry: so the
// cluster keeps what is later, and a store that was lost or put back, whose
// sequences are low again, can still replace what the one before it has written.
//
// Nothing remembers the epoch but the versions in the index. An output begins
// with 0 and learns better from the first document that refuses its version.
type epoch int64

// sequenceBits leave room for a million million changes, and for eight million
// epochs above them.
const sequenceBits = 40

// version is that of the document of an entry in the epoch.
func (e epoch) version(sequence uint64) int64 {
	return int64(e)<<sequenceBits | int64(sequence&(1<<sequenceBits-1))
}

// epochOf returns the epoch of a version.
func epochOf(version int64) epoch { return epoch(version >> sequenceBits) }

// sequenceOf returns the sequence in a version.
func sequenceOf(version int64) uint64 { return uint64(version) & (1<<sequenceBits - 1) }

// heldVersion reads from a conflict which version the index holds. The cluster
// says it in words only: "version conflict, current version [7] is higher than
// the one provided [5]".
func heldVersion(reason string) (int64, bool) {
	_, after, found := strings.Cut(reason, "current version [")
	digits, _, closed := strings.Cut(after, "]")
	if !found || !closed {
		return 0, false
	}
	version, err := strconv.ParseInt(digits, 10, 64)
	return version, err == nil && version >= 0
}
