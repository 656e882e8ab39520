package store

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// received is an object as a hub sends it, in a language of the tests: its id,
// its version and the domains it names.
func received(b *Batch, n int, id string, names ...string) {
	o := version(id, n, names...)
	o.Place = b.Packer.Add([]byte(fmt.Sprintf("%s %d %s", id, n, strings.Join(names, " "))))
	b.Objects = append(b.Objects, o)
}

// deriveBy reads that language; rename turns one name into those it stands for.
func deriveBy(rename func(name string) []string) Deriver {
	return func(raw []byte) (Object, error) {
		fields := strings.Fields(string(raw))
		var n int
		if _, err := fmt.Sscan(fields[1], &n); err != nil {
			return Object{}, err
		}
		var names []string
		for _, field := range fields[2:] {
			names = append(names, rename(field)...)
		}
		return version(fields[0], n, names...), nil
	}
}

func same(name string) []string  { return []string{name} }
func upper(name string) []string { return []string{strings.ToUpper(name)} }

func receivedBatch() Batch {
	b := batch()
	b.Packer = NewPacker()
	return b
}

// deriveAll derives until nothing is left, and returns the counts.
func deriveAll(t *testing.T, s *Store, fingerprint string, derive Deriver) Applied {
	t.Helper()
	var total Applied
	for after := int64(0); ; {
		last, applied, err := s.Derive(t.Context(), "hub", fingerprint, after, derive, noon)
		if err != nil {
			t.Fatal(err)
		}
		total.Add(applied)
		if last == 0 {
			return total
		}
		after = last
	}
}

func stale(t *testing.T, s *Store, fingerprint string) int {
	t.Helper()
	n, err := s.Stale(t.Context(), "hub", fingerprint)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func TestDeriveAgain(t *testing.T) {
	s := openTest(t)
	b := receivedBatch()
	received(&b, 1, "indicator--1", "a.example")
	received(&b, 1, "indicator--2", "a.example", "b.example")
	received(&b, 1, "indicator--3", "c.example")
	b.Withdrawn = []string{"indicator--3"}
	mustApply(t, s, b)
	if n := stale(t, s, "rules 1"); n != 0 {
		t.Errorf("%d objects are stale", n)
	}
	since, before := sequenceOf(t, s), said(t, s)

	if n := stale(t, s, "rules 2"); n != 3 {
		t.Errorf("%d objects are stale, want 3", n)
	}
	if applied := deriveAll(t, s, "rules 2", deriveBy(same)); applied.Updated != 3 || applied.Changed() {
		t.Errorf("rules that say the same counted %+v, want no change", applied)
	}
	if diff := cmp.Diff(before, said(t, s)); diff != "" || sequenceOf(t, s) != since || stale(t, s, "rules 2") != 0 {
		t.Errorf("rules that say the same changed something (-before +after):\n%s", diff)
	}

	deriveAll(t, s, "rules 3", deriveBy(upper))
	want := []string{
		"A.EXAMPLE: hub indicator--1 at 1, live",
		"A.EXAMPLE: hub indicator--2 at 1, live",
		"B.EXAMPLE: hub indicator--2 at 1, live",
		"a.example: nothing",
		"b.example: nothing",
	}
	if diff := cmp.Diff(want, said(t, s)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if got := changed(t, s, since); len(got) != 4 {
		t.Errorf("changed: %q", got)
	}
	checkConsistent(t, s)

	mustApply(t, s, batch(version("indicator--3", 1, "d.example")))
	if got := changed(t, s, since); len(got) != 5 {
		t.Errorf("an object that was withdrawn did not come back: changed %q", got)
	}
}

// TestDeriveAgainInOtherWords: outputs write what objects say, so other words
// are a change although the assertions are the same.
func TestDeriveAgainInOtherWords(t *testing.T) {
	s := openTest(t)
	b := receivedBatch()
	received(&b, 1, "indicator--1", "a.example")
	received(&b, 1, "indicator--2", "b.example")
	mustApply(t, s, b)
	since := sequenceOf(t, s)
	deriveAll(t, s, "rules 2", func(raw []byte) (Object, error) {
		o, err := deriveBy(same)(raw)
		if o.ID == "indicator--2" {
			o.Text = []byte(`{"id":"indicator--2","name":"in other words"}`)
		}
		return o, err
	})
	if diff := cmp.Diff([]string{"b.example"}, changed(t, s, since)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if got := records(t, s)[1].Entry.Assertions[0].Object.Name; got != "in other words" {
		t.Errorf("the text is %q", got)
	}
}

// TestDeriveAgainBesideAPull: what a pull changes between the reading and the
// writing is left as the pull made it.
func TestDeriveAgainBesideAPull(t *testing.T) {
	s := openTest(t)
	b := receivedBatch()
	for i := range 4 {
		received(&b, 1, fmt.Sprintf("indicator--%d", i), fmt.Sprintf("d%d.example", i))
	}
	mustApply(t, s, b)
	pulled := false
	deriveAll(t, s, "rules 2", func(raw []byte) (Object, error) {
		if !pulled {
			pulled = true
			b := batch(version("indicator--1", 2, "pulled.example"), revocation("indicator--2", 2))
			b.Derivation, b.Withdrawn = "rules 2", []string{"indicator--3"}
			mustApply(t, s, b)
		}
		return deriveBy(upper)(raw)
	})
	want := []string{
		"D0.EXAMPLE: hub indicator--0 at 1, live",
		"d0.example: nothing",
		"d1.example: nothing",
		"d2.example: hub indicator--2 at 2, revoked",
		"d3.example: hub indicator--3 at 1, withdrawn",
		"pulled.example: hub indicator--1 at 2, live",
	}
	if diff := cmp.Diff(want, said(t, s)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	checkConsistent(t, s)
}

// TestDeriveAgainRejects: what the new rules cannot read is a reject, and the
// rest goes on.
func TestDeriveAgainRejects(t *testing.T) {
	s := openTest(t)
	b := receivedBatch()
	received(&b, 1, "indicator--1", "a.example")
	received(&b, 1, "indicator--2", "b.example")
	mustApply(t, s, b)
	deriveAll(t, s, "rules 2", func(raw []byte) (Object, error) {
		if strings.HasPrefix(string(raw), "indicator--1") {
			return Object{}, errors.New("cannot be read any more")
		}
		return deriveBy(same)(raw)
	})
	if got := live(t, s); len(got) != 1 || codes(t, s, "hub")[0] != "not-readable" {
		t.Errorf("live: %q, rejects: %q", got, codes(t, s, "hub"))
	}
}

func TestDeriveManyObjects(t *testing.T) {
	s := openTest(t)
	b := receivedBatch()
	for i := range chunkSize + 50 {
		received(&b, 1, fmt.Sprintf("indicator--%d", i), fmt.Sprintf("d%d.example", i))
	}
	mustApply(t, s, b)
	applied := deriveAll(t, s, "rules 2", deriveBy(upper))
	if applied.Updated != chunkSize+50 || applied.EntriesNew != chunkSize+50 || stale(t, s, "rules 2") != 0 {
		t.Errorf("counted %+v, %d are left", applied, stale(t, s, "rules 2"))
	}
}

// TestDeriveFromADamagedPack tells what is damaged and changes nothing.
func TestDeriveFromADamagedPack(t *testing.T) {
	for name, damage := range map[string]string{
		"gone":      "DELETE FROM packs",
		"garbage":   "UPDATE packs SET data = x'00112233'",
		"shorter":   "UPDATE objects SET size = size + 1000",
		"overflow":  "UPDATE objects SET start = 9223372036854775807",
		"negative":  "UPDATE objects SET start = -1",
		"truncated": "UPDATE packs SET data = substr(data, 1, length(data) - 3)",
	} {
		t.Run(name, func(t *testing.T) {
			s := openTest(t)
			if s.Shared() {
				damage = strings.ReplaceAll(damage, "x'00112233'", `'\x00112233'`)
			}
			b := receivedBatch()
			received(&b, 1, "indicator--1", "a.example")
			mustApply(t, s, b)
			execute(t, s, damage)
			_, _, err := s.Derive(t.Context(), "hub", "rules 2", 0, deriveBy(upper), noon)
			if err == nil || !strings.Contains(err.Error(), "pack 1") {
				t.Errorf("the error is %v, want one that names pack 1", err)
			}
			if got := live(t, s); len(got) != 1 {
				t.Errorf("live: %q", got)
			}
		})
	}
}
