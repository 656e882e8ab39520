package pipeline_test

import (
	"context"

	"github.com/indicatord/indicatord/outputs"
)

// firsts notes which deliveries came as the first after a start.
type firsts struct {
	outputs.Output
	first []bool
}

func (f *firsts) Deliver(ctx context.Context, d outputs.Delivery) (outputs.Receipt, error) {
	f.first = append(f.first, d.First)
	return f.Output.Deliver(ctx, d)
}
