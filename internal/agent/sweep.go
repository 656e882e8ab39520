package agent

import (
	"context"
	"log/slog"
	"time"

	"github.com/indicatord/indicatord/internal/store"
)

// sweepEvery is the longest time between two looks at what begins or ends: a
// pull may bring something that is due sooner than all before.
const sweepEvery = 5 * time.Second

// sweepLoop lets the passing of time change entries until ctx ends.
func sweepLoop(ctx context.Context, s *store.Store, bell *bell, log *slog.Logger, now func() time.Time) {
	told := false
	for {
		touched, next, err := s.Sweep(ctx, now())
		if touched > 0 {
			bell.ring()
		}
		if err != nil && ctx.Err() == nil && !told {
			log.Error("cannot mark what begins or ends now; it is tried again every few seconds", "error", err)
		}
		told = err != nil
		if !sleep(ctx, untilNext(next, now())) {
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
