package agent

import (
	"context"
	"log/slog"
	"time"

	"github.com/indicatord/indicatord/internal/store"
)

// The state is maintained some time after the start, when the first pulls are
// over, and then every day.
const (
	maintainFirst = time.Hour
	maintainEvery = 24 * time.Hour
)

// maintainLoop keeps the state from growing without end until ctx ends.
func maintainLoop(ctx context.Context, s *store.Store, log *slog.Logger, now func() time.Time) {
	for wait := maintainFirst; sleep(ctx, wait); wait = maintainEvery {
		started := now()
		cleared, err := s.Maintain(ctx, started)
		switch {
		case ctx.Err() != nil:
			return
		case err != nil:
			log.Error("the state could not be maintained; it is tried again tomorrow", "error", err)
		default:
			log.Info("maintained the state", "took", now().Sub(started).Round(time.Millisecond),
				"objects_forgotten", cleared.Objects, "entries_forgotten", cleared.Entries, "packs_cleared", cleared.Packs)
		}
	}
}
