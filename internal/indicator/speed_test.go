//go:build !race

package indicator

import (
	"fmt"
	"testing"
	"time"
)

// A feed of a million addresses must not take longer to read than to fetch. The
// bounds are what a site needs; the best of many short runs counts, so that a
// busy machine breaks none.
func TestCanonIsFast(t *testing.T) {
	tests := []struct {
		name      string
		kind      Kind
		values    []string
		perSecond float64
		allocs    float64
	}{
		{"IPv4", IP, valuesOf(func(i int) string { return fmt.Sprintf("45.%d.%d.17", i>>8, i&255) }), 1e6, 0},
		{"IPv6", IP, valuesOf(func(i int) string { return fmt.Sprintf("2a00:1450:4001:%x::1b", i+1) }), 1e6, 0},
		{"domains", Domain, valuesOf(func(i int) string { return fmt.Sprintf("update%d.cdn-mirror.example.com", i) }), 5e5, 1},
	}
	for _, tt := range tests {
		best := time.Hour
		for range 20 {
			best = min(best, timeToCanon(t, tt.kind, tt.values))
		}
		if rate := float64(len(tt.values)) / best.Seconds(); rate < tt.perSecond {
			t.Errorf("%s: %.0f a second, want %.0f", tt.name, rate, tt.perSecond)
		}
		if got := testing.AllocsPerRun(100, func() { timeToCanon(t, tt.kind, tt.values[:1]) }); got > tt.allocs {
			t.Errorf("%s: %v allocations a value, want %v at most", tt.name, got, tt.allocs)
		}
	}
}

func timeToCanon(t *testing.T, kind Kind, values []string) time.Duration {
	t.Helper()
	began := time.Now()
	for _, value := range values {
		if _, err := Canon(kind, value); err != nil {
			t.Fatal(err)
		}
	}
	return time.Since(began)
}
