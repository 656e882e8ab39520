// Package memory is an output to a tool that lives in memory. The rest of the
// program is tested with it: a [Tool] shows what it holds, and fails, refuses or
// blocks when told to. It also is the smallest whole example of an output.
package memory

import (
	"context"
	_ "embed"
	"errors"
	"fmt"

	"github.com/indicatord/indicatord/internal/indicator"
	"github.com/indicatord/indicatord/internal/plugin"
	"github.com/indicatord/indicatord/outputs"
)

//go:embed sample.yaml
var sample string

// Spec describes the plugin. An output opens the tool that has its name; where
// tools has none, the output keeps a tool to itself.
func Spec(tools map[string]*Tool) outputs.Spec {
	return outputs.Spec{
		Name:     "memory",
		Summary:  "Keeps entries in memory, for tests.",
		Sample:   sample,
		Settings: func() outputs.Settings { return &Settings{Takes: Changes, tools: tools} },
	}
}

// Takes says which side of a delivery an output ranges over.
type Takes string

// The two kinds of outputs.
const (
	Changes Takes = "changes"
	Lists   Takes = "lists"
)

// Settings are the settings of an output to memory.
type Settings struct {
	// Takes is "changes" or "lists".
	Takes Takes `yaml:"takes"`
	// At names the place of the tool.
	At string `yaml:"at"`

	tools map[string]*Tool
}

// Validate reports what is wrong with the settings.
func (s *Settings) Validate() error {
	if s.Takes != Changes && s.Takes != Lists {
		return plugin.Fieldf("takes", "unknown word %q: want changes or lists", s.Takes)
	}
	return nil
}

// Open makes the output.
func (s *Settings) Open(env plugin.Env) (outputs.Output, error) {
	tool := s.tools[env.Name]
	if tool == nil {
		tool = new(Tool)
	}
	return New(tool, s.Takes), nil
}

// Output keeps a [Tool] up to date.
type Output struct {
	tool  *Tool
	takes Takes
}

// New returns an output to the tool.
func New(tool *Tool, takes Takes) *Output { return &Output{tool: tool, takes: takes} }

// Deliver implements [outputs.Output].
func (o *Output) Deliver(ctx context.Context, d outputs.Delivery) (outputs.Receipt, error) {
	if err := o.tool.begin(ctx); err != nil {
		return outputs.Receipt{}, fmt.Errorf("delivering to memory: %w", err)
	}
	written, refused, err := o.bring(ctx, d)
	if err != nil {
		return outputs.Receipt{}, fmt.Errorf("delivering to memory: %w", err)
	}
	receipt := outputs.Receipt{Written: written, Held: o.tool.count(), Where: "memory"}
	if len(refused) > 0 {
		return receipt, &outputs.PartialError{Refused: refused}
	}
	return receipt, nil
}

func (o *Output) bring(ctx context.Context, d outputs.Delivery) (int, []outputs.Refusal, error) {
	if o.takes == Lists {
		entries, err := collect(ctx, d.All(outputs.InFull))
		if err != nil {
			return 0, nil, err
		}
		written, refused := o.tool.replace(entries)
		return written, refused, nil
	}
	changes, err := collect(ctx, d.Changes)
	if err != nil {
		return 0, nil, err
	}
	written, refused := o.tool.apply(changes)
	return written, refused, nil
}

// collect reads a sequence to its end, or to the end of ctx.
func collect[T any](ctx context.Context, sequence func(func(T, error) bool)) ([]T, error) {
	var items []T
	for item, err := range sequence {
		if err := errors.Join(err, ctx.Err()); err != nil {
			return nil, err
		}
		items = append(items, item)
	}
	return items, nil
}

// Verify implements [outputs.Verifier]. An entry of another sequence than the
// view's counts as changed.
func (o *Output) Verify(ctx context.Context, d outputs.Delivery) (outputs.Difference, error) {
	wanted, err := collect(ctx, d.All(outputs.InFull))
	if err != nil {
		return outputs.Difference{}, fmt.Errorf("reading memory back: %w", err)
	}
	diff := outputs.Difference{Wanted: len(wanted), Present: o.tool.count()}
	extra := make(map[indicator.Key]bool)
	for _, k := range o.tool.Keys() {
		extra[k] = true
	}
	for _, e := range wanted {
		switch held, ok := o.tool.Entry(e.Key); {
		case !ok:
			diff.Missing = append(diff.Missing, e.Key)
		case held.Sequence != e.Sequence && e.Sequence != 0: // it says less of what is to change anyway
			diff.Changed = append(diff.Changed, e.Key)
		}
		delete(extra, e.Key)
	}
	for _, k := range o.tool.Keys() {
		if extra[k] {
			diff.Extra = append(diff.Extra, k)
		}
	}
	return diff, nil
}

// Probe implements [outputs.Prober].
func (o *Output) Probe(context.Context) (string, error) {
	return fmt.Sprintf("a tool in memory with %d entries", o.tool.count()), nil
}

var (
	_ outputs.Output   = (*Output)(nil)
	_ outputs.Verifier = (*Output)(nil)
	_ outputs.Prober   = (*Output)(nil)
)
