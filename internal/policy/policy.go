package policy

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"slices"
	"time"

	"github.com/indicatord/indicatord/internal/indicator"
)

// version rises when the same policy selects otherwise than before: every view
// is then compared anew.
const version = 1

// Policy is all that decides one output's view. It may be used by any number of
// goroutines at once.
type Policy struct {
	// Select is what the operator wrote.
	Select Select
	// Connectors are the names in the configuration: what a source said that is
	// no longer configured is in no view.
	Connectors []string
	// Enforcing is true for an output whose tool acts on its own.
	Enforcing bool
}

// Fingerprint identifies what the policy selects: the order in which it names
// things does not count.
func (p *Policy) Fingerprint() string {
	canonical := *p
	canonical.Connectors = inOrder(p.Connectors)
	canonical.Select.Kinds = inOrder(p.Select.Kinds)
	canonical.Select.Labels = inOrder(p.Select.Labels)
	canonical.Select.Sources = inOrder(p.Select.Sources)
	// A policy holds strings and numbers only, so it always encodes.
	text, _ := json.Marshal(struct {
		Version int
		Policy  Policy
	}{version, canonical})
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:12])
}

// inOrder returns the values in order, each once; nil where there are none.
func inOrder[T cmp.Ordered](values []T) []T {
	return slices.Compact(slices.Sorted(slices.Values(values)))
}

// NeedsText reports whether a decision depends on an object's text.
func (p *Policy) NeedsText() bool { return len(p.Select.Labels) > 0 }

// View keeps of an entry what the output may see now: the assertions that every
// rule of the policy lets pass. It returns false where none is left: the entry
// is not in the view. The entry itself is not changed.
func (p *Policy) View(e *indicator.Entry, now time.Time) (indicator.Entry, bool) {
	view := *e
	for i := range e.Assertions {
		if p.JudgeIn(e, &e.Assertions[i], now) == Passes {
			continue
		}
		// Most entries pass whole: only the others need a copy.
		view.Assertions = p.keep(e, now)
		break
	}
	return view, len(view.Assertions) > 0
}

func (p *Policy) keep(e *indicator.Entry, now time.Time) []indicator.Assertion {
	var kept []indicator.Assertion
	for i := range e.Assertions {
		if p.JudgeIn(e, &e.Assertions[i], now) == Passes {
			kept = append(kept, e.Assertions[i])
		}
	}
	return kept
}
