package pipeline

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/indicatord/indicatord/internal/store"
)

// Budget bounds what one delivery may change unasked. The zero value sets no
// bounds.
type Budget struct {
	// Added and Removed say how many of the entries that a tool holds may come
	// and go at once; nil sets no bound. A few may always.
	Added, Removed func(held int) int
	// Most is how many entries the tool may come to hold, 0 for any number. The
	// first load has no other bound. It lasts until the tool has what the first
	// complete pull of every source has brought: a long one is delivered in parts.
	Most int
	// Sources are the shares of single sources, by their names: one source among
	// many may change all that it has without passing the bounds of the whole.
	Sources map[string]Share
}

// Share bounds what one source may change at a tool at once, of the entries there
// that it has a word on; nil sets no bound.
type Share struct {
	Added, Removed func(held int) int
}

// free is how many entries may always come or go: a list of five is no outage.
const free = 20

// Change is how much a delivery is about to change.
type Change struct {
	Added   int `json:"added"`
	Updated int `json:"updated"`
	Removed int `json:"removed"`
	// Shrunk are updates that leave less of a prefix enforced than before.
	Shrunk int `json:"shrunk,omitempty"`
	// Held is how many entries the tool holds before.
	Held int `json:"held"`
	// Over says in words which bounds are passed.
	Over []string `json:"over"`
	// Digest identifies the change.
	Digest string `json:"digest"`
}

// HeldError says that a change was kept from a tool until somebody decides. What
// the tool has stays, but for what the site itself has ordered.
type HeldError struct {
	Change   Change
	Decision store.Decision
}

// Error says what is held and what to do.
func (e *HeldError) Error() string {
	said := "held: " + e.Change.String()
	if e.Decision == store.Rejected {
		return said + "; it was rejected, and waits for another change"
	}
	return said + "; what the tool has stays until somebody approves or rejects it"
}

// unbounded reports whether no change is ever too large.
func (b *Budget) unbounded() bool {
	return b.Added == nil && b.Removed == nil && b.Most == 0 && len(b.Sources) == 0
}

// over says which bounds a change passes; first is set for the first load.
func (b *Budget) over(c *Change, first bool) []string {
	var said []string
	if limit := b.Added; limit != nil && !first && c.Added > max(free, limit(c.Held)) {
		said = append(said, fmt.Sprintf("at most %d may be added at once", max(free, limit(c.Held))))
	}
	if limit := b.Removed; limit != nil && c.Removed+c.Shrunk > 0 {
		if c.Removed+c.Shrunk > max(free, limit(c.Held)) {
			said = append(said, fmt.Sprintf("at most %d may be removed or shrunk at once", max(free, limit(c.Held))))
		} else if c.Held-c.Removed+c.Added <= 0 {
			said = append(said, "nothing would be left")
		}
	}
	if left := c.Held + c.Added - c.Removed; b.Most > 0 && left > b.Most && c.Added > 0 {
		said = append(said, fmt.Sprintf("%d entries would be more than the %d that the tool may hold", left, b.Most))
	}
	return said
}

// judge compares the change that lies ahead with the budget, and returns a
// [HeldError] where it is too large and nobody has approved it.
func (r *round) judge(ctx context.Context) error {
	if r.Budget.unbounded() {
		return nil
	}
	if fits, err := r.fitsEmptyTool(ctx); fits || err != nil {
		return err
	}
	change, err := r.measure(ctx)
	if err != nil {
		return err
	}
	holds, err := r.Store.Holds(ctx)
	if err != nil {
		return err
	}
	before, held := holds[r.Name]
	if len(change.Over) == 0 {
		if held {
			return r.Store.Release(ctx, r.Name)
		}
		return nil
	}
	if held && before.Digest == change.Digest && before.Decision == store.Approved {
		r.approved = true
		return nil
	}
	shown, err := json.Marshal(change)
	if err == nil {
		err = r.Store.Hold(ctx, store.Hold{Output: r.Name, Since: r.now, Digest: change.Digest, Shown: shown})
	}
	if err != nil {
		return err
	}
	decision := store.Undecided
	if held && before.Digest == change.Digest {
		decision = before.Decision
	}
	return &HeldError{Change: change, Decision: decision}
}

// fitsEmptyTool reports whether this is a first load that fits, which is seen
// without reading it all.
func (r *round) fitsEmptyTool(ctx context.Context) (bool, error) {
	held, err := r.Store.CountLedger(ctx, r.Name)
	if err != nil || held > 0 || r.Budget.Most == 0 {
		return held == 0, err
	}
	n, err := r.Store.CountKinds(ctx, r.Policy.Select.Kinds)
	return n <= r.Budget.Most, err
}

// measure counts what the delivery would change. What the site itself has
// ordered does not count.
func (r *round) measure(ctx context.Context) (Change, error) {
	m := r.newMeasurement()
	err := r.eachDifference(ctx, func(record *store.Record, d *difference) bool {
		m.add(record, d)
		return true
	})
	if err != nil {
		return m.change, err
	}
	return m.judged(ctx, r)
}

// loading reports whether the first load still goes on: a source that the view
// may see has not been pulled completely, or had not when the tool last had
// everything.
func (r *round) loading(ctx context.Context) (bool, error) {
	for _, name := range r.visibleConnectors() {
		first, err := r.Store.FirstComplete(ctx, name)
		if err != nil || first.IsZero() || !r.from.Delivered.After(first) {
			return true, err
		}
	}
	return false, nil
}

// loaded reports whether this round ends the first load: it goes on, and nothing
// more is to come of it.
func (r *round) loaded(ctx context.Context) (bool, error) {
	if r.Budget.unbounded() {
		return false, nil
	}
	for _, name := range r.visibleConnectors() {
		first, err := r.Store.FirstComplete(ctx, name)
		if err != nil || first.IsZero() || !r.now.After(first) {
			return false, err
		}
	}
	return r.loading(ctx)
}

// mixed64 spreads the bits of a number (the finalizer of SplitMix64), so that
// sums of different changes all but surely differ.
func mixed64(x uint64) uint64 {
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

// audit tells of what was applied.
func (r *round) audit(ctx context.Context) error {
	if !r.counts.Changed() {
		return nil
	}
	before, err := json.Marshal(map[string]any{"sequence": r.from.Sequence})
	if err != nil {
		return err
	}
	after, err := json.Marshal(map[string]any{
		"sequence": r.until, "mode": r.mode.String(),
		"added": r.counts.Added, "updated": r.counts.Updated, "removed": r.counts.Removed, "refused": r.counts.Refused,
	})
	if err != nil {
		return err
	}
	return r.Store.Audit(ctx, store.AuditRecord{
		At: r.now, Who: agentName, Action: "delivered", Subject: "output/" + r.Name, Reason: r.why(), Before: before, After: after,
	})
}

// agentName is who delivers, in the audit.
const agentName = "indicatord"

func (r *round) why() string {
	switch {
	case r.approved:
		return "approved"
	case r.mode != Everything:
		return "the site's own word, while all else waits"
	case r.whole():
		return "the view was compared as a whole"
	}
	return "the view has changed"
}
