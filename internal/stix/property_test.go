package stix

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/indicatord/indicatord/internal/indicator"
)

// drawIndicator draws the members of an indicator, some of them wrong.
func drawIndicator(t *rapid.T) members {
	stamps := rapid.SampledFrom([]any{"2026-01-01T00:00:00Z", "2026-06-01T00:00:00.5Z", "2027-01-01T08:00:00+08:00", nil, nil, "soon", 5})
	marks := rapid.SampledFrom([]any{tlp2Clear, tlp2Green, tlp2Amber, statementMark})
	patterns := rapid.SampledFrom([]any{
		"[ipv4-addr:value = '45.9.1.2']", "[domain-name:value IN ('a.org', 'b.org')]", "[a:b LIKE 'x']",
		"[domain-name:value = 'a.org'] OR [ipv4-addr:value = '10.0.0.1']", "[", "", 5, nil,
		"[domain-name:value = 'a.org'] START t'2026-01-15T00:00:00Z' STOP t'2026-07-01T00:00:00Z'",
	})
	all := members{
		"type": "indicator", "id": "indicator--1",
		"created":             stamps.Draw(t, "created"),
		"modified":            stamps.Draw(t, "modified"),
		"valid_from":          stamps.Draw(t, "valid_from"),
		"valid_until":         stamps.Draw(t, "valid_until"),
		"pattern":             patterns.Draw(t, "pattern"),
		"pattern_type":        rapid.SampledFrom([]any{nil, "stix", "stix", "yara"}).Draw(t, "pattern_type"),
		"confidence":          rapid.SampledFrom([]any{nil, 0, 50, 100, 101, "high"}).Draw(t, "confidence"),
		"labels":              rapid.SampledFrom([]any{nil, []string{"benign"}, []string{`misp:type="ip-dst"`}, "x"}).Draw(t, "labels"),
		"object_marking_refs": rapid.SliceOfN(marks, 0, 3).Draw(t, "markings"),
	}
	maps.DeleteFunc(all, func(_ string, value any) bool { return value == nil })
	return all
}

// encode writes the members in the order of the names.
func encode(t *rapid.T, all members, names []string) []byte {
	var parts []string
	for _, name := range names {
		value, err := json.Marshal(all[name])
		if err != nil {
			t.Fatal(err)
		}
		parts = append(parts, `"`+name+`" : `+string(value))
	}
	return []byte("{ " + strings.Join(parts, " ,\n") + " }")
}

func derive(t *rapid.T, raw []byte, opts Options) Derived {
	d, err := Derive(raw, opts)
	if err != nil {
		t.Fatalf("%s\n%v", raw, err)
	}
	return d
}

func TestOrderOfMembersMeansNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		all := drawIndicator(t)
		names := slices.Sorted(maps.Keys(all))
		shuffled := rapid.Permutation(names).Draw(t, "order")
		a, b := derive(t, encode(t, all, names), Options{}), derive(t, encode(t, all, shuffled), Options{})
		if diff := cmp.Diff(a, b); diff != "" {
			t.Fatalf("(-sorted +shuffled):\n%s", diff)
		}
	})
}

// What an assertion says is within what the hub and the site say.
func TestAssertionsKeepTheirBounds(t *testing.T) {
	const lifetime = 90 * 24 * time.Hour
	rapid.Check(t, func(t *rapid.T) {
		all := drawIndicator(t)
		raw := encode(t, all, slices.Sorted(maps.Keys(all)))
		free := derive(t, raw, Options{})
		if len(free.Assertions)+len(free.Rejects) == 0 {
			t.Fatalf("%s\ngives neither keys nor reasons", raw)
		}
		bounded := derive(t, raw, Options{Lifetime: map[indicator.Kind]time.Duration{indicator.IP: lifetime, indicator.Domain: lifetime, indicator.Rule: lifetime}})
		for i, a := range bounded.Assertions {
			checkBounds(t, &free.Assertions[i].Assertion, &a.Assertion, lifetime)
		}
	})
}

func checkBounds(t *rapid.T, free, bounded *indicator.Assertion, lifetime time.Duration) {
	begin := bounded.ValidFrom
	if bounded.Version.After(begin) {
		begin = bounded.Version
	}
	counted := !begin.IsZero() // a lifetime is counted from a time that the object gives
	if counted && (bounded.ValidUntil.IsZero() || bounded.ValidUntil.After(begin.Add(lifetime))) {
		t.Fatalf("%v is later than the lifetime allows", bounded.ValidUntil)
	}
	if !free.ValidUntil.IsZero() && bounded.ValidUntil.After(free.ValidUntil) {
		t.Fatalf("%v is later than the hub's %v", bounded.ValidUntil, free.ValidUntil)
	}
	if bounded.TLP == indicator.TLPUnmarked || bounded.Confidence < indicator.Unstated || bounded.Confidence > 100 {
		t.Fatalf("TLP %v and confidence %d", bounded.TLP, bounded.Confidence)
	}
}

// A further marking never lets an object go further.
func TestMarkingsOnlyTighten(t *testing.T) {
	ids := slices.Sorted(maps.Keys(knownMarkings))
	rapid.Check(t, func(t *rapid.T) {
		some := rapid.SliceOfN(rapid.SampledFrom(ids), 1, 4).Draw(t, "some")
		more := append(slices.Clone(some), rapid.SampledFrom(append(ids, statementMark)).Draw(t, "one more"))
		level := func(refs []string) indicator.TLP {
			return new(Derived).level(&object{ObjectMarkingRefs: refs}, &Options{}, touchesAssertion)
		}
		if before, after := level(some), level(more); after < before {
			t.Fatalf("%v became %v", before, after)
		}
	})
}

func TestRevokedGivesNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		all := drawIndicator(t)
		all["revoked"] = true
		d := derive(t, encode(t, all, slices.Sorted(maps.Keys(all))), Options{})
		if !d.Header.Revoked || len(d.Assertions)+len(d.Rejects) > 0 {
			t.Fatalf("got %v", d.lines())
		}
	})
}
