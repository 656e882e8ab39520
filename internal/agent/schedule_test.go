package agent

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/indicatord/indicatord/internal/admin"
	"github.com/indicatord/indicatord/internal/plugin"
	"github.com/indicatord/indicatord/internal/store"
)

func TestTheFirstRoundComesAtTheStart(t *testing.T) {
	inBubble(t, oneLine, func(t *testing.T, s *stand) {
		s.sources["hub"].Put(object(1), object(2))
		s.begin()
		settle(time.Second)
		s.mustHold("tool", "5.6.0.1 5.6.0.2")
	})
}

func TestADeliveryOnChangeFollowsThePull(t *testing.T) {
	inBubble(t, oneLine, func(t *testing.T, s *stand) {
		s.begin()
		settle(time.Second)
		s.sources["hub"].Put(object(3))
		settle(58 * time.Second)
		s.mustHold("tool", "")
		settle(2 * time.Second)
		s.mustHold("tool", "5.6.0.3")
		if got := s.tools["tool"].Deliveries(); got != 2 {
			t.Errorf("%d deliveries were tried, want the first and the one that brought something", got)
		}
	})
}

func TestAnOutputOnScheduleWaitsForIt(t *testing.T) {
	inBubble(t, `
connectors:
  - {name: hub, type: memory, schedule: "@every 1m"}
outputs:
  - {name: tool, type: memory, schedule: "@every 1h"}
`, func(t *testing.T, s *stand) {
		s.begin()
		settle(time.Second)
		s.sources["hub"].Put(object(1))
		settle(58 * time.Minute)
		s.mustHold("tool", "")
		settle(2 * time.Minute)
		s.mustHold("tool", "5.6.0.1")
	})
}

func TestAFailedPullIsTriedAgainEverMoreRarely(t *testing.T) {
	inBubble(t, strings.Replace(oneLine, "@every 1m", "@every 24h", 1), func(t *testing.T, s *stand) {
		s.sources["hub"].Fail(0, errors.New("the hub is away"))
		s.begin()
		settle(5 * time.Minute)
		early := s.log.count("level=ERROR", "pull failed")
		settle(55 * time.Minute)
		late := s.log.count("level=ERROR", "pull failed") - early
		if early < 3 || early > 5 || late < 2 || late > 5 {
			t.Errorf("%d pulls in the first 5 minutes and %d in the next 55, want about 4 and about 3:\n%s", early, late, s.log)
		}
		s.sources["hub"].Mend()
		s.sources["hub"].Put(object(1))
		settle(40 * time.Minute)
		s.mustHold("tool", "5.6.0.1")
	})
}

func TestWhatAPersonMustMendIsTriedRarely(t *testing.T) {
	inBubble(t, oneLine, func(t *testing.T, s *stand) {
		s.sources["hub"].Fail(0, plugin.Permanent(errors.New("wrong credentials")))
		s.begin()
		settle(20 * time.Minute)
		if got := s.log.count("level=ERROR", "pull failed", "wrong credentials"); got != 1 {
			t.Errorf("it was tried %d times within 20 minutes, want once:\n%s", got, s.log)
		}
		settle(40 * time.Minute)
		if got := s.log.count("level=ERROR", "pull failed", "wrong credentials"); got < 2 {
			t.Error("it was never tried again, although a person may have mended it")
		}
	})
}

func TestWhatTheHubAskedForIsWaited(t *testing.T) {
	inBubble(t, oneLine, func(t *testing.T, s *stand) {
		s.sources["hub"].Fail(0, plugin.Wait(2*time.Hour, errors.New("too many requests")))
		s.begin()
		settle(119 * time.Minute)
		if got := s.log.count("level=ERROR", "pull failed"); got != 1 {
			t.Errorf("it was tried %d times before the time was over", got)
		}
		s.sources["hub"].Mend()
		s.sources["hub"].Put(object(1))
		settle(2 * time.Minute)
		s.mustHold("tool", "5.6.0.1")
	})
}

func TestAPersonNeedNotWaitForARetry(t *testing.T) {
	inBubble(t, oneLine, func(t *testing.T, s *stand) {
		s.sources["hub"].Fail(0, plugin.Wait(2*time.Hour, errors.New("too many requests")))
		s.begin()
		settle(time.Minute)
		s.sources["hub"].Mend()
		s.sources["hub"].Put(object(1))
		if err := s.generated.visit(t.Context(), admin.Round{}); err != nil {
			t.Fatal(err)
		}
		s.mustHold("tool", "5.6.0.1")
	})
}

func TestAPullHasATimeout(t *testing.T) {
	inBubble(t, `
connectors:
  - {name: hub, type: memory, schedule: "@every 1h", timeout: 5m}
outputs:
  - {name: tool, type: memory}
`, func(t *testing.T, s *stand) {
		s.sources["hub"].Block()
		s.begin()
		settle(6 * time.Minute)
		if got := s.log.count("level=ERROR", "pull failed", "the pull took longer than its timeout of 5m0s"); got != 1 {
			t.Errorf("the timeout is not told once:\n%s", s.log)
		}
		s.sources["hub"].Mend()
	})
}

// failingSource fails beside a good one, to the same tool.
const failingSource = `
connectors:
  - {name: hub, type: memory, schedule: "@every 1m"}
  - {name: second, type: memory, schedule: "@every 1m"}
outputs:
  - {name: tool, type: memory}
  - {name: other, type: memory, settings: {takes: lists}}
`

func TestAFailingSourceStopsNoOther(t *testing.T) {
	for name, fail := range map[string]func(*stand){
		"fails":  func(s *stand) { s.sources["hub"].Fail(0, errors.New("the hub is away")) },
		"blocks": func(s *stand) { s.sources["hub"].Block() },
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, failingSource, func(t *testing.T, s *stand) {
				fail(s)
				s.sources["second"].Put(object(2))
				s.begin()
				settle(time.Second)
				s.mustHold("tool", "5.6.0.2")
				s.mustHold("other", "5.6.0.2")
				s.sources["hub"].Mend()
			})
		})
	}
}

func TestADeadToolBlocksNobodyAndCatchesUp(t *testing.T) {
	inBubble(t, failingSource, func(t *testing.T, s *stand) {
		release := s.tools["tool"].Block()
		s.sources["hub"].Put(object(1))
		s.begin()
		settle(time.Second)
		s.mustHold("other", "5.6.0.1")
		s.sources["hub"].Put(object(2))
		s.sources["hub"].Withdraw(idOf(1))
		settle(2 * time.Minute)
		s.mustHold("other", "5.6.0.2")
		release()
		settle(time.Minute)
		s.mustHold("tool", "5.6.0.2")
	})
}

func TestAFailedDeliveryIsTriedAgainSoon(t *testing.T) {
	inBubble(t, oneLine, func(t *testing.T, s *stand) {
		away := errors.New("connection refused")
		s.tools["tool"].Fail(away, away, away)
		s.sources["hub"].Put(object(1))
		s.begin()
		settle(time.Minute)
		s.mustHold("tool", "5.6.0.1")
		if got := s.log.count("delivery failed", "connection refused", "retry_in"); got != 3 {
			t.Errorf("%d failures are told, want each of the 3:\n%s", got, s.log)
		}
		last, success, err := s.store.LastRuns(t.Context(), store.Delivery, "tool")
		if err != nil || last.Error != "" || success == nil {
			t.Errorf("the last run is %+v (%v), want a success", last, err)
		}
	})
}

// TestASuccessAfterAFailureIsAlwaysTold holds that no failure stays in the
// status because the delivery after it had nothing left to do.
func TestASuccessAfterAFailureIsAlwaysTold(t *testing.T) {
	inBubble(t, oneLine, func(t *testing.T, s *stand) {
		s.begin()
		settle(time.Second)
		s.tools["tool"].Fail(errors.New("away"))
		s.sources["hub"].Put(object(1, `"valid_until":"2000-01-01T00:01:01Z"`))
		settle(70 * time.Second)
		last, _, err := s.store.LastRuns(t.Context(), store.Delivery, "tool")
		if err != nil || last.Error != "" {
			t.Errorf("the last run is %+v (%v), want a success; log:\n%s", last, err, s.log)
		}
	})
}

func TestTimePassesWithoutAPull(t *testing.T) {
	inBubble(t, oneLine, func(t *testing.T, s *stand) {
		s.sources["hub"].Put(
			object(1, `"valid_until":"2000-01-01T00:10:00Z"`),
			object(2, `"valid_until":"2000-01-01T01:00:00Z"`),
		)
		s.begin()
		settle(time.Minute)
		s.sources["hub"].Fail(0, errors.New("the hub is away"))
		s.mustHold("tool", "5.6.0.1 5.6.0.2")
		settle(9*time.Minute + time.Second)
		s.mustHold("tool", "5.6.0.2")
		changes := s.tools["tool"].Changes()
		if last := changes[len(changes)-1]; last.Reason != "expired" {
			t.Errorf("the entry leaves because it is %q, want expired", last.Reason)
		}
		settle(time.Hour)
		s.mustHold("tool", "")
	})
}

// reconciled has full pulls every hour and ordinary ones every minute.
const reconciled = `
connectors:
  - {name: hub, type: memory, schedule: "@every 1m", lifetime: {}, reconcile: {schedule: "@every 1h", max_withdraw: 50%}}
outputs:
  - {name: tool, type: memory}
`

func TestAFullPullWithdrawsWhatVanished(t *testing.T) {
	inBubble(t, reconciled, func(t *testing.T, s *stand) {
		s.sources["hub"].Put(object(1), object(2))
		s.begin()
		settle(time.Second)
		s.sources["hub"].Forget(idOf(1))
		settle(58 * time.Minute)
		s.mustHold("tool", "5.6.0.1 5.6.0.2")
		settle(3 * time.Minute)
		s.mustHold("tool", "5.6.0.2")
	})
}

func TestAFullPullThatFailsIsOwed(t *testing.T) {
	inBubble(t, reconciled, func(t *testing.T, s *stand) {
		s.sources["hub"].Put(object(1), object(2))
		s.begin()
		settle(time.Minute)
		s.sources["hub"].Forget(idOf(1))
		settle(58 * time.Minute)
		s.sources["hub"].Fail(0, errors.New("the hub is away"))
		settle(5 * time.Minute)
		s.mustHold("tool", "5.6.0.1 5.6.0.2")
		s.sources["hub"].Mend()
		settle(15 * time.Minute)
		s.mustHold("tool", "5.6.0.2")
	})
}

func TestWhatLacksTooMuchWithdrawsNothing(t *testing.T) {
	inBubble(t, reconciled, func(t *testing.T, s *stand) {
		s.sources["hub"].Put(object(1), object(2), object(3))
		s.begin()
		settle(time.Minute)
		s.sources["hub"].Forget(idOf(1), idOf(2))
		settle(90 * time.Minute)
		s.mustHold("tool", "5.6.0.1 5.6.0.2 5.6.0.3")
		if got := s.log.count("level=ERROR", "pull failed", "reconcile.max_withdraw"); got != 1 {
			t.Errorf("it is told %d times in one hour, want once:\n%s", got, s.log)
		}
	})
}

func TestStoppingEndsPullsAtOnceAndLetsDeliveriesEnd(t *testing.T) {
	inBubble(t, failingSource, func(t *testing.T, s *stand) {
		s.sources["second"].Put(object(2))
		s.begin()
		settle(time.Second)
		s.sources["hub"].Block()
		release := s.tools["tool"].Block()
		s.sources["second"].Put(object(3))
		settle(time.Minute)
		go func() {
			time.Sleep(5 * time.Second)
			release()
		}()
		asked := time.Now()
		s.stop()
		if took := time.Since(asked); took != 5*time.Second {
			t.Errorf("stopping took %s, want the 5s of the delivery", took)
		}
		s.mustHold("tool", "5.6.0.2 5.6.0.3")
	})
}

func TestStoppingIsBounded(t *testing.T) {
	inBubble(t, oneLine, func(t *testing.T, s *stand) {
		release := s.tools["tool"].Block()
		defer release()
		s.sources["hub"].Put(object(1))
		s.begin()
		settle(time.Second)
		asked := time.Now()
		s.stop()
		if took := time.Since(asked); took != drainTime {
			t.Errorf("stopping took %s, want %s", took, drainTime)
		}
		if s.log.count("delivery broken off", "did not end within 15s") != 1 {
			t.Errorf("that the delivery was broken off is not told:\n%s", s.log)
		}
	})
}

// TestARoundEndsBeforeThePluginsClose lets an operator's round be at work while
// the generation ends.
func TestARoundEndsBeforeThePluginsClose(t *testing.T) {
	inBubble(t, oneLine, func(t *testing.T, s *stand) {
		s.begin()
		settle(time.Second)
		s.sources["hub"].Block()
		round := make(chan error, 1)
		go func() { round <- s.generated.visit(t.Context(), admin.Round{}) }()
		settle(time.Second)
		s.stop()
		select {
		case err := <-round:
			if !errors.Is(err, errEnding) {
				t.Errorf("the round ended with %v", err)
			}
		default:
			t.Error("the generation ended before the round")
		}
		if err := s.generated.visit(t.Context(), admin.Round{}); !errors.Is(err, errEnding) {
			t.Errorf("a round after the end: %v", err)
		}
	})
}
