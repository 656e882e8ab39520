package stix

import (
	"strconv"

	"github.com/indicatord/indicatord/internal/indicator"
	"github.com/indicatord/indicatord/internal/stix/pattern"
)

const patternTypeSTIX = "stix"

// isRule reports whether the pattern is in another language than that of STIX,
// such as sigma, yara, snort, suricata or pcre (pattern-type-ov).
func (o *object) isRule() bool {
	return o.Pattern != "" && o.PatternType != "" && o.PatternType != patternTypeSTIX
}

// carryRule keeps a rule whole, under a key that names it. No value stands for
// it, which the reject says; an output that can use rules finds the text in the
// object. It is never exact, so that nothing enforces it.
func (d *Derived) carryRule(o *object, base indicator.Assertion, holds bool, opts *Options) {
	d.reject(CodeNotSTIXPattern, "the pattern is in the language "+strconv.Quote(clip(o.PatternType)), "")
	d.carryPattern(o)
	if !holds {
		return
	}
	c, err := opts.Reduction.Canon.Canon(indicator.Rule, indicator.RuleValue(o.PatternType, o.Pattern))
	if err != nil {
		d.reject(indicator.CodeNotRule, "no rule can be named by its pattern type", clip(o.PatternType))
		return
	}
	d.assert(base, []pattern.KeyTerm{{Key: c.Key, Exactness: indicator.Compound}}, opts)
}
