package pipeline

import (
	"cmp"
	"context"
	"encoding/binary"
	"iter"
	"net/netip"
	"slices"

	"github.com/indicatord/indicatord/internal/indicator"
	"github.com/indicatord/indicatord/internal/store"
	"github.com/indicatord/indicatord/outputs"
)

// all yields the whole view in the order of the keys, and notes how the ledger
// moves when the output accepts it.
func (o *offering) all(ctx context.Context) func(outputs.Detail) iter.Seq2[indicator.Entry, error] {
	return func(detail outputs.Detail) iter.Seq2[indicator.Entry, error] {
		return func(yield func(indicator.Entry, error) bool) {
			o.whole = true
			o.offered = nil
			lines, err := o.collect(ctx)
			if err != nil {
				yield(indicator.Entry{}, err)
				return
			}
			if detail == outputs.InFull {
				o.inFull(ctx, lines)(yield)
				return
			}
			for i := range lines {
				if !yield(lines[i].entry(), nil) {
					return
				}
			}
		}
	}
}

// collect reads the whole view and sorts it. Of each entry it keeps a line: the
// key and the merged attributes.
func (o *offering) collect(ctx context.Context) ([]line, error) {
	n, err := o.Store.CountKinds(ctx, o.Policy.Select.Kinds)
	if err != nil {
		return nil, err
	}
	lines := make([]line, 0, n)
	for record, err := range o.Store.Entries(ctx, o.reading()) {
		if err != nil {
			return nil, err
		}
		lines = o.appendLines(lines, &record)
	}
	slices.SortFunc(lines, compareLines)
	// A piece may be what another entry is: the tool needs it once.
	return slices.CompactFunc(lines, func(a, b line) bool { return compareLines(a, b) == 0 }), nil
}

// appendLines appends the lines of a record in the whole view, and notes how the
// ledger moves when the tool takes them. A list holds what was refused for good
// too: it is offered anyway, and the tool may take it now. What may not be changed
// now stays as the tool has it: in the list, or out of it.
func (o *offering) appendLines(lines []line, record *store.Record) []line {
	d, _ := o.difference(record)
	if d.digest != record.Delivered {
		if !o.mode.allows(record, &d) {
			return o.appendKept(lines, record)
		}
		o.note(record, d)
	}
	if d.op == outputs.Remove {
		return lines
	}
	return appendPieces(lines, lineOf(record.ID, &d.view), d.view.Pieces)
}

// appendPieces appends a line, or one for each of its pieces.
func appendPieces(lines []line, l line, pieces []netip.Prefix) []line {
	if len(pieces) == 0 {
		return append(lines, l)
	}
	l.piece = true
	for _, piece := range pieces {
		l.locate(piece)
		lines = append(lines, l)
	}
	return lines
}

// inFull reads sorted lines again with their texts, but for those that are only
// kept.
func (o *offering) inFull(ctx context.Context, lines []line) iter.Seq2[indicator.Entry, error] {
	if o.mode == Everything {
		return inFull(ctx, o.view(), lines)
	}
	return func(yield func(indicator.Entry, error) bool) {
		for len(lines) > 0 {
			n := 1
			for n < len(lines) && lines[n].kept == lines[0].kept {
				n++
			}
			if !yieldLines(lines[:n], inFull(ctx, o.view(), lines[:n]), yield) {
				return
			}
			lines = lines[n:]
		}
	}
}

// yieldLines yields lines that are kept as they are, and others as they are read.
func yieldLines(lines []line, read iter.Seq2[indicator.Entry, error], yield func(indicator.Entry, error) bool) bool {
	if lines[0].kept {
		for i := range lines {
			if !yield(lines[i].entry(), nil) {
				return false
			}
		}
		return true
	}
	for entry, err := range read {
		if !yield(entry, err) || err != nil {
			return false
		}
	}
	return true
}

// appendKept appends the lines of an entry that stays as the tool has it. Of what
// is asserted they say nothing: the view may not see all of it. What must not be
// blocked is left out even so.
func (o *offering) appendKept(lines []line, record *store.Record) []line {
	if record.Delivered == 0 || record.Delivered == store.MaybeAdded {
		return lines
	}
	pieces, enforceable := o.Policy.Enforceable(record.Entry.Key)
	if !enforceable {
		return lines
	}
	l := lineOf(record.ID, &record.Entry)
	l.merged, l.kept = merged{confidence: indicator.Unstated}, true
	return appendPieces(lines, l, pieces)
}

// line is what a long list needs in memory of each entry.
type line struct {
	id    int64
	value string // "" for addresses
	// high, low and bits are an address by number: its text is written again.
	high, low uint64
	six       bool
	kept      bool // it stays as the tool has it
	piece     bool // it is a part of the entry's prefix
	bits      uint8
	kind      indicator.Kind
	merged
}

// merged are the attributes of all assertions of a line, in one.
type merged struct {
	confidence           indicator.Confidence
	tlp                  indicator.TLP
	direction            indicator.Direction
	scope                indicator.Scope
	exactness            indicator.Exactness
	end                  indicator.End
	types                indicator.TypeSet
	from, until, version int64 // microseconds, 0 for none
}

func lineOf(id int64, view *indicator.Entry) line {
	until, end := view.ValidUntil()
	l := line{id: id, kind: view.Key.Kind, merged: merged{
		confidence: view.Confidence(), direction: view.Direction(),
		scope: view.Scope(), exactness: view.Exactness(), end: end,
		from: store.Micros(view.ValidFrom()), until: store.Micros(until), version: store.Micros(view.Version()),
	}}
	for i := range view.Assertions {
		l.types |= view.Assertions[i].Types
		// A line names no threat, so it has not the level of one.
		l.tlp = max(l.tlp, view.Assertions[i].TLP)
	}
	if l.kind == indicator.IP {
		l.locate(view.Key.Prefix())
	} else {
		l.value = view.Key.Value
	}
	return l
}

// locate places an address: IPv4 below every IPv6, as [indicator.Compare] does.
func (l *line) locate(prefix netip.Prefix) {
	l.six, l.high, l.low = false, 0, 0
	l.bits = uint8(prefix.Bits())
	if prefix.Addr().Is4() {
		four := prefix.Addr().As4()
		l.low = uint64(binary.BigEndian.Uint32(four[:]))
		return
	}
	sixteen := prefix.Addr().As16()
	l.six, l.high, l.low = true, binary.BigEndian.Uint64(sixteen[:8]), binary.BigEndian.Uint64(sixteen[8:])
}

// compareLines orders as [indicator.Compare] does, without parsing.
func compareLines(a, b line) int {
	switch {
	case a.kind != b.kind:
		return cmp.Compare(a.kind, b.kind)
	case a.kind != indicator.IP:
		return cmp.Compare(a.value, b.value)
	case a.six != b.six:
		if b.six {
			return -1
		}
		return 1
	}
	return cmp.Or(cmp.Compare(a.high, b.high), cmp.Compare(a.low, b.low), cmp.Compare(a.bits, b.bits))
}

// entry is the line as an output sees it: with one assertion that merges all.
func (l *line) entry() indicator.Entry {
	return indicator.Entry{
		Key: l.key(),
		Assertions: []indicator.Assertion{{
			Version: store.FromMicros(l.version), ValidFrom: store.FromMicros(l.from), ValidUntil: store.FromMicros(l.until), End: l.end,
			Confidence: l.confidence, TLP: l.tlp, Types: l.types, Direction: l.direction, Scope: l.scope, Exactness: l.exactness,
		}},
	}
}

func (l *line) key() indicator.Key {
	if l.kind != indicator.IP {
		return indicator.Key{Kind: l.kind, Value: l.value}
	}
	address := l.address()
	if int(l.bits) == address.BitLen() {
		return indicator.Key{Kind: indicator.IP, Value: address.String()}
	}
	return indicator.Key{Kind: indicator.IP, Value: netip.PrefixFrom(address, int(l.bits)).String()}
}

func (l *line) address() netip.Addr {
	if !l.six {
		var four [4]byte
		binary.BigEndian.PutUint32(four[:], uint32(l.low))
		return netip.AddrFrom4(four)
	}
	var sixteen [16]byte
	binary.BigEndian.PutUint64(sixteen[:8], l.high)
	binary.BigEndian.PutUint64(sixteen[8:], l.low)
	return netip.AddrFrom16(sixteen)
}
