package store

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"
)

func mustSweep(t *testing.T, s *Store, now time.Time) (int, time.Time) {
	t.Helper()
	n, next, err := s.Sweep(context.Background(), now)
	if err != nil {
		t.Fatal(err)
	}
	return n, next
}

func TestSweepAtBeginAndEnd(t *testing.T) {
	s := openTest(t)
	begin, end := noon.Add(time.Hour), noon.Add(50*time.Hour)
	mustApply(t, s, batch(lasting(version("indicator--1", 1, "a.example"), begin, end), version("indicator--2", 1, "b.example")))
	for _, c := range []struct {
		at   time.Time
		want []string
		next time.Time
	}{
		{noon, nil, begin},
		{begin.Add(-time.Microsecond), nil, begin},
		{begin, []string{"a.example"}, end},
		{begin, nil, end},
		{end.Add(-time.Microsecond), nil, end},
		{end.Add(time.Hour), []string{"a.example"}, time.Time{}},
		{end.Add(100 * time.Hour), nil, time.Time{}},
	} {
		since := sequenceOf(t, s)
		n, next := mustSweep(t, s, c.at)
		if got := changed(t, s, since); n != len(c.want) || !slices.Equal(got, c.want) {
			t.Errorf("at %s: %d touched, %q, want %q", c.at, n, got, c.want)
		}
		if !next.Equal(c.next) {
			t.Errorf("at %s the next is due at %s, want %s", c.at, next, c.next)
		}
	}
	checkConsistent(t, s)
}

// TestSweepLeavesThePast: what had begun or ended when it was stored needs no
// touch, and what the source took back none either.
func TestSweepLeavesThePast(t *testing.T) {
	s := openTest(t)
	mustApply(t, s, batch(
		lasting(version("indicator--1", 1, "a.example"), noon.Add(-2*time.Hour), noon.Add(-time.Hour)),
		lasting(version("indicator--2", 1, "b.example"), noon, time.Time{}),
		lasting(version("indicator--3", 1, "c.example"), noon.Add(-time.Hour), noon)))
	if n, next := mustSweep(t, s, noon.AddDate(1, 0, 0)); n != 0 || !next.IsZero() {
		t.Errorf("%d touched, next at %s", n, next)
	}
}

// TestSweepAcrossDays: what is due is kept by the day.
func TestSweepAcrossDays(t *testing.T) {
	s := openTest(t)
	b := batch()
	for day := range 40 {
		b.Objects = append(b.Objects, lasting(version(fmt.Sprintf("indicator--%d", day), 1, fmt.Sprintf("d%02d.example", day)),
			noon, noon.AddDate(0, 0, day+1)))
	}
	mustApply(t, s, b)
	for day := range 40 {
		if n, _ := mustSweep(t, s, noon.AddDate(0, 0, day+1)); n != 1 {
			t.Errorf("%d touched on day %d, want 1", n, day)
		}
	}
}

// TestSweepManyAtOnce sweeps more than one transaction takes, after the clock
// has jumped ahead or the agent was away.
func TestSweepManyAtOnce(t *testing.T) {
	s := openTest(t)
	const n = sweepLimit + 1234
	b := largeBatch(n)
	for i := range b.Objects {
		b.Objects[i] = lasting(b.Objects[i], noon.Add(-time.Hour), noon.Add(time.Duration(i%72)*time.Hour+time.Hour))
	}
	mustApply(t, s, b)
	since := sequenceOf(t, s)
	if got, next := mustSweep(t, s, noon.AddDate(5, 0, 0)); got != n || !next.IsZero() {
		t.Errorf("%d touched, next at %s, want %d and never", got, next, n)
	}
	if got := len(changed(t, s, since)); got != n {
		t.Errorf("%d entries changed, want each of %d once", got, n)
	}
	checkConsistent(t, s)
}

// TestClockSetBack: a clock that ran ahead has let entries end and begin; once
// it is right again they end and begin at their time after all.
func TestClockSetBack(t *testing.T) {
	ahead := noon.AddDate(4, 0, 0)
	for _, c := range []struct {
		name string
		// run lets the clock run ahead over what a was stored with.
		run func(*testing.T, *Store, Object)
	}{
		{"after a sweep", func(t *testing.T, s *Store, o Object) {
			mustApply(t, s, batch(o))
			mustSweep(t, s, ahead)
		}},
		{"after a pull", func(t *testing.T, s *Store, o Object) {
			b := batch(o)
			b.Now = ahead
			mustApply(t, s, b)
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := openTest(t)
			begin, end := noon.Add(30*24*time.Hour), noon.Add(60*24*time.Hour)
			c.run(t, s, lasting(version("indicator--1", 1, "a.example"), begin, end))
			since := sequenceOf(t, s)
			n, next := mustSweep(t, s, noon)
			if got := changed(t, s, since); n != 1 || len(got) != 1 {
				t.Errorf("set back: %d touched, %q, want the entry that holds after all", n, got)
			}
			if !next.Equal(begin) {
				t.Errorf("set back: next at %s, want %s", next, begin)
			}
			for i, at := range []time.Time{noon, begin, end, ahead} {
				if n, _ := mustSweep(t, s, at); n != []int{0, 1, 1, 0}[i] {
					t.Errorf("at %s %d touched", at, n)
				}
			}
			checkConsistent(t, s)
		})
	}
}

// TestClocksDifferALittle: the time of a pull and that of a sweep are read one
// after the other, and are no clock set back.
func TestClocksDifferALittle(t *testing.T) {
	s := openTest(t)
	b := batch(lasting(version("indicator--1", 1, "a.example"), noon, noon.Add(30*time.Second)))
	b.Now = noon.Add(time.Minute)
	mustApply(t, s, b)
	if n, next := mustSweep(t, s, noon); n != 0 || !next.IsZero() {
		t.Errorf("%d touched, next at %s", n, next)
	}
}

func TestSweepKeepsWhatItHasNotDone(t *testing.T) {
	s := openTest(t)
	mustApply(t, s, batch(lasting(version("indicator--1", 1, "a.example"), noon, noon.Add(time.Hour))))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if n, next, err := s.Sweep(ctx, noon.AddDate(1, 0, 0)); err == nil || n != 0 || !next.IsZero() {
		t.Errorf("swept %d, next %s, %v", n, next, err)
	}
	if n, _ := mustSweep(t, s, noon.AddDate(1, 0, 0)); n != 1 {
		t.Errorf("%d touched, want 1", n)
	}
}
