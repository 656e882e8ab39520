package agent

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/indicatord/indicatord/internal/config"
	"github.com/indicatord/indicatord/internal/pipeline"
	"github.com/indicatord/indicatord/internal/plugin"
	"github.com/indicatord/indicatord/internal/policy"
	"github.com/indicatord/indicatord/internal/store"
	"github.com/indicatord/indicatord/outputs"
)

// target is an output at work.
type target struct {
	config    config.Output
	site      string
	deliverer *pipeline.Deliverer
	log       *slog.Logger
	work      *work
	retry     backoff
	standing  *standing
	told      bool   // the first delivery is told of even where it changed nothing
	held      string // the digest of the held change that was told of
	bound     bool   // the store knows where the tool is
}

func (t *target) name() string { return t.config.Name }

// openTarget opens an output. The ledger is the name under which the store keeps
// what its tool has accepted.
func openTarget(c config.Output, ledger string, p policy.Policy, budget pipeline.Budget, env plugin.Env, s *store.Store, now func() time.Time) (*target, error) {
	output, err := c.Settings.Open(env)
	if err != nil {
		return nil, fmt.Errorf("opening output %s: %w", c.Name, err)
	}
	t := &target{config: c, site: env.Site, log: env.Log, retry: deliveryBackoff()}
	t.work = newWork(&duty{claims: s, what: string(store.Delivery) + " " + ledger, log: env.Log}, now)
	t.standing = &standing{subject: "output/" + c.Name, store: s, work: t.work}
	t.deliverer = &pipeline.Deliverer{
		Name: ledger, Output: output, Policy: p, Store: s, Now: now, HoldEmpty: true,
		Budget: budget, Mode: modeOf(&c),
	}
	return t, nil
}

// modeOf is what a delivery may do at a time: the strictest of the windows that
// are open.
func modeOf(c *config.Output) func(time.Time) pipeline.Mode {
	return func(now time.Time) pipeline.Mode {
		mode := pipeline.Everything
		for i := range c.Freeze {
			if w := &c.Freeze[i]; w.Open(now) && w.Allow == config.AllowRemovals {
				mode = max(mode, pipeline.RemovalsOnly)
			} else if w.Open(now) {
				mode = pipeline.OwnOnly
			}
		}
		return mode
	}
}

// loop delivers on change or on schedule, and again after a failure. A round
// that has begun may end although the loop is stopping: work ends later.
func (t *target) loop(ctx, working context.Context) {
	if t.config.Schedule.OnChange {
		t.work.ask()
		if t.deliverer.Policy.Ages() {
			stop := t.age()
			defer stop()
		}
	}
	t.config.Schedule.Schedule.Loop(ctx, 0, t.work.trigger, func(context.Context) {
		if t.work.resting() {
			return
		}
		_ = t.deliver(working)
	})
}

// ageEvery is how often an output whose view ages looks at it: a view ages by
// the hour, and a clock may be set.
const ageEvery = 10 * time.Minute

// age asks for a delivery from time to time, until the function that it returns
// is called.
func (t *target) age() (stop func()) {
	ticker := time.NewTicker(ageEvery)
	done := make(chan struct{})
	go func() {
		defer ticker.Stop()
		for {
			select {
			case <-ticker.C:
				t.work.ask()
			case <-done:
				return
			}
		}
	}()
	return func() { close(done) }
}

// deliver makes one delivery and tells of it.
func (t *target) deliver(ctx context.Context) error {
	return t.work.do(ctx, func(ctx context.Context) error {
		if news, err := t.standing.check(ctx); err != nil {
			if news {
				t.log.Info("no delivery; what the tool has stays", "output", t.config.Name, "reason", err)
			}
			return err
		}
		if t.work.duty.sinceRegained() {
			t.deliverer.StartOver()
		}
		if err := t.bind(ctx); err != nil {
			return err
		}
		started := t.deliverer.Now()
		counts, err := t.deliverer.Deliver(ctx)
		if err != nil && ctx.Err() != nil { // the tool is not to blame
			t.log.Warn("delivery broken off; what the tool has stays, and the rest is offered again", "output", t.config.Name, "reason", context.Cause(ctx))
			return context.Cause(ctx)
		}
		if empty, ok := errors.AsType[*pipeline.EmptyError](err); ok {
			t.log.Info("delivery waits", "output", t.config.Name, "reason", empty)
			return err
		}
		held, isHeld := errors.AsType[*pipeline.HeldError](err)
		if isHeld {
			t.tellHeld(held)
			t.tell(context.WithoutCancel(ctx), started, counts, nil)
			return err
		}
		t.held = ""
		t.tell(context.WithoutCancel(ctx), started, counts, err)
		return err
	})
}

// bind notes where the tool is, once. Elsewhere than before, it has nothing yet.
func (t *target) bind(ctx context.Context) error {
	settings, ok := t.config.Settings.(plugin.Bound)
	if t.bound || !ok || settings.Binding() == "" {
		return nil
	}
	moved, err := t.deliverer.Store.Bind(ctx, t.deliverer.Name, t.site+": "+settings.Binding())
	if err != nil {
		t.log.Error("cannot tell whether the tool is where it was", "output", t.config.Name, "error", err)
		return err
	}
	t.bound = true
	if moved {
		t.deliverer.StartOver()
		t.log.Warn("the output writes elsewhere than before: everything is offered anew, and what the old place holds is nobody's care any more",
			"output", t.config.Name, "to", settings.Binding())
	}
	return nil
}

// tellHeld tells once of each change that waits for somebody.
func (t *target) tellHeld(held *pipeline.HeldError) {
	if t.held == held.Change.Digest {
		return
	}
	t.held = held.Change.Digest
	t.log.Warn("delivery held", "output", t.config.Name, "reason", held, "change", held.Change.Digest)
}

func (t *target) tell(ctx context.Context, started time.Time, counts pipeline.DeliveryCounts, err error) {
	took := t.deliverer.Now().Sub(started).Round(time.Millisecond)
	attrs := []any{
		"output", t.config.Name, "took", took, "added", counts.Added, "updated", counts.Updated, "removed", counts.Removed,
	}
	if counts.Held >= 0 {
		attrs = append(attrs, "held", counts.Held)
	}
	if counts.Refused > 0 {
		attrs = append(attrs, "refused", counts.Refused)
	}
	if len(counts.Skipped) > 0 {
		attrs = append(attrs, "skipped", counts.Skipped)
	}
	if counts.Where != "" {
		attrs = append(attrs, "where", counts.Where)
	}
	switch {
	case err != nil:
		wait := t.work.retryAfter(t.retry.next(err))
		t.log.Error("delivery failed; what the tool has stays", append(attrs, "retry_in", wait.Round(time.Second), "error", err)...)
	case counts.Changed() || !t.told || t.retry.failures > 0:
		t.log.Info("delivered", attrs...)
		t.told = true
		t.retry.reset()
	default:
		return // a quiet round is no news
	}
	recordRun(ctx, t.deliverer.Store, t.log, store.Run{Kind: store.Delivery, Name: t.deliverer.Name, Started: started, Ended: t.deliverer.Now()}, counts, err)
}

func (t *target) close() error {
	if c, ok := t.deliverer.Output.(outputs.Closer); ok {
		if err := c.Close(); err != nil {
			return fmt.Errorf("closing output %s: %w", t.config.Name, err)
		}
	}
	return nil
}
