package outputtest

import (
	"maps"
	"slices"

	"github.com/indicatord/indicatord/internal/indicator"
	"github.com/indicatord/indicatord/outputs"
)

// View is a view that changes, and the ledger of one output of it, as the core
// keeps them. It is not safe for concurrent use.
type View struct {
	sequence uint64
	wanted   map[indicator.Key]indicator.Entry
	held     map[indicator.Key]uint64
	reasons  map[indicator.Key]string
}

// NewView returns a view of the entries, of which the tool has none yet.
func NewView(entries ...indicator.Entry) *View {
	v := &View{
		wanted:  map[indicator.Key]indicator.Entry{},
		held:    map[indicator.Key]uint64{},
		reasons: map[indicator.Key]string{},
	}
	v.Put(entries...)
	return v
}

// Put adds entries or replaces what the view has of their keys.
func (v *View) Put(entries ...indicator.Entry) {
	for _, e := range entries {
		v.sequence++
		e.Sequence = v.sequence
		v.wanted[e.Key] = e
	}
}

// Remove takes keys out of the view for the reason.
func (v *View) Remove(reason string, keys ...indicator.Key) {
	for _, k := range keys {
		v.sequence++
		delete(v.wanted, k)
		v.reasons[k] = reason
	}
}

// Keys returns the keys of the view in order.
func (v *View) Keys() []indicator.Key {
	return slices.SortedFunc(maps.Keys(v.wanted), indicator.Compare)
}

// Delivery returns what the output has to bring about now.
func (v *View) Delivery() outputs.Delivery {
	d := NewDelivery(slices.Collect(maps.Values(v.wanted)), v.Changes())
	d.First = len(v.held) == 0
	return d
}

// Accept records that the tool accepted everything but the given keys.
func (v *View) Accept(but ...indicator.Key) {
	for _, change := range v.Changes() {
		k := change.Entry.Key
		switch {
		case slices.Contains(but, k):
		case change.Op == outputs.Remove:
			delete(v.held, k)
		default:
			v.held[k] = change.Entry.Sequence
		}
	}
}

// Changes returns what changed since the tool last accepted, in order.
func (v *View) Changes() []outputs.Change {
	var changes []outputs.Change
	for k, e := range v.wanted {
		switch sequence, held := v.held[k]; {
		case !held:
			changes = append(changes, outputs.Change{Op: outputs.Add, Entry: e})
		case sequence != e.Sequence:
			changes = append(changes, outputs.Change{Op: outputs.Update, Entry: e})
		}
	}
	for k := range v.held {
		if _, wanted := v.wanted[k]; !wanted {
			changes = append(changes, v.removal(k))
		}
	}
	slices.SortFunc(changes, func(a, b outputs.Change) int {
		return indicator.Compare(a.Entry.Key, b.Entry.Key)
	})
	return changes
}

func (v *View) removal(k indicator.Key) outputs.Change {
	return outputs.Change{
		Op:     outputs.Remove,
		Entry:  indicator.Entry{Key: k, Sequence: v.sequence},
		Reason: v.reasons[k],
	}
}
