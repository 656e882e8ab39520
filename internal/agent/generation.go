package agent

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"sync"
	"time"

	"github.com/indicatord/indicatord/internal/admin"
	"github.com/indicatord/indicatord/internal/config"
	"github.com/indicatord/indicatord/internal/plugin"
	"github.com/indicatord/indicatord/internal/store"
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
	bell    *bell
	log     *slog.Logger
	now     func() time.Time
}

// newGeneration opens every plugin; nothing outside is touched yet.
func newGeneration(c *config.Config, s *store.Store, o Options) (*generation, error) {
	g := &generation{config: c, store: s, bell: &bell{}, log: o.Log, now: o.Now}
	for _, conn := range c.Connectors {
		src, err := openSource(conn, g.env("connector", conn.Name, o), s, g.bell, o.Now)
		if err != nil {
			return nil, errors.Join(err, g.close(context.Background()))
		}
		g.sources = append(g.sources, src)
	}
	for _, out := range c.Outputs {
		t, err := openTarget(out, admin.PolicyOf(c, &out), g.env("output", out.Name, o), s, o.Now)
		if err != nil {
			return nil, errors.Join(err, g.close(context.Background()))
		}
		g.targets = append(g.targets, t)
		if out.Schedule.OnChange {
			g.bell.add(t.work)
		}
	}
	return g, nil
}

func (g *generation) env(kind, name string, o Options) plugin.Env {
	return plugin.Env{
		Site: g.config.Site, Name: name, Agent: "indicatord/" + o.Version,
		State: filepath.Join(g.config.State, kind+"s", name), Log: o.Log,
	}
}

// run works until ctx ends, then drains: pulls end at once, for what they have
// stored is safe; deliveries that have begun get a while to end well.
func (g *generation) run(ctx context.Context) error {
	working, stop := context.WithCancelCause(context.WithoutCancel(ctx))
	defer stop(nil)
	var group sync.WaitGroup
	group.Go(func() { sweepLoop(ctx, g.store, g.bell, g.log, g.now) })
	group.Go(func() { maintainLoop(ctx, g.store, g.log, g.now) })
	for _, s := range g.sources {
		group.Go(func() { s.deriveAgain(ctx) })
		group.Go(func() { s.loop(ctx) })
		group.Go(func() { s.reconcileLoop(ctx) })
	}
	for _, t := range g.targets {
		group.Go(func() { t.loop(ctx, working) })
	}
	<-ctx.Done()
	go func() {
		if sleep(working, drainTime) {
			stop(fmt.Errorf("the delivery did not end within %s of the order to stop", drainTime))
		}
	}()
	group.Wait()
	stop(nil)
	return g.close(context.WithoutCancel(ctx))
}

// close closes what is open, once nothing works any more.
func (g *generation) close(ctx context.Context) error {
	var errs []error
	for _, s := range g.sources {
		s.work.stop()
		errs = append(errs, s.close(ctx))
	}
	for _, t := range g.targets {
		t.work.stop()
		errs = append(errs, t.close(ctx))
	}
	return errors.Join(errs...)
}

// once makes one round: every pull, then every delivery, each kind at the same
// time. All errors are returned.
func (g *generation) once(ctx context.Context, r admin.Round) error {
	if err := g.known(r.Connector, r.Output); err != nil {
		return err
	}
	pulls := each(g.sources, func(s *source) error {
		if r.Connector != "" && s.config.Name != r.Connector {
			return nil
		}
		return named("connector", s.config.Name, s.pull(ctx, r.Full))
	})
	if _, _, err := g.store.Sweep(ctx, g.now()); err != nil {
		pulls = errors.Join(pulls, err)
	}
	deliveries := each(g.targets, func(t *target) error {
		if r.Output != "" && t.config.Name != r.Output {
			return nil
		}
		return named("output", t.config.Name, t.deliver(ctx))
	})
	return errors.Join(pulls, deliveries)
}

// UnknownNameError says that the configuration has no such connector or output.
type UnknownNameError struct{ Kind, Name string }

// Error names it.
func (e *UnknownNameError) Error() string {
	return fmt.Sprintf("no %s named %q in the configuration", e.Kind, e.Name)
}

func (g *generation) known(connector, output string) error {
	var errs []error
	if connector != "" && !has(g.sources, func(s *source) string { return s.config.Name }, connector) {
		errs = append(errs, &UnknownNameError{"connector", connector})
	}
	if output != "" && !has(g.targets, func(t *target) string { return t.config.Name }, output) {
		errs = append(errs, &UnknownNameError{"output", output})
	}
	return errors.Join(errs...)
}

func has[T any](all []T, name func(T) string, want string) bool {
	for _, one := range all {
		if name(one) == want {
			return true
		}
	}
	return false
}

// each calls f for all at the same time and joins the errors in their order.
func each[T any](all []T, f func(T) error) error {
	errs := make([]error, len(all))
	var group sync.WaitGroup
	for i, one := range all {
		group.Go(func() { errs[i] = f(one) })
	}
	group.Wait()
	return errors.Join(errs...)
}

func named(kind, name string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s %s: %w", kind, name, err)
}
