package schedule

import (
	"context"
	"math/rand/v2"
	"time"
)

// glance is the longest sleep between two looks at the clock: a clock that is
// set, or a machine that wakes up, is noticed within it.
const glance = time.Minute

// Loop calls fn at once, then at each time of the schedule and whenever trigger
// delivers, until ctx ends; a schedule that is never calls it for the trigger
// alone. It returns when ctx has ended and fn has returned.
//
// Calls never overlap. Times that pass during a call are made up for by no call,
// triggers by as many as the channel's buffer holds. Each scheduled call is put
// off by a random part of jitter; the first call and triggered ones are not.
//
// The clock of the host may be set: times that are skipped lead to one call
// within a minute, and a clock that goes back does not stop the calls.
func (s Schedule) Loop(ctx context.Context, jitter time.Duration, trigger <-chan struct{}, fn func(context.Context)) {
	l := loop{schedule: s, jitter: jitter, trigger: trigger, now: wallClock}
	l.run(ctx, fn)
}

// wallClock leaves out the monotonic reading, which would hide that the clock
// was set.
func wallClock() time.Time { return time.Now().Round(0) }

type loop struct {
	schedule Schedule
	jitter   time.Duration
	trigger  <-chan struct{}
	now      func() time.Time

	base time.Time // the time that the next call is counted from
	tick time.Time // the next time of the schedule, zero for never
	due  time.Time // tick and its share of the jitter
}

func (l *loop) run(ctx context.Context, fn func(context.Context)) {
	l.plan(l.now())
	if !l.schedule.IsNever() && ctx.Err() == nil {
		fn(ctx)
	}
	for l.wait(ctx) {
		fn(ctx)
	}
}

// wait returns true when fn should be called, false when ctx has ended.
func (l *loop) wait(ctx context.Context) bool {
	l.skipMissed()
	for ctx.Err() == nil {
		timer := time.NewTimer(l.sleep())
		select {
		case <-ctx.Done():
		case _, open := <-l.trigger:
			if open {
				timer.Stop()
				return ctx.Err() == nil
			}
			l.trigger = nil
		case <-timer.C:
			if l.arrived() {
				return ctx.Err() == nil
			}
		}
		timer.Stop()
	}
	return false
}

// sleep is how long to sleep before the next look at the clock.
func (l *loop) sleep() time.Duration {
	if l.tick.IsZero() {
		return glance
	}
	return min(glance, max(0, l.due.Sub(l.now())))
}

// arrived reports whether the next time has come, and plans the one after it.
func (l *loop) arrived() bool {
	now := l.now()
	if now.Before(l.base.Add(-glance)) {
		// The clock went back behind the last call: what was planned may now be
		// very far off.
		l.plan(now)
	}
	if l.tick.IsZero() || now.Before(l.due) {
		return false
	}
	l.plan(l.tick)
	return true
}

// skipMissed passes over the times that went by while fn was at work.
func (l *loop) skipMissed() {
	if now := l.now(); !l.tick.IsZero() && !l.tick.After(now) {
		l.plan(now)
	}
}

// plan finds the first time after base that the calls go on with.
func (l *loop) plan(base time.Time) {
	l.base = base
	l.tick = l.schedule.Next(base)
	l.due = l.tick
	if l.jitter > 0 {
		l.due = l.tick.Add(rand.N(l.jitter))
	}
}
