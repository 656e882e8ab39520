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
	// Op is "add", "update", "remove", or "guarded": in the view but for what must
	// not be blocked.
	Op    string         `json:"op"`
	Kind  indicator.Kind `json:"kind"`
	Value string         `json:"value"`
	// Reason says why an entry leaves, is guarded, or goes in pieces.
	Reason string `json:"reason,omitempty"`
}

// Plan yields what the next delivery would change, in the order in which entries
// came to the site, and what is kept from the tool because it must not be
// blocked. It changes nothing, neither here nor at the tool.
func (d *Deliverer) Plan(ctx context.Context) iter.Seq2[Planned, error] {
	return func(yield func(Planned, error) bool) {
		r, err := d.look(ctx)
		if err != nil {
			yield(Planned{}, err)
			return
		}
		reading := store.Reading{Output: d.Name, InFull: d.Policy.NeedsText()}
		for record, err := range d.Store.Entries(ctx, reading) {
			if err != nil {
				yield(Planned{}, err)
				return
			}
			if line, some := r.plan(&record); some && !yield(line, nil) {
				return
			}
		}
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

func (r *round) plan(record *store.Record) (Planned, bool) {
	line := Planned{Kind: record.Entry.Key.Kind, Value: record.Entry.Key.Value}
	d, differs := r.difference(record)
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
