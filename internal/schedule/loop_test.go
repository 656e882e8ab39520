package schedule

import (
	"context"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// The clock of a synctest bubble begins at midnight UTC, 1 January 2000.
const clock = "15:04:05"

// times runs a loop for a while and returns when it called.
func times(spec string, jitter, length time.Duration, trigger chan struct{}, work time.Duration) []string {
	var calls []string
	s, err := Parse(spec, time.UTC)
	if err != nil {
		panic(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), length)
	defer cancel()
	s.Loop(ctx, jitter, trigger, func(context.Context) {
		calls = append(calls, time.Now().UTC().Format(clock))
		time.Sleep(work)
	})
	return calls
}

func TestLoopCallsAtOnceAndThenOnSchedule(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		time.Sleep(7 * time.Minute)
		got := times("*/15 * * * *", 0, time.Hour, nil, 0)
		want := []string{"00:07:00", "00:15:00", "00:30:00", "00:45:00", "01:00:00"}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
	})
}

func TestLoopKeepsThePaceOfAnInterval(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		got := times("@every 10m", 0, 35*time.Minute, nil, 3*time.Minute)
		want := []string{"00:00:00", "00:10:00", "00:20:00", "00:30:00"}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
	})
}

func TestLoopNeverOverlapsAndSkipsWhatItMissed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		got := times("*/15 * * * *", 0, 2*time.Hour, nil, 40*time.Minute)
		want := []string{"00:00:00", "00:45:00", "01:30:00"}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
	})
}

func TestLoopJittersScheduledCallsOnly(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const jitter = 5 * time.Minute
		got := times("@hourly", jitter, 100*time.Hour+30*time.Minute, nil, 0)
		if len(got) != 101 || got[0] != "00:00:00" {
			t.Fatalf("%d calls, the first at %s", len(got), got[0])
		}
		for _, call := range got[1:] {
			at, err := time.Parse(clock, call)
			if err != nil {
				t.Fatal(err)
			}
			if late := at.Sub(at.Truncate(time.Hour)); late >= jitter {
				t.Errorf("the call at %s is %s late", call, late)
			}
		}
		minutes := slices.Compact(slices.Sorted(func(yield func(string) bool) {
			for _, call := range got[1:] {
				if !yield(call[3:]) {
					return
				}
			}
		}))
		if len(minutes) < 10 {
			t.Errorf("the calls come at %d different minutes only", len(minutes))
		}
	})
}

func TestLoopAnswersTheTrigger(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		trigger := make(chan struct{}, 1)
		time.AfterFunc(5*time.Minute+time.Second, func() { trigger <- struct{}{} })
		got := times("@every 10m", 0, 21*time.Minute, trigger, 0)
		want := []string{"00:00:00", "00:05:01", "00:10:00", "00:20:00"}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
	})
}

func TestLoopThatIsNeverCallsForTheTriggerAlone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		trigger := make(chan struct{}, 1)
		time.AfterFunc(5*time.Hour, func() { trigger <- struct{}{} })
		got := times("@never", time.Minute, 30*time.Hour, trigger, 0)
		if diff := cmp.Diff([]string{"05:00:00"}, got); diff != "" {
			t.Error(diff)
		}
	})
}

func TestLoopOutlivesItsTrigger(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		trigger := make(chan struct{})
		close(trigger)
		got := times("@hourly", 0, 150*time.Minute, trigger, 0)
		if diff := cmp.Diff([]string{"00:00:00", "01:00:00", "02:00:00"}, got); diff != "" {
			t.Error(diff)
		}
	})
}

func TestLoopEndsWithItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(context.Background())
		cancel()
		s := parsed(t, "* * * * *", time.UTC)
		s.Loop(ctx, 0, nil, func(context.Context) { t.Error("called after the end") })
	})
}

// setAt returns a wall clock that an operator sets at a moment, by so much.
func setAt(moment time.Time, by time.Duration) func() time.Time {
	return func() time.Time {
		now := time.Now().Round(0)
		if now.Before(moment) {
			return now
		}
		return now.Add(by)
	}
}

// callsAfterJump runs a loop whose clock is set after one hour, and returns how
// long after the jump the first calls came.
func callsAfterJump(t *testing.T, spec string, jump time.Duration) []time.Duration {
	t.Helper()
	jumpAt := time.Now().Add(61 * time.Minute)
	l := loop{schedule: parsed(t, spec, time.UTC), now: setAt(jumpAt, jump)}
	ctx, cancel := context.WithTimeout(t.Context(), 4*time.Hour)
	defer cancel()
	var after []time.Duration
	l.run(ctx, func(context.Context) {
		if late := time.Since(jumpAt); late >= 0 {
			after = append(after, late)
		}
	})
	return after
}

func TestLoopGoesOnAfterTheClockWentBack(t *testing.T) {
	for _, spec := range []string{"*/15 * * * *", "@every 15m"} {
		t.Run(spec, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				got := callsAfterJump(t, spec, -48*time.Hour)
				if len(got) < 10 || got[0] > 16*time.Minute {
					t.Errorf("calls come %v after the clock was set", got)
				}
			})
		})
	}
}

func TestLoopCallsOnceAfterTheClockWentForward(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		got := callsAfterJump(t, "@hourly", 10*time.Hour+time.Minute)
		// The clock shows 11:02 then: the hours that it skipped give one call,
		// each hour after them another.
		if len(got) != 4 || got[0] > glance || got[1] < 55*time.Minute {
			t.Errorf("calls come %v after the clock was set", got)
		}
	})
}

func TestLoopIgnoresASmallStepBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var offset time.Duration
		l := loop{
			schedule: parsed(t, "@hourly", time.UTC),
			now:      func() time.Time { return time.Now().Round(0).Add(offset) },
		}
		ctx, cancel := context.WithTimeout(t.Context(), 90*time.Minute)
		defer cancel()
		calls := 0
		l.run(ctx, func(context.Context) {
			calls++
			offset -= 20 * time.Millisecond
		})
		if calls != 2 {
			t.Errorf("%d calls, want one at the start and one at the hour", calls)
		}
	})
}
