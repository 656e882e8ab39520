package admin

import (
	"context"
	"fmt"
	"iter"
	"log/slog"
	"path/filepath"

	"github.com/indicatord/indicatord/internal/config"
	"github.com/indicatord/indicatord/internal/pipeline"
	"github.com/indicatord/indicatord/internal/plugin"
	"github.com/indicatord/indicatord/outputs"
)

// Plan yields what the next delivery to an output would change, and changes
// nothing; "" stands for every output. With a selection, in the words of the
// configuration's select, it yields what would change if the output had that.
func (i Inspector) Plan(ctx context.Context, output, selection string) (iter.Seq2[pipeline.Planned, error], error) {
	if output == "" && selection == "" {
		return i.planAll(ctx), nil
	}
	o := i.findOutput(output)
	if o == nil {
		return nil, &UnknownNameError{Kind: "output", Name: output}
	}
	return i.planOne(ctx, o, selection)
}

// planAll yields the plans of all outputs, each line with its output.
func (i Inspector) planAll(ctx context.Context) iter.Seq2[pipeline.Planned, error] {
	return func(yield func(pipeline.Planned, error) bool) {
		for j := range i.Config.Outputs {
			o := &i.Config.Outputs[j]
			lines, err := i.planOne(ctx, o, "")
			if err != nil {
				yield(pipeline.Planned{}, err)
				return
			}
			for line, err := range lines {
				line.Output = o.Name
				if !yield(line, err) || err != nil {
					return
				}
			}
		}
	}
}

func (i Inspector) planOne(ctx context.Context, o *config.Output, selection string) (iter.Seq2[pipeline.Planned, error], error) {
	p, err := i.policy(ctx, o)
	if err != nil {
		return nil, err
	}
	if selection != "" {
		chosen, err := config.ParseSelect(selection)
		if err != nil {
			return nil, err
		}
		p.Select = chosen
	}
	tool, err := o.Settings.Open(i.envOf(o))
	if err != nil {
		return nil, fmt.Errorf("opening output %s: %w", o.Name, err)
	}
	d := pipeline.Deliverer{Name: i.Config.LedgerOf(o), Output: tool, Policy: p, Store: i.Store, Now: i.Now, Budget: BudgetOf(i.Config, o)}
	return func(yield func(pipeline.Planned, error) bool) {
		if closer, ok := tool.(outputs.Closer); ok {
			defer func() { _ = closer.Close() }() // nothing was sent
		}
		d.Plan(ctx)(yield)
	}, nil
}

// envOf is for a plugin that is asked and does nothing.
func (i Inspector) envOf(o *config.Output) plugin.Env {
	return plugin.Env{
		Site: i.Config.Site, Name: o.Name, Agent: "indicatord/" + i.Version,
		State: filepath.Join(i.Config.State, "outputs", o.Name), Lists: i.Config.ListsDirectory(), Log: slog.New(slog.DiscardHandler),
	}
}

// BudgetOf is what one delivery to an output may change unasked.
func BudgetOf(c *config.Config, o *config.Output) pipeline.Budget {
	b := pipeline.Budget{Most: o.MaxEntries}
	b.Added, b.Removed = bounds(&o.ChangeBudget)
	if !o.Spec.Enforcing {
		return b
	}
	b.Sources = map[string]pipeline.Share{}
	for i := range c.Connectors {
		var s pipeline.Share
		if s.Added, s.Removed = bounds(&c.Connectors[i].ChangeBudget); s.Added != nil || s.Removed != nil {
			b.Sources[c.Connectors[i].Name] = s
		}
	}
	return b
}

func bounds(b *config.ChangeBudget) (added, removed func(held int) int) {
	if b.Added != nil {
		added = b.Added.Of
	}
	if b.Removed != nil {
		removed = b.Removed.Of
	}
	return added, removed
}
