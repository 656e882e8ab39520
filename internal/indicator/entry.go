package indicator

import (
	"encoding/binary"
	"net/netip"
	"slices"
	"time"
)

// Entry is a key and what is asserted about it. In a view the assertions are
// those that the view may see and that hold now, so every merged answer is made
// from them and from nothing else.
type Entry struct {
	Key Key
	// Sequence numbers the entry's last change in this store. It only rises, so
	// it serves tools as a document version.
	Sequence uint64
	// FirstSeen is when this site first stored anything about the key.
	FirstSeen time.Time
	// Changed is when this site last stored a change of it.
	Changed time.Time
	// Assertions are never empty in a view.
	Assertions []Assertion
	// Pieces are set in the view of an output that enforces, for a prefix that
	// holds protected addresses: what may be enforced of it, in ascending order.
	// Where they are set, the key itself must not be enforced.
	Pieces []netip.Prefix
	// Protected says, in the view of an output that only shows, why the key would
	// not be enforced, "" where nothing speaks against it.
	Protected string
}

// Revision is a mark of what the entry shows: the assertions in their present
// state, whatever their order, and what the view says of its enforcement. Two
// views of one store that show the same of a key have the same mark, and views of
// other stores have others. It means nothing where only keys were asked for.
func (e *Entry) Revision() uint64 {
	revisions := make([]uint64, 0, 4)
	for i := range e.Assertions {
		revisions = append(revisions, e.Assertions[i].Revision)
	}
	slices.Sort(revisions)
	sum := uint64(len(revisions))
	for _, r := range revisions {
		sum = mixed(sum, r)
	}
	for _, piece := range e.Pieces {
		a := piece.Addr().As16()
		sum = mixed(sum, binary.BigEndian.Uint64(a[:8]))
		sum = mixed(sum, binary.BigEndian.Uint64(a[8:])^uint64(piece.Bits())<<56)
	}
	for i := range len(e.Protected) {
		sum = mixed(sum, uint64(e.Protected[i]))
	}
	return sum
}

// mixed mixes a number into a sum, as FNV-1a does with an octet.
func mixed(sum, n uint64) uint64 { return (sum ^ n) * 0x100000001b3 }

// Confidence is the highest that any assertion states, or [Unstated].
func (e *Entry) Confidence() Confidence {
	best := Unstated
	for i := range e.Assertions {
		best = max(best, e.Assertions[i].Confidence)
	}
	return best
}

// TLP is the strictest level of any assertion and of any threat that one names.
func (e *Entry) TLP() TLP {
	strictest := TLPUnmarked
	for i := range e.Assertions {
		strictest = max(strictest, e.Assertions[i].TLP)
		if e.Assertions[i].Object == nil {
			continue
		}
		for _, t := range e.Assertions[i].Object.Threats {
			strictest = max(strictest, t.TLP)
		}
	}
	return strictest
}

// Scope is the widest scope of any assertion.
func (e *Entry) Scope() Scope {
	widest := ScopeExact
	for i := range e.Assertions {
		widest = max(widest, e.Assertions[i].Scope)
	}
	return widest
}

// Direction joins the directions of all assertions; unknown adds nothing.
func (e *Entry) Direction() Direction {
	joined := DirectionUnknown
	for i := range e.Assertions {
		joined |= e.Assertions[i].Direction
	}
	return joined
}

// Exactness is the best of any assertion.
func (e *Entry) Exactness() Exactness {
	best := Compound
	for i := range e.Assertions {
		best = min(best, e.Assertions[i].Exactness)
	}
	return best
}

// ValidFrom is the earliest start of any assertion.
func (e *Entry) ValidFrom() time.Time {
	var first time.Time
	for i := range e.Assertions {
		if from := e.Assertions[i].ValidFrom; i == 0 || from.Before(first) {
			first = from
		}
	}
	return first
}

// ValidUntil is the end of the assertion that holds longest, zero where one has
// no end, and why it ends then.
func (e *Entry) ValidUntil() (time.Time, End) {
	var last time.Time
	var why End
	for i := range e.Assertions {
		a := &e.Assertions[i]
		if a.ValidUntil.IsZero() {
			return time.Time{}, EndNone
		}
		if a.ValidUntil.After(last) {
			last, why = a.ValidUntil, a.End
		}
	}
	return last, why
}

// Version is the newest modification of any object that asserts the key.
func (e *Entry) Version() time.Time {
	var newest time.Time
	for i := range e.Assertions {
		if v := e.Assertions[i].Version; v.After(newest) {
			newest = v
		}
	}
	return newest
}

// Sources returns the names of the sources, sorted, each once.
func (e *Entry) Sources() []string { return e.AppendSources(nil) }

// AppendSources appends the names of the sources, sorted, each once.
func (e *Entry) AppendSources(dst []string) []string {
	all := dst
	for i := range e.Assertions {
		all = append(all, e.Assertions[i].Source)
	}
	return distinctAfter(all, len(dst))
}

// ObjectIDs returns the ids of the objects, sorted, each once.
func (e *Entry) ObjectIDs() []string { return e.AppendObjectIDs(nil) }

// AppendObjectIDs appends the ids of the objects, sorted, each once.
func (e *Entry) AppendObjectIDs(dst []string) []string {
	return e.collect(dst, func(all []string, o *Object) []string { return append(all, o.ID) })
}

// Names returns the names that the objects give the indicator, sorted, each once.
func (e *Entry) Names() []string { return e.AppendNames(nil) }

// AppendNames appends the names that the objects give the indicator, sorted, each
// once.
func (e *Entry) AppendNames(dst []string) []string {
	return e.collect(dst, func(all []string, o *Object) []string { return append(all, o.Name) })
}

// Threats returns the names of malware and actors indicated, sorted, each once.
func (e *Entry) Threats() []string { return e.AppendThreats(nil) }

// AppendThreats appends the names of malware and actors indicated, sorted, each
// once.
func (e *Entry) AppendThreats(dst []string) []string {
	return e.collect(dst, func(all []string, o *Object) []string {
		for i := range o.Threats {
			all = append(all, o.Threats[i].Name)
		}
		return all
	})
}

// Labels returns the labels of all objects, sorted, each once.
func (e *Entry) Labels() []string {
	return e.collect(nil, func(all []string, o *Object) []string { return append(all, o.Labels...) })
}

// IndicatorTypes returns the indicator types as written, sorted, each once.
func (e *Entry) IndicatorTypes() []string { return e.AppendIndicatorTypes(nil) }

// AppendIndicatorTypes appends the indicator types as written, sorted, each once.
func (e *Entry) AppendIndicatorTypes(dst []string) []string {
	return e.collect(dst, func(all []string, o *Object) []string { return append(all, o.Types...) })
}

// Remainder returns the reason codes of what the key does not say of the patterns
// that it came from, sorted, each once. Where there is none, it is all that the
// sources say.
func (e *Entry) Remainder() []string {
	return e.collect(nil, func(all []string, o *Object) []string { return append(all, o.Remainder...) })
}

// References returns the external references in the order of the assertions,
// each once.
func (e *Entry) References() []Reference {
	var refs []Reference
	for i := range e.Assertions {
		if e.Assertions[i].Object == nil {
			continue
		}
		for _, r := range e.Assertions[i].Object.References {
			if !slices.Contains(refs, r) {
				refs = append(refs, r)
			}
		}
	}
	return refs
}

// collect appends what pick appends of each object, sorted, each once.
func (e *Entry) collect(dst []string, pick func([]string, *Object) []string) []string {
	all := dst
	for i := range e.Assertions {
		if o := e.Assertions[i].Object; o != nil {
			all = pick(all, o)
		}
	}
	return distinctAfter(all, len(dst))
}

// distinctAfter sorts the words after the first so many, and drops the empty ones
// and repetitions among them. It uses the slice's memory.
func distinctAfter(words []string, kept int) []string {
	added := slices.DeleteFunc(words[kept:], func(s string) bool { return s == "" })
	if len(added) > 1 {
		slices.Sort(added)
		added = slices.Compact(added)
	}
	return words[:kept+len(added)]
}
