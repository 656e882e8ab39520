package pipeline

import (
	"context"
	"fmt"
	"iter"
	"slices"
	"strings"

	"github.com/indicatord/indicatord/internal/indicator"
	"github.com/indicatord/indicatord/internal/policy"
	"github.com/indicatord/indicatord/internal/store"
	"github.com/indicatord/indicatord/outputs"
)

// Planned is one line of a plan: what a delivery would do, or would not do for a
// reason that a person should know.
type Planned struct {
	// Output is the name of the output, where a plan is of several.
	Output string `json:"output,omitempty"`
	// Op is "add", "update", "remove"; "guarded" for what is in the view but for what
	// must not be blocked; "left-out" for what the tool has no place for; or "held",
	// which is about the change as a whole and has no value.
	Op    string         `json:"op"`
	Kind  indicator.Kind `json:"kind,omitzero"`
	Value string         `json:"value,omitempty"`
	// Reason says why an entry leaves, is guarded, goes in pieces or is left out, or
	// what holds the change.
	Reason string `json:"reason,omitempty"`
	// Change is the digest of a held change, by which it is approved or rejected.
	Change string `json:"change,omitempty"`
}

// Plan yields what the next delivery would change, in the order in which entries
// came to the site, and what is kept from the tool because it must not be blocked;
// then what the tool has no place for, where its output can tell; then whether the
// change would be held. It changes nothing, neither here nor at the tool.
func (d *Deliverer) Plan(ctx context.Context) iter.Seq2[Planned, error] {
	return func(yield func(Planned, error) bool) {
		r, err := d.look(ctx)
		if err != nil {
			yield(Planned{}, err)
			return
		}
		m := r.newMeasurement()
		if r.planEntries(ctx, m, yield) && r.planPlaces(ctx, yield) {
			r.planHold(ctx, m, yield)
		}
	}
}

// planEntries yields what would happen to each entry, and measures it. It reports
// whether more is wanted.
func (r *round) planEntries(ctx context.Context, m *measurement, yield func(Planned, error) bool) bool {
	reading := store.Reading{Output: r.Name, InFull: r.Policy.NeedsText()}
	for record, err := range r.Store.Entries(ctx, reading) {
		if err != nil {
			yield(Planned{}, err)
			return false
		}
		line, some := r.plan(&record, m)
		if some && !yield(line, nil) {
			return false
		}
	}
	return true
}

// planPlaces yields what the tool has no place for.
func (r *round) planPlaces(ctx context.Context, yield func(Planned, error) bool) bool {
	previewer, can := r.Output.(outputs.Previewer)
	if !can {
		return true
	}
	more := true
	o := &offering{round: r}
	err := previewer.Preview(ctx, outputs.Delivery{Now: r.now, Changes: nothingChanged, All: o.all(ctx)}, func(k indicator.Key, reason string) {
		more = more && yield(Planned{Op: "left-out", Kind: k.Kind, Value: k.Value, Reason: reason}, nil)
	})
	if more && err != nil {
		more = yield(Planned{}, fmt.Errorf("asking what the tool of %s has no place for: %w", r.Name, err))
	}
	return more
}

func nothingChanged(func(outputs.Change, error) bool) {}

// planHold tells where the change would be held.
func (r *round) planHold(ctx context.Context, m *measurement, yield func(Planned, error) bool) {
	if r.Budget.unbounded() {
		return
	}
	change, err := m.judged(ctx, r)
	if err != nil {
		yield(Planned{}, err)
		return
	}
	if len(change.Over) > 0 {
		yield(Planned{
			Op: "held", Reason: fmt.Sprintf("%s (change %s)", strings.Join(change.Over, ", and "), change.Digest), Change: change.Digest,
		}, nil)
	}
}

// look begins a round that writes nothing.
func (d *Deliverer) look(ctx context.Context) (*round, error) {
	from, err := d.Store.Progress(ctx, d.Name)
	if err != nil {
		return nil, err
	}
	from.Policy = mixed
	return &round{Deliverer: d, now: d.Now(), from: from}, nil
}

func (r *round) plan(record *store.Record, m *measurement) (Planned, bool) {
	line := Planned{Kind: record.Entry.Key.Kind, Value: record.Entry.Key.Value}
	d, differs := r.difference(record)
	if differs {
		m.add(record, &d)
	}
	switch {
	case differs && d.op == outputs.Remove:
		line.Op, line.Reason = d.op.String(), r.because(&record.Entry)
	case differs:
		line.Op = d.op.String()
		if len(d.view.Pieces) > 0 {
			line.Reason = r.guarded(&record.Entry)
		}
	case d.op == outputs.Remove && r.isGuarded(&record.Entry):
		line.Op, line.Reason = "guarded", r.guarded(&record.Entry)
	default:
		return line, false
	}
	return line, true
}

func (r *round) because(e *indicator.Entry) string {
	reason := r.Policy.Because(e, r.now)
	if r.isGuarded(e) {
		reason += ": " + r.guarded(e)
	}
	return reason
}

// isGuarded reports whether only what must not be blocked keeps an entry out.
func (r *round) isGuarded(e *indicator.Entry) bool {
	return slices.ContainsFunc(r.Policy.Verdicts(e, r.now), func(v policy.Verdict) bool { return v == policy.NeverBlock || v == policy.TooBroad })
}

func (r *round) guarded(e *indicator.Entry) string {
	if r.Policy.Guard == nil {
		return ""
	}
	found := r.Policy.Guard.Check(e.Key, e.Scope())
	return found.Reason()
}

// String says in words how much a change is.
func (c *Change) String() string {
	said := fmt.Sprintf("it would add %d, update %d and remove %d of %d entries", c.Added, c.Updated, c.Removed, c.Held)
	if len(c.Over) > 0 {
		said += ": " + strings.Join(c.Over, ", and ")
	}
	return said
}
