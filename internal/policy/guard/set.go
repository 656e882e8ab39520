package guard

import (
	"fmt"
	"iter"
	"net/netip"
	"slices"

	"github.com/indicatord/indicatord/internal/indicator"
)

// The limits that hold unless the options say otherwise.
const (
	// DefaultMaxPieces is how many pieces a prefix may be split into.
	DefaultMaxPieces = 64
	// DefaultWidestIPv4 and DefaultWidestIPv6 are the lengths of the widest
	// prefixes that are enforced without a person's word.
	DefaultWidestIPv4 = 16
	DefaultWidestIPv6 = 32
)

// Options are the limits of a [Set]. A zero stands for the default.
type Options struct {
	// MaxPieces bounds the pieces that one prefix is split into.
	MaxPieces int
	// WidestIPv4 and WidestIPv6 are the lengths of the widest prefixes that are
	// enforced.
	WidestIPv4, WidestIPv6 int
}

func (o Options) withDefaults() Options {
	if o.MaxPieces == 0 {
		o.MaxPieces = DefaultMaxPieces
	}
	if o.WidestIPv4 == 0 {
		o.WidestIPv4 = DefaultWidestIPv4
	}
	if o.WidestIPv6 == 0 {
		o.WidestIPv6 = DefaultWidestIPv6
	}
	return o
}

// Set holds what is protected. It never changes, so it may be used by any number
// of goroutines at once.
type Set struct {
	options     Options
	rules       []Rule
	blocks      indexed
	names       names
	hashes      map[indicator.Key]int32
	fingerprint string
}

// Compile makes a set of rules. Of several rules that protect the same, the
// first is the one that reasons name. A rule for IPv4 addresses protects also
// the IPv6 addresses that embed them ([indicator.Embeddings]).
func Compile(rules iter.Seq[Rule], options Options) *Set {
	s := &Set{
		options: options.withDefaults(),
		rules:   slices.Collect(rules),
		names:   names{},
		hashes:  map[indicator.Key]int32{},
	}
	var blocks []block
	for i := range s.rules {
		blocks = s.add(blocks, int32(i))
	}
	s.blocks = newIndexed(blocks)
	s.fingerprint = s.identify()
	return s
}

// add puts a rule into its table, or the blocks of one for addresses behind
// those of others.
func (s *Set) add(blocks []block, rule int32) []block {
	r := &s.rules[rule]
	switch {
	case r.Key.Kind == indicator.IP:
		return appendBlocks(blocks, r.Key.Prefix(), rule)
	case r.Key.Kind == indicator.Domain:
		s.names.add(r.Key.Value, r.Scope, rule)
	case r.Key.Kind.Hash():
		if _, ok := s.hashes[r.Key]; !ok {
			s.hashes[r.Key] = rule
		}
	}
	return blocks
}

func appendBlocks(blocks []block, p netip.Prefix, rule int32) []block {
	if !p.IsValid() {
		return blocks
	}
	first := len(blocks)
	blocks = append(blocks, blockOf(p))
	for embedding := range indicator.Embeddings(p) {
		blocks = append(blocks, blockOf(embedding))
	}
	for i := range blocks[first:] {
		blocks[first+i].rule = rule
	}
	return blocks
}

// Rules yields what the set protects, in the order in which it was given.
func (s *Set) Rules() iter.Seq[Rule] { return slices.Values(s.rules) }

// Len returns the number of rules.
func (s *Set) Len() int { return len(s.rules) }

// Check says whether an indicator may be enforced. The scope is that of a
// domain, and does not matter for other kinds:
//
//   - An address or a prefix is held inside of what is protected, and split
//     around what is protected inside of it. A prefix that is wider than the
//     options allow is held.
//   - A domain is held if it is protected, or with its scope stands for a name
//     that is. A public suffix is held.
//   - A URL is held if it is the root of a protected host, since no less than the
//     host is meant then.
//   - A hash is held if it is protected. Other kinds are clear.
//
// Nothing is allocated for a clear address.
func (s *Set) Check(key indicator.Key, scope indicator.Scope) Finding {
	switch {
	case key.Kind == indicator.IP:
		return s.checkPrefix(key)
	case key.Kind == indicator.Domain:
		return s.checkName(key.Value, scope)
	case key.Kind == indicator.URL:
		return s.checkURL(key.Value)
	case key.Kind.Hash():
		if rule, ok := s.hashes[key]; ok {
			return s.protected(key.Value, rule)
		}
	}
	return Finding{}
}

func (s *Set) protected(value string, rule int32) Finding {
	return Finding{Verdict: Protected, Rule: &s.rules[rule], value: value}
}

func (s *Set) checkPrefix(key indicator.Key) Finding {
	if four, ok := fourOf(key.Value); ok && !s.blocks.contains(four) {
		return Finding{} // nearly every entry of a long list
	}
	p := key.Prefix()
	if !p.IsValid() {
		return Finding{Verdict: TooBroad, value: key.Value, broad: key.Value + " is not a canonical address, so nobody knows how much it stands for"}
	}
	b := blockOf(p)
	inside := s.blocks.overlapping(b)
	if len(inside) > 0 && inside[0].length <= b.length {
		return s.protected(key.Value, inside[0].rule)
	}
	if reason := s.options.tooBroad(p); reason != "" {
		return Finding{Verdict: TooBroad, value: key.Value, broad: reason}
	}
	if len(inside) == 0 {
		return Finding{}
	}
	return s.split(key.Value, p, inside)
}

// split goes around the blocks inside of a prefix.
func (s *Set) split(value string, p netip.Prefix, inside table) Finding {
	cutter := cutter{limit: s.options.MaxPieces}
	found := Finding{Verdict: Split, Rule: &s.rules[inside[0].rule], Contains: len(inside), value: value, limit: cutter.limit}
	switch fits := cutter.cut(p, inside); {
	case !fits:
		found.Verdict = Fragmented
	case len(cutter.pieces) == 0:
		found.Verdict = Protected
	default:
		found.Pieces = cutter.pieces
	}
	return found
}

// tooBroad says why a prefix is too broad, "" where it is not. Behind the
// prefixes that embed IPv4 addresses, so many bits are those of one.
func (o Options) tooBroad(p netip.Prefix) string {
	widest := o.WidestIPv6
	if p.Addr().Is4() {
		widest = o.WidestIPv4
	}
	if p.Bits() < widest {
		return fmt.Sprintf("%s is wider than /%d, the widest that is enforced unasked", p, widest)
	}
	for _, behind := range embeddings {
		if behind.Overlaps(p) && p.Bits() < behind.Bits()+o.WidestIPv4 {
			return fmt.Sprintf("%s embeds more IPv4 addresses than a /%d, the widest that is enforced unasked", p, o.WidestIPv4)
		}
	}
	return ""
}

// embeddings are the prefixes behind which every IPv4 address stands.
var embeddings = append(slices.Collect(indicator.Embeddings(everyIPv4)), netip.MustParsePrefix("::ffff:0:0/96"))

var everyIPv4 = netip.PrefixFrom(netip.IPv4Unspecified(), 0)

func (s *Set) checkName(name string, scope indicator.Scope) Finding {
	if rule := s.names.find(name, scope); rule != none {
		return s.protected(name, rule)
	}
	if isSuffix(name, scope) {
		return Finding{Verdict: TooBroad, value: name, broad: name + " is a public suffix: anybody can register names below it"}
	}
	return Finding{}
}
