//go:build !race

package indicator

import (
	"fmt"
	"runtime"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// A feed of a million addresses must not take longer to read than to fetch. What
// counts is the time of the processor, and the best of many short runs, so that a
// busy machine breaks no bound.
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
		for range 50 {
			best = min(best, timeToCanon(t, tt.kind, tt.values))
		}
		rate := float64(len(tt.values)) / best.Seconds()
		t.Logf("%s: %.0f a second", tt.name, rate)
		if rate < tt.perSecond {
			t.Errorf("%s: %.0f a second, want %.0f", tt.name, rate, tt.perSecond)
		}
		if got := testing.AllocsPerRun(100, func() { canonAll(t, tt.kind, tt.values[:1]) }); got > tt.allocs {
			t.Errorf("%s: %v allocations a value, want %v at most", tt.name, got, tt.allocs)
		}
	}
}

func timeToCanon(t *testing.T, kind Kind, values []string) time.Duration {
	t.Helper()
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	began := processorTime(t)
	canonAll(t, kind, values)
	return processorTime(t) - began
}

func canonAll(t *testing.T, kind Kind, values []string) {
	t.Helper()
	for _, value := range values {
		if _, err := Canon(kind, value); err != nil {
			t.Fatal(err)
		}
	}
}

// processorTime is what the thread has used of a processor.
func processorTime(t *testing.T) time.Duration {
	t.Helper()
	var used unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_THREAD_CPUTIME_ID, &used); err != nil {
		t.Fatal(err)
	}
	return time.Duration(used.Nano())
}
