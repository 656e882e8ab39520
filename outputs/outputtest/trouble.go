package outputtest

import (
	"context"
	"errors"
	"iter"
	"sync/atomic"
	"time"

	"github.com/indicatord/indicatord/internal/indicator"
	"github.com/indicatord/indicatord/outputs"
)

var errSequence = errors.New("the store broke off")

// testErrorInTheSequence breaks the sequences off after some entries. A tool
// that takes whole lists has to keep its old list.
func testErrorInTheSequence(s *session) {
	entries := Entries(9, 80)
	v := NewView(entries[:50]...)
	s.accept(v)
	v.Put(entries[50:]...)
	s.breaksOff(v, brokenOff(v, 60))
}

// testErrorAtOnce breaks the sequences off before the first entry: an error must
// not be taken for an empty view.
func testErrorAtOnce(s *session) {
	entries := Entries(10, 60)
	v := NewView(entries[:50]...)
	s.accept(v)
	v.Put(entries[50:]...)
	s.breaksOff(v, brokenOff(v, 0))
}

// breaksOff delivers d, whose sequences end in errSequence, and then what the
// view wants.
func (s *session) breaksOff(v *View, d outputs.Delivery) {
	s.t.Helper()
	before := s.tool.held(s.t)
	if _, err := s.deliver(s.t.Context(), d); !errors.Is(err, errSequence) {
		s.t.Fatalf("Deliver returned %v, want the error of the sequence", err)
	}
	if s.ranged {
		s.holdsKeys(before)
	}
	s.accept(v)
	s.converged(v)
}

// brokenOff returns the view's delivery with sequences that end in errSequence
// after at most n items.
func brokenOff(v *View, n int) outputs.Delivery {
	d := v.Delivery()
	d.Changes = breakAfter(d.Changes, n)
	all := d.All
	d.All = func(detail outputs.Detail) iter.Seq2[indicator.Entry, error] {
		return breakAfter(all(detail), n)
	}
	return d
}

func breakAfter[T any](sequence iter.Seq2[T, error], n int) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		left := n
		for item, err := range sequence {
			if left--; left < 0 {
				break
			}
			if !yield(item, err) {
				return
			}
		}
		var none T
		yield(none, errSequence)
	}
}

func testCancelledBefore(s *session) {
	entries := Entries(11, 40)
	v := NewView(entries[:20]...)
	s.accept(v)
	before := s.tool.held(s.t)
	v.Put(entries[20:]...)
	ctx, cancel := context.WithCancel(s.t.Context())
	cancel()
	if _, err := s.deliver(ctx, v.Delivery()); err == nil {
		s.t.Error("Deliver returned no error, though its context had ended")
	}
	if s.ranged {
		s.holdsKeys(before)
	}
	s.accept(v)
	s.converged(v)
}

// testCancelledInTheMiddle ends the context during sequences that never end by
// themselves.
func testCancelledInTheMiddle(s *session) {
	v := NewView(Entries(12, 20)...)
	s.accept(v)
	before := s.tool.held(s.t)
	ctx, cancel := context.WithCancel(s.t.Context())
	defer cancel()
	var stop atomic.Bool
	defer time.AfterFunc(patience, func() { stop.Store(true) }).Stop()
	if _, err := s.deliver(ctx, endless(cancel, &stop)); err == nil {
		s.t.Error("Deliver returned no error, though its context had ended")
	}
	if stop.Load() {
		s.t.Fatalf("Deliver went on for %s after its context had ended", patience)
	}
	if s.ranged {
		s.holdsKeys(before)
	}
}

// endless returns a delivery with sequences that call cancel after a while and
// go on until stop is set.
func endless(cancel func(), stop *atomic.Bool) outputs.Delivery {
	const cancelAt = 1000
	entry := func(i int) indicator.Entry {
		if i == cancelAt {
			cancel()
		}
		return NewEntry(indicator.IP, numberedAddress(i))
	}
	return outputs.Delivery{
		Now: Now,
		Changes: func(yield func(outputs.Change, error) bool) {
			for i := 0; !stop.Load() && yield(outputs.Change{Op: outputs.Add, Entry: entry(i)}, nil); i++ {
			}
		},
		All: func(outputs.Detail) iter.Seq2[indicator.Entry, error] {
			return func(yield func(indicator.Entry, error) bool) {
				for i := 0; !stop.Load() && yield(entry(i), nil); i++ {
				}
			}
		},
	}
}

// testToolBroken delivers to a tool that is out of order, and again once it is
// mended.
func testToolBroken(s *session) {
	if s.tool.Break == nil {
		s.t.Skip("the suite cannot break this tool")
	}
	entries := Entries(13, 40)
	v := NewView(entries[:20]...)
	s.accept(v)
	v.Put(entries[20:]...)
	mend := s.tool.Break(s.t)
	if _, err := s.deliver(s.t.Context(), v.Delivery()); err == nil {
		s.t.Error("Deliver returned no error, though the tool was broken")
	}
	mend()
	s.accept(v)
	s.converged(v)
}
