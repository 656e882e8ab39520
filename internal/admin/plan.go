package admin

import (
	"context"
	"iter"

	"github.com/indicatord/indicatord/internal/config"
	"github.com/indicatord/indicatord/internal/pipeline"
)

// Plan yields what the next delivery to an output would change, and changes
// nothing. With a selection, in the words of the configuration's select, it
// yields what would change if the output had that.
func (i Inspector) Plan(ctx context.Context, output, selection string) (iter.Seq2[pipeline.Planned, error], error) {
	o := i.findOutput(output)
	if o == nil {
		return nil, &UnknownNameError{Kind: "output", Name: output}
	}
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
	d := pipeline.Deliverer{Name: i.Config.LedgerOf(o), Policy: p, Store: i.Store, Now: i.Now}
	return d.Plan(ctx), nil
}
