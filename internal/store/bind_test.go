package store

import "testing"

// TestBind: an output that moves has delivered nothing, and another is left alone.
func TestBind(t *testing.T) {
	s := openTest(t)
	mustApply(t, s, batch(version("indicator--1", 1, "a.example", "b.example")))
	a, b := records(t, s)[0].ID, records(t, s)[1].ID
	for _, output := range []string{"tool", "other"} {
		mustRecord(t, s, output, noon, LedgerChange{Entry: a, Digest: 7}, LedgerChange{Entry: b, Digest: 8, Refused: "too long"})
		if err := s.Advance(t.Context(), output, Progress{Sequence: 2, Policy: "p", Delivered: noon}); err != nil {
			t.Fatal(err)
		}
	}
	for i, c := range []struct {
		place string
		moved bool
		held  int
	}{{"here", false, 1}, {"here", false, 1}, {"there", true, 0}, {"there", false, 0}} {
		moved, err := s.Bind(t.Context(), "tool", c.place)
		if err != nil || moved != c.moved {
			t.Errorf("%d: moved is %t, %v", i, moved, err)
		}
		if held, err := s.CountLedger(t.Context(), "tool"); err != nil || held != c.held {
			t.Errorf("%d: %d are held, %v, want %d", i, held, err, c.held)
		}
	}
	if p, err := s.Progress(t.Context(), "tool"); err != nil || p != (Progress{}) {
		t.Errorf("the progress is %+v, %v", p, err)
	}
	if held, err := s.CountLedger(t.Context(), "other"); err != nil || held != 1 {
		t.Errorf("the other holds %d, %v", held, err)
	}
}
