package store

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// TestVersionsInAnyOrder stores three versions and a revocation in each of their
// orders, with and without the revocation, repeated, in one batch and over
// several.
func TestVersionsInAnyOrder(t *testing.T) {
	for _, revoked := range []bool{false, true} {
		for n, order := range permutations(4) {
			s := openTest(t)
			for _, size := range []int{1, 2, 3, 8} {
				id := fmt.Sprintf("indicator--%v-%d-%d", revoked, n, size)
				arrivals := arrivalsOf(id, append(order, order...), revoked)
				for part := range slices.Chunk(arrivals, size) {
					mustApply(t, s, batch(part...))
				}
				got := slices.DeleteFunc(live(t, s), func(line string) bool { return !strings.Contains(line, " "+id+" ") })
				want := []string{id + ".three.example: hub " + id + " at 3, live"}
				if revoked {
					want = nil
				}
				if !slices.Equal(got, want) {
					t.Fatalf("order %v in batches of %d: live is %q, want %q", order, size, got, want)
				}
			}
			checkConsistent(t, s)
			closeStore(t, s)
		}
	}
}

// arrivalsOf are the versions of an object in the given order: 0 to 2 are
// versions with another key each, 3 is the revocation, or nothing.
func arrivalsOf(id string, order []int, revoked bool) []Object {
	var arrivals []Object
	for _, i := range order {
		switch {
		case i < 3:
			arrivals = append(arrivals, version(id, i+1, id+"."+[]string{"one", "two", "three"}[i]+".example"))
		case revoked:
			arrivals = append(arrivals, revocation(id, 2))
		}
	}
	return arrivals
}

// permutations returns every order of 0 to n-1.
func permutations(n int) [][]int {
	if n == 0 {
		return [][]int{nil}
	}
	var all [][]int
	for _, shorter := range permutations(n - 1) {
		for i := range n {
			all = append(all, slices.Insert(slices.Clone(shorter), i, n-1))
		}
	}
	return all
}

// event is what a source may say in the model: a version, a revocation or a
// withdrawal.
type event struct {
	object, version int
	revoked         bool
	withdrawn       bool
	names           []string
}

func (e event) stored(prefix string) Object {
	id := fmt.Sprintf("%s-object-%d", prefix, e.object)
	if e.revoked {
		return revocation(id, e.version)
	}
	names := make([]string, len(e.names))
	for i, name := range e.names {
		names[i] = prefix + "-" + name
	}
	return version(id, e.version, names...)
}

func drawEvent(t *rapid.T) event {
	return event{
		object:  rapid.IntRange(1, 4).Draw(t, "object"),
		version: rapid.IntRange(1, 5).Draw(t, "version"),
		revoked: rapid.IntRange(0, 9).Draw(t, "revoked") == 0,
		names: rapid.SliceOfNDistinct(rapid.SampledFrom([]string{"a", "b", "c", "d"}), 0, 3,
			func(name string) string { return name }).Draw(t, "names"),
	}
}

// model is the whole of what must be remembered, told as simply as it can be.
type model map[int]event

// take is the rule of versions (STIX 2.1, section 3.6): the highest wins, the
// first of the same version stays, and a revocation is final.
func (m model) take(e event) {
	have, known := m[e.object]
	switch {
	case known && have.revoked:
	case e.revoked, !known, e.version > have.version, e.version == have.version && have.withdrawn:
		m[e.object] = e
	}
}

func (m model) withdraw(object int) {
	if e, known := m[object]; known && !e.revoked {
		e.withdrawn = true
		m[object] = e
	}
}

// live are the lines that the model expects of [live].
func (m model) live(prefix string) []string {
	var lines []string
	for _, e := range m {
		if e.revoked || e.withdrawn {
			continue
		}
		for _, name := range e.names {
			lines = append(lines, fmt.Sprintf("%s-%s: hub %s-object-%d at %d, live", prefix, name, prefix, e.object, e.version))
		}
	}
	slices.Sort(lines)
	return lines
}

// TestStoreIsTheModel draws histories, cuts them into batches and compares what
// is live with the model, the answers of Familiar with those of Apply, and what
// has changed with what has a new sequence number.
func TestStoreIsTheModel(t *testing.T) {
	var s *Store
	tries := 0
	rapid.Check(t, func(r *rapid.T) {
		if tries%10 == 0 { // a small store is quick to compare
			s = openTest(t)
		}
		tries++
		tryModel(r, s, fmt.Sprintf("try-%d", tries))
	})
	checkConsistent(t, s)
}

func tryModel(t *rapid.T, s *Store, prefix string) {
	want := model{}
	for range rapid.IntRange(1, 6).Draw(t, "batches") {
		events := rapid.SliceOfN(rapid.Custom(drawEvent), 0, 6).Draw(t, "events")
		withdrawn := rapid.SliceOfN(rapid.IntRange(1, 4), 0, 2).Draw(t, "withdrawn")
		b := batch()
		for _, e := range events {
			want.take(e)
			b.Objects = append(b.Objects, e.stored(prefix))
		}
		for _, object := range withdrawn {
			want.withdraw(object)
			b.Withdrawn = append(b.Withdrawn, fmt.Sprintf("%s-object-%d", prefix, object))
		}
		applyAndCompare(t, s, b)
	}
	if diff := cmp.Diff(want.live(prefix), liveOf(t, s, prefix), cmp.Transformer("none", emptyToNil)); diff != "" {
		t.Fatalf("(-model +store):\n%s", diff)
	}
}

func emptyToNil(lines []string) []string { return slices.Clip(append([]string(nil), lines...)) }

func liveOf(t *rapid.T, s *Store, prefix string) []string {
	return slices.DeleteFunc(live(t, s), func(line string) bool { return !strings.HasPrefix(line, prefix+"-") })
}

// applyAndCompare stores a batch and holds what must be true of any batch.
func applyAndCompare(t *rapid.T, s *Store, b Batch) {
	before, since := snapshot(t, s), sequenceOf(t, s)
	settled := settledOf(t, s, b)
	applied, err := s.Apply(t.Context(), b)
	if err != nil {
		t.Fatal(err)
	}
	if news := applied.New + applied.Updated + applied.Revoked; len(b.Objects) == 1 && settled != (news == 0) {
		t.Fatalf("Familiar says settled %v, and Apply counts %+v", settled, applied)
	}
	compareChanges(t, s, before, since)
}

// settledOf asks Familiar about the last object of a batch.
func settledOf(t *rapid.T, s *Store, b Batch) bool {
	if len(b.Objects) == 0 {
		return false
	}
	o := b.Objects[len(b.Objects)-1]
	familiar, err := s.Familiar(t.Context(), b.Source, []Header{{ID: o.ID, Version: o.Version, Revoked: o.Revoked, Checksum: o.Checksum}})
	if err != nil {
		t.Fatal(err)
	}
	return familiar[0].Settled
}

// snapshot is everything that is said, by the value.
func snapshot(t failer, s *Store) map[string]string {
	t.Helper()
	all := map[string]string{}
	for _, r := range records(t, s) {
		all[r.Entry.Key.Value] = strings.Join(saidOf(r), "\n")
	}
	return all
}

// compareChanges holds that the changes since a number are the entries that
// differ from the snapshot taken then, each once, and no others.
func compareChanges(t failer, s *Store, before map[string]string, since uint64) {
	t.Helper()
	after := snapshot(t, s)
	var want []string
	for _, value := range slices.Sorted(maps.Keys(after)) {
		if was, known := before[value]; !known || was != after[value] {
			want = append(want, value)
		}
	}
	got := changed(t, s, since)
	slices.Sort(got)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Fatal("the changes since then (-want +got):\n" + diff)
	}
}
