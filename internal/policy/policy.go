package policy

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"net/netip"
	"slices"
	"time"

	"github.com/indicatord/indicatord/internal/indicator"
	"github.com/indicatord/indicatord/internal/policy/guard"
)

// version rises when the same policy selects otherwise than before: every view
// is then compared anew.
const version = 2

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
	// Guard holds what must not be blocked. It is asked last; nil protects
	// nothing.
	Guard *guard.Set `json:"-"`
}

// Fingerprint identifies what the policy selects at a time: the order in which
// it names things does not count, and the time counts by the hour where the view
// ages.
func (p *Policy) Fingerprint(now time.Time) string {
	canonical := *p
	canonical.Connectors = inOrder(p.Connectors)
	canonical.Select.Kinds = inOrder(p.Select.Kinds)
	canonical.Select.Labels = inOrder(p.Select.Labels)
	canonical.Select.Sources = inOrder(p.Select.Sources)
	canonical.Select.Scopes = inOrder(p.Select.Scopes)
	canonical.Select.Types = slices.Clone(p.Select.Types)
	slices.SortFunc(canonical.Select.Types, func(a, b Type) int { return cmp.Compare(a.word, b.word) })
	canonical.Select.Types = slices.Compact(canonical.Select.Types)
	protected := ""
	if p.Guard != nil {
		protected = p.Guard.Fingerprint()
	}
	var hour int64
	if p.Ages() {
		hour = now.Unix() / int64(time.Hour/time.Second)
	}
	// A policy holds strings and numbers only, so it always encodes.
	text, _ := json.Marshal(struct {
		Version   int
		Policy    Policy
		Hour      int64
		Protected string
	}{version, canonical, hour, protected})
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:12])
}

// Ages reports whether entries leave the view by the passing of time alone,
// although nothing is due in the store.
func (p *Policy) Ages() bool { return p.Select.MaxAge > 0 }

// inOrder returns the values in order, each once; nil where there are none.
func inOrder[T cmp.Ordered](values []T) []T {
	return slices.Compact(slices.Sorted(slices.Values(values)))
}

// NeedsText reports whether a decision depends on an object's text.
func (p *Policy) NeedsText() bool { return len(p.Select.Labels) > 0 || p.Select.Where.words }

// View keeps of an entry what the output may see now: the assertions that every
// rule of the policy lets pass, without names that are marked above max_tlp. It
// returns false where none is left: the entry is not in the view. The entry
// itself is not changed.
func (p *Policy) View(e *indicator.Entry, now time.Time) (indicator.Entry, bool) {
	view := *e
	for i := range e.Assertions {
		if p.JudgeIn(e, &e.Assertions[i], now) == Passes && !p.tooStrict(e.Assertions[i].Object) {
			continue
		}
		// Most entries pass whole: only the others need a copy.
		view.Assertions = p.keep(e, now)
		break
	}
	if len(view.Assertions) == 0 {
		return view, false
	}
	return view, p.decide(&view) == Passes
}

// decide asks the rules that are about the view of an entry as a whole, the last
// of them what must not be blocked: the site's own word does not go before that.
func (p *Policy) decide(view *indicator.Entry) Verdict {
	if !p.Select.Where.holds(view) && !denied(view) {
		return Elsewhere
	}
	if p.Guard == nil {
		return Passes
	}
	found := p.Guard.Check(view.Key, view.Scope())
	switch {
	case found.Verdict == guard.Clear:
	case !p.Enforcing:
		view.Protected = found.Reason()
	case found.Verdict == guard.Split:
		view.Pieces = found.Pieces
	case found.Verdict == guard.TooBroad:
		return TooBroad
	default:
		return NeverBlock
	}
	return Passes
}

// Enforceable reports whether a key may be enforced at all, whoever asserts it:
// as it is, or in pieces around what is protected.
func (p *Policy) Enforceable(k indicator.Key) (pieces []netip.Prefix, enforceable bool) {
	if p.Guard == nil || !p.Enforcing {
		return nil, true
	}
	found := p.Guard.Check(k, indicator.ScopeExact)
	return found.Pieces, !found.Held()
}

func (p *Policy) keep(e *indicator.Entry, now time.Time) []indicator.Assertion {
	var kept []indicator.Assertion
	for i := range e.Assertions {
		if p.JudgeIn(e, &e.Assertions[i], now) != Passes {
			continue
		}
		a := e.Assertions[i]
		if p.tooStrict(a.Object) {
			a.Object = p.withoutStrict(a.Object)
		}
		kept = append(kept, a)
	}
	return kept
}

// tooStrict reports whether an object names a threat that the output may not
// see.
func (p *Policy) tooStrict(o *indicator.Object) bool {
	return o != nil && p.Select.MaxTLP != indicator.TLPUnmarked && slices.ContainsFunc(o.Threats, p.hides)
}

func (p *Policy) hides(t indicator.Threat) bool { return t.TLP > p.Select.MaxTLP }

func (p *Policy) withoutStrict(o *indicator.Object) *indicator.Object {
	copied := *o
	copied.Threats = slices.DeleteFunc(slices.Clone(o.Threats), p.hides)
	return &copied
}
