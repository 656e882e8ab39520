package pipeline_test

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/indicatord/indicatord/internal/indicator"
	"github.com/indicatord/indicatord/internal/pipeline"
	"github.com/indicatord/indicatord/internal/policy"
	"github.com/indicatord/indicatord/outputs/memory"
)

// history is a hub that changes, a site that pulls from it, and two tools, one
// that takes changes and one that takes lists. facts are what the hub last said
// of each object, told as simply as it can be; what it withdraws, it no longer
// says.
type history struct {
	*site
	rapid     *rapid.T
	facts     map[string]fact
	version   int
	selection policy.Select
	tools     map[memory.Takes]*memory.Tool
	outputs   map[memory.Takes]*pipeline.Deliverer
}

// TestToolsHoldTheView draws histories with everything that may happen to a
// site, and compares at each checkpoint what the tools hold with what the hub
// says, seen through the policy, now.
func TestToolsHoldTheView(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		s := newSite(t)
		s.puller.MostWithdrawn = func(live int) int { return live }
		defer func() { _ = s.store.Close() }()
		h := &history{site: s, rapid: r, facts: map[string]fact{}, tools: map[memory.Takes]*memory.Tool{
			memory.Changes: new(memory.Tool), memory.Lists: new(memory.Tool),
		}}
		h.startOutputs()
		r.Repeat(map[string]func(*rapid.T){
			"put":          h.put,
			"revoke":       h.revoke,
			"withdraw":     h.withdraw,
			"forget":       h.forget,
			"time":         h.passTime,
			"pull":         func(r *rapid.T) { h.tryPull(r, false) },
			"full pull":    func(r *rapid.T) { h.tryPull(r, true) },
			"deliver":      h.tryDeliver,
			"restart":      func(*rapid.T) { h.restart(); h.startOutputs() },
			"other policy": h.otherPolicy,
			"checkpoint":   h.checkpoint,
		})
		h.checkpoint(r)
	})
}

func (h *history) startOutputs() {
	h.outputs = map[memory.Takes]*pipeline.Deliverer{}
	for takes, tool := range h.tools {
		h.outputs[takes] = h.deliverer(tool, takes, h.selection)
		h.outputs[takes].Name = string(takes)
	}
}

func drawID(r *rapid.T) string { return fmt.Sprint(rapid.IntRange(1, 6).Draw(r, "object")) }

func (h *history) put(r *rapid.T) {
	id := drawID(r)
	if h.facts[id].revoked {
		return // no version may follow
	}
	h.version++
	f := fact{id: id, version: h.version, confidence: rapid.SampledFrom([]int{10, 50, 90}).Draw(r, "confidence")}
	for range rapid.IntRange(1, 3).Draw(r, "names") {
		f.names = append(f.names, rapid.SampledFrom([]string{"a.example", "b.example", "c.example", "d.example"}).Draw(r, "name"))
	}
	f.from = h.now.Add(time.Duration(rapid.IntRange(-3, 3).Draw(r, "from")) * time.Hour)
	if rapid.Bool().Draw(r, "ends") {
		f.until = f.from.Add(time.Duration(rapid.IntRange(1, 5).Draw(r, "lasts")) * time.Hour)
	}
	h.facts[id] = f
	h.hub.Put(f.object())
}

func (h *history) revoke(r *rapid.T) {
	f, known := h.facts[drawID(r)]
	if !known {
		return
	}
	h.version++
	f.version, f.revoked = h.version, true
	h.facts[f.id] = f
	h.hub.Put(f.object())
}

// withdraw takes an object back and says so, forget without a word. Of what was
// revoked nothing is left to take.
func (h *history) withdraw(r *rapid.T) {
	if f, known := h.facts[drawID(r)]; known && !f.revoked {
		delete(h.facts, f.id)
		h.hub.Withdraw("indicator--" + f.id)
	}
}

func (h *history) forget(r *rapid.T) {
	if f, known := h.facts[drawID(r)]; known && !f.revoked {
		delete(h.facts, f.id)
		h.hub.Forget("indicator--" + f.id)
	}
}

func (h *history) passTime(r *rapid.T) {
	h.now = h.now.Add(time.Duration(rapid.IntRange(1, 150).Draw(r, "minutes")) * time.Minute)
	if rapid.Bool().Draw(r, "swept") {
		h.sweep()
	}
}

// tryPull pulls, and the hub may fail after some pages.
func (h *history) tryPull(r *rapid.T, full bool) {
	failure := errors.New("the hub is away")
	if rapid.Bool().Draw(r, "fails") {
		h.hub.Fail(rapid.IntRange(0, 3).Draw(r, "after"), failure)
		defer h.hub.Mend()
	}
	if _, err := h.puller.Pull(r.Context(), full); err != nil && !errors.Is(err, failure) {
		r.Fatal(err)
	}
}

// tryDeliver delivers to one of the tools, which may fail or refuse something
// for now.
func (h *history) tryDeliver(r *rapid.T) {
	takes := rapid.SampledFrom([]memory.Takes{memory.Changes, memory.Lists}).Draw(r, "takes")
	tool := h.tools[takes]
	switch rapid.IntRange(0, 3).Draw(r, "trouble") {
	case 0:
		tool.Fail(errors.New("the tool is away"))
	case 1:
		refuse(tool, false, "b.example", "c.example")
	}
	_, _ = h.outputs[takes].Deliver(r.Context()) // what it may not have done, the checkpoint finds
	tool.Mend()
}

func (h *history) otherPolicy(r *rapid.T) {
	h.selection = policy.Select{
		MinConfidence: rapid.SampledFrom([]indicator.Confidence{0, 50, 90}).Draw(r, "min_confidence"),
		Kinds: rapid.SampledFrom([][]indicator.Kind{nil, {indicator.Domain}, {indicator.IP, indicator.Domain}, {indicator.IP}}).
			Draw(r, "kinds"),
	}
	h.startOutputs()
}

// checkpoint brings everything up to date and compares.
func (h *history) checkpoint(r *rapid.T) {
	if _, err := h.puller.Pull(r.Context(), true); err != nil {
		r.Fatal(err)
	}
	h.sweep()
	want := h.view()
	for takes, tool := range h.tools {
		if _, err := h.outputs[takes].Deliver(r.Context()); err != nil {
			r.Fatal(err)
		}
		if diff := cmp.Diff(want, contents(tool)); diff != "" {
			r.Fatalf("the tool of %s (-view +tool):\n%s", takes, diff)
		}
		before := tool.Deliveries()
		if counts, err := h.outputs[takes].Deliver(r.Context()); err != nil || counts.Changed() || tool.Deliveries() != before {
			r.Fatalf("the tool of %s was asked again: %+v, %v", takes, counts, err)
		}
	}
}

// view is what the tools should hold, as "value: object at version, …".
func (h *history) view() map[string]string {
	view := map[string]string{}
	if len(h.selection.Kinds) > 0 && !slices.Contains(h.selection.Kinds, indicator.Domain) {
		return view
	}
	for _, id := range slices.Sorted(maps.Keys(h.facts)) {
		f := h.facts[id]
		ended := !f.until.IsZero() && !h.now.Before(f.until)
		if f.revoked || h.now.Before(f.from) || ended || f.confidence < int(h.selection.MinConfidence) {
			continue
		}
		for _, name := range slices.Compact(slices.Sorted(slices.Values(f.names))) {
			view[name] += fmt.Sprintf(" %s at %d", f.id, f.version)
		}
	}
	return view
}

func contents(tool *memory.Tool) map[string]string {
	held := map[string]string{}
	for _, k := range tool.Keys() {
		e, _ := tool.Entry(k)
		var said []string
		for i := range e.Assertions {
			a := &e.Assertions[i]
			version := int(a.Version.Sub(noon.AddDate(-1, 0, 0)) / (24 * time.Hour))
			said = append(said, fmt.Sprintf(" %s at %d", a.Object.ID[len("indicator--"):], version))
		}
		slices.Sort(said)
		for _, s := range said {
			held[k.Value] += s
		}
	}
	return held
}
