package store

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func headerOf(o Object) Header {
	return Header{ID: o.ID, Version: o.Version, Revoked: o.Revoked, Checksum: o.Checksum}
}

func TestFamiliar(t *testing.T) {
	s := openTest(t)
	b := batch(version("live", 3, "a.example"), revocation("revoked", 3), version("withdrawn", 3, "b.example"))
	b.Withdrawn = []string{"withdrawn"}
	mustApply(t, s, b)
	for _, c := range []struct {
		name   string
		object Object
		want   Familiar
	}{
		{"new", version("new", 1, "a.example"), Familiar{}},
		{"same version", version("live", 3, "a.example"), Familiar{Row: 1, Settled: true}},
		{"same version, other content", version("live", 3, "b.example"), Familiar{Row: 1, Settled: true, Conflicting: true}},
		{"older", version("live", 2, "a.example"), Familiar{Row: 1, Settled: true, Older: true}},
		{"newer", version("live", 4, "a.example"), Familiar{Row: 1}},
		{"a revocation of the same version", revocation("live", 3), Familiar{Row: 1}},
		{"a revocation of an older version", revocation("live", 2), Familiar{Row: 1}},
		{"revoked: the same", revocation("revoked", 3), Familiar{Row: 2, Settled: true}},
		{"revoked: an older version", version("revoked", 2, "a.example"), Familiar{Row: 2, Settled: true}},
		{"revoked: a newer version", version("revoked", 4, "a.example"), Familiar{Row: 2, Settled: true, AfterRevoked: true}},
		{"withdrawn: the same", version("withdrawn", 3, "b.example"), Familiar{Row: 3}},
		{"withdrawn: newer", version("withdrawn", 4, "b.example"), Familiar{Row: 3}},
		{"withdrawn: older", version("withdrawn", 2, "b.example"), Familiar{Row: 3, Settled: true, Older: true}},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := s.Familiar(t.Context(), "hub", []Header{headerOf(c.object)})
			if diff := cmp.Diff([]Familiar{c.want}, got); diff != "" || err != nil {
				t.Errorf("%v (-want +got):\n%s", err, diff)
			}
		})
	}
}

func TestFamiliarOfAnotherSource(t *testing.T) {
	s := openTest(t)
	mustApply(t, s, batch(version("indicator--1", 1, "a.example")))
	other := batch(version("indicator--2", 1, "a.example"))
	other.Source = "other hub"
	mustApply(t, s, other)
	for _, source := range []string{"other hub", "a hub that nobody has met"} {
		got, err := s.Familiar(t.Context(), source, []Header{headerOf(version("indicator--1", 1, "a.example"))})
		if diff := cmp.Diff([]Familiar{{}}, got); diff != "" || err != nil {
			t.Errorf("%s: %v (-want +got):\n%s", source, err, diff)
		}
	}
}

// TestFamiliarAnswersInOrder, an id that is asked twice too.
func TestFamiliarAnswersInOrder(t *testing.T) {
	s := openTest(t)
	b := largeBatch(450)
	mustApply(t, s, b)
	headers := []Header{{ID: "new"}}
	want := []int64{0}
	for i, v := range slices.Backward(b.Objects) {
		headers = append(headers, headerOf(v), headerOf(v))
		want = append(want, int64(i+1), int64(i+1))
	}
	answers, err := s.Familiar(t.Context(), "hub", headers)
	if err != nil {
		t.Fatal(err)
	}
	var got []int64
	for _, f := range answers {
		got = append(got, f.Row)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
