package pattern

import (
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/indicatord/indicatord/internal/indicator"
)

// The evaluator says what the standard means by a pattern (STIX 2.1, section
// 9.2 to 9.5), for one observation of one object. It is slow and plain, and
// knows what the reduction must not get wrong.

// thing is an observed object: its type and its properties. A reference holds
// the thing that it refers to.
type thing map[string]any

// matches reports whether one observation of the thing, made at that time,
// matches the expression.
func (n *node) matches(o thing, at time.Time) bool {
	if q := n.qualifiers; q != nil && (q.repeats != "" && q.repeats != "1" || !q.contains(at)) {
		return false
	}
	switch n.op {
	case opOr:
		return slices.ContainsFunc(n.operands, func(k node) bool { return k.matches(o, at) })
	case opObservation:
		return n.operands[0].holds(o)
	}
	return false // AND and FOLLOWEDBY need a second observation
}

// contains reports whether an observation of that time lies from START to before
// STOP.
func (q *qualifiers) contains(at time.Time) bool {
	if q.start.text == "" {
		return true
	}
	start, errStart := time.Parse(time.RFC3339, q.start.text)
	stop, errStop := time.Parse(time.RFC3339, q.stop.text)
	return errStart == nil && errStop == nil && !at.Before(start) && at.Before(stop)
}

// holds reports whether the comparison expression is true of the thing.
func (n *node) holds(o thing) bool {
	switch n.op {
	case opOr:
		return slices.ContainsFunc(n.operands, func(k node) bool { return k.holds(o) })
	case opAnd:
		return !slices.ContainsFunc(n.operands, func(k node) bool { return !k.holds(o) })
	}
	return n.test.holds(o)
}

func (t *test) holds(o thing) bool {
	value, ok := t.path.in(o)
	if t.relation == relExists {
		return ok != t.negated
	}
	return ok && t.compare(value) != t.negated
}

// in returns the property at the path, and whether it is there.
func (p *path) in(o thing) (string, bool) {
	if o["type"] != p.object {
		return "", false
	}
	var at any = o
	for _, s := range p.steps {
		inner, ok := at.(thing)
		if !ok || s.index {
			return "", false
		}
		if at, ok = inner[s.name]; !ok {
			return "", false
		}
	}
	value, ok := at.(string)
	return value, ok
}

func (t *test) compare(value string) bool {
	switch t.relation {
	case relEqual:
		return same(t.value, value)
	case relNotEqual:
		return !same(t.value, value)
	case relIn:
		return slices.ContainsFunc(t.set, func(l literal) bool { return same(l, value) })
	case relIsSubset:
		return inside(value, t.value.text)
	case relIsSuperset:
		return inside(t.value.text, value)
	case relLess, relLessEqual:
		return value < t.value.text
	case relGreater, relGreaterEqual:
		return value > t.value.text
	}
	return false // LIKE and MATCHES never hold: nothing may depend on them
}

// same compares as = does. A prefix stands for its network, which is what
// producers mean by it and what [CodeCIDREquality] says.
func same(l literal, value string) bool {
	return l.kind == literalString && (l.text == value || inside(value, l.text))
}

func inside(value, network string) bool {
	a, err := netip.ParsePrefix(network)
	if err != nil {
		return value == network
	}
	if b, err := netip.ParsePrefix(value); err == nil {
		return a.Bits() <= b.Bits() && a.Contains(b.Addr())
	}
	b, err := netip.ParseAddr(value)
	return err == nil && a.Contains(b)
}

// observations returns what a tool would see that found the key: one thing for
// each way to see it.
func observations(k KeyTerm) []thing {
	value := k.Key.Value
	switch k.Key.Kind {
	case indicator.IP:
		return traffic(k, thing{"type": ipType(value), "value": firstAddress(value)})
	case indicator.Domain:
		return traffic(k, thing{"type": "domain-name", "value": value})
	case indicator.URL:
		return []thing{{"type": "url", "value": value}}
	case indicator.Email:
		address := thing{"type": "email-addr", "value": value}
		if k.Direction == indicator.DirectionUnknown {
			return []thing{address}
		}
		return []thing{{"type": "email-message", "from_ref": address, "sender_ref": address}}
	case indicator.MD5, indicator.SHA1, indicator.SHA256:
		return filesWith(value)
	case indicator.FileName:
		return []thing{{"type": "file", "name": value}}
	case indicator.Other:
		return []thing{thingWith(value)}
	}
	panic("no observation of " + strconv.Quote(k.line()))
}

// thingWith returns an object that has the one property of a key without a kind
// of its own, "object-path=value".
func thingWith(property string) thing {
	text, value, _ := strings.Cut(property, "=")
	p, err := Parse("[EXISTS "+text+"]", Options{})
	if err != nil {
		panic(err)
	}
	path := p.root.operands[0].test.path
	whole := thing{"type": path.object}
	at := whole
	for _, s := range path.steps[:len(path.steps)-1] {
		inner := thing{}
		at[s.name] = inner
		at = inner
	}
	at[path.last()] = value
	return whole
}

func traffic(k KeyTerm, address thing) []thing {
	to := thing{"type": "network-traffic", "dst_ref": address}
	from := thing{"type": "network-traffic", "src_ref": address}
	switch k.Direction {
	case indicator.DirectionTo:
		return []thing{to}
	case indicator.DirectionFrom:
		return []thing{from}
	case indicator.DirectionBoth:
		return []thing{to, from}
	}
	return []thing{address}
}

func ipType(value string) string {
	if p := (indicator.Key{Kind: indicator.IP, Value: value}).Prefix(); p.Addr().Is6() {
		return "ipv6-addr"
	}
	return "ipv4-addr"
}

func firstAddress(value string) string {
	return indicator.Key{Kind: indicator.IP, Value: value}.Prefix().Addr().String()
}

// The world holds two files. They have the same MD5 and SHA-1, as files that
// somebody made for the purpose do, and differ in their SHA-256.
var world = []thing{
	{"type": "file", "hashes": thing{"MD5": md5A, "SHA-1": sha1A, "SHA-256": sha256A}},
	{"type": "file", "hashes": thing{"MD5": md5A, "SHA-1": sha1A, "SHA-256": sha256B}},
}

func filesWith(hash string) []thing {
	var files []thing
	for _, file := range world {
		for _, value := range file["hashes"].(thing) {
			if value == hash {
				files = append(files, file)
			}
		}
	}
	return files
}
