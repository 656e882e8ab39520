package lifetest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// history is a whole one: how it begins, and what happens.
type history struct {
	settings settings
	steps    []step
}

// String tells the history step by step.
func (h history) String() string {
	var b strings.Builder
	for _, name := range sourceNames {
		fmt.Fprintf(&b, "   source %s: %s\n", name, h.settings.sources[name])
	}
	for _, name := range outputNames {
		fmt.Fprintf(&b, "   output %s: %s\n", name, h.settings.outputs[name])
	}
	for i, step := range h.steps {
		fmt.Fprintf(&b, "%2d %s\n", i+1, step)
	}
	return b.String()
}

// run lets the history happen in a fresh directory.
func (h history) run(ctx context.Context, dir string) (err error) {
	s := &site{line: newLine(dir), settings: h.settings.clone()}
	s.model = newModel(s.settings)
	if err := s.line.start(ctx, s.settings); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.line.store.Close()) }()
	for i, step := range slices.Concat(h.steps, last) {
		if err := step.take(ctx, s); err != nil {
			return fmt.Errorf("step %d, %s: %w", i+1, step, err)
		}
	}
	return nil
}

// last is how every history ends.
var last = []step{check{"wall"}, check{"siem"}, check{"list"}}
