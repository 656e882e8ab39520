package pipeline

import (
	"cmp"
	"net/netip"
	"slices"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/indicatord/indicatord/internal/indicator"
)

// drawKey draws keys that are near each other, so that every step of the order
// is taken.
func drawKey(t *rapid.T) indicator.Key {
	if rapid.Bool().Draw(t, "name") {
		return indicator.Key{
			Kind:  rapid.SampledFrom([]indicator.Kind{indicator.Domain, indicator.URL, indicator.SHA256}).Draw(t, "kind"),
			Value: rapid.StringMatching(`[ab]{0,3}`).Draw(t, "value"),
		}
	}
	address := netip.AddrFrom4([4]byte{byte(rapid.IntRange(9, 10).Draw(t, "first")), 0, 0, byte(rapid.IntRange(0, 3).Draw(t, "last"))})
	if rapid.Bool().Draw(t, "six") {
		var sixteen [16]byte
		sixteen[0], sixteen[7], sixteen[15] = 0x20, rapid.Byte().Draw(t, "middle"), rapid.Byte().Draw(t, "last")
		address = netip.AddrFrom16(sixteen)
	}
	prefix, _ := address.Prefix(address.BitLen() - rapid.SampledFrom([]int{0, 0, 1, 8, address.BitLen()}).Draw(t, "wider"))
	if prefix.IsSingleIP() {
		return indicator.Key{Kind: indicator.IP, Value: prefix.Addr().String()}
	}
	return indicator.Key{Kind: indicator.IP, Value: prefix.String()}
}

func lineOfKey(k indicator.Key) line {
	return lineOf(1, &indicator.Entry{Key: k, Assertions: []indicator.Assertion{{}}})
}

// TestALineHasTheLevelOfWhatItSays, whatever was read to choose it.
func TestALineHasTheLevelOfWhatItSays(t *testing.T) {
	threat := indicator.Threat{Name: "Industroyer", TLP: indicator.TLPRed}
	e := indicator.Entry{Key: indicator.Key{Kind: indicator.Domain, Value: "a.example"}, Assertions: []indicator.Assertion{
		{TLP: indicator.TLPGreen, Object: &indicator.Object{Threats: []indicator.Threat{threat}}},
		{TLP: indicator.TLPClear},
	}}
	if l := lineOf(1, &e); l.tlp != indicator.TLPGreen {
		t.Errorf("the line is %v, want green", l.tlp)
	}
}

func TestLinesAreOrderedAsKeys(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := rapid.Custom(drawKey).Draw(t, "a"), rapid.Custom(drawKey).Draw(t, "b")
		got, want := compareLines(lineOfKey(a), lineOfKey(b)), indicator.Compare(a, b)
		if cmp.Compare(got, 0) != cmp.Compare(want, 0) {
			t.Fatalf("%v and %v compare as %d, want %d", a, b, got, want)
		}
	})
}

// TestLinesKeepTheirKeys: the text of an address is written again from its
// number.
func TestLinesKeepTheirKeys(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		k := rapid.Custom(drawKey).Draw(t, "key")
		l := lineOfKey(k)
		if got := l.entry().Key; got != k {
			t.Fatalf("%v is read back as %v", k, got)
		}
	})
}

func drawAssertion(t *rapid.T) indicator.Assertion {
	at := func(label string) time.Time {
		return time.UnixMicro(rapid.Int64Range(1, 4).Draw(t, label) * 1e15).UTC()
	}
	a := indicator.Assertion{
		Source: "hub", Version: at("version"), ValidFrom: at("from"), Revision: rapid.Uint64().Draw(t, "revision"),
		Confidence: indicator.Confidence(rapid.IntRange(-1, 100).Draw(t, "confidence")),
		TLP:        indicator.TLP(rapid.IntRange(0, 5).Draw(t, "tlp")),
		Types:      indicator.TypeSet(rapid.IntRange(0, 255).Draw(t, "types")),
		Direction:  indicator.Direction(rapid.IntRange(0, 3).Draw(t, "direction")),
		Scope:      indicator.Scope(rapid.IntRange(0, 1).Draw(t, "scope")),
		Exactness:  indicator.Exactness(rapid.IntRange(0, 2).Draw(t, "exactness")),
		Object:     &indicator.Object{ID: "indicator--1"},
	}
	if rapid.Bool().Draw(t, "ends") {
		a.ValidUntil, a.End = at("until"), indicator.End(rapid.IntRange(1, 3).Draw(t, "end"))
	}
	return a
}

// TestLinesAnswerAsEntries: keys only, an entry gives the same merged answers as
// in full, and nothing that it should not.
func TestLinesAnswerAsEntries(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		full := indicator.Entry{
			Key:        rapid.Custom(drawKey).Draw(t, "key"),
			Assertions: rapid.SliceOfN(rapid.Custom(drawAssertion), 1, 4).Draw(t, "assertions"),
		}
		l := lineOf(7, &full)
		e := l.entry()
		if diff := gocmp.Diff(answers(&full), answers(&e)); diff != "" {
			t.Fatalf("(-in full +keys only):\n%s", diff)
		}
		if a := e.Assertions[0]; len(e.Assertions) != 1 || a.Source != "" || a.Revision != 0 || a.Object != nil {
			t.Fatalf("it gives %+v", e.Assertions)
		}
	})
}

func answers(e *indicator.Entry) []any {
	until, end := e.ValidUntil()
	var types indicator.TypeSet
	for i := range e.Assertions {
		types |= e.Assertions[i].Types
	}
	return []any{
		e.Key, e.Confidence(), e.TLP(), e.Scope(), e.Direction(), e.Exactness(), e.ValidFrom(), until, end, e.Version(), types,
	}
}

// TestDigest: it is of the assertions in their present state, whatever their
// order, and of each set of them another.
func TestDigest(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		// The store mixes its revisions well, so small ones do not occur.
		revisions := rapid.SliceOfNDistinct(rapid.Uint64Range(1<<40, 1<<62), 2, 5, rapid.ID).Draw(t, "revisions")
		of := func(revisions []uint64) uint64 {
			e := indicator.Entry{}
			for _, r := range revisions {
				e.Assertions = append(e.Assertions, indicator.Assertion{Revision: r})
			}
			return (&round{Deliverer: new(Deliverer)}).digest(&e)
		}
		whole := of(revisions)
		if shuffled := rapid.Permutation(revisions).Draw(t, "shuffled"); of(shuffled) != whole || whole == 0 {
			t.Fatalf("%v has the digest %d, %v has %d", revisions, whole, shuffled, of(shuffled))
		}
		if of(revisions[1:]) == whole {
			t.Fatalf("%v and %v have the same digest", revisions, revisions[1:])
		}
		changed := slices.Clone(revisions)
		if changed[0]++; of(changed) == whole {
			t.Fatalf("%v and %v have the same digest", revisions, changed)
		}
	})
}
