package store

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/indicatord/indicatord/internal/indicator"
)

// malware is version n of a threat with a name.
func malware(id string, n int, name string) Object {
	o := version(id, n)
	o.Type, o.Threat = "malware", &indicator.Threat{Name: name, Type: "malware", TLP: indicator.TLPGreen}
	return o
}

// indicates is version n of a relationship.
func indicates(id string, n int, subject, target string) Object {
	o := version(id, n)
	o.Type, o.Relation = "relationship", &Relation{Subject: subject, Target: target, TLP: indicator.TLPClear}
	return o
}

// definition is a marking definition.
func definition(id string, level indicator.TLP) Object {
	o := version(id, 0)
	o.Type, o.Marking = "marking-definition", &level
	return o
}

// threats are the names that an entry has in full.
func threats(t *testing.T, s *Store, name string) []string {
	t.Helper()
	found, err := s.Find(t.Context(), []indicator.Key{domain(name)})
	if err != nil || len(found) != 1 {
		t.Fatalf("%s is found as %v, %v", name, found, err)
	}
	return found[0].Entry.Threats()
}

// renew derives what is stale from objects as they were given, and returns how
// many were.
func renew(t *testing.T, s *Store, given map[string]Object) int {
	t.Helper()
	return deriveAll(t, s, batch().Derivation, func(raw []byte) (Object, error) {
		o, ok := given[string(raw)]
		if !ok {
			return Object{}, fmt.Errorf("%s was not given", raw)
		}
		return o, nil
	}).Updated
}

// told stores objects in batches of their own, and gives the names of a.example.
// The bytes of each object as received are its number among them.
func told(t *testing.T, s *Store, batches ...[]Object) []string {
	t.Helper()
	given := map[string]Object{}
	for _, objects := range batches {
		b := batch(objects...)
		b.Packer = NewPacker()
		for i := range b.Objects {
			raw := fmt.Sprint(len(given))
			b.Objects[i].Place = b.Packer.Add([]byte(raw))
			given[raw] = b.Objects[i]
		}
		if applied := mustApply(t, s, b); applied.Stale > 0 {
			renew(t, s, given)
		}
	}
	checkConsistent(t, s)
	return threats(t, s, "a.example")
}

// TestThreatsArriveInAnyOrder: whichever of the three comes last completes them.
func TestThreatsArriveInAnyOrder(t *testing.T) {
	objects := []Object{version("indicator--1", 1, "a.example"), malware("malware--1", 1, "Loader"), indicates("relationship--1", 1, "indicator--1", "malware--1")}
	for _, order := range [][]int{{0, 1, 2}, {0, 2, 1}, {1, 0, 2}, {1, 2, 0}, {2, 0, 1}, {2, 1, 0}} {
		t.Run(fmt.Sprint(order), func(t *testing.T) {
			var apart [][]Object
			var together []Object
			for _, i := range order {
				apart = append(apart, []Object{objects[i]})
				together = append(together, objects[i])
			}
			for _, batches := range [][][]Object{apart, {together}} {
				if diff := cmp.Diff([]string{"Loader"}, told(t, openTest(t), batches...)); diff != "" {
					t.Errorf("in %d batches (-want +got):\n%s", len(batches), diff)
				}
			}
		})
	}
}

func TestThreatsChange(t *testing.T) {
	named := []Object{version("indicator--1", 1, "a.example"), malware("malware--1", 1, "Loader"), indicates("relationship--1", 1, "indicator--1", "malware--1")}
	for name, c := range map[string]struct {
		then []Object
		want []string
	}{
		"the threat is renamed":              {[]Object{malware("malware--1", 2, "Wiper")}, []string{"Wiper"}},
		"the threat is revoked":              {[]Object{revocation("malware--1", 2)}, nil},
		"the relationship is revoked":        {[]Object{revocation("relationship--1", 2)}, nil},
		"the relationship has another end":   {[]Object{malware("malware--2", 1, "Other"), indicates("relationship--1", 2, "indicator--1", "malware--2")}, []string{"Other"}},
		"the relationship is of another":     {[]Object{indicates("relationship--1", 2, "indicator--2", "malware--1")}, nil},
		"a second threat":                    {[]Object{malware("malware--2", 1, "Actor"), indicates("relationship--2", 1, "indicator--1", "malware--2")}, []string{"Actor", "Loader"}},
		"a second way to the same":           {[]Object{indicates("relationship--2", 1, "indicator--1", "malware--1")}, []string{"Loader"}},
		"a threat that is not there":         {[]Object{indicates("relationship--2", 1, "indicator--1", "malware--2")}, []string{"Loader"}},
		"the indicator has a new version":    {[]Object{version("indicator--1", 2, "a.example", "b.example")}, []string{"Loader"}},
		"the threat is described once more":  {[]Object{malware("malware--1", 2, "Loader")}, []string{"Loader"}},
		"nothing that has to do with it all": {[]Object{malware("malware--7", 1, "Far")}, []string{"Loader"}},
	} {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(c.want, told(t, openTest(t), named, c.then)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// TestWithdrawnThreats are named no more, and are again when they are back.
func TestWithdrawnThreats(t *testing.T) {
	s := openTest(t)
	indicatorObject, relation := version("indicator--1", 1, "a.example"), indicates("relationship--1", 1, "indicator--1", "malware--1")
	told(t, s, []Object{indicatorObject, malware("malware--1", 1, "Loader"), relation})
	gone := batch()
	gone.Withdrawn = []string{"malware--1"}
	if applied := mustApply(t, s, gone); applied.Stale != 1 {
		t.Errorf("%d objects are stale, want the indicator", applied.Stale)
	}
	renew(t, s, map[string]Object{"0": indicatorObject})
	if got := threats(t, s, "a.example"); len(got) > 0 {
		t.Errorf("withdrawn and still named: %q", got)
	}
	mustApply(t, s, batch(malware("malware--1", 1, "Loader")))
	renew(t, s, map[string]Object{"0": indicatorObject})
	if got := threats(t, s, "a.example"); !slices.Equal(got, []string{"Loader"}) {
		t.Errorf("back again, the threats are %q", got)
	}
	checkConsistent(t, s)
}

// TestNewThreatsAreChanges: outputs learn of a name that came late.
func TestNewThreatsAreChanges(t *testing.T) {
	s := openTest(t)
	first := version("indicator--1", 1, "a.example")
	told(t, s, []Object{first, version("indicator--2", 1, "b.example")})
	before, err := s.Sequence(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	mustApply(t, s, batch(malware("malware--1", 1, "Loader"), indicates("relationship--1", 1, "indicator--1", "malware--1")))
	renew(t, s, map[string]Object{"0": first})
	var changed []string
	for record, err := range s.Changed(t.Context(), Reading{InFull: true}, before, 1<<60) {
		if err != nil {
			t.Fatal(err)
		}
		changed = append(changed, fmt.Sprint(record.Entry.Key.Value, record.Entry.Threats()))
	}
	if diff := cmp.Diff([]string{"a.example[Loader]"}, changed); diff != "" {
		t.Errorf("the changes (-want +got):\n%s", diff)
	}
}

// TestThreatsAreMarked by the stricter of the two that give the name, and by the
// more open of two ways to it.
func TestThreatsAreMarked(t *testing.T) {
	s := openTest(t)
	hidden := indicates("relationship--2", 1, "indicator--1", "malware--2")
	hidden.Relation.TLP = indicator.TLPRed
	again := indicates("relationship--3", 1, "indicator--1", "malware--1")
	again.Relation.TLP = indicator.TLPAmber
	told(t, s, []Object{
		version("indicator--1", 1, "a.example"), malware("malware--1", 1, "Loader"), malware("malware--2", 1, "Secret"),
		indicates("relationship--1", 1, "indicator--1", "malware--1"), hidden, again,
	})
	found, err := s.Find(t.Context(), []indicator.Key{domain("a.example")})
	if err != nil {
		t.Fatal(err)
	}
	want := []indicator.Threat{{Name: "Loader", Type: "malware", TLP: indicator.TLPGreen}, {Name: "Secret", Type: "malware", TLP: indicator.TLPRed}}
	if diff := cmp.Diff(want, found[0].Entry.Assertions[0].Object.Threats); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestThreatsOfOtherSources: a source names the threats of its own objects only.
func TestThreatsOfOtherSources(t *testing.T) {
	s := openTest(t)
	mustApply(t, s, batch(version("indicator--1", 1, "a.example")))
	other := batch(malware("malware--1", 1, "Loader"), indicates("relationship--1", 1, "indicator--1", "malware--1"))
	other.Source = "another hub"
	if applied := mustApply(t, s, other); applied.Stale != 0 {
		t.Errorf("%d objects are stale", applied.Stale)
	}
	if got := threats(t, s, "a.example"); len(got) > 0 {
		t.Errorf("the threats are %q", got)
	}
}

// TestThreatsInRandomHistories: whatever order versions come in, the names are
// those of what is live at the end.
func TestThreatsInRandomHistories(t *testing.T) {
	for seed := range uint64(40) {
		random := rand.New(rand.NewPCG(seed, 0))
		objects := []Object{version("indicator--1", 1, "a.example")}
		var want []string
		for i := range 4 {
			id := fmt.Sprint(i)
			objects = append(objects, malware("malware--"+id, 1, "old "+id), malware("malware--"+id, 2, "new "+id), indicates("relationship--"+id, 1, "indicator--1", "malware--"+id))
			switch random.IntN(3) {
			case 0:
				objects = append(objects, revocation("relationship--"+id, 2))
			case 1:
				objects = append(objects, revocation("malware--"+id, 3))
			default:
				want = append(want, "new "+id)
			}
		}
		random.Shuffle(len(objects), func(i, j int) { objects[i], objects[j] = objects[j], objects[i] })
		var batches [][]Object
		for len(objects) > 0 {
			n := 1 + random.IntN(len(objects))
			batches = append(batches, objects[:n])
			objects = objects[n:]
		}
		if diff := cmp.Diff(want, told(t, openTest(t), batches...)); diff != "" {
			t.Errorf("seed %d (-want +got):\n%s", seed, diff)
		}
	}
}

// TestMarkingsThatComeLate make stale what waited for them, and nothing else.
func TestMarkingsThatComeLate(t *testing.T) {
	s := openTest(t)
	waiting := func(id, name string, markings ...string) Object {
		o := version(id, 1, name)
		o.Unresolved = markings
		return o
	}
	mustApply(t, s, batch(waiting("indicator--1", "a.example", "marking-definition--1"), waiting("indicator--2", "b.example", "marking-definition--2"), version("indicator--3", 1, "c.example")))
	if applied := mustApply(t, s, batch(definition("marking-definition--1", indicator.TLPGreen))); applied.Stale != 1 {
		t.Errorf("%d objects are stale, want the one that waited", applied.Stale)
	}
	if applied := mustApply(t, s, batch(definition("marking-definition--1", indicator.TLPRed))); applied.Stale != 0 {
		t.Errorf("%d objects are stale after a second definition", applied.Stale)
	}
	levels, err := s.Markings(t.Context(), "hub")
	if diff := cmp.Diff(map[string]indicator.TLP{"marking-definition--1": indicator.TLPGreen}, levels); diff != "" || err != nil {
		t.Errorf("the first counts (-want +got):\n%s%v", diff, err)
	}
	checkConsistent(t, s)
	both := batch(waiting("indicator--4", "d.example", "marking-definition--3"), definition("marking-definition--3", indicator.TLPUnmarked))
	if applied := mustApply(t, s, both); applied.Stale != 1 {
		t.Errorf("%d objects are stale, want the one that was read before the definition in its batch", applied.Stale)
	}
	checkConsistent(t, s)
}

// TestAMarkingTakenBackAtOnce still means what it was said to mean, as one that is
// taken back later does.
func TestAMarkingTakenBackAtOnce(t *testing.T) {
	s := openTest(t)
	b := batch(definition("marking-definition--1", indicator.TLPGreen))
	b.Withdrawn = []string{"marking-definition--1"}
	mustApply(t, s, b)
	levels, err := s.Markings(t.Context(), "hub")
	if diff := cmp.Diff(map[string]indicator.TLP{"marking-definition--1": indicator.TLPGreen}, levels); diff != "" || err != nil {
		t.Errorf("the levels (-want +got):\n%s%v", diff, err)
	}
}

// TestVersionsByAnother do not count: only an object's maker may change it.
func TestVersionsByAnother(t *testing.T) {
	by := func(o Object, maker string) Object {
		o.CreatedBy = maker
		return o
	}
	first := by(version("indicator--1", 1, "a.example"), "identity--1")
	for name, c := range map[string]struct {
		then    Object
		want    string
		foreign int
	}{
		"by the maker":           {by(version("indicator--1", 2, "b.example"), "identity--1"), "b.example: hub indicator--1 at 2, live", 0},
		"by nobody that it says": {version("indicator--1", 2, "b.example"), "b.example: hub indicator--1 at 2, live", 0},
		"by another":             {by(version("indicator--1", 2, "b.example"), "identity--2"), "a.example: hub indicator--1 at 1, live", 1},
		"revoked by another":     {by(revocation("indicator--1", 2), "identity--2"), "a.example: hub indicator--1 at 1, live", 1},
		"revoked by the maker":   {by(revocation("indicator--1", 2), "identity--1"), "a.example: hub indicator--1 at 2, revoked", 0},
	} {
		t.Run(name, func(t *testing.T) {
			for _, together := range []bool{false, true} {
				s := openTest(t)
				var applied Applied
				if together {
					applied = mustApply(t, s, batch(first, c.then))
				} else {
					mustApply(t, s, batch(first))
					applied = mustApply(t, s, batch(c.then))
					mustApply(t, s, batch(c.then))
				}
				if together && c.then.Revoked && c.foreign == 0 {
					continue // what is revoked before it is stored has said nothing
				}
				if !slices.Contains(said(t, s), c.want) || applied.OtherCreator != c.foreign {
					t.Errorf("together %t: said %q, by others %d", together, said(t, s), applied.OtherCreator)
				}
				if !together && len(codes(t, s, "hub")) != c.foreign {
					t.Errorf("the rejects are %q", codes(t, s, "hub"))
				}
			}
		})
	}
}
