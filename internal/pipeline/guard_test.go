package pipeline_test

import (
	"context"
	"fmt"
	"iter"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/indicatord/indicatord/internal/indicator"
	"github.com/indicatord/indicatord/internal/pipeline"
	"github.com/indicatord/indicatord/internal/policy"
	"github.com/indicatord/indicatord/internal/policy/guard"
	"github.com/indicatord/indicatord/outputs"
	"github.com/indicatord/indicatord/outputs/memory"
)

// protecting is a set of addresses and domains that must not be blocked.
func protecting(values ...string) *guard.Set {
	list := &guard.List{Name: "of a test"}
	rules := func(yield func(guard.Rule) bool) {
		for _, value := range values {
			kind := indicator.Domain
			if value[0] >= '0' && value[0] <= '9' {
				kind = indicator.IP
			}
			if !yield(guard.Rule{Key: indicator.Key{Kind: kind, Value: value}, Reason: "a test", List: list}) {
				return
			}
		}
	}
	return guard.Compile(rules, guard.Options{})
}

// guarded delivers lists to a tool that enforces.
func (s *site) guarded(tool *memory.Tool, takes memory.Takes, set *guard.Set) *pipeline.Deliverer {
	d := s.deliverer(tool, takes, policy.Select{})
	d.Policy.Enforcing, d.Policy.Guard = true, set
	return d
}

// TestWhatIsProtectedIsNeverEnforced, in lists of keys and in lists in full.
func TestWhatIsProtectedIsNeverEnforced(t *testing.T) {
	for name, detail := range map[string]outputs.Detail{"by their keys": outputs.KeysOnly, "in full": outputs.InFull} {
		t.Run(name, func(t *testing.T) {
			s, tool := newSite(t), new(memory.Tool)
			s.hub.Put(
				prefixOf("1", "8.8.8.8"), prefixOf("2", "45.9.148.0/30"), prefixOf("3", "45.9.148.2"), prefixOf("4", "45.9.149.7"), prefixOf("0", "45.9.148.0"),
				indicatorOf("5", 1, "hub.example", "bad.example"))
			s.pull()
			d := s.guarded(tool, memory.Lists, protecting("8.8.8.8", "45.9.148.1", "hub.example"))
			d.Output = withDetail{d.Output, detail}
			s.deliver(d)
			wantTool(t, tool, "45.9.148.0", "45.9.148.2/31", "45.9.148.2", "45.9.149.7", "bad.example")
			wantCounts(t, s.deliver(d), 0, 0, 0)

			d.Policy.Guard = protecting("8.8.8.8", "45.9.149.7")
			s.deliver(d)
			wantTool(t, tool, "45.9.148.0/30", "45.9.148.0", "45.9.148.2", "bad.example", "hub.example")
		})
	}
}

// prefixOf is an indicator for an address or a prefix.
func prefixOf(id, value string) []byte {
	return []byte(`{"type": "indicator", "spec_version": "2.1", "id": "indicator--p` + id + `", "modified": "2026-05-01T00:00:00Z",
		"valid_from": "2026-05-01T00:00:00Z", "pattern_type": "stix", "pattern": "[ipv4-addr:value = '` + value + `']"}`)
}

// TestWhatIsProtectedIsShownWithItsReason where nothing is enforced.
func TestWhatIsProtectedIsShownWithItsReason(t *testing.T) {
	s, tool := newSite(t), new(memory.Tool)
	s.hub.Put(prefixOf("1", "8.8.8.8"), prefixOf("2", "45.9.149.7"))
	s.pull()
	d := s.deliverer(tool, memory.Changes, policy.Select{})
	d.Policy.Guard = protecting("8.8.8.8")
	s.deliver(d)
	for value, want := range map[string]string{"8.8.8.8": "8.8.8.8 (a test), list of a test is protected", "45.9.149.7": ""} {
		e, held := tool.Entry(indicator.Key{Kind: indicator.IP, Value: value})
		if diff := cmp.Diff(want, e.Protected); !held || diff != "" {
			t.Errorf("%s is held %t (-want +got):\n%s", value, held, diff)
		}
	}
}

// TestWhatIsKeptIsGuardedToo: in a freeze the tool keeps what it has, but not
// what has become protected meanwhile.
func TestWhatIsKeptIsGuardedToo(t *testing.T) {
	s, tool := newSite(t), new(memory.Tool)
	s.hub.Put(prefixOf("1", "45.9.148.0/30"), prefixOf("2", "45.9.149.7"), prefixOf("3", "45.9.149.8"))
	s.pull()
	d := s.guarded(tool, memory.Lists, protecting("8.8.8.8"))
	s.deliver(d)
	d.Mode = func(time.Time) pipeline.Mode { return pipeline.OwnOnly }
	d.Policy.Guard = protecting("45.9.148.1", "45.9.149.7")
	s.say("x.example", true)
	s.deliver(d)
	got := toolValues(tool)
	if slices.Contains(got, "45.9.149.7") || slices.Contains(got, "45.9.148.0/30") || !slices.Contains(got, "45.9.149.8") {
		t.Errorf("the tool holds %q", got)
	}
}

// TestShrunkPrefixesCountAsRemoved in the budget.
func TestShrunkPrefixesCountAsRemoved(t *testing.T) {
	s, tool := newSite(t), new(memory.Tool)
	var protected []string
	for i := range 30 {
		s.hub.Put(prefixOf(fmt.Sprint("many", i), fmt.Sprintf("45.9.%d.0/24", i)))
		protected = append(protected, fmt.Sprintf("45.9.%d.7", i))
	}
	s.pull()
	d := s.guarded(tool, memory.Lists, protecting("8.8.8.8"))
	d.Budget = fifth
	s.deliver(d)
	d.Policy.Guard = protecting(protected...)
	held := wantWaiting(t, d, 0, 0)
	if held.Change.Shrunk != 30 {
		t.Errorf("held is %+v, want 30 shrunk", held.Change)
	}
}

// withDetail is an output whose lists need that much of each entry.
type withDetail struct {
	outputs.Output
	detail outputs.Detail
}

func (w withDetail) Deliver(ctx context.Context, d outputs.Delivery) (outputs.Receipt, error) {
	all := d.All
	d.All = func(outputs.Detail) iter.Seq2[indicator.Entry, error] { return all(w.detail) }
	return w.Output.Deliver(ctx, d)
}
