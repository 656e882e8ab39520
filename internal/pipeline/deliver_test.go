package pipeline_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/indicatord/indicatord/internal/indicator"
	"github.com/indicatord/indicatord/internal/pipeline"
	"github.com/indicatord/indicatord/internal/policy"
	"github.com/indicatord/indicatord/internal/store"
	"github.com/indicatord/indicatord/outputs"
	"github.com/indicatord/indicatord/outputs/memory"
)

// bothWays runs a test with an output of changes and one of whole lists.
func bothWays(t *testing.T, test func(*testing.T, memory.Takes)) {
	for _, takes := range []memory.Takes{memory.Changes, memory.Lists} {
		t.Run(string(takes), func(t *testing.T) { test(t, takes) })
	}
}

func wantTool(t *testing.T, tool *memory.Tool, want ...string) {
	t.Helper()
	if diff := cmp.Diff(want, toolValues(tool)); diff != "" {
		t.Errorf("the tool holds (-want +got):\n%s", diff)
	}
}

// wantCounts compares how many entries were added, updated and removed.
func wantCounts(t *testing.T, got pipeline.DeliveryCounts, added, updated, removed int) {
	t.Helper()
	if got.Added != added || got.Updated != updated || got.Removed != removed {
		t.Errorf("counted %+v, want %d added, %d updated, %d removed", got, added, updated, removed)
	}
}

func TestDeliver(t *testing.T) {
	bothWays(t, func(t *testing.T, takes memory.Takes) {
		s, tool := newSite(t), new(memory.Tool)
		d := s.deliverer(tool, takes, policy.Select{})
		wantCounts(t, s.deliver(d), 0, 0, 0)
		s.hub.Put(indicatorOf("1", 1, "a.example", "b.example"), indicatorOf("2", 1, "b.example"), indicatorOf("3", 1, "c.example"))
		s.pull()
		counts := s.deliver(d)
		wantCounts(t, counts, 3, 0, 0)
		if counts.Held != 3 || counts.Written != 3 || counts.Where != "memory" || !counts.Changed() {
			t.Errorf("counted %+v", counts)
		}
		wantTool(t, tool, "a.example", "b.example", "c.example")

		s.hub.Put(indicatorOf("1", 2, "b.example"), indicatorOf("4", 1, "d.example"))
		s.pull()
		wantCounts(t, s.deliver(d), 1, 1, 1)
		wantTool(t, tool, "b.example", "c.example", "d.example")

		before := tool.Deliveries()
		counts = s.deliver(d)
		if counts.Changed() || tool.Deliveries() != before || counts.Held != -1 {
			t.Errorf("with nothing new it asked the tool %d times, %+v", tool.Deliveries()-before, counts)
		}
	})
}

// TestDeliverShowsTheEntryInFull, and of one that leaves only its key and why.
func TestDeliverShowsTheEntryInFull(t *testing.T) {
	s, tool := newSite(t), new(memory.Tool)
	d := s.deliverer(tool, memory.Changes, policy.Select{MinConfidence: 40})
	s.hub.Put(
		fact{id: "ends", version: 1, names: []string{"expired.example"}, confidence: 50, until: noon.Add(time.Hour)}.object(),
		indicatorOf("goes", 1, "withdrawn.example"), indicatorOf("revoked", 1, "revoked.example"),
		indicatorOf("weak", 1, "confidence.example"), indicatorOf("changes", 1, "superseded.example"), indicatorOf("stays", 1, "stays.example"))
	s.pull()
	s.deliver(d)
	e, _ := tool.Entry(indicator.Key{Kind: indicator.Domain, Value: "stays.example"})
	if len(e.Assertions) != 1 || e.Assertions[0].Object == nil || e.Assertions[0].Object.ID != "indicator--stays" || e.Sequence == 0 || !e.FirstSeen.Equal(noon) {
		t.Errorf("the tool was shown %+v", e)
	}
	s.now = noon.Add(2 * time.Hour)
	s.hub.Withdraw("indicator--goes")
	s.hub.Put(fact{id: "revoked", version: 2, names: []string{"revoked.example"}, revoked: true}.object(),
		fact{id: "weak", version: 2, names: []string{"confidence.example"}, confidence: 10}.object(), indicatorOf("changes", 2, "other.example"))
	s.pull()
	s.sweep()
	added := len(tool.Changes())
	wantCounts(t, s.deliver(d), 1, 0, 5)
	for _, change := range tool.Changes()[added:] {
		value := change.Entry.Key.Value
		switch {
		case value == "other.example":
			if change.Op != outputs.Add || change.Reason != "" {
				t.Errorf("%s: %s because %q", value, change.Op, change.Reason)
			}
		case change.Op != outputs.Remove || change.Reason+".example" != value || change.Entry.Sequence == 0 || change.Entry.Assertions != nil:
			t.Errorf("%s: %s because %q, %+v", value, change.Op, change.Reason, change.Entry)
		}
	}
	wantTool(t, tool, "other.example", "stays.example")
}

// TestToolIsAway: the ledger stays where it is, and everything is offered again,
// by a new process too.
func TestToolIsAway(t *testing.T) {
	bothWays(t, func(t *testing.T, takes memory.Takes) {
		s, tool := newSite(t), new(memory.Tool)
		d := s.deliverer(tool, takes, policy.Select{})
		s.hub.Put(indicatorOf("1", 1, "a.example"), indicatorOf("2", 1, "b.example"))
		s.pull()
		s.deliver(d)
		s.hub.Put(indicatorOf("1", 2, "c.example"))
		s.pull()
		away := errors.New("the tool is away")
		tool.Fail(away, away)
		for range 2 {
			counts, err := d.Deliver(t.Context())
			if !errors.Is(err, away) || counts.Changed() || counts.Held != -1 {
				t.Errorf("counted %+v, %v", counts, err)
			}
			s.restart()
			d = s.deliverer(tool, takes, policy.Select{})
		}
		wantTool(t, tool, "a.example", "b.example")
		wantCounts(t, s.deliver(d), 1, 0, 1)
		wantTool(t, tool, "b.example", "c.example")
	})
}

// TestEveryStartAsksTheTool, even where nothing has changed: it may have.
func TestEveryStartAsksTheTool(t *testing.T) {
	bothWays(t, func(t *testing.T, takes memory.Takes) {
		s, tool := newSite(t), new(memory.Tool)
		s.hub.Put(indicatorOf("1", 1, "a.example"))
		s.pull()
		for range 3 {
			before := tool.Deliveries()
			seen := &firsts{Output: memory.New(tool, takes)}
			d := s.deliverer(tool, takes, policy.Select{})
			d.Output = seen
			s.deliver(d)
			s.deliver(d)
			if got := tool.Deliveries() - before; got != 1 || !slices.Equal(seen.first, []bool{true}) {
				t.Errorf("the tool was asked %d times, first: %v", got, seen.first)
			}
			s.hub.Put(indicatorOf("2", before+1, "b.example"))
			s.pull()
			s.deliver(d)
			d.StartOver()
			s.deliver(d)
			if !slices.Equal(seen.first, []bool{true, false, true}) {
				t.Errorf("first: %v", seen.first)
			}
		}
	})
}

// TestListsHealATool that has lost what it held.
func TestListsHealATool(t *testing.T) {
	s, tool := newSite(t), new(memory.Tool)
	s.hub.Put(indicatorOf("1", 1, "a.example"), indicatorOf("2", 1, "b.example"))
	s.pull()
	s.deliver(s.deliverer(tool, memory.Lists, policy.Select{}))
	tool.Clear()
	s.deliver(s.deliverer(tool, memory.Lists, policy.Select{}))
	wantTool(t, tool, "a.example", "b.example")
}

// refuse makes a tool refuse some values.
func refuse(tool *memory.Tool, final bool, values ...string) {
	tool.Refuse(func(e indicator.Entry) *outputs.Refusal {
		if slices.Contains(values, e.Key.Value) {
			return &outputs.Refusal{Reason: "not this one", Final: final}
		}
		return nil
	})
}

// TestRefusedForGood is quarantined until it changes. A list holds it all the
// same, so that its tool may take it one day.
func TestRefusedForGood(t *testing.T) {
	bothWays(t, func(t *testing.T, takes memory.Takes) {
		s, tool := newSite(t), new(memory.Tool)
		d := s.deliverer(tool, takes, policy.Select{})
		refuse(tool, true, "a.example")
		s.hub.Put(indicatorOf("1", 1, "a.example"), indicatorOf("2", 1, "b.example"))
		s.pull()
		counts := s.deliver(d)
		wantCounts(t, counts, 1, 0, 0)
		if counts.Refused != 1 || counts.Pending != 0 {
			t.Errorf("counted %+v", counts)
		}
		wantTool(t, tool, "b.example")
		wantHoldings(t, s, "a.example", "not this one")

		before := tool.Deliveries()
		s.deliver(d)
		if tool.Deliveries() != before {
			t.Error("what was refused for good was offered again")
		}
		tool.Mend()
		s.hub.Put(indicatorOf("3", 1, "c.example"))
		s.pull()
		s.deliver(d)
		if takes == memory.Lists {
			wantTool(t, tool, "a.example", "b.example", "c.example")
			wantHoldings(t, s, "a.example", "")
			return
		}
		wantTool(t, tool, "b.example", "c.example")
		s.hub.Put(indicatorOf("1", 2, "a.example"))
		s.pull()
		wantCounts(t, s.deliver(d), 1, 0, 0)
		wantTool(t, tool, "a.example", "b.example", "c.example")
		wantHoldings(t, s, "a.example", "")
	})
}

func wantHoldings(t *testing.T, s *site, value, refused string) {
	t.Helper()
	found, err := s.store.Find(t.Context(), []indicator.Key{{Kind: indicator.Domain, Value: value}})
	if err != nil || len(found) != 1 {
		t.Fatalf("found %v, %v", found, err)
	}
	holdings, err := s.store.Holdings(t.Context(), found[0].ID)
	want := []store.Holding{{Output: "tool", Since: s.now, Refused: refused}}
	if diff := cmp.Diff(want, holdings); diff != "" || err != nil {
		t.Errorf("%s is held: %v (-want +got):\n%s", value, err, diff)
	}
}

// TestRefusedUpdateLeavesTheOld in the tool, which is taken away when it ends.
func TestRefusedUpdateLeavesTheOld(t *testing.T) {
	s, tool := newSite(t), new(memory.Tool)
	d := s.deliverer(tool, memory.Changes, policy.Select{})
	s.hub.Put(indicatorOf("1", 1, "a.example"))
	s.pull()
	s.deliver(d)
	refuse(tool, true, "a.example")
	s.hub.Put(indicatorOf("1", 2, "a.example"))
	s.pull()
	if counts := s.deliver(d); counts.Refused != 1 || counts.Changed() {
		t.Errorf("counted %+v", counts)
	}
	s.hub.Withdraw("indicator--1")
	s.pull()
	wantCounts(t, s.deliver(d), 0, 0, 1)
	wantTool(t, tool)
}

// TestRefusedForNow is offered again, and holds up nothing else.
func TestRefusedForNow(t *testing.T) {
	bothWays(t, func(t *testing.T, takes memory.Takes) {
		s, tool := newSite(t), new(memory.Tool)
		d := s.deliverer(tool, takes, policy.Select{})
		refuse(tool, false, "a.example")
		s.hub.Put(indicatorOf("1", 1, "a.example"), indicatorOf("2", 1, "b.example"))
		s.pull()
		for round := range 2 {
			counts, err := d.Deliver(t.Context())
			var partial *outputs.PartialError
			if !errors.As(err, &partial) || counts.Pending != 1 || counts.Refused != 0 || !strings.Contains(err.Error(), "all but 1 ") {
				t.Errorf("round %d: %+v, %v", round, counts, err)
			}
			wantTool(t, tool, "b.example")
			if p, err := s.store.Progress(t.Context(), "tool"); p.Sequence != 0 || err != nil {
				t.Errorf("the output has come to %+v, %v", p, err)
			}
		}
		tool.Mend()
		wantCounts(t, s.deliver(d), 1, 0, 0)
		wantTool(t, tool, "a.example", "b.example")
	})
}

// TestListRefusesWhatItHeld: a list takes the place of the one before, so what is
// refused now is gone from the tool, and is offered until it is back.
func TestListRefusesWhatItHeld(t *testing.T) {
	s, tool := newSite(t), new(memory.Tool)
	d := s.deliverer(tool, memory.Lists, policy.Select{})
	s.hub.Put(indicatorOf("1", 1, "a.example"), indicatorOf("2", 1, "b.example"))
	s.pull()
	s.deliver(d)
	for _, final := range []bool{false, true} {
		refuse(tool, final, "a.example")
		s.hub.Put(indicatorOf("2", 2+tool.Deliveries(), "b.example"))
		s.pull()
		counts, err := d.Deliver(t.Context())
		if (err == nil) != final || counts.Pending+counts.Refused != 1 || counts.Updated != 1 {
			t.Errorf("final %v: %+v, %v", final, counts, err)
		}
		wantTool(t, tool, "b.example")
		tool.Mend()
		if final {
			s.hub.Put(indicatorOf("3", 1, "c.example"))
			s.pull()
		}
		s.deliver(d)
		if _, held := tool.Entry(indicator.Key{Kind: indicator.Domain, Value: "a.example"}); !held {
			t.Errorf("final %v: it is not back", final)
		}
		wantHoldings(t, s, "a.example", "")
	}
}

// TestManyChangesAreDeliveredInPortions. One that is refused or lost costs the
// others nothing.
func TestManyChangesAreDeliveredInPortions(t *testing.T) {
	const many = 24_000
	s, tool := newSite(t), new(memory.Tool)
	fillStore(t, s, many)
	d := s.deliverer(tool, memory.Changes, policy.Select{})
	refuse(tool, false, "d5.example")
	tool.Fail(nil, nil, errors.New("the tool is away"))
	counts, err := d.Deliver(t.Context())
	if err == nil || counts.Added != 19_999 || len(tool.Keys()) != 19_999 || tool.Deliveries() != 3 {
		t.Errorf("counted %+v, %v, in %d deliveries", counts, err, tool.Deliveries())
	}
	counts, err = d.Deliver(t.Context())
	if err == nil || counts.Added != 4000 || counts.Pending != 1 || len(tool.Keys()) != many-1 || tool.Deliveries() != 4 {
		t.Errorf("counted %+v, %v, in %d deliveries", counts, err, tool.Deliveries())
	}
	tool.Mend()
	wantCounts(t, s.deliver(d), 1, 0, 0)

	lists := new(memory.Tool)
	other := s.deliverer(lists, memory.Lists, policy.Select{})
	other.Name = "lists"
	wantCounts(t, s.deliver(other), many, 0, 0)
	if !slices.Equal(lists.Keys(), tool.Keys()) || lists.Deliveries() != 1 {
		t.Errorf("the list holds %d entries after %d deliveries", len(lists.Keys()), lists.Deliveries())
	}
}

// fillStore stores objects that name a domain each, without a pull.
func fillStore(t *testing.T, s *site, n int) {
	t.Helper()
	b := store.Batch{Source: "hub", Derivation: "by hand", Now: noon}
	for i := range n {
		b.Objects = append(b.Objects, store.Object{ID: fmt.Sprint(i), Version: noon, Assertions: []store.Assertion{{
			Key: indicator.Key{Kind: indicator.Domain, Value: fmt.Sprintf("d%d.example", i)},
		}}})
	}
	if _, err := s.store.Apply(t.Context(), b); err != nil {
		t.Fatal(err)
	}
}

// TestPolicyChanges: the view changes with it, and nothing is pulled again.
func TestPolicyChanges(t *testing.T) {
	bothWays(t, func(t *testing.T, takes memory.Takes) {
		s, tool := newSite(t), new(memory.Tool)
		for i, confidence := range []int{10, 50, 90} {
			s.hub.Put(fact{id: fmt.Sprint(i), version: 1, names: []string{fmt.Sprintf("at%d.example", confidence)}, confidence: confidence}.object())
		}
		s.pull()
		for _, c := range []struct {
			selection               policy.Select
			want                    []string
			added, updated, removed int
		}{
			{policy.Select{MinConfidence: 50}, []string{"at50.example", "at90.example"}, 2, 0, 0},
			{policy.Select{MinConfidence: 90}, []string{"at90.example"}, 0, 0, 1},
			{policy.Select{}, []string{"at10.example", "at50.example", "at90.example"}, 2, 0, 0},
			{policy.Select{Kinds: []indicator.Kind{indicator.IP}}, nil, 0, 0, 3},
			{policy.Select{Kinds: []indicator.Kind{indicator.Domain}, MinConfidence: 60}, []string{"at90.example"}, 1, 0, 0},
		} {
			counts := s.deliver(s.deliverer(tool, takes, c.selection))
			wantCounts(t, counts, c.added, c.updated, c.removed)
			wantTool(t, tool, c.want...)
		}
	})
}

// TestPolicyChangesThatBreakOff: what a view that was not finished has left in
// the tool is taken away by the next, also by the one before it.
func TestPolicyChangesThatBreakOff(t *testing.T) {
	domains, urls := policy.Select{Kinds: []indicator.Kind{indicator.Domain}}, policy.Select{Kinds: []indicator.Kind{indicator.URL}}
	for _, c := range []struct {
		name  string
		steps []policy.Select // all but the last break off
	}{
		{"at the first view", []policy.Select{domains, urls}},
		{"back to the view before", []policy.Select{urls, domains, urls}},
		{"to a third view", []policy.Select{urls, domains, {Kinds: []indicator.Kind{indicator.IP, indicator.URL}}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			s, tool := newSite(t), new(memory.Tool)
			fillStore(t, s, 12_000)
			for i, selection := range c.steps {
				if i < len(c.steps)-1 && len(selection.Kinds) == 1 && selection.Kinds[0] == indicator.Domain {
					tool.Fail(nil, errors.New("the tool is away"))
				}
				_, err := s.deliverer(tool, memory.Changes, selection).Deliver(t.Context())
				if selection.Kinds[0] == indicator.Domain && (err == nil || len(tool.Keys()) != 10_000) {
					t.Fatalf("the tool holds %d entries, %v", len(tool.Keys()), err)
				}
			}
			wantTool(t, tool)
		})
	}
}

// TestTimePasses: an entry comes when it begins and goes when it ends, with no
// pull in between.
func TestTimePasses(t *testing.T) {
	bothWays(t, func(t *testing.T, takes memory.Takes) {
		s, tool := newSite(t), new(memory.Tool)
		d := s.deliverer(tool, takes, policy.Select{})
		s.hub.Put(fact{id: "1", version: 1, names: []string{"a.example"}, from: noon.Add(time.Hour), until: noon.Add(3 * time.Hour)}.object(),
			fact{id: "2", version: 1, names: []string{"a.example"}, from: noon.Add(2 * time.Hour), until: noon.Add(4 * time.Hour)}.object())
		s.pull()
		for hours, counts := range [][3]int{{}, {1, 0, 0}, {0, 1, 0}, {0, 1, 0}, {0, 0, 1}, {}} {
			s.now = noon.Add(time.Duration(hours) * time.Hour)
			s.sweep()
			wantCounts(t, s.deliver(d), counts[0], counts[1], counts[2])
			if held := len(tool.Keys()) > 0; held != (hours >= 1 && hours < 4) {
				t.Errorf("after %d hours the tool holds it is %v", hours, held)
			}
		}
	})
}

// TestClockRanAhead: entries that it ended come back when it is set right.
func TestClockRanAhead(t *testing.T) {
	bothWays(t, func(t *testing.T, takes memory.Takes) {
		s, tool := newSite(t), new(memory.Tool)
		d := s.deliverer(tool, takes, policy.Select{})
		s.hub.Put(fact{id: "1", version: 1, names: []string{"a.example"}, until: noon.AddDate(0, 0, 30)}.object())
		s.pull()
		s.deliver(d)
		for _, at := range []time.Time{noon.AddDate(4, 0, 0), noon} {
			s.now = at
			s.sweep()
			s.deliver(d)
			if held := len(tool.Keys()) == 1; held != at.Equal(noon) {
				t.Errorf("at %s the tool holds it is %v", at, held)
			}
		}
	})
}

// TestViewIsInOrder of the keys, whatever the order of their coming.
func TestViewIsInOrder(t *testing.T) {
	s := newSite(t)
	b := store.Batch{Source: "hub", Derivation: "by hand", Now: noon}
	keys := []indicator.Key{
		{Kind: indicator.IP, Value: "9.0.0.0/8"}, {Kind: indicator.IP, Value: "9.0.0.0"}, {Kind: indicator.IP, Value: "10.0.0.1"},
		{Kind: indicator.IP, Value: "100.0.0.0/24"}, {Kind: indicator.IP, Value: "2001:db8::/32"}, {Kind: indicator.IP, Value: "2001:db8::1"},
		{Kind: indicator.Domain, Value: "a.example"}, {Kind: indicator.Domain, Value: "b.example"}, {Kind: indicator.URL, Value: "http://a.example/"},
	}
	for i := range keys {
		k := keys[(i*4+5)%len(keys)]
		b.Objects = append(b.Objects, store.Object{ID: k.Value, Version: noon, Text: []byte(`{"id":"` + k.Value + `"}`), Assertions: []store.Assertion{{Key: k}}})
	}
	if _, err := s.store.Apply(t.Context(), b); err != nil {
		t.Fatal(err)
	}
	v := pipeline.View{Store: s.store, Policy: policy.Policy{Connectors: []string{"hub"}}, Now: noon}
	var got []indicator.Key
	for e, err := range v.Entries(t.Context()) {
		if err != nil || e.Assertions[0].Object.ID != e.Key.Value || e.Sequence == 0 {
			t.Fatalf("%+v, %v", e, err)
		}
		got = append(got, e.Key)
	}
	if diff := cmp.Diff(keys, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	v.Policy.Select.Kinds = []indicator.Kind{indicator.Domain}
	if got := values(t, v.Entries(t.Context())); !slices.Equal(got, []string{"a.example", "b.example"}) {
		t.Errorf("of domains %q", got)
	}
}
