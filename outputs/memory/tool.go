package memory

import (
	"context"
	"maps"
	"slices"
	"sync"

	"github.com/indicatord/indicatord/internal/indicator"
	"github.com/indicatord/indicatord/outputs"
)

// Tool is a tool in memory, whose owner can look at what it holds and make it
// fail. The zero value is an empty tool in good order. It is safe for
// concurrent use.
type Tool struct {
	mu         sync.Mutex
	entries    map[indicator.Key]indicator.Entry
	changes    []outputs.Change
	deliveries int
	refreshes  [][]indicator.Key
	notices    []outputs.Notice
	failures   []error
	refuse     func(indicator.Entry) *outputs.Refusal
	gate       chan struct{}
}

// Keys returns the keys that the tool holds, in order.
func (t *Tool) Keys() []indicator.Key {
	t.mu.Lock()
	defer t.mu.Unlock()
	return slices.SortedFunc(maps.Keys(t.entries), indicator.Compare)
}

// Entry returns what the tool holds of a key.
func (t *Tool) Entry(k indicator.Key) (entry indicator.Entry, held bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	entry, held = t.entries[k]
	return entry, held
}

// Changes returns every change that the tool ever accepted, oldest first. An
// output that takes whole lists leaves it empty.
func (t *Tool) Changes() []outputs.Change {
	t.mu.Lock()
	defer t.mu.Unlock()
	return slices.Clone(t.changes)
}

// Deliveries counts the deliveries that were tried, the failed ones too.
func (t *Tool) Deliveries() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.deliveries
}

// Clear makes the tool forget everything it holds, as a tool that was installed
// anew.
func (t *Tool) Clear() {
	t.mu.Lock()
	defer t.mu.Unlock()
	clear(t.entries)
}

// Drop takes an entry out behind everybody's back, as a person at the tool does.
func (t *Tool) Drop(k indicator.Key) {
	t.mu.Lock()
	defer t.mu.Unlock()
	delete(t.entries, k)
}

// Plant puts an entry in behind everybody's back.
func (t *Tool) Plant(e indicator.Entry) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.entries[e.Key] = e
}

// Fail makes the next deliveries fail, one with each error. What it holds stays
// as it is.
func (t *Tool) Fail(errs ...error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.failures = append(t.failures, errs...)
}

// Mend takes back what Fail and Refuse did.
func (t *Tool) Mend() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.failures, t.refuse = nil, nil
}

// Refuse makes the tool ask about every entry that it is to add or update, or is
// told again: it does not take one for which refuse returns a refusal. The key of
// the refusal is filled in.
func (t *Tool) Refuse(refuse func(indicator.Entry) *outputs.Refusal) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.refuse = refuse
}

// Block makes every delivery wait until release is called or its context ends.
func (t *Tool) Block() (release func()) {
	gate := make(chan struct{})
	t.mu.Lock()
	defer t.mu.Unlock()
	t.gate = gate
	return sync.OnceFunc(func() { close(gate) })
}

// begin counts a delivery, waits as Block asks, and fails as Fail asks.
func (t *Tool) begin(ctx context.Context) error {
	t.mu.Lock()
	t.deliveries++
	gate := t.gate
	t.mu.Unlock()
	if gate != nil {
		select {
		case <-gate:
		case <-ctx.Done():
		}
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	return t.nextFailure()
}

func (t *Tool) nextFailure() error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.failures) == 0 {
		return nil
	}
	err := t.failures[0]
	t.failures = t.failures[1:]
	return err
}

// apply makes the changes and returns those that were refused.
func (t *Tool) apply(changes []outputs.Change) (written int, refused []outputs.Refusal) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, change := range changes {
		if refusal := t.refusal(change); refusal != nil {
			refused = append(refused, *refusal)
			continue
		}
		t.take(change)
		written++
	}
	return written, refused
}

// take makes one change. The caller holds the lock.
func (t *Tool) take(change outputs.Change) {
	if t.entries == nil {
		t.entries = map[indicator.Key]indicator.Entry{}
	}
	if change.Op == outputs.Remove {
		delete(t.entries, change.Entry.Key)
	} else {
		t.entries[change.Entry.Key] = change.Entry
	}
	t.changes = append(t.changes, change)
}

// replace makes the entries all that the tool holds. It counts those it did not
// have, or had otherwise, and those that are gone.
func (t *Tool) replace(entries []indicator.Entry) (written int, refused []outputs.Refusal) {
	t.mu.Lock()
	defer t.mu.Unlock()
	old := t.entries
	t.entries = make(map[indicator.Key]indicator.Entry, len(entries))
	for _, e := range entries {
		if refusal := t.refusal(outputs.Change{Op: outputs.Update, Entry: e}); refusal != nil {
			refused = append(refused, *refusal)
			continue
		}
		if before, held := old[e.Key]; !held || before.Sequence != e.Sequence {
			written++
		}
		t.entries[e.Key] = e
		delete(old, e.Key)
	}
	return written + len(old), refused
}

// refusal asks the owner about a change. The caller holds the lock.
func (t *Tool) refusal(change outputs.Change) *outputs.Refusal {
	if t.refuse == nil || change.Op == outputs.Remove {
		return nil
	}
	refusal := t.refuse(change.Entry)
	if refusal != nil {
		refusal.Key = change.Entry.Key
	}
	return refusal
}

func (t *Tool) count() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return len(t.entries)
}
