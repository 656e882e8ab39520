package agent

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"sync"
	"time"

	"github.com/indicatord/indicatord/internal/config"
	"github.com/indicatord/indicatord/internal/indicator"
	"github.com/indicatord/indicatord/internal/pipeline"
	"github.com/indicatord/indicatord/internal/plugin"
	"github.com/indicatord/indicatord/internal/stix"
	"github.com/indicatord/indicatord/internal/store"
)

// ringEvery is how often a long pull lets the outputs know of what it has
// stored so far. The end of a pull always does.
const ringEvery = 30 * time.Second

// source is a connector at work.
type source struct {
	config   config.Connector
	puller   *pipeline.Puller
	log      *slog.Logger
	work     *work
	retry    backoff
	bell     *bell
	standing *standing
	// reconciling says when a pull is to be a full one.
	reconciling *reconciling

	mu   sync.Mutex
	rung time.Time // guarded by mu: a pull and deriving again ring both
}

func (s *source) name() string { return s.config.Name }

func openSource(c config.Connector, env plugin.Env, s *store.Store, bell *bell, now func() time.Time) (*source, error) {
	connector, err := c.Settings.Open(env)
	if err != nil {
		return nil, fmt.Errorf("opening connector %s: %w", c.Name, err)
	}
	src := &source{config: c, log: env.Log, work: newWork(&duty{claims: s, what: string(store.Pull) + " " + c.Name, log: env.Log}, now), retry: pullBackoff(), bell: bell, reconciling: newReconciling()}
	src.standing = &standing{subject: "connector/" + c.Name, store: s, work: src.work}
	src.puller = &pipeline.Puller{
		Source: c.Name, Connector: connector, Store: s, Options: options(&c),
		MostWithdrawn: c.Reconcile.MaxWithdraw.Of, Stored: src.stored, Log: env.Log, Now: now,
	}
	return src, nil
}

// options say how the objects of a connector become assertions.
func options(c *config.Connector) stix.Options {
	o := stix.Options{
		Lifetime:    c.Lifetime,
		UnmarkedTLP: c.UnmarkedTLP,
		UnknownTLP:  c.UnknownTLP,
		BareDomain:  indicator.Scope(c.BareDomains),
		Pattern:     c.Patterns.Reading(),
		Reduction:   c.Patterns.Reduction(),
	}
	o.Reduction.Canon = indicator.Options{
		AllowReserved: c.AllowReserved, Refang: c.Refang,
		WidestIPv4: c.WidestIPv4, WidestIPv6: c.WidestIPv6,
	}
	return o
}

// stored is called after each batch that changed an entry.
func (s *source) stored() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if now := s.work.now(); now.Sub(s.rung) >= ringEvery {
		s.rung = now
		s.bell.ring()
	}
}

// loop pulls on schedule, and again after a failure. A full pull that is owed
// follows an ordinary one, which has shown that the source answers.
func (s *source) loop(ctx context.Context) {
	s.config.Schedule.Loop(ctx, s.config.Jitter, s.work.trigger, func(ctx context.Context) {
		if s.work.resting() {
			return
		}
		if err := s.pull(ctx, false); err == nil && s.reconciling.due(s.work.now()) {
			_ = s.pull(ctx, true)
		}
	})
}

// pull makes one pull and tells of it: in the log, in the store, to the
// outputs.
func (s *source) pull(ctx context.Context, full bool) error {
	return s.work.do(ctx, func(ctx context.Context) error {
		if news, err := s.standing.check(ctx); err != nil {
			if news {
				s.log.Info("no pull", "connector", s.config.Name, "reason", err)
			}
			return err
		}
		started := s.puller.Now()
		limited, cancel := context.WithTimeoutCause(ctx, s.config.Timeout,
			fmt.Errorf("the pull took longer than its timeout of %s", s.config.Timeout))
		defer cancel()
		counts, err := s.puller.Pull(limited, full)
		if counts.Changed() || err == nil {
			s.bell.ring() // the end of a first pull is news to an output that waits for it
		}
		if err != nil && ctx.Err() != nil { // the source is not to blame
			s.log.Warn("pull broken off; what it stored stays", "connector", s.config.Name, "reason", context.Cause(ctx))
			return context.Cause(ctx)
		}
		if full {
			s.reconciling.ended(s.puller.Now(), err)
		}
		s.tell(context.WithoutCancel(ctx), started, counts, err)
		return err
	})
}

func (s *source) tell(ctx context.Context, started time.Time, counts pipeline.PullCounts, err error) {
	took := s.puller.Now().Sub(started).Round(time.Millisecond)
	attrs := []any{
		"connector", s.config.Name, "took", took, "pages", counts.Pages, "objects", counts.Objects,
		"new", counts.New, "updated", counts.Updated, "revoked", counts.Revoked, "withdrawn", counts.Withdrawn,
		"rejects", counts.Rejects, "entries_new", counts.EntriesNew, "entries_changed", counts.EntriesChange,
	}
	if counts.Full {
		attrs = append(attrs, "full", true)
	}
	if err != nil {
		wait := s.work.retryAfter(s.retry.next(err))
		s.log.Error("pull failed", append(attrs, "retry_in", wait.Round(time.Second), "error", err)...)
	} else {
		s.retry.reset()
		s.log.Info("pulled", attrs...)
	}
	recordRun(ctx, s.puller.Store, s.log, store.Run{Kind: store.Pull, Name: s.config.Name, Started: started, Ended: s.puller.Now()}, counts, err)
}

// deriveAgain brings what is stored up to the present rules, in the background:
// here, or where the right to pull is. An agent that takes over asks again.
func (s *source) deriveAgain(ctx context.Context) {
	for {
		err := s.work.duty.do(ctx, func(ctx context.Context) error {
			s.derive(ctx)
			return nil
		})
		if err == nil || !s.puller.Store.Shared() || !sleep(ctx, claimEvery) {
			return
		}
	}
}

func (s *source) derive(ctx context.Context) {
	stale, err := s.puller.Store.Stale(ctx, s.config.Name, s.puller.Options.Fingerprint())
	if err == nil && stale > 0 {
		s.log.Info("deriving stored objects again, because the rules have changed", "connector", s.config.Name, "objects", stale)
		var counts store.Applied
		counts, err = s.puller.DeriveAgain(ctx)
		s.bell.ring()
		if err == nil {
			s.log.Info("derived again", "connector", s.config.Name, "objects", counts.Updated, "entries_new", counts.EntriesNew, "entries_changed", counts.EntriesChange)
		}
	}
	if err != nil && ctx.Err() == nil {
		s.log.Error("deriving again failed; it is tried at the next start", "connector", s.config.Name, "error", err)
	}
}

func (s *source) close() error {
	if c, ok := s.puller.Connector.(io.Closer); ok {
		if err := c.Close(); err != nil {
			return fmt.Errorf("closing connector %s: %w", s.config.Name, err)
		}
	}
	return nil
}
