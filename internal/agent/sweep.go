package agent

import (
	"context"
	"time"
)

// sweepEvery is the longest time between two looks at what begins or ends: a
// pull may bring something that is due sooner than all before.
const sweepEvery = 5 * time.Second

// sweepLoop lets the passing of time change entries until ctx ends.
func (g *generation) sweepLoop(ctx context.Context) {
	told := false
	for {
		var next time.Time
		err := g.upkeep.do(ctx, func(ctx context.Context) error {
			var touched int
			var err error
			if touched, next, err = g.store.Sweep(ctx, g.now()); touched > 0 {
				g.bell.ring()
			}
			return err
		})
		if err != nil && ctx.Err() == nil && !told && !g.upkeep.lacking() {
			g.log.Error("cannot mark what begins or ends now; it is tried again every few seconds", "error", err)
		}
		told = err != nil
		if !sleep(ctx, untilNext(next, g.now())) {
			return
		}
	}
}

func untilNext(next, now time.Time) time.Duration {
	if next.IsZero() {
		return sweepEvery
	}
	return min(sweepEvery, max(50*time.Millisecond, next.Sub(now)))
}

// sleep returns false when ctx has ended.
func sleep(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}
