package lifetest

import (
	"context"
	"fmt"
	"maps"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// check sweeps, delivers, and compares what the tool holds with the model.
type check struct{ output string }

func (c check) String() string { return "check " + c.output }

func (c check) take(ctx context.Context, s *site) error {
	if err := s.line.sweep(ctx); err != nil {
		return err
	}
	t := s.line.tools[c.output]
	want := maps.Clone(t.held) // while its view is kept from it
	waits, err := s.line.deliver(ctx, c.output)
	if err != nil {
		return err
	}
	if should := s.model.waits(c.output); waits != should {
		return fmt.Errorf("%s: the empty view is kept from the tool: %t, want %t", c.output, waits, should)
	}
	if !waits {
		want = s.model.shownTo(t, c.output)
	}
	if err := s.compare(c.output, want); err != nil || waits {
		return err
	}
	asked := t.asked
	if _, err := s.line.deliver(ctx, c.output); err != nil {
		return err
	}
	if t.asked != asked {
		return fmt.Errorf("%s: the tool was asked again with nothing new", c.output)
	}
	return nil
}

// shownTo is the view as a tool can hold it.
func (m *model) shownTo(t *tool, output string) map[string]shown {
	view := m.view(output)
	delete(view, t.never)
	if t.takes == keys {
		for key, s := range view {
			view[key] = s.keysOnly()
		}
	}
	return view
}

func (s *site) compare(output string, want map[string]shown) error {
	undecided := s.model.undecided()
	decided := func(held map[string]shown) map[string]shown {
		held = maps.Clone(held)
		maps.DeleteFunc(held, func(key string, _ shown) bool { return undecided[key] })
		return held
	}
	if diff := cmp.Diff(decided(want), decided(s.line.tools[output].held), cmpopts.EquateEmpty(), cmpopts.IgnoreUnexported(shown{})); diff != "" {
		return fmt.Errorf("at %s %s does not hold what it should (-model +tool):\n%s", clock(s.model.now), output, diff)
	}
	return nil
}
