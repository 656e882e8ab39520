package syslog

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"
)

// takes returns how long n events of that many bytes are held back.
func takes(t *testing.T, r Rate, n, size int) time.Duration {
	t.Helper()
	l := newLimiter(r, 8096)
	start := time.Now()
	for range n {
		if err := l.wait(t.Context(), size); err != nil {
			t.Fatal(err)
		}
	}
	return time.Since(start).Round(time.Millisecond)
}

func TestRateHoldsBack(t *testing.T) {
	for _, tt := range []struct {
		name    string
		rate    Rate
		n, size int
		want    time.Duration
	}{
		{"no bound", Rate{}, 1_000_000, 8096, 0},
		{"events", Rate{Events: 100}, 1010, 500, 10 * time.Second},
		{"one event in a second", Rate{Events: 1}, 11, 500, 10 * time.Second},
		{"bytes", Rate{Bytes: 100_000}, 1020, 500, 5 * time.Second},
		{"bytes that are fewer than an event has", Rate{Bytes: 1000}, 11, 8096, 80_960 * time.Millisecond},
		{"the stricter of two", Rate{Events: 10_000, Bytes: 100_000}, 1020, 500, 5 * time.Second},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				got := takes(t, tt.rate, tt.n, tt.size)
				if got < tt.want*98/100 || got > tt.want*102/100 {
					t.Errorf("took %s, want %s", got, tt.want)
				}
			})
		})
	}
}

func TestAWaitEndsWithItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLimiter(Rate{Events: 1}, 8096)
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(100*time.Millisecond, cancel)
		start := time.Now()
		for range 2 {
			err := l.wait(ctx, 1)
			if err != nil && !errors.Is(err, context.Canceled) {
				t.Errorf("err = %v, want %v", err, context.Canceled)
			}
		}
		if waited := time.Since(start); waited != 100*time.Millisecond {
			t.Errorf("waited %s", waited)
		}
	})
}

func TestDeliverKeepsToTheRate(t *testing.T) {
	r := newReceiver(t)
	o := open(t, r.address(), func(s *Settings) { s.Rate.Events = 1000 })
	start := time.Now()
	if _, err := deliver(t.Context(), o, many(400)...); err != nil {
		t.Fatal(err)
	}
	if took := time.Since(start); took < 290*time.Millisecond {
		t.Errorf("400 events at 1000 a second, of which a tenth at once, took %s", took)
	}
}
