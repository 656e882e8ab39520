package agent

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"github.com/indicatord/indicatord/internal/admin"
	"github.com/indicatord/indicatord/internal/config"
	"github.com/indicatord/indicatord/internal/plugin"
	"github.com/indicatord/indicatord/internal/store"
	"github.com/indicatord/indicatord/internal/webhook"
)

// drainTime is how long a delivery that has begun may go on after the agent
// was told to stop.
const drainTime = 15 * time.Second

// generation is one configuration at work. A reload ends it and begins another
// on the same store.
type generation struct {
	config  *config.Config
	store   *store.Store
	sources []*source
	targets []*target
	upkeep  *duty
	bell    *bell
	log     *slog.Logger
	now     func() time.Time
	version string
	// protection knows what must not be blocked.
	protection *admin.Protection
	// hook is where alarms are posted, nil for nowhere; board is what was told.
	hook     *webhook.Webhook
	board    *board
	standing atomic.Int64 // how many alarms stand

	// visits is held for reading by each round that an operator asks for, so
	// that nothing is closed while one goes on.
	visits sync.RWMutex
	lists  listsState
	closed bool          // guarded by visits
	ending chan struct{} // closed when the generation begins to end
}

// newGeneration opens every plugin; nothing outside is touched yet.
func newGeneration(c *config.Config, s *store.Store, o Options) (*generation, error) {
	g := &generation{config: c, store: s, bell: &bell{}, log: o.Log, now: o.Now, version: o.Version, ending: make(chan struct{})}
	g.upkeep = &duty{claims: s, what: upkeep, log: o.Log}
	if err := g.protect(); err != nil {
		return nil, err
	}
	if err := g.openAlarms(); err != nil {
		return nil, err
	}
	for _, conn := range c.Connectors {
		src, err := openSource(conn, g.env("connector", conn.Name, o), s, g.bell, o.Now)
		if err != nil {
			return nil, errors.Join(err, g.close())
		}
		g.sources = append(g.sources, src)
	}
	for _, out := range c.Outputs {
		t, err := openTarget(out, c.LedgerOf(&out), admin.PolicyOf(c, &out), admin.BudgetOf(c, &out), g.env("output", out.Name, o), s, o.Now)
		if err != nil {
			return nil, errors.Join(err, g.close())
		}
		t.deliverer.Guard = g.protection.Set
		g.targets = append(g.targets, t)
		if out.Schedule.OnChange {
			g.bell.add(t.work)
		}
	}
	return g, nil
}

// openAlarms opens the webhook, and reads who was told of what before.
func (g *generation) openAlarms() error {
	var err error
	if g.config.Alarms.Webhook.URL != "" {
		if g.hook, err = g.config.Alarms.Webhook.Open("indicatord/" + g.version); err != nil {
			return fmt.Errorf("opening the webhook of alarms: %w", err)
		}
	}
	if g.board, err = readBoard(g.config.State); err != nil {
		g.log.Warn("alarms that stand are told again", "reason", err)
	}
	return nil
}

// protectTime bounds the looking for what the machine itself needs.
const protectTime = 5 * time.Second

// protect gathers what must not be blocked.
func (g *generation) protect() error {
	ctx, cancel := context.WithTimeout(context.Background(), protectTime)
	defer cancel()
	protection, problems, err := admin.NewProtection(ctx, g.config, g.store, g.now)
	if err != nil {
		return fmt.Errorf("reading what must not be blocked: %w", err)
	}
	for _, p := range problems {
		g.log.Info("not protected", "about", p.About, "reason", p.Err)
	}
	g.protection = protection
	return nil
}

func (g *generation) env(kind, name string, o Options) plugin.Env {
	return plugin.Env{
		Site: g.config.Site, Name: name, Agent: "indicatord/" + o.Version,
		State: filepath.Join(g.config.State, kind+"s", name), Lists: g.config.ListsDirectory(), Log: o.Log,
	}
}

// run works until ctx ends, then drains: pulls end at once, for what they have
// stored is safe; deliveries that have begun get a while to end well.
func (g *generation) run(ctx context.Context) error {
	working, stop := context.WithCancelCause(context.WithoutCancel(ctx))
	defer stop(nil)
	var group sync.WaitGroup
	hideMetrics := g.exposeMetrics(ctx)
	defer hideMetrics()
	group.Go(func() { g.serveLists(ctx) })
	group.Go(func() { g.sweepLoop(ctx) })
	group.Go(func() { g.maintainLoop(ctx) })
	group.Go(func() { g.alarmLoop(ctx) })
	g.standBy(ctx, &group)
	for _, s := range g.sources {
		group.Go(func() { s.deriveAgain(ctx) })
		group.Go(func() { s.loop(ctx) })
		group.Go(func() { s.reconcileLoop(ctx) })
	}
	for _, t := range g.targets {
		group.Go(func() { t.loop(ctx, working) })
		group.Go(func() { t.verifyLoop(ctx, working) })
		group.Go(func() { t.refreshLoop(ctx, working) })
		group.Go(func() { g.heartbeatLoop(ctx, t) })
	}
	<-ctx.Done()
	close(g.ending)
	go func() {
		if sleep(working, drainTime) {
			stop(fmt.Errorf("the delivery did not end within %s of the order to stop", drainTime))
		}
	}()
	group.Wait()
	stop(nil)
	g.visits.Lock()
	g.closed = true
	g.visits.Unlock()
	g.release()
	return g.close()
}

// close closes what is open, once nothing works any more.
func (g *generation) close() error {
	var errs []error
	for _, s := range g.sources {
		s.work.stop()
		errs = append(errs, s.close())
	}
	for _, t := range g.targets {
		t.work.stop()
		errs = append(errs, t.close())
	}
	return errors.Join(errs...)
}
