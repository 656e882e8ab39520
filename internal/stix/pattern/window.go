package pattern

import (
	"errors"
	"fmt"
	"time"
)

// Window is the time in which something has to be observed: From ≤ t < Until
// (STIX 2.1, section 9.5.1). A zero time is no bound on its side.
type Window struct{ From, Until time.Time }

// window reads START and STOP. The grammar knows no calendar, so a timestamp
// such as that of 30 February may name no instant.
func (q *qualifiers) window() (Window, error) {
	from, err := time.Parse(time.RFC3339, q.start.text)
	if err != nil {
		return Window{}, fmt.Errorf("%s is no instant", q.start)
	}
	until, err := time.Parse(time.RFC3339, q.stop.text)
	if err != nil {
		return Window{}, fmt.Errorf("%s is no instant", q.stop)
	}
	// What is kept of an instant is its microseconds since 1970; before that
	// nothing was observed.
	if until.UnixMicro() <= 0 {
		return Window{}, errors.New("the window ends before 1970")
	}
	return Window{from.UTC(), until.UTC()}, nil
}

// within returns what two windows have in common, and whether that is anything.
func (w Window) within(outer Window) (Window, bool) {
	if w.From.Before(outer.From) {
		w.From = outer.From
	}
	if endsBefore(outer, w) {
		w.Until = outer.Until
	}
	return w, w.Until.IsZero() || w.From.Before(w.Until)
}

// endsBefore reports whether a ends before b does.
func endsBefore(a, b Window) bool {
	return !a.Until.IsZero() && (b.Until.IsZero() || a.Until.Before(b.Until))
}

// covers reports whether other lies within the window.
func (w Window) covers(other Window) bool {
	return !other.From.Before(w.From) && !endsBefore(w, other)
}

// join returns the time of both windows, and whether they leave no gap.
func (w Window) join(other Window) (Window, bool) {
	if other.From.Before(w.From) {
		w, other = other, w
	}
	if !w.Until.IsZero() && w.Until.Before(other.From) {
		return w, false
	}
	if endsBefore(w, other) {
		w.Until = other.Until
	}
	return w, true
}

// inWindow reduces an expression that holds only from START to STOP: its keys
// take the window.
func (r *reducer) inWindow(n *node, reduce func(*node)) {
	own, err := n.qualifiers.window()
	if err != nil {
		r.refuse(CodeStartStop, err.Error(), r.text[n.start:n.end])
		return
	}
	outer := r.window
	inner, some := own.within(outer)
	if !some {
		r.refuse(CodeStartStop, "the windows of the pattern have no time in common", r.text[n.start:n.end])
		return
	}
	r.note(CodeStartStop)
	r.window = inner
	reduce(n)
	r.window = outer
}

// keepOne keeps the better of two terms of one key where one term cannot say
// both, and reports the other.
func (r *reducer) keepOne(k *KeyTerm, term KeyTerm) {
	if term.Exactness < k.Exactness || term.Exactness == k.Exactness && endsBefore(k.Window, term.Window) {
		*k, term = term, *k
	}
	if k.Exactness < term.Exactness && k.Window.covers(term.Window) {
		return // the better says more, and as long
	}
	r.refuse(CodeStartStop, "the value counts in two windows of time that are not one", term.Key.Value)
}
