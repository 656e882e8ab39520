package stix

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/indicatord/indicatord/internal/indicator"
	"github.com/indicatord/indicatord/internal/stix/pattern"
)

// Derived is everything that one version of one object gives.
type Derived struct {
	Header Header
	// CreatedBy is the id of the object's maker, "" where none is said. That of
	// Object may be withheld.
	CreatedBy string
	// Object is what the object says in words. All assertions point to a copy
	// of it that they share.
	Object indicator.Object
	// Assertions are the keys of an indicator's pattern with what the indicator
	// asserts of them, in the order of the pattern, each key once. Their Source
	// is empty.
	Assertions []KeyAssertion
	// Relation is set for a relationship of the type "indicates".
	Relation *Relation
	// Threat is set for an object that an indicator may indicate, if it has a
	// name: malware, an actor, a campaign and the like.
	Threat *indicator.Threat
	// Unresolved are the ids of the markings that nobody has defined yet, each
	// once. When one of them is defined, the object is to be derived again.
	Unresolved []string
	// Rejects say what gave no key, and what could not be read.
	Rejects []Reject
	// Leniencies are the spellings of the pattern that were understood although
	// the language refuses them.
	Leniencies pattern.Leniencies
	// Notes name what was taken for what it means and not by the letter, and what
	// a value alone does not show: [pattern.CodeCIDREquality],
	// [pattern.CodeStartStop], and the words of [indicator.Notes]; sorted, each
	// once.
	Notes []string
}

// KeyAssertion is a key and what an object asserts of it.
type KeyAssertion struct {
	Key       indicator.Key
	Assertion indicator.Assertion
}

// Reject is one reason why an object gives less than it might.
type Reject struct {
	// Code is one of [Codes], or of package pattern or indicator.
	Code indicator.Code
	// Detail is a sentence for the operator; it may be empty.
	Detail string
	// Value is the value or the part of the pattern, if there is one.
	Value string
}

// Derive decodes an object as received and derives the keys of an indicator.
// An object of another type gives its text only, and so does a revoked one.
//
// Every indicator that is not revoked gives an assertion, a reject or both. The
// error is [ErrNoID]: everything else that can be wrong with an object is a
// reject.
func Derive(raw []byte, opts Options) (Derived, error) {
	o, rejects, usable, err := decode(raw)
	if err != nil {
		return Derived{}, err
	}
	d := Derived{Header: o.header(), CreatedBy: o.CreatedByRef, Object: o.text(), Rejects: rejects}
	switch {
	case o.Type == "":
		d.rejectTypeless()
	case o.Type != typeIndicator:
		// What an indicator's properties must be is no rule for other types.
		d.Rejects = slices.DeleteFunc(rejects, func(r Reject) bool { return r.Code != CodeInvalidJSON })
		d.relate(&o, &opts)
	case o.Revoked:
		d.Rejects = nil
	case usable:
		d.derive(&o, &opts)
	default:
		d.carryPattern(&o)
	}
	return d, nil
}

func (d *Derived) reject(code indicator.Code, detail, value string) {
	d.Rejects = append(d.Rejects, Reject{Code: code, Detail: detail, Value: value})
}

// rejectTypeless tells of an object without a type, unless what is wrong with it
// was told already.
func (d *Derived) rejectTypeless() {
	if len(d.Rejects) == 0 {
		d.reject(CodeNoType, "the object has no type", "")
	}
}

// derive fills in what an indicator's pattern gives.
func (d *Derived) derive(o *object, opts *Options) {
	level := d.level(o, opts, touchesAssertion)
	d.withhold(o, opts, level)
	base, ok := d.base(o, level)
	if o.isRule() {
		d.carryRule(o, base, ok, opts)
		return
	}
	reduced, read := d.reduce(o, opts)
	if !ok || !read {
		d.carryPattern(o)
		return
	}
	for _, code := range reduced.Remainder {
		d.Object.Remainder = append(d.Object.Remainder, string(code))
	}
	for _, r := range reduced.Refused {
		d.reject(r.Code, r.Detail, clip(r.Text))
	}
	if len(reduced.Remainder) > 0 || reduced.Exactness != indicator.Exact {
		d.carryPattern(o)
	}
	d.assert(base, reduced.Keys, opts)
}

// carryPattern keeps the pattern in the text: no key says all of it.
func (d *Derived) carryPattern(o *object) {
	d.Object.Pattern = o.Pattern
	d.Object.PatternType = cmp.Or(o.PatternType, patternTypeSTIX)
}

// base returns what every assertion of the indicator has in common, and whether
// it can be asserted at all.
func (d *Derived) base(o *object, level indicator.TLP) (indicator.Assertion, bool) {
	a := indicator.Assertion{
		Version:    d.Header.Modified,
		ValidFrom:  o.validFrom(),
		ValidUntil: o.ValidUntil.UTC(),
		Confidence: d.confidence(o),
		TLP:        level,
		Types:      indicator.TypesOf(o.types()),
		Direction:  directionOf(&d.Object),
	}
	if o.ValidUntil.IsZero() {
		return a, true
	}
	a.End = indicator.EndHub
	if !a.ValidUntil.After(a.ValidFrom) {
		d.reject(CodeValidityReversed, fmt.Sprintf("valid_until %s is not after valid_from %s",
			stamp(a.ValidUntil), stamp(a.ValidFrom)), "")
		return a, false
	}
	return a, true
}

// confidence reads the confidence. A bad one is rejected, and the rest of the
// indicator still holds.
func (d *Derived) confidence(o *object) indicator.Confidence {
	value := string(o.Confidence)
	if value == "" || value == "null" {
		return indicator.Unstated
	}
	number, err := strconv.ParseFloat(value, 64)
	if err != nil || number < 0 || number > 100 || number != math.Trunc(number) {
		d.reject(CodeBadConfidence, "the confidence is not a whole number from 0 to 100", clip(value))
		return indicator.Unstated
	}
	return indicator.Confidence(number)
}

// reduce reads the pattern, and reports whether it could be read.
func (d *Derived) reduce(o *object, opts *Options) (pattern.Reduced, bool) {
	if o.Pattern == "" {
		d.reject(CodeNoPattern, "the indicator has no pattern", "")
		return pattern.Reduced{}, false
	}
	reading := opts.Pattern
	reading.STIX20 = reading.STIX20 || o.SpecVersion == "" || o.SpecVersion == "2.0" || strings.HasPrefix(o.PatternVersion, "2.0")
	p, err := pattern.Parse(o.Pattern, reading)
	if err != nil {
		d.rejectPattern(err, o.Pattern)
		return pattern.Reduced{}, false
	}
	reduced := p.Reduce(opts.Reduction)
	d.Leniencies = p.Leniencies
	d.note(&reduced)
	return reduced, true
}

func (d *Derived) rejectPattern(err error, text string) {
	code := pattern.CodeSyntax
	if syntax, ok := errors.AsType[*pattern.SyntaxError](err); ok {
		code = syntax.Code
	}
	d.reject(code, "the pattern cannot be read: "+err.Error(), clip(text))
}

// note gathers the notes of a pattern and its keys.
func (d *Derived) note(reduced *pattern.Reduced) {
	for _, code := range reduced.Notes {
		d.Notes = append(d.Notes, string(code))
	}
	var notes indicator.Notes
	for i := range reduced.Keys {
		notes |= reduced.Keys[i].Notes
	}
	d.Notes = append(d.Notes, notes.Words()...)
	slices.Sort(d.Notes)
	d.Notes = slices.Compact(d.Notes)
}

// assert makes the assertions of the keys.
func (d *Derived) assert(base indicator.Assertion, keys []pattern.KeyTerm, opts *Options) {
	if len(keys) == 0 {
		return
	}
	d.Object.Notes = slices.Concat(d.Leniencies.Names(), d.Notes)
	shared := d.Object
	base.Object = &shared
	d.Assertions = make([]KeyAssertion, 0, len(keys))
	for i := range keys {
		k, a := &keys[i], base
		if !narrow(&a, k.Window) {
			d.reject(pattern.CodeStartStop, "the window of the pattern and the validity of the indicator have no time in common", clip(k.Key.Value))
			continue
		}
		a.Exactness = k.Exactness
		if k.Direction != indicator.DirectionUnknown {
			a.Direction = k.Direction
		}
		if k.Key.Kind == indicator.Domain {
			a.Scope = max(k.Scope, opts.BareDomain)
		}
		limit(&a, opts.Lifetime[k.Key.Kind], opts.Now)
		d.Assertions = append(d.Assertions, KeyAssertion{Key: k.Key, Assertion: a})
	}
}
