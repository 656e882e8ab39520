package policy

import (
	"slices"
	"time"

	"github.com/indicatord/indicatord/internal/indicator"
)

// Verdict is what a policy says of one assertion: [Passes], or the first rule
// that stops it. The words are stable: status, why and change reasons show them.
type Verdict string

// The verdicts, in the order in which the rules are asked.
const (
	Passes         Verdict = ""
	Revoked        Verdict = "revoked"        // its maker took the object back
	Withdrawn      Verdict = "withdrawn"      // the source no longer holds the object
	NotYetValid    Verdict = "not-yet-valid"  // valid_from lies ahead
	Expired        Verdict = "expired"        // valid_until or the lifetime has passed
	NotConfigured  Verdict = "not-configured" // the source is not in the configuration
	OtherSource    Verdict = "other-source"   // select.sources leaves it out
	TooStrictTLP   Verdict = "tlp"            // marked above select.max_tlp
	OtherKind      Verdict = "other-kind"     // select.kinds leaves it out
	LowConfidence  Verdict = "confidence"     // below select.min_confidence, or unstated
	TooOld         Verdict = "age"            // modified longer ago than select.max_age
	OtherDirection Verdict = "direction"      // about traffic the other way
	OtherType      Verdict = "type"           // of none of select.types
	LowExactness   Verdict = "exactness"      // below select.min_exactness
	OtherScope     Verdict = "scope"          // select.scopes leaves it out
	OtherLabels    Verdict = "labels"         // without any of select.labels
	Benign         Verdict = "benign"         // called benign by a source: never enforced
	WeakType       Verdict = "weak-type"      // of weak types only: not enforced unless select.types names one
	NotExact       Verdict = "not-exact"      // part of a compound pattern: never enforced
	Elsewhere      Verdict = "where"          // select.where leaves it out
	TooBroad       Verdict = "too-broad"      // it stands for more than anybody can answer for: never enforced
	NeverBlock     Verdict = "never-block"    // it would block what is protected: never enforced
	Allowed        Verdict = "allowed"        // the site allows it
)

// Judge asks every rule in turn. What the site itself denies is in every view
// that takes its kind, until the site says otherwise.
func (p *Policy) Judge(k indicator.Key, a *indicator.Assertion, now time.Time) Verdict {
	if v := judgeLife(a, now); v != Passes {
		return v
	}
	if a.Source == indicator.OwnSource {
		return p.judgeOwn(k, a)
	}
	if v := p.judgeOrigin(a); v != Passes {
		return v
	}
	if v := p.judgeSelection(k, a, now); v != Passes {
		return v
	}
	return p.judgeEnforcement(a)
}

func (p *Policy) judgeOwn(k indicator.Key, a *indicator.Assertion) Verdict {
	switch {
	case !p.takes(k):
		return OtherKind
	case a.Types.Has(indicator.TypeBenign):
		return Allowed
	}
	return Passes
}

func (p *Policy) takes(k indicator.Key) bool {
	return len(p.Select.Kinds) == 0 || slices.Contains(p.Select.Kinds, k.Kind)
}

// JudgeIn judges an assertion as one of its entry's. Three rules need the entry:
//
// What had begun when the site first saw the entry, or when the site itself said
// it, has begun, whatever the clock says now: a machine that wakes up in 1970 must
// not take its tools apart, nor block what is allowed.
//
// What the site allows is in no view, whoever else says what of it.
//
// What one source calls benign is not enforced because another calls it
// malicious: on a site a wrong block is an outage.
func (p *Policy) JudgeIn(e *indicator.Entry, a *indicator.Assertion, now time.Time) Verdict {
	verdict := p.Judge(e.Key, a, begun(e, a, now))
	if verdict != Passes || len(e.Assertions) == 1 {
		return verdict
	}
	switch {
	case a.Source == indicator.OwnSource:
		return Passes
	case allowed(e, now):
		return Allowed
	case p.Enforcing && p.calledBenign(e, now):
		return Benign
	}
	return Passes
}

// allowed reports whether the site itself allows the entry.
func allowed(e *indicator.Entry, now time.Time) bool {
	for i := range e.Assertions {
		a := &e.Assertions[i]
		if a.Source == indicator.OwnSource && a.Types.Has(indicator.TypeBenign) && judgeLife(a, begun(e, a, now)) == Passes {
			return true
		}
	}
	return false
}

// denied reports whether a view holds the site's own word.
func denied(view *indicator.Entry) bool {
	return slices.ContainsFunc(view.Assertions, func(a indicator.Assertion) bool { return a.Source == indicator.OwnSource })
}

// begun is the time at which an assertion of the entry is judged: now, or its
// beginning where that was over before the clock went back. The site's own word
// began when it was said.
func begun(e *indicator.Entry, a *indicator.Assertion, now time.Time) time.Time {
	over := a.Source == indicator.OwnSource || !a.ValidFrom.After(e.FirstSeen)
	if over && now.Before(a.ValidFrom) {
		return a.ValidFrom
	}
	return now
}

// calledBenign reports whether any source that the view may see calls the entry
// benign.
func (p *Policy) calledBenign(e *indicator.Entry, now time.Time) bool {
	for i := range e.Assertions {
		a := &e.Assertions[i]
		if a.Types.Has(indicator.TypeBenign) && judgeLife(a, begun(e, a, now)) == Passes && p.judgeOrigin(a) == Passes {
			return true
		}
	}
	return false
}

func judgeLife(a *indicator.Assertion, now time.Time) Verdict {
	switch {
	case a.State == indicator.Revoked:
		return Revoked
	case a.State == indicator.Withdrawn:
		return Withdrawn
	case now.Before(a.ValidFrom):
		return NotYetValid
	case !a.LiveAt(now):
		return Expired
	}
	return Passes
}

func (p *Policy) judgeOrigin(a *indicator.Assertion) Verdict {
	switch {
	case !slices.Contains(p.Connectors, a.Source):
		return NotConfigured
	case len(p.Select.Sources) > 0 && !slices.Contains(p.Select.Sources, a.Source):
		return OtherSource
	case p.Select.MaxTLP != indicator.TLPUnmarked && a.TLP > p.Select.MaxTLP:
		return TooStrictTLP
	}
	return Passes
}

func (p *Policy) judgeSelection(k indicator.Key, a *indicator.Assertion, now time.Time) Verdict {
	switch {
	case !p.takes(k):
		return OtherKind
	case p.Select.MinConfidence > 0 && p.confidence(a) < p.Select.MinConfidence:
		return LowConfidence
	case p.tooOld(a, now):
		return TooOld
	case !meets(p.Select.Direction, a.Direction):
		return OtherDirection
	case !p.typed(a):
		return OtherType
	case p.Select.MinExactness != nil && a.Exactness > *p.Select.MinExactness:
		return LowExactness
	case k.Kind == indicator.Domain && len(p.Select.Scopes) > 0 && !slices.Contains(p.Select.Scopes, a.Scope):
		return OtherScope
	case !p.labelled(a):
		return OtherLabels
	}
	return Passes
}

func (p *Policy) judgeEnforcement(a *indicator.Assertion) Verdict {
	switch {
	case !p.Enforcing:
		return Passes
	case a.Types.Has(indicator.TypeBenign):
		return Benign
	case len(p.Select.Types) == 0 && a.Types != 0 && a.Types&^indicator.WeakTypes == 0:
		return WeakType
	case a.Exactness == indicator.Compound:
		return NotExact
	}
	return Passes
}

func (p *Policy) confidence(a *indicator.Assertion) indicator.Confidence {
	if a.Confidence == indicator.Unstated && p.Select.UnstatedConfidence != nil {
		return *p.Select.UnstatedConfidence
	}
	return a.Confidence
}

// tooOld compares the age with the bound. The clock may be behind: nothing is
// too old then.
func (p *Policy) tooOld(a *indicator.Assertion, now time.Time) bool {
	if p.Select.MaxAge == 0 {
		return false
	}
	since := a.Version
	if since.IsZero() {
		since = a.ValidFrom
	}
	return !since.IsZero() && now.Sub(since) > p.Select.MaxAge
}

// meets compares directions bit by bit; unknown meets every one, because STIX
// has no field to say it in.
func meets(want, have indicator.Direction) bool {
	return want == indicator.DirectionUnknown || have == indicator.DirectionUnknown || want&have != 0
}

func (p *Policy) typed(a *indicator.Assertion) bool {
	return len(p.Select.Types) == 0 || slices.ContainsFunc(p.Select.Types, func(t Type) bool { return t.isOf(a.Types) })
}

func (p *Policy) labelled(a *indicator.Assertion) bool {
	if len(p.Select.Labels) == 0 {
		return true
	}
	return a.Object != nil && slices.ContainsFunc(a.Object.Labels, func(label string) bool {
		return slices.Contains(p.Select.Labels, label)
	})
}

// Verdicts judges every assertion of an entry, in order, with what is decided of
// all of them together: an entry that [Where] or the guard leaves out is left out by
// each.
func (p *Policy) Verdicts(e *indicator.Entry, now time.Time) []Verdict {
	verdicts := make([]Verdict, len(e.Assertions))
	for i := range e.Assertions {
		verdicts[i] = p.JudgeIn(e, &e.Assertions[i], now)
	}
	together := Passes
	if view := (indicator.Entry{Key: e.Key, Assertions: p.keep(e, now)}); len(view.Assertions) > 0 {
		together = p.decide(&view)
	}
	for i := range verdicts {
		if verdicts[i] == Passes {
			verdicts[i] = together
		}
	}
	return verdicts
}

// Because says in one word why an entry is not in the view: the verdict that
// came furthest in the order of the rules, which is the one to change to let it
// in. An entry of which nothing is asserted any more is "superseded".
func (p *Policy) Because(e *indicator.Entry, now time.Time) string {
	furthest := -1
	for _, verdict := range p.Verdicts(e, now) {
		furthest = max(furthest, slices.Index(order, verdict))
	}
	if furthest < 0 {
		return "superseded"
	}
	return string(order[furthest])
}

var order = []Verdict{
	Revoked, Withdrawn, NotYetValid, Expired, NotConfigured, OtherSource, TooStrictTLP,
	OtherKind, LowConfidence, TooOld, OtherDirection, OtherType, LowExactness, OtherScope, OtherLabels,
	Benign, WeakType, NotExact, Elsewhere, TooBroad, NeverBlock, Allowed,
}

// Order returns every verdict but [Passes], in the order of the rules.
func Order() []Verdict { return slices.Clone(order) }

var sentences = map[Verdict]string{
	Passes:         "it passes",
	Revoked:        "its maker revoked it",
	Withdrawn:      "the source no longer holds it",
	NotYetValid:    "it is not valid yet",
	Expired:        "it has expired",
	NotConfigured:  "the source is not in the configuration",
	OtherSource:    "the output takes other sources only (select.sources)",
	TooStrictTLP:   "it is marked more strictly than the output may see (select.max_tlp)",
	OtherKind:      "the output takes other kinds only (select.kinds)",
	LowConfidence:  "its confidence is below what the output asks for (select.min_confidence)",
	OtherDirection: "it is about traffic the other way (select.direction)",
	TooOld:         "it was modified longer ago than the output asks for (select.max_age)",
	OtherType:      "it is of none of the types that the output asks for (select.types)",
	LowExactness:   "its value says less of the pattern than the output asks for (select.min_exactness)",
	OtherScope:     "it stands for another part of the name space than the output asks for (select.scopes)",
	OtherLabels:    "it has none of the labels that the output asks for (select.labels)",
	Benign:         "a source calls it benign, which is never enforced",
	WeakType:       "its types do not call it malicious, so it is not enforced unless the output asks for them (select.types)",
	NotExact:       "its pattern asks for more than this value, so it is never enforced",
	Elsewhere:      "it does not meet the output's condition (select.where)",
	TooBroad:       "it stands for more than anybody can answer for, so it is never enforced",
	NeverBlock:     "it would block what is protected, so it is never enforced (never_block)",
	Allowed:        "the site itself allows it",
}

// Sentence says in words for a person what the verdict means.
func (v Verdict) Sentence() string {
	if s, ok := sentences[v]; ok {
		return s
	}
	return string(v)
}
