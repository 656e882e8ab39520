package pipeline_test

import (
	"context"
	"testing"

	"github.com/indicatord/indicatord/internal/indicator"
	"github.com/indicatord/indicatord/internal/pipeline"
	"github.com/indicatord/indicatord/internal/policy"
	"github.com/indicatord/indicatord/outputs"
	"github.com/indicatord/indicatord/outputs/memory"
)

// fatal is an output during which the process dies: the tool takes what it is
// offered, and the store is never told.
type fatal struct {
	outputs.Output
	site *site
}

func (f fatal) Deliver(ctx context.Context, d outputs.Delivery) (outputs.Receipt, error) {
	receipt, err := f.Output.Deliver(ctx, d)
	if err := f.site.store.Close(); err != nil {
		f.site.tb.Error(err)
	}
	return receipt, err
}

// killAfterAnswer delivers once and kills the process between the tool's answer
// and the ledger, and returns the deliverer of the next process.
func (s *site) killAfterAnswer(d *pipeline.Deliverer) *pipeline.Deliverer {
	s.tb.Helper()
	next := &pipeline.Deliverer{Name: d.Name, Output: d.Output, Policy: d.Policy, Now: d.Now}
	d.Output = fatal{d.Output, s}
	if counts, err := d.Deliver(context.Background()); err == nil {
		s.tb.Errorf("counted %+v, want that the ledger cannot be written", counts)
	}
	s.open()
	s.puller.Store, next.Store = s.store, s.store
	return next
}

// TestKilledAfterAnAddition: what the tool took leaves it, although no ledger
// ever said that the tool has it.
func TestKilledAfterAnAddition(t *testing.T) {
	bothWays(t, func(t *testing.T, takes memory.Takes) {
		s, tool := newSite(t), new(memory.Tool)
		d := s.deliverer(tool, takes, policy.Select{})
		s.hub.Put(indicatorOf("1", 1, "a.example"), indicatorOf("2", 1, "b.example"))
		s.pull()
		d = s.killAfterAnswer(d)
		wantTool(t, tool, "a.example", "b.example")
		s.hub.Withdraw("indicator--1")
		s.pull()
		s.deliver(d)
		wantTool(t, tool, "b.example")
		wantCounts(t, s.deliver(d), 0, 0, 0)
	})
}

// TestKilledAfterARemoval: what the tool gave up comes back with the view,
// although the ledger says that the tool never lost it.
func TestKilledAfterARemoval(t *testing.T) {
	bothWays(t, func(t *testing.T, takes memory.Takes) {
		s, tool := newSite(t), new(memory.Tool)
		d := s.deliverer(tool, takes, policy.Select{})
		s.hub.Put(indicatorOf("1", 1, "a.example"), indicatorOf("2", 1, "b.example"))
		s.pull()
		s.deliver(d)
		d.Policy.Select.Kinds = []indicator.Kind{indicator.URL}
		d = s.killAfterAnswer(d)
		wantTool(t, tool)
		d.Policy.Select.Kinds = nil
		s.deliver(d)
		wantTool(t, tool, "a.example", "b.example")
	})
}

// TestAnsweredOffersAreNotDoubted: after an answer that moves nothing in the
// ledger, and where there was nothing left to offer, nothing is offered again.
func TestAnsweredOffersAreNotDoubted(t *testing.T) {
	s, tool := newSite(t), new(memory.Tool)
	d := s.deliverer(tool, memory.Changes, policy.Select{})
	tool.Refuse(func(e indicator.Entry) *outputs.Refusal { return &outputs.Refusal{Key: e.Key, Reason: "for now"} })
	s.hub.Put(indicatorOf("1", 1, "a.example"))
	s.pull()
	for range 2 {
		if counts, err := d.Deliver(t.Context()); err == nil || counts.Pending != 1 {
			t.Errorf("counted %+v, %v", counts, err)
		}
		if n, err := s.store.DoubtOffer(t.Context(), d.Name, s.now); n != 0 || err != nil {
			t.Errorf("%d entries are in doubt after an answer, %v", n, err)
		}
	}
}
