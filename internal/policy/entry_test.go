package policy

import (
	"testing"
	"time"

	"github.com/indicatord/indicatord/internal/indicator"
)

func entryOf(assertions ...indicator.Assertion) *indicator.Entry {
	return &indicator.Entry{Key: key, FirstSeen: noon, Assertions: assertions}
}

// A machine without a battery wakes up in 1970, before its time is set.
func TestWhatHadBegunHasBegunWhateverTheClockSays(t *testing.T) {
	p := strict()
	begun := assertion(func(a *indicator.Assertion) { a.ValidFrom = noon.Add(-time.Hour) })
	ahead := assertion(func(a *indicator.Assertion) { a.ValidFrom = noon.Add(time.Hour) })
	for _, now := range []time.Time{time.Unix(0, 0), noon.Add(-24 * time.Hour), noon} {
		if got := p.JudgeIn(entryOf(begun), &begun, now); got != Passes {
			t.Errorf("at %v what had begun is judged %q", now, got)
		}
		if got := p.JudgeIn(entryOf(ahead), &ahead, now); got != NotYetValid {
			t.Errorf("at %v what lies ahead is judged %q", now, got)
		}
	}
	benign := assertion(func(a *indicator.Assertion) { a.ValidFrom, a.Types = noon.Add(-time.Hour), indicator.TypeBenign })
	if got := p.JudgeIn(entryOf(begun, benign), &begun, time.Unix(0, 0)); got != Benign {
		t.Errorf("what was called benign before the clock went back is judged %q", got)
	}
	allowed := own(indicator.TypeBenign)
	allowed.ValidFrom = noon.Add(time.Hour)
	if got := p.JudgeIn(entryOf(begun, allowed), &begun, noon); got != Allowed {
		t.Errorf("what the site allowed before the clock went back is judged %q", got)
	}
	low := assertion(func(a *indicator.Assertion) { a.ValidFrom, a.Confidence = noon.Add(-time.Hour), 1 })
	if got := p.JudgeIn(entryOf(low), &low, time.Unix(0, 0)); got != LowConfidence {
		t.Errorf("the other rules judge %q", got)
	}
}

func TestWhatOneSourceCallsBenignIsNotEnforced(t *testing.T) {
	malicious := assertion(nil)
	for name, c := range map[string]struct {
		benign    indicator.Assertion
		enforcing bool
		want      Verdict
	}{
		"benign":                       {assertion(func(a *indicator.Assertion) { a.Types = indicator.TypeBenign }), true, Benign},
		"benign, for people to see":    {assertion(func(a *indicator.Assertion) { a.Types = indicator.TypeBenign }), false, Passes},
		"benign until yesterday":       {assertion(func(a *indicator.Assertion) { a.Types, a.ValidUntil = indicator.TypeBenign, noon.Add(-time.Hour) }), true, Passes},
		"benign, revoked":              {assertion(func(a *indicator.Assertion) { a.Types, a.State = indicator.TypeBenign, indicator.Revoked }), true, Passes},
		"benign, of no source of ours": {assertion(func(a *indicator.Assertion) { a.Types, a.Source = indicator.TypeBenign, "nobody" }), true, Passes},
		"malicious too":                {assertion(nil), true, Passes},
	} {
		p := strict()
		p.Enforcing = c.enforcing
		e := entryOf(malicious, c.benign)
		if got := p.JudgeIn(e, &e.Assertions[0], noon); got != c.want {
			t.Errorf("%s: judged %q, want %q", name, got, c.want)
		}
		if _, visible := p.View(e, noon); visible != (c.want == Passes) {
			t.Errorf("%s: in the view: %t", name, visible)
		}
	}
}
