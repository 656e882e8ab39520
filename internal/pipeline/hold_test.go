package pipeline_test

import (
	"errors"
	"slices"
	"testing"

	"github.com/indicatord/indicatord/internal/indicator"
	"github.com/indicatord/indicatord/internal/pipeline"
	"github.com/indicatord/indicatord/internal/policy"
	"github.com/indicatord/indicatord/outputs/memory"
)

// TestAnEmptyViewWaitsForTheFirstPull: the state is lost, or a connector has
// another name, and the hub is away. The tool keeps what it has.
func TestAnEmptyViewWaitsForTheFirstPull(t *testing.T) {
	for _, takes := range []memory.Takes{memory.Changes, memory.Lists} {
		s := newSite(t)
		tool := new(memory.Tool)
		s.hub.Put(indicatorOf("1", 1, "a.example"))
		s.pull()
		d := s.deliverer(tool, takes, policy.Select{})
		d.HoldEmpty = true
		if _, err := d.Deliver(t.Context()); err != nil {
			t.Fatalf("%s: %v", takes, err)
		}
		held := tool.Keys()

		d.Policy.Connectors = []string{"another-name"}
		wantHeldBack(t, d, "another-name")
		d.Policy.Connectors = nil
		wantHeldBack(t, d)
		lost := newSite(t)
		d = lost.deliverer(tool, takes, policy.Select{})
		d.HoldEmpty = true
		wantHeldBack(t, d, "hub")
		if !slices.Equal(tool.Keys(), held) {
			t.Errorf("%s: the tool has %v, want what it had", takes, tool.Keys())
		}

		lost.hub.Put(indicatorOf("2", 1, "b.example"))
		lost.pull()
		if _, err := d.Deliver(t.Context()); err != nil || !slices.Contains(tool.Keys(), indicator.Key{Kind: indicator.Domain, Value: "b.example"}) {
			t.Errorf("%s: after the first pull the tool has %v, %v", takes, tool.Keys(), err)
		}
	}
}

// TestAnEmptyHubIsBelievedOnceItWasPulled.
func TestAnEmptyHubIsBelievedOnceItWasPulled(t *testing.T) {
	s := newSite(t)
	s.pull()
	d := s.deliverer(new(memory.Tool), memory.Lists, policy.Select{})
	d.HoldEmpty = true
	if _, err := d.Deliver(t.Context()); err != nil {
		t.Error(err)
	}
}

func wantHeldBack(t *testing.T, d *pipeline.Deliverer, connectors ...string) {
	t.Helper()
	_, err := d.Deliver(t.Context())
	empty, ok := errors.AsType[*pipeline.EmptyError](err)
	if !ok || !slices.Equal(empty.Connectors, connectors) {
		t.Errorf("delivered with %v, want that it waits for %v", err, connectors)
	}
}
