package agent

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"github.com/indicatord/indicatord/internal/store"
)

// claims say which of the agents that share a store does a piece of work. Both
// methods may be called by any number of goroutines.
type claims interface {
	// Claim takes the right to do it, and returns it again to who has it. A
	// [store.HeldError] says that another agent has it.
	Claim(ctx context.Context, what string) (*store.Claim, error)
	// Unclaim gives the right back.
	Unclaim(what string)
}

// upkeep is what one agent does for the whole store: the passing of time, and
// forgetting what was over long ago.
const upkeep = "upkeep"

// claimEvery is how often an agent that stands by tries to take over, and how
// often each looks for what the other has changed.
const claimEvery = 2 * time.Second

// duty is a piece of work that only one of several agents does at a time.
type duty struct {
	claims claims
	what   string
	log    *slog.Logger

	mu   sync.Mutex
	held string // by whom, where another agent has it
	told string // the last that was said of it
	// regained is set when the right is there again after it was not.
	regained bool
}

// do calls f with the right to do the work. Without it, it says so once and
// returns the reason.
func (d *duty) do(ctx context.Context, f func(context.Context) error) error {
	claim, err := d.claims.Claim(ctx, d.what)
	d.note(err)
	if err != nil {
		return err
	}
	working, stop := claim.Under(ctx)
	defer stop()
	err = f(working)
	if errors.Is(context.Cause(working), store.ErrClaimLost) {
		d.note(store.ErrClaimLost) // so that the work is taken up again where the right is
	}
	return err
}

// take tries to get the right, and reports whether it is news that it is there.
func (d *duty) take(ctx context.Context) bool {
	before := d.lacking()
	_, err := d.claims.Claim(ctx, d.what)
	d.note(err)
	return before && err == nil
}

// lacking reports whether the right was refused when it was last asked for.
func (d *duty) lacking() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.told != ""
}

// holder is who else does the work, "" for nobody.
func (d *duty) holder() string {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.held
}

// note tells of each change once: every try would be told otherwise.
func (d *duty) note(err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	said := ""
	var held *store.HeldError
	d.held = ""
	switch {
	case errors.As(err, &held):
		said = "held"
		if d.held = held.Holder; d.held == "" {
			d.held = "another agent"
		}
	case err != nil:
		said = "failed"
	}
	if said == d.told {
		return
	}
	switch was := d.told; {
	case said == "held":
		d.log.Info("standing by", "work", d.what, "held_by", d.held)
	case said == "failed":
		d.log.Error("cannot work: the right to do so cannot be asked for; it is tried again every few seconds", "work", d.what, "error", err)
	case was == "held":
		d.log.Info("taking over", "work", d.what)
	default:
		d.log.Info("working again", "work", d.what)
	}
	d.told, d.regained = said, said == ""
}

// sinceRegained reports, once, that another agent may have done the work
// meanwhile.
func (d *duty) sinceRegained() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	was := d.regained
	d.regained = false
	return was
}

// watch tries to get the right until ctx ends, and calls gained when it does. A
// right that is held costs nothing to ask for.
func (d *duty) watch(ctx context.Context, gained func()) {
	for sleep(ctx, claimEvery) {
		if d.take(ctx) {
			gained()
		}
	}
}

// standBy keeps the agent ready to take over what another does, and lets the
// outputs know of what another has stored. An agent with a store of its own has
// nothing to wait for.
func (g *generation) standBy(ctx context.Context, group *sync.WaitGroup) {
	if !g.store.Shared() {
		return
	}
	for _, s := range g.sources {
		group.Go(func() { s.work.duty.watch(ctx, s.work.ask) })
	}
	for _, t := range g.targets {
		group.Go(func() { t.work.duty.watch(ctx, t.work.ask) })
	}
	group.Go(func() { followLoop(ctx, g.store, g.bell) })
}

// followLoop rings the bell for what changes in the store, whoever changes it. A
// store that does not answer is told of by those that work on it.
func followLoop(ctx context.Context, s *store.Store, bell *bell) {
	var last uint64
	for sleep(ctx, claimEvery) {
		if newest, err := s.Sequence(ctx); err == nil && newest != last {
			last = newest
			bell.ring()
		}
	}
}

// release gives back what the generation had the right to do. What still works
// under it has ended before.
func (g *generation) release() {
	for _, s := range g.sources {
		s.work.duty.claims.Unclaim(s.work.duty.what)
	}
	for _, t := range g.targets {
		t.work.duty.claims.Unclaim(t.work.duty.what)
	}
	g.upkeep.claims.Unclaim(g.upkeep.what)
}
