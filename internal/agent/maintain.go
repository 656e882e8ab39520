package agent

import (
	"context"
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
func (g *generation) maintainLoop(ctx context.Context) {
	for wait := maintainFirst; sleep(ctx, wait); wait = maintainEvery {
		started := g.now()
		var cleared store.Maintained
		err := g.upkeep.do(ctx, func(ctx context.Context) (err error) {
			cleared, err = g.store.Maintain(ctx, started)
			return err
		})
		switch {
		case ctx.Err() != nil:
			return
		case g.upkeep.lacking(): // another agent does it
		case err != nil:
			g.log.Error("the state could not be maintained; it is tried again tomorrow", "error", err)
		default:
			g.log.Info("maintained the state", "took", g.now().Sub(started).Round(time.Millisecond),
				"objects_forgotten", cleared.Objects, "entries_forgotten", cleared.Entries, "packs_cleared", cleared.Packs)
		}
	}
}
