package pipeline_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	memoryhub "github.com/indicatord/indicatord/connectors/memory"
	"github.com/indicatord/indicatord/internal/indicator"
	"github.com/indicatord/indicatord/internal/pipeline"
	"github.com/indicatord/indicatord/internal/plugin"
	"github.com/indicatord/indicatord/internal/policy"
	"github.com/indicatord/indicatord/internal/store"
	"github.com/indicatord/indicatord/outputs/memory"
)

// fifth allows a fifth of what a tool holds to come or go.
var fifth = pipeline.Budget{
	Added:   func(held int) int { return held / 5 },
	Removed: func(held int) int { return held / 5 },
}

// hosts are n domains, from the first on.
func hosts(first, n int) []string {
	names := make([]string, n)
	for i := range names {
		names[i] = fmt.Sprintf("h%04d.example", first+i)
	}
	return names
}

// publish lets the hub say that these are what object id names, and pulls.
func (s *site) publish(id string, version int, names []string) {
	s.tb.Helper()
	s.hub.Put(indicatorOf(id, version, names...))
	s.pull()
}

// wantWaiting delivers, and wants the change to be kept from the tool.
func wantWaiting(t *testing.T, d *pipeline.Deliverer, added, removed int) pipeline.HeldError {
	t.Helper()
	_, err := d.Deliver(t.Context())
	held, ok := errors.AsType[*pipeline.HeldError](err)
	if !ok {
		t.Fatalf("%v, want that the change is held", err)
	}
	if held.Change.Added != added || held.Change.Removed != removed {
		t.Errorf("held is %+v, want %d added and %d removed", held.Change, added, removed)
	}
	return *held
}

// TestALargeChangeIsHeld: 40 % vanish, and the tool keeps them until somebody
// approves this very change.
func TestALargeChangeIsHeld(t *testing.T) {
	bothWays(t, func(t *testing.T, takes memory.Takes) {
		s, tool := newSite(t), new(memory.Tool)
		d := s.deliverer(tool, takes, policy.Select{})
		d.Budget = fifth
		s.publish("1", 1, hosts(0, 100))
		wantCounts(t, s.deliver(d), 100, 0, 0)

		s.publish("1", 2, hosts(0, 60))
		held := wantWaiting(t, d, 0, 40)
		if !strings.Contains(held.Error(), "remove 40 of 100 entries: at most 20 may be removed or shrunk at once") {
			t.Errorf("it says %q", held.Error())
		}
		wantTool(t, tool, hosts(0, 100)...)
		s.restart()
		d = s.deliverer(tool, takes, policy.Select{})
		d.Budget = fifth
		wantWaiting(t, d, 0, 40)
		wantTool(t, tool, hosts(0, 100)...)

		s.decide(held.Change.Digest, store.Rejected)
		if held := wantWaiting(t, d, 0, 40); held.Decision != store.Rejected || !strings.Contains(held.Error(), "rejected") {
			t.Errorf("a rejected change is held as %+v", held)
		}
		s.publish("1", 3, hosts(0, 59))
		another := wantWaiting(t, d, 0, 41)
		if another.Decision != store.Undecided {
			t.Errorf("another change is %q", another.Decision)
		}
		s.decide(another.Change.Digest, store.Approved)
		wantCounts(t, s.deliver(d), 0, 59, 41) // the others have a new version
		wantTool(t, tool, hosts(0, 59)...)
		if holds, err := s.store.Holds(t.Context()); len(holds) > 0 || err != nil {
			t.Errorf("after it was approved %v are held, %v", holds, err)
		}
	})
}

// decide decides about the held change with the digest.
func (s *site) decide(digest string, d store.Decision) {
	s.tb.Helper()
	if decided, err := s.store.Decide(s.tb.Context(), "tool", digest, d, "wang"); !decided || err != nil {
		s.tb.Fatalf("decided %t, %v", decided, err)
	}
}

// TestAnApprovalIsOfOneChange: what grew meanwhile is held anew.
func TestAnApprovalIsOfOneChange(t *testing.T) {
	s, tool := newSite(t), new(memory.Tool)
	d := s.deliverer(tool, memory.Changes, policy.Select{})
	d.Budget = fifth
	s.publish("1", 1, hosts(0, 100))
	s.deliver(d)
	s.publish("1", 2, hosts(0, 60))
	held := wantWaiting(t, d, 0, 40)
	s.decide(held.Change.Digest, store.Approved)
	s.publish("1", 3, hosts(0, 50))
	wantWaiting(t, d, 0, 50)
	wantTool(t, tool, hosts(0, 100)...)
}

// TestAHeldChangeThatShrinksReleasesItself.
func TestAHeldChangeThatShrinksReleasesItself(t *testing.T) {
	bothWays(t, func(t *testing.T, takes memory.Takes) {
		s, tool := newSite(t), new(memory.Tool)
		d := s.deliverer(tool, takes, policy.Select{})
		d.Budget = fifth
		s.publish("1", 1, hosts(0, 100))
		s.deliver(d)
		s.publish("1", 2, hosts(0, 60))
		wantWaiting(t, d, 0, 40)
		s.publish("1", 3, hosts(0, 95))
		wantCounts(t, s.deliver(d), 0, 95, 5)
		wantTool(t, tool, hosts(0, 95)...)
		if holds, err := s.store.Holds(t.Context()); len(holds) > 0 || err != nil {
			t.Errorf("%v are held, %v", holds, err)
		}
	})
}

// TestALongFirstLoadComesInParts, and is held by none of them: the pull that
// brings it is delivered while it goes on.
func TestALongFirstLoadComesInParts(t *testing.T) {
	bothWays(t, func(t *testing.T, takes memory.Takes) {
		s, tool := newSite(t), new(memory.Tool)
		d := s.deliverer(tool, takes, policy.Select{})
		d.Budget = fifth
		for i := range 60 {
			s.hub.Put(indicatorOf(fmt.Sprint(i), 1, hosts(10*i, 10)...))
		}
		s.puller.Stored = func() { s.deliver(d) }
		s.hub.Fail(1, errors.New("the hub is away"))
		if _, err := s.puller.Pull(t.Context(), false); err == nil {
			t.Fatal("the first pull did not break off")
		}
		s.hub.Mend()
		part := len(tool.Keys())
		s.pull()
		s.now = s.now.Add(time.Minute)
		s.deliver(d)
		if all := len(tool.Keys()); part == 0 || all != 600 {
			t.Fatalf("the tool held %d after a part, and %d of 600 at the end", part, all)
		}
		s.puller.Stored = nil
		s.publish("more", 1, hosts(1000, 200))
		wantWaiting(t, d, 200, 0)
	})
}

func TestBudget(t *testing.T) {
	for name, c := range map[string]struct {
		budget        pipeline.Budget
		before, after []string
		over          string
	}{
		"within":                          {fifth, hosts(0, 200), hosts(30, 200), ""},
		"too many added":                  {fifth, hosts(0, 200), hosts(0, 250), "at most 40 may be added at once"},
		"too many removed":                {fifth, hosts(0, 200), hosts(0, 150), "at most 40 may be removed or shrunk at once"},
		"a few may always go":             {fifth, hosts(0, 25), hosts(0, 5), ""},
		"a few may always come":           {fifth, hosts(0, 5), hosts(0, 25), ""},
		"but never all":                   {fifth, hosts(0, 5), nil, "nothing would be left"},
		"all may be replaced":             {fifth, hosts(0, 5), hosts(5, 5), ""},
		"the first load":                  {fifth, nil, hosts(0, 500), ""},
		"the first load within its most":  {pipeline.Budget{Most: 500}, nil, hosts(0, 500), ""},
		"the first load above it":         {pipeline.Budget{Most: 499}, nil, hosts(0, 500), "500 entries would be more than the 499"},
		"more than the tool may hold":     {pipeline.Budget{Most: 10}, hosts(0, 10), hosts(0, 11), "11 entries would be more than the 10"},
		"less than before, but too much":  {pipeline.Budget{Most: 10}, hosts(0, 10), hosts(0, 9), ""},
		"no budget at all":                {pipeline.Budget{}, hosts(0, 100), nil, ""},
		"only what may be added is bound": {pipeline.Budget{Added: fifth.Added}, hosts(0, 100), nil, ""},
	} {
		t.Run(name, func(t *testing.T) {
			s, tool := newSite(t), new(memory.Tool)
			d := s.deliverer(tool, memory.Lists, policy.Select{})
			s.publish("1", 1, append([]string{"other.example"}, c.before...))
			d.Policy.Select.Where = mustWhere(t, `value != "other.example"`)
			s.now = s.now.Add(time.Minute)
			s.deliver(d)
			s.publish("1", 2, append([]string{"other.example"}, c.after...))
			d.Budget = c.budget
			_, err := d.Deliver(t.Context())
			held, isHeld := errors.AsType[*pipeline.HeldError](err)
			if isHeld != (c.over != "") || err != nil && !isHeld {
				t.Fatalf("%v", err)
			}
			if isHeld && !strings.Contains(held.Error(), c.over) {
				t.Errorf("%q, want %q", held, c.over)
			}
		})
	}
}

func mustWhere(t *testing.T, text string) policy.Where {
	t.Helper()
	w, err := policy.ParseWhere(text)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// say stores the site's own word on a domain.
func (s *site) say(name string, deny bool) {
	s.tb.Helper()
	o := store.Override{Key: indicator.Key{Kind: indicator.Domain, Value: name}, Deny: deny, Reason: "a test", Owner: "wang", Made: s.now}
	if _, err := s.store.Override(s.tb.Context(), o); err != nil {
		s.tb.Fatal(err)
	}
}

// TestTheSitesOwnWordIsNotHeld: what people allow and deny takes effect at once,
// while all else waits, and the held change stays the same.
func TestTheSitesOwnWordIsNotHeld(t *testing.T) {
	bothWays(t, func(t *testing.T, takes memory.Takes) {
		s, tool := newSite(t), new(memory.Tool)
		d := s.deliverer(tool, takes, policy.Select{})
		d.Budget = fifth
		s.publish("1", 1, hosts(0, 100))
		s.deliver(d)
		s.publish("1", 2, hosts(0, 60))
		before := wantWaiting(t, d, 0, 40)
		s.say("h0000.example", false)
		s.say("h0099.example", false)
		s.say("x.example", true)
		after := wantWaiting(t, d, 0, 39) // one of the 40 was the site's own matter now
		wantTool(t, tool, append(hosts(1, 98), "x.example")...)
		s.decide(after.Change.Digest, store.Approved)
		wantCounts(t, s.deliver(d), 0, 59, 39)
		wantTool(t, tool, append(hosts(1, 59), "x.example")...)
		if before.Change.Digest == after.Change.Digest {
			t.Error("two changes have one digest")
		}
	})
}

// TestModes: in a freeze nothing comes, and nothing of it is forgotten.
func TestModes(t *testing.T) {
	bothWays(t, func(t *testing.T, takes memory.Takes) {
		s, tool := newSite(t), new(memory.Tool)
		d := s.deliverer(tool, takes, policy.Select{})
		mode := pipeline.Everything
		d.Mode = func(time.Time) pipeline.Mode { return mode }
		s.publish("1", 1, hosts(0, 10))
		s.deliver(d)
		s.publish("1", 2, hosts(5, 10))

		mode = pipeline.OwnOnly
		counts := s.deliver(d)
		wantCounts(t, counts, 0, 0, 0)
		wantTool(t, tool, hosts(0, 10)...)
		if counts.Mode != "own-only" {
			t.Errorf("the mode is told as %q", counts.Mode)
		}
		mode = pipeline.RemovalsOnly
		wantCounts(t, s.deliver(d), 0, 0, 5)
		wantTool(t, tool, hosts(5, 5)...)
		s.say("h0007.example", false)
		s.say("x.example", true)
		s.deliver(d)
		wantTool(t, tool, append(append(hosts(5, 2), hosts(8, 2)...), "x.example")...)

		mode = pipeline.Everything
		s.deliver(d)
		wantTool(t, tool, append(append(hosts(5, 2), hosts(8, 7)...), "x.example")...)
	})
}

// TestWhatIsKeptSaysNothingOfItself: a kept entry is in the list by its key, for
// the view may not see what is now asserted.
func TestWhatIsKeptSaysNothingOfItself(t *testing.T) {
	s, tool := newSite(t), new(memory.Tool)
	d := s.deliverer(tool, memory.Lists, policy.Select{MinConfidence: 10})
	s.hub.Put(fact{id: "1", version: 1, names: []string{"a.example", "b.example"}, confidence: 90}.object())
	s.pull()
	s.deliver(d)
	s.hub.Put(fact{id: "1", version: 2, names: []string{"a.example"}, confidence: 5}.object())
	s.pull()
	s.say("c.example", true)
	d.Mode = func(time.Time) pipeline.Mode { return pipeline.OwnOnly }
	s.deliver(d)
	wantTool(t, tool, "a.example", "b.example", "c.example")
	e, _ := tool.Entry(indicator.Key{Kind: indicator.Domain, Value: "a.example"})
	if e.Confidence() != indicator.Unstated {
		t.Errorf("the kept entry has the confidence %d", e.Confidence())
	}
}

// TestEveryAppliedChangeIsAudited, with what came of it, and a quiet round is not.
func TestEveryAppliedChangeIsAudited(t *testing.T) {
	s, tool := newSite(t), new(memory.Tool)
	d := s.deliverer(tool, memory.Changes, policy.Select{})
	s.publish("1", 1, hosts(0, 3))
	s.deliver(d)
	s.deliver(d)
	s.publish("1", 2, hosts(0, 1))
	s.deliver(d)
	var told []string
	for r, err := range s.store.AuditRecords(t.Context(), time.Time{}) {
		if err != nil {
			t.Fatal(err)
		}
		var after struct{ Added, Updated, Removed int }
		if err := json.Unmarshal(r.After, &after); err != nil {
			t.Fatal(err)
		}
		told = append(told, fmt.Sprintf("%s %s %s: %+v", r.Who, r.Action, r.Subject, after))
	}
	want := []string{
		"indicatord delivered output/tool: {Added:3 Updated:0 Removed:0}",
		"indicatord delivered output/tool: {Added:0 Updated:1 Removed:2}",
	}
	if diff := cmp.Diff(want, told); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// second makes another source of the site, and returns what publishes there.
func (s *site) second() func(...fact) {
	s.tb.Helper()
	source := new(memoryhub.Source)
	connector, err := memoryhub.Spec(map[string]*memoryhub.Source{"other": source}).Settings().Open(plugin.Env{Name: "other"})
	if err != nil {
		s.tb.Fatal(err)
	}
	p := s.pullerOf(connector)
	p.Source = "other"
	return func(facts ...fact) {
		s.tb.Helper()
		for _, f := range facts {
			source.Put(f.object())
		}
		if _, err := p.Pull(s.tb.Context(), false); err != nil {
			s.tb.Fatal(err)
		}
	}
}

// TestAShareOfOneSource: of two sources one changes much of its own, which is
// little of the whole.
func TestAShareOfOneSource(t *testing.T) {
	s, tool := newSite(t), new(memory.Tool)
	other := s.second()
	d := s.deliverer(tool, memory.Changes, policy.Select{})
	d.Policy.Connectors = []string{"hub", "other"}
	d.Budget = fifth
	d.Budget.Sources = map[string]pipeline.Share{"other": {Removed: func(held int) int { return held / 2 }}}
	s.publish("1", 1, hosts(0, 900))
	other(fact{id: "goes", version: 1, names: hosts(5000, 60)}, fact{id: "stays", version: 1, names: hosts(6000, 40)})
	wantCounts(t, s.deliver(d), 1000, 0, 0)
	s.now = s.now.Add(time.Hour)

	other(fact{id: "goes", version: 2, names: hosts(5000, 60), revoked: true})
	held := wantWaiting(t, d, 0, 60)
	if want := []string{"other alone removes or shrinks 60, and at most 50 at once"}; !slices.Equal(held.Change.Over, want) {
		t.Errorf("it is held because of %q, want %q", held.Change.Over, want)
	}
	d.Budget.Sources["other"] = pipeline.Share{Removed: func(int) int { return 60 }}
	wantCounts(t, s.deliver(d), 0, 0, 60)

	d.Budget.Sources["hub"] = pipeline.Share{Added: func(held int) int { return held / 9 }}
	s.publish("3", 1, hosts(3000, 100))
	wantCounts(t, s.deliver(d), 100, 0, 0)
	s.publish("4", 1, hosts(4000, 112))
	held = wantWaiting(t, d, 112, 0)
	if want := []string{"hub alone adds 112, and at most 111 at once"}; !slices.Equal(held.Change.Over, want) {
		t.Errorf("it is held because of %q, want %q", held.Change.Over, want)
	}
	other(fact{id: "same", version: 1, names: hosts(4000, 112)}) // another source says the same: it is no less the hub's
	wantWaiting(t, d, 112, 0)
}
