package store

import (
	"bytes"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/indicatord/indicatord/internal/indicator"
)

// TestPacks stores objects of every size and content and reads each of them
// back, in order and out of order.
func TestPacks(t *testing.T) {
	random := make([]byte, 3*packSize)
	rng := rand.New(rand.NewPCG(1, 2))
	for i := range random {
		random[i] = byte(rng.Uint32())
	}
	raws := [][]byte{
		{}, []byte("a"), []byte(`{"id":"indicator--1"}`), {0, 255, 0, 254}, random[:packSize-1], {}, random[:packSize], random[:packSize+1],
		random, []byte(strings.Repeat("the same again ", 20_000)), bytes.Repeat([]byte{0}, packSize/2), bytes.Repeat([]byte{1}, packSize/2), []byte("the last"),
	}
	for _, size := range []int{1, 3, len(raws)} {
		s := openTest(t)
		for from := 0; from < len(raws); from += size {
			storeRaw(t, s, raws[from:min(from+size, len(raws))])
		}
		readBack(t, s, raws)
	}
}

// TestPacksOfNothing: an object without bytes may be all that a batch holds.
func TestPacksOfNothing(t *testing.T) {
	s := openTest(t)
	storeRaw(t, s, [][]byte{{}})
	readBack(t, s, [][]byte{{}})
}

func storeRaw(t *testing.T, s *Store, raws [][]byte) {
	t.Helper()
	b := batch()
	b.Packer = NewPacker()
	for _, raw := range raws {
		o := version("object--"+indicator.Kind(s.numbers.object).String()+"-"+strings.Repeat("x", len(b.Objects)), 1)
		o.Place = b.Packer.Add(raw)
		b.Objects = append(b.Objects, o)
	}
	if applied := mustApply(t, s, b); applied.New != len(raws) {
		t.Fatalf("counted %+v, want %d new", applied, len(raws))
	}
}

// readBack compares the objects with the rows 1, 2, ….
func readBack(t *testing.T, s *Store, raws [][]byte) {
	t.Helper()
	stale, err := s.stale(t.Context(), "hub", "other rules", 0)
	if err != nil || len(stale) != len(raws) {
		t.Fatalf("%d objects are stored, %v, want %d", len(stale), err, len(raws))
	}
	unpacker := newUnpacker(s.read)
	defer unpacker.close()
	for _, i := range append(ascending(len(raws)), rand.New(rand.NewPCG(3, 4)).Perm(len(raws))...) {
		o := stale[i]
		got, err := unpacker.object(t.Context(), o.pack, o.start, o.size)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(got, raws[i]) {
			t.Errorf("object %d of %d bytes is read back as %d others", i, len(raws[i]), len(got))
		}
	}
}

func ascending(n int) []int {
	numbers := make([]int, n)
	for i := range numbers {
		numbers[i] = i
	}
	return numbers
}
