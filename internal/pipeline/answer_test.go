package pipeline_test

import (
	"context"
	"errors"
	"testing"

	"github.com/indicatord/indicatord/internal/indicator"
	"github.com/indicatord/indicatord/internal/pipeline"
	"github.com/indicatord/indicatord/internal/policy"
	"github.com/indicatord/indicatord/outputs"
	"github.com/indicatord/indicatord/outputs/memory"
)

// silent is an output whose tool takes everything, and whose answers get lost.
type silent struct{ outputs.Output }

var errNoAnswer = errors.New("the answer is lost")

func (s silent) Deliver(ctx context.Context, d outputs.Delivery) (outputs.Receipt, error) {
	_, err := s.Output.Deliver(ctx, d)
	return outputs.Receipt{}, errors.Join(err, errNoAnswer)
}

// loseAnswer delivers once, and the tool's answer gets lost.
func loseAnswer(t *testing.T, d *pipeline.Deliverer) {
	t.Helper()
	output := d.Output
	d.Output = silent{output}
	if counts, err := d.Deliver(t.Context()); !errors.Is(err, errNoAnswer) || counts.Changed() {
		t.Errorf("counted %+v, %v, want that the answer is lost", counts, err)
	}
	d.Output = output
}

// TestWhatWasAddedWithoutAnAnswer is in no ledger, and leaves the tool all the
// same when it leaves the view.
func TestWhatWasAddedWithoutAnAnswer(t *testing.T) {
	bothWays(t, func(t *testing.T, takes memory.Takes) {
		s, tool := newSite(t), new(memory.Tool)
		d := s.deliverer(tool, takes, policy.Select{})
		s.hub.Put(indicatorOf("1", 1, "a.example"), indicatorOf("2", 1, "b.example"))
		s.pull()
		loseAnswer(t, d)
		wantTool(t, tool, "a.example", "b.example")
		s.hub.Withdraw("indicator--1")
		s.pull()
		wantCounts(t, s.deliver(d), 1, 0, 1)
		wantTool(t, tool, "b.example")
		wantCounts(t, s.deliver(d), 0, 0, 0)
	})
}

// TestWhatWasRemovedWithoutAnAnswer is in the ledger, and comes again when it
// comes back into the view, although the ledger has it as it is.
func TestWhatWasRemovedWithoutAnAnswer(t *testing.T) {
	bothWays(t, func(t *testing.T, takes memory.Takes) {
		s, tool := newSite(t), new(memory.Tool)
		d := s.deliverer(tool, takes, policy.Select{})
		s.hub.Put(indicatorOf("1", 1, "a.example"))
		s.pull()
		wantCounts(t, s.deliver(d), 1, 0, 0)
		d.Policy.Select.Kinds = []indicator.Kind{indicator.URL}
		loseAnswer(t, d)
		wantTool(t, tool)
		d.Policy.Select.Kinds = nil
		wantCounts(t, s.deliver(d), 0, 1, 0)
		wantTool(t, tool, "a.example")
	})
}
