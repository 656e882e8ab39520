package agent

import (
	"context"
	"errors"
	"time"

	"github.com/indicatord/indicatord/internal/pipeline"
	"github.com/indicatord/indicatord/internal/store"
	"github.com/indicatord/indicatord/outputs"
)

// verifyJitter keeps the outputs of a site from being read back in one second.
const verifyJitter = time.Minute

// verifyLoop reads the tool back on schedule, where it can be.
func (t *target) verifyLoop(ctx, working context.Context) {
	if _, can := t.deliverer.Output.(outputs.Verifier); !can {
		return
	}
	started := false
	t.config.Verify.Schedule.Loop(ctx, verifyJitter, nil, func(context.Context) {
		if started { // the first delivery looks at the tool anyway
			_ = t.verify(working, t.config.Verify.Repair)
		}
		started = true
	})
}

// verify reads the tool back between two deliveries, tells of what it found, and
// asks for a delivery that repairs it.
func (t *target) verify(ctx context.Context, repair bool) error {
	var found pipeline.Verification
	err := t.work.do(ctx, func(ctx context.Context) error {
		if err := t.standing.paused(ctx); err != nil {
			return err
		}
		started := t.deliverer.Now()
		var err error
		found, err = t.deliverer.Verify(ctx, repair)
		if errors.Is(err, pipeline.ErrCannotVerify) || err != nil && ctx.Err() != nil {
			return err
		}
		t.tellVerified(context.WithoutCancel(ctx), started, found, err)
		return err
	})
	if found.Repaired {
		t.work.ask()
	}
	return err
}

func (t *target) tellVerified(ctx context.Context, started time.Time, v pipeline.Verification, err error) {
	attrs := []any{"output", t.config.Name, "wanted", v.Wanted, "verified", v.Verified, "missing", v.Missing, "extra", v.Extra, "changed", v.Changed}
	switch {
	case err != nil:
		t.log.Error("verification failed", "output", t.config.Name, "error", err)
	case v.Drifted():
		t.log.Warn("the tool holds something else than it accepted", append(attrs, "repaired", v.Repaired, "examples", v.Examples)...)
	default:
		t.log.Info("verified", attrs...)
	}
	recordRun(ctx, t.deliverer.Store, t.log, store.Run{Kind: store.Verifying, Name: t.deliverer.Name, Started: started, Ended: t.deliverer.Now()}, v, err)
}
