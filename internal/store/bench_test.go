package store

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/indicatord/indicatord/internal/indicator"
)

// BenchmarkApply stores batches of 10,000 new objects of the usual size, each
// asserting one new key.
func BenchmarkApply(b *testing.B) {
	s := openTest(b)
	rng := rand.New(rand.NewPCG(1, 2))
	n := 0
	for b.Loop() {
		b.StopTimer()
		batch := randomBatch(rng, 10_000)
		b.StartTimer()
		if _, err := s.Apply(b.Context(), batch); err != nil {
			b.Fatal(err)
		}
		n += 10_000
	}
	b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "objects/s")
}

// BenchmarkEntries reads all entries with their assertions, keys only.
func BenchmarkEntries(b *testing.B) {
	s := openTest(b)
	rng := rand.New(rand.NewPCG(1, 2))
	for range 20 {
		if _, err := s.Apply(b.Context(), randomBatch(rng, 10_000)); err != nil {
			b.Fatal(err)
		}
	}
	n := 0
	for b.Loop() {
		for _, err := range s.Entries(b.Context(), Reading{}) {
			if err != nil {
				b.Fatal(err)
			}
			n++
		}
	}
	b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "entries/s")
}

func randomBatch(rng *rand.Rand, n int) Batch {
	filler := strings.Repeat("a description of the indicator ", 18)
	b := Batch{Source: "hub", Derivation: "d1", Packer: NewPacker(), Now: time.Now(), Cursor: []byte("{}")}
	for range n {
		u := rng.Uint64()
		raw := fmt.Sprintf(`{"type":"indicator","id":"indicator--%016x","d":%q,"n":%d}`, u, filler, rng.Uint64())
		value := fmt.Sprintf("%d.%d.%d.%d", byte(u>>24), byte(u>>16), byte(u>>8), byte(u))
		b.Objects = append(b.Objects, Object{
			ID: fmt.Sprintf("indicator--%016x", u), Type: "indicator", Version: time.UnixMicro(1_700_000_000_000_000),
			Place: b.Packer.Add([]byte(raw)), Text: []byte(raw[:250] + `"}`),
			Assertions: []Assertion{{Key: indicator.Key{Kind: indicator.IP, Value: value}, Assertion: indicator.Assertion{
				Version: time.UnixMicro(1_700_000_000_000_000), ValidFrom: time.UnixMicro(1_700_000_000_000_000),
				ValidUntil: time.Now().Add(time.Duration(rng.IntN(30*24)) * time.Hour), Confidence: 75,
			}}},
		})
	}
	return b
}
