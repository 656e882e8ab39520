package lifetest

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"github.com/indicatord/indicatord/internal/pipeline"
	"github.com/indicatord/indicatord/internal/store"
)

// line is what is tested: a store, a puller for each source and a deliverer for
// each output, put together as the agent puts them.
type line struct {
	dir   string
	store *store.Store
	now   time.Time

	hubs        map[string]*hub
	connections map[string]*connection
	pullers     map[string]*pipeline.Puller
	tools       map[string]*tool
	deliverers  map[string]*pipeline.Deliverer
}

func newLine(dir string) *line {
	l := &line{dir: dir, now: noon, hubs: map[string]*hub{}, connections: map[string]*connection{}, tools: map[string]*tool{
		"wall": {takes: changes}, "siem": {takes: lists, never: values[4].key}, "list": {takes: keys},
	}}
	for _, t := range l.tools {
		t.trouble, t.held = noTrouble, map[string]shown{}
	}
	for _, name := range sourceNames {
		l.hubs[name] = newHub()
	}
	return l
}

// start opens the store and begins a generation with these settings: what other
// rules have made of the stored objects is made again.
func (l *line) start(ctx context.Context, s settings) error {
	var err error
	if l.store, err = store.Open(ctx, l.dir); err != nil {
		return err
	}
	return l.configure(ctx, s)
}

func (l *line) configure(ctx context.Context, s settings) error {
	l.pullers, l.deliverers = map[string]*pipeline.Puller{}, map[string]*pipeline.Deliverer{}
	for _, name := range s.configured() {
		l.connections[name] = &connection{hub: l.hubs[name]}
		l.pullers[name] = &pipeline.Puller{
			Source: name, Connector: l.connections[name], Store: l.store, Options: s.sources[name].options(),
			Log: slog.New(slog.DiscardHandler), Now: l.clock,
		}
	}
	for _, name := range outputNames {
		l.deliverers[name] = &pipeline.Deliverer{
			Name: name, Output: l.tools[name], Store: l.store, Policy: s.policy(name), HoldEmpty: true, Now: l.clock,
		}
	}
	for _, p := range l.pullers {
		if _, err := p.DeriveAgain(ctx); err != nil {
			return err
		}
	}
	return nil
}

func (l *line) clock() time.Time { return l.now }

func (l *line) restart(ctx context.Context, s settings) error {
	if err := l.store.Close(); err != nil {
		return err
	}
	return l.start(ctx, s)
}

// pull makes a pull as it is planned, which should begin at the cursor, and
// says how it ended.
func (l *line) pull(ctx context.Context, p pull, cursor int) (string, error) {
	*l.connections[p.source] = connection{hub: l.hubs[p.source], plan: p, cursor: cursor}
	puller := l.pullers[p.source]
	puller.MostWithdrawn = func(live int) int {
		if p.most < 0 {
			return live
		}
		return p.most
	}
	_, err := puller.Pull(ctx, p.full)
	var missing *store.MissingError
	switch {
	case err == nil:
		return endsWell, nil
	case errors.Is(err, errCut):
		return endsCut, nil
	case errors.As(err, &missing):
		return endsTooMuch, nil
	case strings.Contains(err.Error(), "ended without saying that it was complete"):
		return endsIncomplete, nil
	}
	return "", err
}

func (l *line) sweep(ctx context.Context) error {
	_, _, err := l.store.Sweep(ctx, l.now)
	return err
}

// deliver brings a tool up to date, and says whether its view was kept from it.
func (l *line) deliver(ctx context.Context, output string) (waits bool, err error) {
	_, err = l.deliverers[output].Deliver(ctx)
	if _, held := errors.AsType[*pipeline.EmptyError](err); held {
		return true, nil
	}
	return false, err
}

// deliverInTrouble lets a delivery fail. What it may not have done, the next one
// has to do.
func (l *line) deliverInTrouble(ctx context.Context, output string, how trouble) error {
	t := l.tools[output]
	t.trouble = how
	_, err := l.deliver(ctx, output)
	t.trouble = noTrouble
	if err != nil && !errors.Is(err, errAway) && !errors.Is(err, errLost) && how.refuses == "" {
		return fmt.Errorf("a delivery in trouble fails otherwise: %w", err)
	}
	return nil
}
