package agent

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"

	"github.com/indicatord/indicatord/internal/admin"
	"github.com/indicatord/indicatord/internal/pipeline"
)

// RoundError says that parts of a round failed. The log has told of each.
type RoundError struct {
	// Parts are what failed, such as "connector sector-hub".
	Parts []string
	errs  []error
}

// Error has a line for each part and says why it failed.
func (e *RoundError) Error() string {
	lines := make([]string, len(e.Parts))
	for i, part := range e.Parts {
		lines[i] = part + ": " + e.errs[i].Error()
	}
	return strings.Join(lines, "\n")
}

// Unwrap returns the reasons.
func (e *RoundError) Unwrap() []error { return e.errs }

func (e *RoundError) add(part string, err error) {
	if err != nil {
		e.Parts, e.errs = append(e.Parts, part), append(e.errs, err)
	}
}

// asError is nil where nothing failed.
func (e *RoundError) asError() error {
	if len(e.Parts) == 0 {
		return nil
	}
	return e
}

// errEnding ends the rounds that operators asked for when their generation ends.
var errEnding = errors.New("the agent is stopping or takes a new configuration: ask again")

// visit makes a round for an operator while the generation works. The round
// ends with the generation.
func (g *generation) visit(ctx context.Context, r admin.Round) error {
	g.visits.RLock()
	defer g.visits.RUnlock()
	if g.closed {
		return errEnding
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	go func() {
		select {
		case <-g.ending:
			cancel(errEnding)
		case <-ctx.Done():
		}
	}()
	return g.once(ctx, r)
}

// once makes one round: every pull, then every delivery, each kind at the same
// time. What fails stops nothing else; it is a [RoundError].
func (g *generation) once(ctx context.Context, r admin.Round) error {
	if err := g.known(r); err != nil {
		return err
	}
	var failed RoundError
	each(&failed, "connector", chosen(g.sources, (*source).name, r.Connector), func(s *source) error { return s.pull(ctx, r.Full) })
	if _, _, err := g.store.Sweep(ctx, g.now()); err != nil {
		g.log.Error("cannot mark what begins or ends now", "error", err)
		failed.add("the passing of time", err)
	}
	each(&failed, "output", chosen(g.targets, (*target).name, r.Output), func(t *target) error { return t.round(ctx, r) })
	return failed.asError()
}

// round delivers to the tool; before that it finds out what has to be mended, and
// after that it tells the tool again what it has, where that is asked for. All tools
// are asked to, so one that cannot is no failure unless it alone is meant.
func (t *target) round(ctx context.Context, r admin.Round) error {
	able := func(err error) error {
		cannot := errors.Is(err, pipeline.ErrCannotVerify) || errors.Is(err, pipeline.ErrCannotRefresh)
		if cannot && r.Output == "" {
			return nil
		}
		return err
	}
	var errs []error
	if r.Repair {
		errs = append(errs, able(t.verify(ctx, true)))
	}
	errs = append(errs, t.deliver(ctx))
	if r.Refresh {
		errs = append(errs, able(t.refresh(ctx)))
	}
	return errors.Join(errs...)
}

// known refuses a name that nothing has, before anything is begun.
func (g *generation) known(r admin.Round) error {
	var errs []error
	if len(chosen(g.sources, (*source).name, r.Connector)) == 0 && r.Connector != "" {
		errs = append(errs, &admin.UnknownNameError{Kind: "connector", Name: r.Connector})
	}
	if len(chosen(g.targets, (*target).name, r.Output)) == 0 && r.Output != "" {
		errs = append(errs, &admin.UnknownNameError{Kind: "output", Name: r.Output})
	}
	return errors.Join(errs...)
}

// chosen returns those with the name, or all where the name is "".
func chosen[T any](all []T, nameOf func(T) string, name string) []T {
	return slices.DeleteFunc(slices.Clone(all), func(one T) bool { return name != "" && nameOf(one) != name })
}

// each calls f for all at the same time and notes what failed, in their order.
func each[T interface{ name() string }](failed *RoundError, kind string, all []T, f func(T) error) {
	errs := make([]error, len(all))
	var group sync.WaitGroup
	for i, one := range all {
		group.Go(func() { errs[i] = f(one) })
	}
	group.Wait()
	for i, one := range all {
		failed.add(kind+" "+one.name(), errs[i])
	}
}
