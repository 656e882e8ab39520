package pattern

import (
	"errors"
	"slices"
	"strings"

	"github.com/indicatord/indicatord/internal/indicator"
)

// Reduction says how far [Pattern.Reduce] goes. The zero value is the defaults:
// only what is sound. Two reductions are alike exactly when they are equal.
type Reduction struct {
	// Canon says which values are taken.
	Canon indicator.Options
	// Widen allows shapes that no key can say in full.
	Widen Shapes
	// RefuseCIDREquality leaves a prefix that is compared with = unreduced. By
	// the letter it matches only an object whose text is that prefix; producers
	// mean the network.
	RefuseCIDREquality bool
}

// Reduced is what keys can say of a pattern, and what they cannot.
type Reduced struct {
	// Keys are in the order of the pattern, each key once. An observation that
	// matches any one of those that are [indicator.Exact] matches the pattern.
	Keys []KeyTerm
	// Exactness is the worst of the keys, and [indicator.Compound] where there
	// are none. It says nothing of what Remainder names.
	Exactness indicator.Exactness
	// Remainder holds the codes of Refused, sorted, each once. It is empty where
	// the keys say all of the pattern.
	Remainder []indicator.Code
	// Refused are the parts that gave no key, in the order of the pattern.
	Refused []Refusal
	// Notes hold [CodeCIDREquality] where a prefix was compared with = and taken
	// for the network, and [CodeStartStop] where a key counts only in a window
	// of time.
	Notes []indicator.Code
}

// KeyTerm is one key of a pattern.
type KeyTerm struct {
	Key       indicator.Key
	Exactness indicator.Exactness
	Direction indicator.Direction
	Scope     indicator.Scope
	// Port is the port that the pattern also asks for, 0 where it asks for none
	// or for several.
	Port uint16
	// Window is the time in which the key counts.
	Window Window
	// Notes say how the canonical value differs from the one in the pattern.
	Notes indicator.Notes
}

// Refusal is a part of a pattern that gave no key.
type Refusal struct {
	// Code is one of [Codes], or of [indicator.Codes] where it is the value
	// that was refused.
	Code indicator.Code
	// Detail is a sentence about the value, empty where the code says it all.
	Detail string
	// Text is the part, as the pattern has it, or the value.
	Text string
}

// Reduce returns the keys that stand for the pattern.
func (p *Pattern) Reduce(opts Reduction) Reduced {
	r := reducer{opts: opts, text: p.text}
	r.expression(&p.root)
	r.out.Exactness = indicator.Exact
	if len(r.out.Keys) == 0 {
		r.out.Exactness = indicator.Compound
	}
	for i := range r.out.Keys {
		r.out.Exactness = max(r.out.Exactness, r.out.Keys[i].Exactness)
	}
	for i := range r.out.Refused {
		r.out.Remainder = append(r.out.Remainder, r.out.Refused[i].Code)
	}
	slices.Sort(r.out.Remainder)
	r.out.Remainder = slices.Compact(r.out.Remainder)
	return r.out
}

// reducer gathers the keys of one pattern.
type reducer struct {
	opts  Reduction
	text  string
	out   Reduced
	index map[indicator.Key]int // from the number of keys that makes it pay
	// best is the best exactness that a key may have here.
	best indicator.Exactness
	// window is the time in which a key counts here.
	window Window
}

// expression reduces an expression of observations.
func (r *reducer) expression(n *node) {
	if code := n.qualifiers.reason(); code != "" {
		r.leaveParts(n, code)
		return
	}
	if n.qualifiers.bounded() {
		r.inWindow(n, r.unqualified)
		return
	}
	r.unqualified(n)
}

// unqualified reduces an expression whose qualifiers are dealt with.
func (r *reducer) unqualified(n *node) {
	switch n.op {
	case opObservation:
		r.comparison(&n.operands[0])
	case opOr:
		r.expressions(n.operands)
	case opAnd:
		r.leaveParts(n, CodeAndOfObservations)
	case opFollowedBy:
		r.leaveParts(n, CodeFollowedBy)
	}
}

func (r *reducer) expressions(operands []node) {
	for i := range operands {
		r.expression(&operands[i])
	}
}

// reason returns the code of the first qualifier that no key can say. To be
// seen once is no condition.
func (q *qualifiers) reason() indicator.Code {
	switch {
	case q == nil:
		return ""
	case q.within != "":
		return CodeWithin
	case q.repeats != "" && q.repeats != "1":
		return CodeRepeats
	}
	return ""
}

// bounded reports whether START and STOP are there.
func (q *qualifiers) bounded() bool { return q != nil && q.start.text != "" }

// leave records a part that gives no key.
func (r *reducer) leave(n *node, code indicator.Code) {
	r.out.Refused = append(r.out.Refused, Refusal{Code: code, Text: r.text[n.start:n.end]})
}

// leaveParts records an expression that no key can say, and takes the keys of
// its observations where that is allowed.
func (r *reducer) leaveParts(n *node, code indicator.Code) {
	r.leave(n, code)
	if !r.opts.Widen.Has(ShapeParts) {
		return
	}
	before := r.best
	r.best = indicator.Compound
	if n.qualifiers.bounded() {
		r.inWindow(n, r.parts)
	} else {
		r.parts(n)
	}
	r.best = before
}

// parts reduces the observations of an expression one by one.
func (r *reducer) parts(n *node) {
	if n.op == opObservation {
		r.comparison(&n.operands[0])
	} else {
		r.expressions(n.operands)
	}
}

// comparison reduces an expression inside an observation.
func (r *reducer) comparison(n *node) {
	switch n.op {
	case opTest:
		r.test(n, KeyTerm{})
	case opOr:
		for i := range n.operands {
			r.comparison(&n.operands[i])
		}
	case opAnd:
		r.conjunction(n)
	}
}

// test reduces one test. The keys take what else the term says.
func (r *reducer) test(n *node, term KeyTerm) {
	to := n.test.path.target()
	if code := n.test.reason(to); code != "" {
		r.leave(n, code)
		return
	}
	term.Direction = to.direction
	if n.test.relation != relIn {
		r.value(n.test, to, n.test.value, term)
		return
	}
	for _, value := range n.test.set {
		r.value(n.test, to, value, term)
	}
}

// reason returns the code that tells why no key can stand for the test, ""
// where one can.
func (t *test) reason(to target) indicator.Code {
	switch {
	case t.negated || t.relation == relNotEqual:
		return CodeNegated
	case t.relation == relIsSubset && to.kind != indicator.IP && !to.byForm:
		return CodeSubset
	case t.relation == relIn && len(t.set) == 0:
		return CodeEmptySet
	case t.relation != relExists && t.path.isClass():
		return CodeUnknownPath
	}
	return relationCodes[t.relation]
}

var relationCodes = [...]indicator.Code{
	relLess: CodeComparison, relLessEqual: CodeComparison, relGreater: CodeComparison, relGreaterEqual: CodeComparison,
	relLike: CodeLike, relMatches: CodeMatches, relIsSuperset: CodeSuperset, relExists: CodeExists,
}

// isClass reports whether the property is one that objects of every type have,
// so that its value names a sort of object and not one.
func (p *path) isClass() bool {
	switch p.last() {
	case "type", "spec_version", "defanged":
		return true
	}
	return false
}

// value makes the keys of one constant.
func (r *reducer) value(t *test, to target, value literal, term KeyTerm) {
	if to.kind == indicator.Other {
		r.add(indicator.Other, t.path.String()+"="+value.text, term)
		return
	}
	if value.kind != literalString {
		r.refuse(CodeLiteralType, "the property is a string", value.String())
		return
	}
	if to.byForm {
		to.kind = kindByForm(value.text)
	}
	if t.relation == relIsSubset {
		to.kind = indicator.IP
	} else if to.kind == indicator.IP && strings.ContainsAny(value.text, "/-") {
		if r.opts.RefuseCIDREquality {
			r.refuse(CodeCIDREquality, "", value.text)
			return
		}
		r.note(CodeCIDREquality)
	}
	if to.kind == indicator.IP && t.path.isOtherFamily(value.text) {
		term.Notes |= indicator.NoteRetyped
	}
	r.add(to.kind, value.text, term)
}

// add makes keys of a value and gives them what the term says.
func (r *reducer) add(kind indicator.Kind, value string, term KeyTerm) {
	canonical, err := r.opts.Canon.Canon(kind, value)
	if err != nil {
		r.refuseValue(err, value)
		return
	}
	term.Exactness = max(term.Exactness, r.best)
	term.Window = r.window
	term.Scope = canonical.Scope
	term.Notes |= canonical.Notes
	if canonical.Port != 0 {
		if !r.opts.Widen.Has(ShapeAddressAndPort) {
			r.refuse(CodeExtraConstraint, "the value has a port", value)
			return
		}
		term.Port = canonical.Port
		term.Exactness = max(term.Exactness, indicator.Widened)
	}
	term.Key = canonical.Key
	r.keep(term)
	for _, key := range canonical.More {
		term.Key = key
		r.keep(term)
	}
}

func (r *reducer) refuseValue(err error, value string) {
	if reject, ok := errors.AsType[*indicator.Reject](err); ok {
		r.refuse(reject.Code, reject.Detail, value)
	}
}

func (r *reducer) refuse(code indicator.Code, detail, value string) {
	r.out.Refused = append(r.out.Refused, Refusal{Code: code, Detail: detail, Text: value})
}

func (r *reducer) note(code indicator.Code) {
	if !slices.Contains(r.out.Notes, code) {
		r.out.Notes = append(r.out.Notes, code)
	}
}

// keep adds a key, or joins it with itself: any branch of an OR suffices, so of
// two that are as exact both directions and the wider scope hold. What is less
// exact adds nothing, or its direction would pass for exact.
func (r *reducer) keep(term KeyTerm) {
	at := r.find(term.Key)
	if at < 0 {
		r.out.Keys = append(r.out.Keys, term)
		return
	}
	k := &r.out.Keys[at]
	if k.Exactness != term.Exactness || !k.join(term) {
		r.keepOne(k, term)
	}
}

// join adds what another branch says, and reports whether one term can say
// both. What counts in another window counts there alone.
func (k *KeyTerm) join(term KeyTerm) bool {
	if k.Window != term.Window {
		whole, gapless := k.Window.join(term.Window)
		if !gapless || k.Direction != term.Direction || k.Scope != term.Scope {
			return false
		}
		k.Window = whole
	}
	k.Scope = max(k.Scope, term.Scope)
	k.Direction |= term.Direction
	k.Notes |= term.Notes
	if term.Port != k.Port {
		k.Port = 0
	}
	return true
}

// find returns the place of a key, -1 where it is new.
func (r *reducer) find(key indicator.Key) int {
	const few = 16
	if len(r.out.Keys) < few {
		return slices.IndexFunc(r.out.Keys, func(k KeyTerm) bool { return k.Key == key })
	}
	if r.index == nil {
		r.index = make(map[indicator.Key]int, 4*few)
		for i := range r.out.Keys {
			r.index[r.out.Keys[i].Key] = i
		}
	}
	if at, ok := r.index[key]; ok {
		return at
	}
	r.index[key] = len(r.out.Keys) // where the caller adds it
	return -1
}
