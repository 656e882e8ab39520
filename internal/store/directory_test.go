package store

import (
	"context"
	"encoding/binary"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// TestDirectoryIsAMap: a directory finds every row that was put in, among a few
// others perhaps, whatever the hashes are and however it grew.
func TestDirectoryIsAMap(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := directory{loaded: true}
		want := map[uint64][]int64{}
		// Few tags, so that many fall together, at both ends of the table.
		hashes := rapid.OneOf(rapid.Uint64(), rapid.Map(rapid.Uint64Range(0, 7), func(n uint64) uint64 { return n << idBits }),
			rapid.Map(rapid.Uint64Range(0, 3), func(n uint64) uint64 { return ^(n << idBits) }))
		next := int64(1)
		for range rapid.IntRange(0, 5).Draw(t, "batches") {
			var rows []located
			for range rapid.IntRange(0, 900).Draw(t, "rows") {
				rows = append(rows, located{hashes.Draw(t, "hash"), next})
				next += rapid.Int64Range(1, 1<<20).Draw(t, "gap")
			}
			d.add(rows)
			for _, r := range rows {
				want[r.hash>>idBits] = append(want[r.hash>>idBits], r.id)
			}
		}
		for tag, ids := range want {
			got := d.find(nil, tag<<idBits)
			slices.Sort(got)
			if !slices.Equal(got, ids) {
				t.Fatalf("tag %x finds %v, want %v", tag, got, ids)
			}
		}
		absent := rapid.Uint64().Draw(t, "absent")
		if got := d.find(nil, absent); want[absent>>idBits] == nil && len(got) > 0 {
			t.Fatalf("a hash that is not there finds %v", got)
		}
		if d.used*3 > len(d.slots)*2 {
			t.Fatalf("%d of %d slots are used", d.used, len(d.slots))
		}
	})
}

func TestEmptyDirectoryFindsNothing(t *testing.T) {
	var d directory
	if got := d.find(nil, 12345); got != nil {
		t.Errorf("found %v", got)
	}
}

// TestDirectoryIsLoadedOnce, and rows that are added before are in the log.
func TestDirectoryIsLoadedOnce(t *testing.T) {
	s := openTest(t)
	for i, hashes := range [][]uint64{{1 << 40, 2 << 40, 3 << 40}, {4 << 40}} {
		var log []byte
		for _, h := range hashes {
			log = binary.LittleEndian.AppendUint64(log, h)
		}
		if _, err := s.write.ExecContext(t.Context(), "INSERT INTO object_hashes VALUES (?, ?)", 1+3*i, log); err != nil {
			t.Fatal(err)
		}
	}
	s.objects.add([]located{{9 << 40, 99}})
	for range 2 {
		if err := s.objects.load(t.Context(), s.read); err != nil {
			t.Fatal(err)
		}
	}
	for n, want := range map[uint64][]int64{1: {1}, 2: {2}, 3: {3}, 4: {4}, 9: nil} {
		if got := s.objects.find(nil, n<<40); !slices.Equal(got, want) {
			t.Errorf("hash %d is found at %v, want %v", n, got, want)
		}
	}
}

// TestDirectoryLoadsAgainAfterAFailure: a load that broke off leaves nothing
// twice.
func TestDirectoryLoadsAgainAfterAFailure(t *testing.T) {
	s := openTest(t)
	mustApply(t, s, largeBatch(50))
	fresh := directory{log: "entry_hashes"}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := fresh.load(ctx, s.read); err == nil {
		t.Fatal("it is loaded although the context has ended")
	}
	if err := fresh.load(t.Context(), s.read); err != nil || fresh.used != 50 {
		t.Errorf("it holds %d rows, %v, want 50", fresh.used, err)
	}
}

// TestKeysAreHashedWithTheSeed of the store, so that nobody outside can make
// keys that fall together.
func TestKeysAreHashedWithTheSeed(t *testing.T) {
	one, two := openTest(t), openTest(t)
	if one.seed == two.seed || one.hashKey(1, "a") == two.hashKey(1, "a") {
		t.Error("two stores hash alike")
	}
	if one.hashKey(1, "a") == one.hashKey(2, "a") || one.hashKey(1, "a") == one.hashKey(1, "b") {
		t.Error("two keys of a store hash alike")
	}
}
