package pattern

import (
	"slices"
	"strconv"

	"github.com/indicatord/indicatord/internal/indicator"
)

// conjunction reduces tests that one object must pass all at once.
func (r *reducer) conjunction(n *node) {
	rest := withoutImpliedTypes(n.operands)
	switch {
	case len(rest) == 1:
		r.comparison(rest[0])
	case isHashesOfOneFile(rest):
		r.hashes(n, rest)
	case contradicts(rest):
		r.leave(n, CodeAndOfValues)
	default:
		r.constrained(n, rest)
	}
}

// withoutImpliedTypes returns the operands but for the tests of an object's
// type that the form of its value already implies:
// dst_ref.type = 'ipv4-addr' AND dst_ref.value = '198.51.100.7'.
func withoutImpliedTypes(operands []node) []*node {
	rest := make([]*node, 0, len(operands))
	for i := range operands {
		if n := &operands[i]; !n.isTypeTest() || !impliedByAny(n.test, operands) {
			rest = append(rest, n)
		}
	}
	return rest
}

func (n *node) isTypeTest() bool {
	return n.op == opTest && n.test.selects() && n.test.path.last() == "type"
}

func impliedByAny(typeTest *test, operands []node) bool {
	return slices.ContainsFunc(operands, func(n node) bool { return n.implies(typeTest) })
}

// implies reports whether whatever passes n is of a type that the type test
// names.
func (n *node) implies(typeTest *test) bool {
	if n.op == opOr {
		return !slices.ContainsFunc(n.operands, func(o node) bool { return !o.implies(typeTest) })
	}
	if n.op != opTest || n.test.path.last() != "value" || !n.test.path.sameParent(&typeTest.path) {
		return false
	}
	if !n.test.selects() && (n.test.relation != relIsSubset || n.test.negated) {
		return false
	}
	types := typeTest.literals()
	values := n.test.literals()
	return len(values) > 0 && !slices.ContainsFunc(values, func(v literal) bool {
		return !slices.Contains(types, literal{kind: literalString, text: n.test.path.typeOf(v.text)})
	})
}

// typeOf returns the type of the object that holds the value: what the path
// says, or behind a reference what the form of the value says.
func (p *path) typeOf(value string) string {
	if len(p.steps) == 1 {
		return p.object
	}
	return addressType(value)
}

// isHashesOfOneFile reports whether the tests give hashes of one file by
// different algorithms, at least one of which makes a key.
func isHashesOfOneFile(tests []*node) bool {
	strong := false
	for i, n := range tests {
		if !n.isHash() || !n.test.path.sameParent(&tests[0].test.path) {
			return false
		}
		if slices.ContainsFunc(tests[:i], func(o *node) bool { return o.test.path.last() == n.test.path.last() }) {
			return false
		}
		strong = strong || n.test.path.target().kind.Hash()
	}
	return strong
}

// isHash reports whether n says = of a file's hash, by any algorithm.
func (n *node) isHash() bool {
	return n.op == opTest && n.test.selects() && n.test.relation == relEqual &&
		n.test.path.object == "file" && len(n.test.path.steps) == 2 && n.test.path.endsBelowHashes()
}

func (p *path) endsBelowHashes() bool { return p.steps[len(p.steps)-2] == step{name: "hashes"} }

// hashes reduces several hashes of one file. A file that has the SHA-256 or
// SHA-512 has the others too; MD5 and SHA-1 have collisions, so they do not
// stand for the others unless that is allowed.
func (r *reducer) hashes(n *node, tests []*node) {
	strongest := slices.MaxFunc(tests, func(a, b *node) int { return int(a.strength()) - int(b.strength()) })
	if strongest.strength() >= indicator.SHA256 {
		r.test(strongest, KeyTerm{})
		return
	}
	if !r.opts.Widen.Has(ShapeWeakHashes) {
		r.leave(n, CodeWeakHash)
		return
	}
	for _, t := range tests {
		if t.strength() > 0 {
			r.test(t, KeyTerm{Exactness: indicator.Widened})
		}
	}
}

// strength returns the kind of the hash, which rises with its strength, and 0
// for a hash that makes no key.
func (n *node) strength() indicator.Kind {
	if kind := n.test.path.target().kind; kind.Hash() {
		return kind
	}
	return 0
}

// contradicts reports whether the tests ask one object to be of two types, or
// one property to have two values.
func contradicts(tests []*node) bool {
	for i, n := range tests {
		if n.op != opTest {
			continue
		}
		for _, o := range tests[:i] {
			if o.op == opTest && n.test.contradicts(o.test) {
				return true
			}
		}
	}
	return false
}

func (t *test) contradicts(o *test) bool {
	if t.path.object != o.path.object {
		return true
	}
	if t.relation != relEqual || !t.selects() || o.relation != relEqual || !o.selects() || t.value == o.value {
		return false
	}
	isIndex := func(s step) bool { return s.index }
	return slices.Equal(t.path.steps, o.path.steps) && !slices.ContainsFunc(t.path.steps, isIndex)
}

// constrained reduces one value that further tests constrain, where the shape
// is allowed.
func (r *reducer) constrained(n *node, tests []*node) {
	anchors := slices.Collect(func(yield func(*node) bool) {
		for _, t := range tests {
			if t.isAnchor() && !yield(t) {
				return
			}
		}
	})
	if len(anchors) == 0 {
		r.leave(n, reasonOfFirst(tests))
		return
	}
	others := slices.DeleteFunc(slices.Clone(tests), func(t *node) bool { return slices.Contains(anchors, t) })
	shape := shapeOf(anchors[0], others)
	if shape == 0 || !r.opts.Widen.Has(shape) || len(anchors) > 1 && !isHashesOfOneFile(anchors) {
		r.leave(n, CodeExtraConstraint)
		return
	}
	anchor := slices.MaxFunc(anchors, func(a, b *node) int { return int(a.strength()) - int(b.strength()) })
	r.test(anchor, KeyTerm{Exactness: indicator.Widened, Port: portOf(anchor, others)})
}

// isAnchor reports whether n selects a value that a tool can match.
func (n *node) isAnchor() bool {
	if n.op != opTest {
		return false
	}
	to := n.test.path.target()
	return n.test.reason(to) == "" && (to.byForm || !to.kind.Carried())
}

// reasonOfFirst returns the code of a conjunction without a value that a tool
// can match.
func reasonOfFirst(tests []*node) indicator.Code {
	for _, t := range tests {
		if t.op == opTest && t.test.reason(t.test.path.target()) == "" {
			return CodeExtraConstraint
		}
	}
	for _, t := range tests {
		if t.op == opTest {
			return t.test.reason(t.test.path.target())
		}
	}
	return CodeExtraConstraint
}

// shapeOf returns the shape of a value under constraints, 0 for one without a
// name.
func shapeOf(anchor *node, others []*node) Shapes {
	shape := Shapes(0)
	switch anchor.test.path.object {
	case "file":
		shape = ShapeHashAndFile
	case "network-traffic":
		shape = ShapeAddressAndPort
	case "domain-name":
		shape = ShapeDomainAndAddress
	}
	for _, o := range others {
		if o.op != opTest || shape == ShapeDomainAndAddress && o.test.path.steps[0].name != "resolves_to_refs" {
			return 0
		}
	}
	return shape
}

// portOf returns the port on the anchor's side of the traffic, 0 where the
// others do not give exactly one.
func portOf(anchor *node, others []*node) uint16 {
	want := "dst_port"
	if anchor.test.path.steps[0].name == "src_ref" {
		want = "src_port"
	}
	for _, o := range others {
		t := o.test
		if t.relation != relEqual || t.negated || len(t.path.steps) != 1 || t.path.last() != want {
			continue
		}
		if port, err := strconv.ParseUint(t.value.text, 10, 16); err == nil {
			return uint16(port)
		}
	}
	return 0
}
