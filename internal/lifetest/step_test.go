package lifetest

import (
	"context"
	"fmt"
	"strings"
)

// step is one thing that happens in a history. It means something at any time,
// so that a history which fails can be made shorter.
type step interface {
	fmt.Stringer
	// take lets it happen to the line and to the model. The error says what
	// went otherwise than it should.
	take(ctx context.Context, s *site) error
}

// site is the line and the model of it.
type site struct {
	line     *line
	model    *model
	settings settings
}

// nothing happens.
type nothing struct{}

func (nothing) String() string { return "nothing" }

func (nothing) take(context.Context, *site) error { return nil }

// publish lets a hub tell something new.
type publish struct {
	source string
	facts  []published
}

func (p publish) String() string {
	lines := []string{"publish at " + p.source}
	for _, f := range p.facts {
		lines = append(lines, f.String())
	}
	return strings.Join(lines, "\n      ")
}

func (p publish) take(_ context.Context, s *site) error {
	for _, f := range p.facts {
		s.line.hubs[p.source].publish(f)
	}
	return nil
}

// drop lets a hub lose an object.
type drop struct {
	source string
	id     string
	tells  bool
}

func (d drop) String() string {
	return fmt.Sprintf("drop %s at %s, and say so: %t", d.id, d.source, d.tells)
}

func (d drop) take(_ context.Context, s *site) error {
	s.line.hubs[d.source].drop(d.id, d.tells)
	return nil
}

func (p pull) String() string {
	words := []string{"pull from " + p.source}
	for _, w := range []struct {
		said bool
		word string
	}{
		{p.full, "fully"},
		{p.order != 0, fmt.Sprintf("in the order of seed %d", p.order)},
		{p.repeats > 0, fmt.Sprintf("with %d repeats", p.repeats)},
		{true, fmt.Sprintf("by %d", p.size)},
		{p.cut >= 0, fmt.Sprintf("cut after %d pages", p.cut)},
		{p.late >= 0, fmt.Sprintf("page %d late", p.late)},
		{p.full && p.unsaid, "without saying that it is complete"},
		{p.full && p.most >= 0, fmt.Sprintf("withdrawing %d at most", p.most)},
	} {
		if w.said {
			words = append(words, w.word)
		}
	}
	return strings.Join(words, ", ")
}

func (p pull) take(ctx context.Context, s *site) error {
	if s.settings.sources[p.source].removed {
		return nil
	}
	cursor := s.model.sources[p.source].cursor
	ended, err := s.line.pull(ctx, p, cursor)
	if err != nil {
		return err
	}
	if want := s.model.pull(p, s.line.hubs[p.source].pages(p, cursor)); ended != want {
		return fmt.Errorf("the pull ended %s, want that it ends %s", ended, want)
	}
	return nil
}

// wait moves the clock. A clock is set back while the agent looks at it every
// few seconds.
type wait struct {
	hours int
	swept bool
}

func (w wait) String() string {
	return fmt.Sprintf("the clock moves by %dh, swept: %t", w.hours, w.swept)
}

func (w wait) take(ctx context.Context, s *site) error {
	if w.hours < 0 {
		if err := s.line.sweep(ctx); err != nil {
			return err
		}
	}
	now := s.line.now.Add(hour(w.hours).Sub(noon))
	s.line.now = now
	s.model.setClock(now)
	if w.hours < 0 || w.swept {
		return s.line.sweep(ctx)
	}
	return nil
}

// restart ends the process and begins another.
type restart struct{}

func (restart) String() string { return "restart" }

func (restart) take(ctx context.Context, s *site) error { return s.line.restart(ctx, s.settings) }

// reload takes a changed configuration: of a source, or of an output.
type reload struct {
	name   string
	source *sourceSettings
	output *outputSettings
}

func (r reload) String() string {
	if r.source != nil {
		return "reload with " + r.name + ": " + r.source.String()
	}
	return "reload with " + r.name + ": " + r.output.String()
}

func (r reload) take(ctx context.Context, s *site) error {
	if r.source != nil {
		s.settings.sources[r.name] = *r.source
	} else {
		s.settings.outputs[r.name] = *r.output
	}
	s.model.configure(s.settings)
	return s.line.configure(ctx, s.settings)
}

// maintain lets the store forget what is over.
type maintain struct{}

func (maintain) String() string { return "maintain the store" }

func (maintain) take(ctx context.Context, s *site) error {
	s.model.maintain()
	_, err := s.line.store.Maintain(ctx, s.line.now)
	return err
}

// hiccup is a delivery that fails.
type hiccup struct {
	output string
	trouble
}

func (h hiccup) String() string {
	return fmt.Sprintf("a delivery to %s fails: away=%t, breaks off after %d, refuses %q", h.output, h.away, h.breaksOff, h.refuses)
}

func (h hiccup) take(ctx context.Context, s *site) error {
	return s.line.deliverInTrouble(ctx, h.output, h.trouble)
}
