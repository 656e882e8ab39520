package addresslist

import (
	"context"
	"iter"
	"slices"
	"strings"

	"github.com/indicatord/indicatord/internal/cidr"
	"github.com/indicatord/indicatord/internal/indicator"
	"github.com/indicatord/indicatord/outputs"
	"github.com/indicatord/indicatord/outputs/addresslist/dialect"
)

// view is the entries that a list is made of, in the order of the list.
type view = iter.Seq2[*indicator.Entry, error]

// view returns the entries of a delivery that the dialect has words for, joined
// if need be. The others are told to left.
func (o *Output) view(ctx context.Context, d outputs.Delivery, left *leftOut) view {
	all := d.All(outputs.Detail(o.words.InFull))
	if o.words.Minimal {
		all = withoutCovered(ctx, all)
	}
	sayable := func(yield func(*indicator.Entry, error) bool) {
		// The entry escapes to the dialect, so there is one for all turns.
		var entry indicator.Entry
		seen := 0
		for e, err := range all {
			if seen++; err == nil && seen%checkEvery == 0 {
				err = ctx.Err()
			}
			if err != nil {
				yield(nil, err)
				return
			}
			entry = e
			if unsaid := o.unsaid(&entry); unsaid != "" {
				left.add(entry.Key, unsaid)
				continue
			}
			if !yield(&entry, nil) {
				return
			}
		}
	}
	if o.join {
		return o.joined(sayable)
	}
	return sayable
}

// checkEvery is how many entries pass between two looks at the context: well below
// a millisecond's worth.
const checkEvery = 1024

// unsaid returns why the dialect or the place has nothing for an entry, "" where
// it has.
func (o *Output) unsaid(e *indicator.Entry) dialect.Unsaid {
	switch {
	case !o.words.Has(e.Key.Kind):
		return unsaidKinds[e.Key.Kind]
	case breaksLine(e.Key.Value):
		return "a control character in the value"
	case o.place.families && e.Key.Kind != indicator.IP:
		return "no address, and the path has " + familyMark
	case e.Key.Kind == indicator.IP:
		return o.words.Addresses.Unsaid(e.Key.Value)
	case e.Key.Kind != indicator.Domain || o.words.Names != dialect.WithSubdomains || o.widen:
		return ""
	case e.Scope() != indicator.ScopeSubdomains:
		return "a name alone, and the reader would take its subdomains too (see widen)"
	}
	return ""
}

// unsaidKinds are the reasons for which kinds are not written, made once for
// lists with very many of them.
var unsaidKinds = func() map[indicator.Kind]dialect.Unsaid {
	reasons := map[indicator.Kind]dialect.Unsaid{}
	for _, k := range indicator.Kinds() {
		reasons[k] = dialect.Unsaid("no place for the kind " + k.String())
	}
	return reasons
}()

// breaksLine reports whether a value has a character that could end the line or
// be hidden in it. Canonical values have none; the list must not depend on that.
func breaksLine(value string) bool {
	for i := range len(value) {
		if value[i] < ' ' || value[i] == 0x7f {
			return true
		}
	}
	return false
}

// withoutCovered leaves out the names that lie below another name which stands
// for its subdomains: what is listed means the same.
func withoutCovered(ctx context.Context, all iter.Seq2[indicator.Entry, error]) iter.Seq2[indicator.Entry, error] {
	return func(yield func(indicator.Entry, error) bool) {
		parents := map[string]bool{}
		for e, err := range all {
			if err == nil {
				err = ctx.Err()
			}
			if err != nil {
				yield(e, err)
				return
			}
			if e.Key.Kind == indicator.Domain && e.Scope() == indicator.ScopeSubdomains {
				parents[e.Key.Value] = true
			}
		}
		for e, err := range all {
			if err == nil && e.Key.Kind == indicator.Domain && coveredBy(parents, e.Key.Value) {
				continue
			}
			if !yield(e, err) {
				return
			}
		}
	}
}

// coveredBy reports whether a name lies below one of parents.
func coveredBy(parents map[string]bool, name string) bool {
	for {
		_, parent, found := strings.Cut(name, ".")
		if !found {
			return false
		}
		if parents[parent] {
			return true
		}
		name = parent
	}
}

// joined makes as few prefixes of the addresses as there can be, without
// changing which addresses they are.
func (o *Output) joined(all view) view {
	return func(yield func(*indicator.Entry, error) bool) {
		merger := cidr.Merger[indicator.Entry]{Join: joinBriefly}
		if o.words.InFull {
			merger.Join = joinInFull
		}
		for e, err := range all {
			if err != nil {
				yield(nil, err)
				return
			}
			if e.Key.Kind == indicator.IP {
				if !yieldBlocks(yield, merger.Add(cidr.Block[indicator.Entry]{Prefix: e.Key.Prefix(), Value: *e})) {
					return
				}
				continue
			}
			if !yieldBlocks(yield, merger.Flush()) || !yield(e, nil) {
				return
			}
		}
		yieldBlocks(yield, merger.Flush())
	}
}

func yieldBlocks(yield func(*indicator.Entry, error) bool, blocks []cidr.Block[indicator.Entry]) bool {
	for i := range blocks {
		e := &blocks[i].Value
		if e.Key.Value == "" {
			e.Key.Value = textOf(&blocks[i])
		}
		if !yield(e, nil) {
			return false
		}
	}
	return true
}

// textOf writes the prefix of a block as keys are written.
func textOf(b *cidr.Block[indicator.Entry]) string {
	if b.Prefix.IsSingleIP() {
		return b.Prefix.Addr().String()
	}
	return b.Prefix.String()
}

// joinInFull makes one entry of two with all that is said of either. Its value is
// left to whoever knows the prefix.
func joinInFull(a, b indicator.Entry) indicator.Entry {
	a.Key.Value = ""
	a.Assertions = append(slices.Clip(a.Assertions), b.Assertions...)
	return a
}

// joinBriefly makes one assertion of all.
func joinBriefly(a, b indicator.Entry) indicator.Entry {
	both := joinInFull(a, b)
	end, why := both.ValidUntil()
	both.Assertions = []indicator.Assertion{{
		Version: both.Version(), ValidFrom: both.ValidFrom(), ValidUntil: end, End: why,
		Confidence: both.Confidence(), TLP: both.TLP(), Direction: both.Direction(), Scope: both.Scope(), Exactness: both.Exactness(),
	}}
	return both
}
