package pipeline_test

import (
	"context"
	"testing"

	"github.com/indicatord/indicatord/internal/policy"
	"github.com/indicatord/indicatord/outputs"
	"github.com/indicatord/indicatord/outputs/memory"
)

// doubtful is an output whose tool takes everything, and that is not done with any
// of it while open is set.
type doubtful struct {
	outputs.Output
	tool *memory.Tool
	open bool
}

func (d *doubtful) Deliver(ctx context.Context, delivery outputs.Delivery) (outputs.Receipt, error) {
	receipt, err := d.Output.Deliver(ctx, delivery)
	if err != nil || !d.open {
		return receipt, err
	}
	var partial outputs.PartialError
	for _, k := range d.tool.Keys() {
		partial.Refused = append(partial.Refused, outputs.Refusal{Key: k, Reason: "not done yet", Doubtful: true})
	}
	return receipt, &partial
}

// TestDoubtfulRefusals: what an output has to be offered again although its tool
// took it, leaves the tool with the view, and is offered until the output is done.
func TestDoubtfulRefusals(t *testing.T) {
	bothWays(t, func(t *testing.T, takes memory.Takes) {
		s, tool := newSite(t), new(memory.Tool)
		d := s.deliverer(tool, takes, policy.Select{})
		output := &doubtful{Output: d.Output, tool: tool, open: true}
		d.Output = output
		s.hub.Put(indicatorOf("1", 1, "a.example"), indicatorOf("2", 1, "b.example"))
		s.pull()
		for range 2 {
			if counts, err := d.Deliver(t.Context()); err == nil || counts.Pending != 2 {
				t.Errorf("counted %+v, %v; want two pending", counts, err)
			}
			wantTool(t, tool, "a.example", "b.example")
		}
		s.hub.Withdraw("indicator--1")
		s.pull()
		output.open = false
		s.deliver(d)
		wantTool(t, tool, "b.example")
		wantHoldings(t, s, "b.example", "")
		wantCounts(t, s.deliver(d), 0, 0, 0)
	})
}

// TestDoubtfulOfWhatHadBeenAccepted: a list that is not done with what it had
// accepted before is offered it again, and knows that it may be there.
func TestDoubtfulOfWhatHadBeenAccepted(t *testing.T) {
	s, tool := newSite(t), new(memory.Tool)
	d := s.deliverer(tool, memory.Lists, policy.Select{})
	output := &doubtful{Output: d.Output, tool: tool}
	d.Output = output
	s.hub.Put(indicatorOf("1", 1, "a.example"))
	s.pull()
	s.deliver(d)
	output.open = true
	s.hub.Put(indicatorOf("2", 1, "b.example"))
	s.pull()
	if counts, err := d.Deliver(t.Context()); err == nil || counts.Pending != 2 {
		t.Errorf("counted %+v, %v; want two pending", counts, err)
	}
	output.open = false
	counts := s.deliver(d)
	wantCounts(t, counts, 1, 1, 0)
}
