//go:build !race

package pattern

import (
	"testing"
	"time"
)

// The bounds are many times what a machine of today takes, and the best of
// several runs counts, so that only another order of growth breaks them.
func TestLargePatternsTakeMilliseconds(t *testing.T) {
	tests := []struct {
		name, text string
		terms      int
		most       time.Duration
	}{
		{"57 kB", longest(), 1020, 100 * time.Millisecond},
		{"20,000 terms", orOf(20_000), 20_000, time.Second},
		{"one observation of 20,000 terms", inOneObservation(20_000), 20_000, time.Second},
	}
	if n := len(longest()); n < 57_000 {
		t.Errorf("the longest pattern has %d bytes", n)
	}
	for _, tt := range tests {
		best := time.Hour
		for range 5 {
			began := time.Now()
			if got := len(mustParse(t, tt.text).Reduce(Reduction{}).Keys); got != tt.terms {
				t.Fatalf("%s: got %d keys, want %d", tt.name, got, tt.terms)
			}
			best = min(best, time.Since(began))
		}
		t.Logf("%s: %v", tt.name, best)
		if best > tt.most {
			t.Errorf("%s took %v at best, more than %v", tt.name, best, tt.most)
		}
	}
}

// Memory grows with the text and no faster.
func TestAllocationsGrowWithTheTerms(t *testing.T) {
	count := func(terms int) float64 {
		text := orOf(terms)
		return testing.AllocsPerRun(3, func() { mustParse(t, text).Reduce(Reduction{}) })
	}
	few, many := count(1000), count(10_000)
	if many > 11*few {
		t.Errorf("1,000 terms take %.0f allocations, and 10,000 take %.0f", few, many)
	}
}
