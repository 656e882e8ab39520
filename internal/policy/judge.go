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
	OtherDirection Verdict = "direction"      // about traffic the other way
	OtherLabels    Verdict = "labels"         // without any of select.labels
	Benign         Verdict = "benign"         // called benign by a source: never enforced
	NotExact       Verdict = "not-exact"      // part of a compound pattern: never enforced
)

// Judge asks every rule in turn.
func (p *Policy) Judge(k indicator.Key, a *indicator.Assertion, now time.Time) Verdict {
	if v := judgeLife(a, now); v != Passes {
		return v
	}
	if v := p.judgeOrigin(a); v != Passes {
		return v
	}
	if v := p.judgeSelection(k, a); v != Passes {
		return v
	}
	return p.judgeEnforcement(a)
}

// JudgeIn judges an assertion as one of its entry's. Two rules need the entry:
//
// What had begun when the site first saw the entry has begun, whatever the clock
// says now: a machine that wakes up in 1970 must not take its tools apart.
//
// What one source calls benign is not enforced because another calls it
// malicious: on a site a wrong block is an outage.
func (p *Policy) JudgeIn(e *indicator.Entry, a *indicator.Assertion, now time.Time) Verdict {
	verdict := p.Judge(e.Key, a, now)
	if verdict == NotYetValid && !a.ValidFrom.After(e.FirstSeen) {
		verdict = p.Judge(e.Key, a, a.ValidFrom)
	}
	if verdict == Passes && p.Enforcing && len(e.Assertions) > 1 && p.calledBenign(e, now) {
		return Benign
	}
	return verdict
}

// calledBenign reports whether any source that the view may see calls the entry
// benign.
func (p *Policy) calledBenign(e *indicator.Entry, now time.Time) bool {
	for i := range e.Assertions {
		a := &e.Assertions[i]
		if a.Types.Has(indicator.TypeBenign) && judgeLife(a, now) == Passes && p.judgeOrigin(a) == Passes {
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

func (p *Policy) judgeSelection(k indicator.Key, a *indicator.Assertion) Verdict {
	switch {
	case len(p.Select.Kinds) > 0 && !slices.Contains(p.Select.Kinds, k.Kind):
		return OtherKind
	case p.Select.MinConfidence > 0 && p.confidence(a) < p.Select.MinConfidence:
		return LowConfidence
	case !meets(p.Select.Direction, a.Direction):
		return OtherDirection
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

// meets compares directions bit by bit; unknown meets every one, because STIX
// has no field to say it in.
func meets(want, have indicator.Direction) bool {
	return want == indicator.DirectionUnknown || have == indicator.DirectionUnknown || want&have != 0
}

func (p *Policy) labelled(a *indicator.Assertion) bool {
	if len(p.Select.Labels) == 0 {
		return true
	}
	return a.Object != nil && slices.ContainsFunc(a.Object.Labels, func(label string) bool {
		return slices.Contains(p.Select.Labels, label)
	})
}

// Because says in one word why an entry is not in the view: the verdict that
// came furthest in the order of the rules, which is the one to change to let it
// in. An entry of which nothing is asserted any more is "superseded".
func (p *Policy) Because(e *indicator.Entry, now time.Time) string {
	furthest := -1
	for i := range e.Assertions {
		furthest = max(furthest, slices.Index(order, p.JudgeIn(e, &e.Assertions[i], now)))
	}
	if furthest < 0 {
		return "superseded"
	}
	return string(order[furthest])
}

var order = []Verdict{
	Revoked, Withdrawn, NotYetValid, Expired, NotConfigured, OtherSource, TooStrictTLP,
	OtherKind, LowConfidence, OtherDirection, OtherLabels, Benign, NotExact,
}

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
	OtherLabels:    "it has none of the labels that the output asks for (select.labels)",
	Benign:         "a source calls it benign, which is never enforced",
	NotExact:       "its pattern asks for more than this value, so it is never enforced",
}

// Sentence says in words for a person what the verdict means.
func (v Verdict) Sentence() string {
	if s, ok := sentences[v]; ok {
		return s
	}
	return string(v)
}
