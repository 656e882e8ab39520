package agent

import (
	"context"
	"errors"
	"time"

	"github.com/indicatord/indicatord/internal/pipeline"
	"github.com/indicatord/indicatord/internal/store"
	"github.com/indicatord/indicatord/outputs"
)

// A refresh is looked for every minute, and after one that failed not before a
// while: one that was missed while the agent or the tool was away is made up for.
const (
	refreshEvery = time.Minute
	refreshRetry = 15 * time.Minute
)

// refreshLoop tells the tool again what it has, on schedule.
func (t *target) refreshLoop(ctx, working context.Context) {
	if _, can := t.deliverer.Output.(outputs.Refresher); !can || t.config.Refresh.IsNever() {
		return
	}
	for wait := refreshEvery; sleep(ctx, wait); {
		wait = refreshEvery
		if err := t.refreshIfDue(working); err != nil {
			wait = refreshRetry
		}
	}
}

func (t *target) refreshIfDue(ctx context.Context) error {
	due, err := t.refreshDue(ctx)
	if err != nil && ctx.Err() == nil {
		t.log.Error("cannot tell whether a refresh is due", "output", t.config.Name, "error", err)
	}
	if err != nil || !due {
		return err
	}
	return t.refresh(ctx)
}

// refreshDue reports whether a time of the schedule has passed since the last
// refresh or, where there was none, since the tool was told of what it was told
// of first.
func (t *target) refreshDue(ctx context.Context) (bool, error) {
	_, success, err := t.deliverer.Store.LastRuns(ctx, store.Refreshing, t.deliverer.Name)
	if err != nil {
		return false, err
	}
	var since time.Time
	if success != nil {
		since = success.Ended
	} else if since, err = t.deliverer.Store.OldestAccepted(ctx, t.deliverer.Name); err != nil || since.IsZero() {
		return false, err
	}
	return !t.config.Refresh.Next(since).After(t.deliverer.Now()), nil
}

// refresh tells the tool again what it has, between two deliveries.
func (t *target) refresh(ctx context.Context) error {
	return t.work.do(ctx, func(ctx context.Context) error {
		if err := t.standing.paused(ctx); err != nil {
			return err
		}
		started := t.deliverer.Now()
		counts, err := t.deliverer.Refresh(ctx)
		if errors.Is(err, pipeline.ErrCannotRefresh) {
			return err
		}
		if err != nil && ctx.Err() != nil { // the tool is not to blame
			return context.Cause(ctx)
		}
		t.tellRefreshed(context.WithoutCancel(ctx), started, counts, err)
		return err
	})
}

// tellRefreshed logs and notes what became of a refresh. One of which the tool has
// refused a part is done: to tell it everything again would not change its mind.
func (t *target) tellRefreshed(ctx context.Context, started time.Time, counts pipeline.DeliveryCounts, err error) {
	ended := t.deliverer.Now()
	took := ended.Sub(started).Round(time.Millisecond)
	if _, partial := errors.AsType[*outputs.PartialError](err); partial {
		t.log.Warn("refreshed, but for what the tool refuses", "output", t.config.Name, "took", took, "written", counts.Written, "refused", counts.Refused, "error", err)
		err = nil
	} else if err != nil {
		t.log.Error("refresh failed; it is tried again", "output", t.config.Name, "retry_in", refreshRetry, "error", err)
	} else {
		t.log.Info("refreshed", "output", t.config.Name, "took", took, "written", counts.Written)
	}
	recordRun(ctx, t.deliverer.Store, t.log, store.Run{Kind: store.Refreshing, Name: t.deliverer.Name, Started: started, Ended: ended}, counts, err)
}
