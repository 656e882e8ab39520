package pipeline_test

import (
	"context"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/indicatord/indicatord/internal/indicator"
	"github.com/indicatord/indicatord/internal/pipeline"
	"github.com/indicatord/indicatord/internal/policy"
	"github.com/indicatord/indicatord/outputs"
	"github.com/indicatord/indicatord/outputs/memory"
)

func verify(t *testing.T, d *pipeline.Deliverer, repair bool) pipeline.Verification {
	t.Helper()
	v, err := d.Verify(t.Context(), repair)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// TestVerify: somebody takes one entry out of the tool and puts another in.
func TestVerify(t *testing.T) {
	bothWays(t, func(t *testing.T, takes memory.Takes) {
		s, tool := newSite(t), new(memory.Tool)
		d := s.deliverer(tool, takes, policy.Select{})
		s.publish("1", 1, hosts(0, 4))
		s.deliver(d)
		if v := verify(t, d, false); v.Drifted() || v.Wanted != 4 || v.Verified != 4 {
			t.Errorf("in order it finds %+v", v)
		}
		s.publish("1", 2, hosts(1, 4))
		if v := verify(t, d, false); v.Drifted() {
			t.Errorf("with news that were not delivered yet it finds %+v", v)
		}
		s.deliver(d)

		tool.Drop(indicator.Key{Kind: indicator.Domain, Value: "h0002.example"})
		tool.Plant(indicator.Entry{Key: indicator.Key{Kind: indicator.Domain, Value: "h0000.example"}, Sequence: 1})
		want := pipeline.Verification{Wanted: 4, Verified: 3, Missing: 1, Extra: 1,
			Examples: []string{"missing: domain h0002.example", "extra: domain h0000.example"}}
		if diff := cmp.Diff(want, verify(t, d, false)); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
		s.deliver(d)
		if v := verify(t, d, true); !v.Repaired || v.Missing != 1 {
			t.Errorf("to repair it finds %+v", v)
		}
		s.deliver(d)
		if v := verify(t, d, true); v.Drifted() || v.Repaired {
			t.Errorf("after the repair it finds %+v", v)
		}
		wantTool(t, tool, hosts(1, 4)...)
	})
}

// deaf is an output that cannot be read back.
type deaf struct{ outputs.Output }

func TestVerifyOfWhatCannotBeReadBack(t *testing.T) {
	s := newSite(t)
	d := s.deliverer(new(memory.Tool), memory.Lists, policy.Select{})
	d.Output = deaf{d.Output}
	if _, err := d.Verify(context.Background(), true); !errors.Is(err, pipeline.ErrCannotVerify) {
		t.Errorf("%v", err)
	}
}

// cleaner is a tool of changes that can be cleaned.
type cleaner struct {
	*memory.Output
	tool    *memory.Tool
	cleaned []indicator.Key
	err     error
}

func (c *cleaner) Clean(_ context.Context, extra []indicator.Key) error {
	c.cleaned = append(c.cleaned, extra...)
	for _, k := range extra {
		c.tool.Drop(k)
	}
	return c.err
}

// TestRepairCleansTheTool of what the store knows nothing of, and leaves the rest
// to the next delivery.
func TestRepairCleansTheTool(t *testing.T) {
	s, tool := newSite(t), new(memory.Tool)
	d := s.deliverer(tool, memory.Changes, policy.Select{})
	c := &cleaner{Output: memory.New(tool, memory.Changes), tool: tool}
	d.Output = c
	s.publish("1", 1, hosts(0, 4))
	s.deliver(d)
	s.publish("1", 2, hosts(1, 4))
	s.deliver(d)
	known, unknown := indicator.Key{Kind: indicator.Domain, Value: "h0000.example"}, indicator.Key{Kind: indicator.Domain, Value: "unheard-of.example"}
	tool.Plant(indicator.Entry{Key: known, Sequence: 1})
	tool.Plant(indicator.Entry{Key: unknown, Sequence: 1})
	if v := verify(t, d, false); v.Extra != 2 || len(c.cleaned) != 0 {
		t.Errorf("without a repair it finds %+v and cleans %v", v, c.cleaned)
	}
	verify(t, d, true)
	if diff := cmp.Diff([]indicator.Key{unknown}, c.cleaned); diff != "" {
		t.Errorf("cleaned (-want +got):\n%s", diff)
	}
	s.deliver(d)
	wantTool(t, tool, hosts(1, 4)...)
	if v := verify(t, d, true); v.Drifted() {
		t.Errorf("after the repair it finds %+v", v)
	}
	tool.Plant(indicator.Entry{Key: unknown, Sequence: 1})
	c.err = errors.New("the tool is away")
	if _, err := d.Verify(t.Context(), true); !errors.Is(err, c.err) {
		t.Errorf("err = %v, want %v", err, c.err)
	}
}
