package agent

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"reflect"
	"sync"
	"time"

	"github.com/indicatord/indicatord/internal/admin"
	"github.com/indicatord/indicatord/internal/config"
	"github.com/indicatord/indicatord/internal/store"
)

// Options are what an agent needs beside its configuration.
type Options struct {
	// Version is the program's.
	Version string
	// Load reads the configuration again for a reload; nil for an agent that
	// cannot reload.
	Load func() (*config.Config, error)
	Log  *slog.Logger
	// Now is the clock; nil for the system's.
	Now func() time.Time
	// Ready is called once the state is open and the control socket answers,
	// and again at the end of each reload, whether the agent took the new
	// configuration or kept the old one. Nil for nobody.
	Ready func()
}

// Agent is a running daemon.
type Agent struct {
	options Options
	started time.Time
	store   *store.Store

	mu  sync.Mutex
	now *generation
}

// Run opens the state and works until ctx ends, then drains. A receive from
// reload loads the configuration again: when it is right it takes the place of
// the old one, else the old one stays and the log says why. Everything that is
// stored and delivered stays whatever happens.
func Run(ctx context.Context, c *config.Config, reload <-chan struct{}, o Options) error {
	if o.Now == nil {
		o.Now = time.Now
	}
	s, err := admin.Location(c).Open(ctx)
	if err != nil {
		return err
	}
	a := &Agent{options: o, started: o.Now(), store: s}
	return errors.Join(a.run(ctx, c, reload), s.Close())
}

func (a *Agent) run(ctx context.Context, c *config.Config, reload <-chan struct{}) error {
	g, err := newGeneration(c, a.store, a.options)
	if err != nil {
		return err
	}
	a.set(g)
	server, err := admin.Listen(c.State, a)
	if err != nil {
		return errors.Join(err, g.close())
	}
	defer func() { _ = server.Close() }()
	a.options.Log.Info("started", "site", c.Site, "state", c.State, "connectors", len(c.Connectors), "outputs", len(c.Outputs), "version", a.options.Version)
	a.ready()
	for g != nil {
		if g, err = a.work(ctx, g, reload); err != nil {
			return err
		}
	}
	return nil
}

// work runs one generation until ctx ends or the next takes over, which it
// returns.
func (a *Agent) work(ctx context.Context, g *generation, reload <-chan struct{}) (*generation, error) {
	working, stop := context.WithCancel(ctx)
	defer stop()
	ended := make(chan error, 1)
	go func() { ended <- g.run(working) }()
	for {
		select {
		case <-ctx.Done():
			a.options.Log.Info("stopping; what is enforced stays")
			return nil, <-ended
		case <-reload:
			next := a.prepare(g)
			if next == nil {
				a.ready()
				continue
			}
			stop()
			if err := <-ended; err != nil {
				a.options.Log.Error("closing the old configuration's plugins", "error", err)
			}
			a.set(next)
			a.options.Log.Info("reloaded", "connectors", len(next.sources), "outputs", len(next.targets))
			a.ready()
			return next, nil
		}
	}
}

func (a *Agent) ready() {
	if a.options.Ready != nil {
		a.options.Ready()
	}
}

// prepare makes the generation of a changed configuration, nil where it cannot.
func (a *Agent) prepare(old *generation) *generation {
	next, err := a.loadNext(old)
	if err != nil {
		a.options.Log.Error("the configuration is not reloaded; the old one stays in force", "error", err)
		return nil
	}
	return next
}

func (a *Agent) loadNext(old *generation) (*generation, error) {
	if a.options.Load == nil {
		return nil, errors.New("this agent was started without a configuration file")
	}
	c, err := a.options.Load()
	if err != nil {
		return nil, err
	}
	if c.State != old.config.State {
		return nil, fmt.Errorf("state: the state directory cannot change from %s to %s while the agent runs: restart it", old.config.State, c.State)
	}
	if !reflect.DeepEqual(c.Store, old.config.Store) {
		return nil, errors.New("store: the store cannot change while the agent runs: restart it")
	}
	if c.Log != old.config.Log {
		a.options.Log.Warn("a changed log: takes effect at the next start")
	}
	return newGeneration(c, a.store, a.options)
}

func (a *Agent) set(g *generation) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.now = g
}

func (a *Agent) generation() *generation {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.now
}

// Once makes one round now and returns when it is complete, for the control
// socket.
func (a *Agent) Once(ctx context.Context, r admin.Round) error {
	return a.generation().visit(ctx, r)
}

// Ring asks every connector and output for a round soon, for the control socket.
func (a *Agent) Ring() { a.generation().ring() }

func (g *generation) ring() {
	holds, err := g.store.Holds(context.Background())
	if err != nil {
		g.log.Error("cannot tell what was approved", "error", err)
	}
	for _, s := range g.sources {
		if holds[store.HeldSource(s.config.Name)].Decision == store.Approved {
			s.reconciling.owe()
		}
		s.work.urge()
	}
	for _, t := range g.targets {
		t.work.urge()
	}
}

// Inspector answers questions about the state, for the control socket.
func (a *Agent) Inspector() admin.Inspector {
	i := a.generation().inspector()
	i.Started = a.started
	return i
}

func (g *generation) inspector() admin.Inspector {
	return admin.Inspector{Config: g.config, Store: g.store, Version: g.version, Now: g.now, Live: g.live, Protection: g.protection, ListsTrouble: g.lists.trouble}
}

// live tells what a connector or an output does at this moment.
func (g *generation) live(kind store.RunKind, name string) admin.Live {
	var w *work
	var schedule interface{ Next(time.Time) time.Time }
	for _, s := range g.sources {
		if kind == store.Pull && s.config.Name == name {
			w, schedule = s.work, s.config.Schedule
		}
	}
	for _, t := range g.targets {
		if kind == store.Delivery && t.config.Name == name {
			w, schedule = t.work, t.config.Schedule.Schedule
		}
	}
	if w == nil {
		return admin.Live{}
	}
	since, rest := w.state()
	next := schedule.Next(g.now())
	if rest.After(g.now()) {
		next = rest
	}
	return admin.Live{Since: since, Next: next, Standby: w.duty.holder()}
}

// Once opens the state and makes one round without a daemon. What fails in the
// round is a [RoundError], and in the log.
func Once(ctx context.Context, c *config.Config, r admin.Round, o Options) error {
	if o.Now == nil {
		o.Now = time.Now
	}
	s, err := admin.Location(c).Open(ctx)
	if err != nil {
		return err
	}
	g, err := newGeneration(c, s, o)
	if err != nil {
		return errors.Join(err, s.Close())
	}
	for _, source := range g.sources {
		source.deriveAgain(ctx)
	}
	err = g.once(ctx, r)
	if closing := errors.Join(g.close(), s.Close()); closing != nil {
		return errors.Join(err, closing)
	}
	return err
}
