package elasticsearch

import (
	"testing"

	"pgregory.net/rapid"

	"github.com/indicatord/indicatord/internal/indicator"
	"github.com/indicatord/indicatord/outputs"
	"github.com/indicatord/indicatord/outputs/outputtest"
)

// A later sequence is a later version, and a later epoch is later than any
// sequence.
func TestVersionsAreOrdered(t *testing.T) {
	sequences := rapid.Uint64Range(0, 1<<sequenceBits-1)
	epochs := rapid.Int64Range(0, 1<<(63-sequenceBits)-1)
	rapid.Check(t, func(t *rapid.T) {
		e, s := epoch(epochs.Draw(t, "epoch")), sequences.Draw(t, "sequence")
		version := e.version(s)
		if version < 0 || epochOf(version) != e || sequenceOf(version) != s {
			t.Fatalf("version %d is epoch %d, sequence %d", version, epochOf(version), sequenceOf(version))
		}
		otherEpoch, otherSequence := epoch(epochs.Draw(t, "other epoch")), sequences.Draw(t, "other sequence")
		later := e > otherEpoch || e == otherEpoch && s > otherSequence
		if later != (version > otherEpoch.version(otherSequence)) {
			t.Fatalf("(%d, %d) later than (%d, %d): want %t", e, s, otherEpoch, otherSequence, later)
		}
	})
}

func TestHeldVersion(t *testing.T) {
	for reason, want := range map[string]int64{
		"[X]: version conflict, current version [7] is higher than the one provided [5]":           7,
		"[X]: version conflict, current version [7] is higher or equal to the one provided [7]":    7,
		"version conflict, current version [1099511627781] is higher than the one provided [5]":    1099511627781,
		"version conflict, required seqNo [1], primary term [1]. current document has seqNo [2]":   -1,
		"version conflict, current version [-1] is higher than the one provided [5]":               -1,
		"version conflict, current version [99999999999999999999] is higher than the one provided": -1,
		"version conflict, current version [7":                                                     -1,
		"":                                                                                         -1,
	} {
		got, known := heldVersion(reason)
		if known != (want >= 0) || known && got != want {
			t.Errorf("heldVersion(%q) = %d, %t; want %d", reason, got, known, want)
		}
	}
}

func FuzzHeldVersion(f *testing.F) {
	f.Add("version conflict, current version [7] is higher than the one provided [5]")
	f.Add("current version []")
	f.Fuzz(func(t *testing.T, reason string) {
		if version, known := heldVersion(reason); known && version < 0 {
			t.Errorf("heldVersion(%q) = %d", reason, version)
		}
	})
}

// first returns a first delivery of one change.
func first(op outputs.Op, e indicator.Entry, sequence uint64) outputs.Delivery {
	d := offer(op, e, sequence)
	d.First = true
	return d
}

// A store that was lost, or put back from a copy, has lower sequences than the
// index. The documents that it has to replace do not stay for ever.
func TestAStoreThatBeginsAnewOvertakes(t *testing.T) {
	e := outputtest.NewEntry(indicator.IP, "198.18.7.9")
	other := outputtest.NewEntry(indicator.IP, "198.18.7.10")
	for _, tt := range []struct {
		name    string
		offer   []outputs.Delivery
		version int64 // of the document of e, 0 for none
	}{
		{"what is added", []outputs.Delivery{first(outputs.Add, e, 5)}, epoch(1).version(5)},
		{"what is removed", []outputs.Delivery{first(outputs.Remove, e, 5)}, 0},
		{"what comes after the first delivery", []outputs.Delivery{first(outputs.Add, other, 3), offer(outputs.Add, e, 5)}, epoch(1).version(5)},
		{"what is later anyway", []outputs.Delivery{first(outputs.Add, e, 901)}, epoch(0).version(901)},
		{"twice", []outputs.Delivery{first(outputs.Add, e, 5), first(outputs.Update, e, 4)}, epoch(2).version(4)},
	} {
		t.Run(tt.name, func(t *testing.T) {
			f := newFake(t)
			deliver(t, f.open(t, nil), adds())
			deliver(t, f.open(t, nil), first(outputs.Add, e, 900))
			deliver(t, f.open(t, nil), first(outputs.Add, other, 800))
			o := f.open(t, nil)
			for _, d := range tt.offer {
				if receipt := deliver(t, o, d); receipt.Written != 1 || receipt.Skipped != nil {
					t.Errorf("receipt = %+v, want one written", receipt)
				}
			}
			f.wantVersion(t, e, tt.version)
		})
	}
}

// A process that was started anew does not know the epoch, and learns it from
// the first document that it meets, without overtaking anything.
func TestTheEpochIsLearntFromTheIndex(t *testing.T) {
	e := outputtest.NewEntry(indicator.IP, "198.18.7.9")
	for _, tt := range []struct {
		name    string
		offer   outputs.Delivery
		version int64
		newer   bool
	}{
		{"a later change", offer(outputs.Update, e, 6), epoch(1).version(6), false},
		{"the same again", offer(outputs.Update, e, 5), epoch(1).version(5), false},
		{"an older change", offer(outputs.Update, e, 4), epoch(1).version(5), true},
		{"a later removal", offer(outputs.Remove, e, 6), 0, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			f := newFake(t)
			deliver(t, f.open(t, nil), adds())
			deliver(t, f.open(t, nil), first(outputs.Add, e, 900))
			deliver(t, f.open(t, nil), first(outputs.Add, e, 5))
			receipt := deliver(t, f.open(t, nil), tt.offer)
			if newer := receipt.Skipped[newerInIndex] == 1; newer != tt.newer {
				t.Errorf("receipt = %+v, want a newer version counted: %t", receipt, tt.newer)
			}
			f.wantVersion(t, e, tt.version)
		})
	}
}

// A conflict that tells no version is taken at its word.
func TestAConflictWithoutAVersion(t *testing.T) {
	f := newFake(t)
	deliver(t, f.open(t, nil), adds())
	f.fault = func(string, string) *faultResult {
		return &faultResult{Status: 409, Type: "version_conflict_engine_exception", Reason: "version conflict"}
	}
	receipt := deliver(t, f.open(t, nil), first(outputs.Add, outputtest.NewEntry(indicator.IP, "198.18.7.9"), 5))
	if receipt.Skipped[newerInIndex] != 1 || len(f.bulkSizes) != 1 {
		t.Errorf("receipt = %+v after %d bulk requests", receipt, len(f.bulkSizes))
	}
}
