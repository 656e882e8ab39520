package agent

import (
	"errors"
	"testing"
	"time"

	"github.com/indicatord/indicatord/internal/admin"
	"github.com/indicatord/indicatord/internal/indicator"
	"github.com/indicatord/indicatord/internal/store"
)

// TestToolsAreVerifiedAndRepaired on schedule: somebody has taken an entry out.
func TestToolsAreVerifiedAndRepaired(t *testing.T) {
	inBubble(t, `
connectors:
  - {name: hub, type: memory, schedule: "@every 24h", lifetime: {}}
outputs:
  - {name: tool, type: memory, verify: {schedule: "@every 1h"}}
  - {name: other, type: memory, verify: {schedule: "@every 1h", repair: false}}
`, func(t *testing.T, s *stand) {
		s.sources["hub"].Put(object(1), object(2))
		s.begin()
		settle(time.Minute)
		for _, tool := range s.tools {
			tool.Drop(indicator.Key{Kind: indicator.IP, Value: "5.6.0.1"})
		}
		settle(57 * time.Minute)
		s.mustHold("tool", "5.6.0.2")
		settle(5 * time.Minute)
		s.mustHold("tool", "5.6.0.1 5.6.0.2")
		s.mustHold("other", "5.6.0.2")
		if last, _, err := s.store.LastRuns(t.Context(), store.Verifying, "other"); err != nil || last == nil {
			t.Errorf("the verification is recorded as %v, %v", last, err)
		}
		if s.log.count("the tool holds something else") != 2 {
			t.Errorf("the log does not tell of both:\n%s", s.log)
		}
	})
}

// TestWhatIsPausedStandsStill until it ends by itself.
func TestWhatIsPausedStandsStill(t *testing.T) {
	inBubble(t, oneLine, func(t *testing.T, s *stand) {
		pause := func(subject string, until time.Duration) {
			t.Helper()
			p := store.Pause{Subject: subject, Since: time.Now(), Who: "wang", Reason: "a test", Until: time.Now().Add(until)}
			if err := s.store.SetPause(t.Context(), p); err != nil {
				t.Fatal(err)
			}
		}
		pause("output/tool", 10*time.Minute)
		s.sources["hub"].Put(object(1))
		s.begin()
		settle(9 * time.Minute)
		s.mustHold("tool", "")
		settle(2 * time.Minute)
		s.mustHold("tool", "5.6.0.1")
		if n := s.log.count("no delivery"); n != 1 {
			t.Errorf("it is told %d times", n)
		}

		pause(store.PauseAll, 10*time.Minute)
		s.sources["hub"].Put(object(2))
		settle(9 * time.Minute)
		s.mustHold("tool", "5.6.0.1")
		err := s.generated.visit(t.Context(), admin.Round{})
		if paused, ok := errors.AsType[*PausedError](err); !ok || paused.Pause.Who != "wang" {
			t.Errorf("an ordered round ends with %v", err)
		}
		settle(3 * time.Minute)
		s.mustHold("tool", "5.6.0.1 5.6.0.2")
	})
}

// TestAHeldChangeIsToldOnce, and goes through when it is approved.
func TestAHeldChangeIsToldOnce(t *testing.T) {
	inBubble(t, `
connectors:
  - {name: hub, type: memory, schedule: "@every 1m", lifetime: {}}
outputs:
  - {name: tool, type: memory, change_budget: {removed: 10%}}
`, func(t *testing.T, s *stand) {
		for n := range 50 {
			s.sources["hub"].Put(object(n + 1))
		}
		s.begin()
		settle(time.Second)
		for n := range 30 {
			s.sources["hub"].Withdraw(idOf(n + 1))
		}
		settle(10 * time.Minute)
		if held := len(s.tools["tool"].Keys()); held != 50 {
			t.Fatalf("the tool holds %d, want all 50", held)
		}
		if n := s.log.count("delivery held"); n != 1 {
			t.Errorf("it is told %d times", n)
		}
		holds, err := s.store.Holds(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if decided, err := s.store.Decide(t.Context(), "tool", holds["tool"].Digest, store.Approved, "wang"); !decided || err != nil {
			t.Fatalf("%t, %v", decided, err)
		}
		if err := s.generated.visit(t.Context(), admin.Round{}); err != nil {
			t.Error(err)
		}
		if held := len(s.tools["tool"].Keys()); held != 20 {
			t.Errorf("the tool holds %d, want the 20 that are left", held)
		}
	})
}

// TestAHeldWithdrawal of a source outlasts ordinary pulls, and what was approved
// is withdrawn soon.
func TestAHeldWithdrawal(t *testing.T) {
	inBubble(t, `
connectors:
  - {name: hub, type: memory, schedule: "@every 1m", lifetime: {}, reconcile: {schedule: "@every 1h"}}
outputs:
  - {name: tool, type: memory}
`, func(t *testing.T, s *stand) {
		for n := range 50 {
			s.sources["hub"].Put(object(n + 1))
		}
		s.begin()
		settle(time.Minute)
		for n := range 30 {
			s.sources["hub"].Forget(idOf(n + 1))
		}
		settle(90 * time.Minute)
		if held := len(s.tools["tool"].Keys()); held != 50 {
			t.Fatalf("the tool holds %d, want all 50", held)
		}
		name := store.HeldSource("hub")
		holds, err := s.store.Holds(t.Context())
		if err != nil || holds[name].Digest == "" {
			t.Fatalf("%v, %v", holds, err)
		}
		if raised, cleared := s.log.count("alarm raised", "withdrawal-held"), s.log.count("alarm cleared", "withdrawal-held"); raised != 1 || cleared != 0 {
			t.Errorf("the alarm was raised %d times and cleared %d times", raised, cleared)
		}
		if decided, err := s.store.Decide(t.Context(), name, holds[name].Digest, store.Approved, "wang"); !decided || err != nil {
			t.Fatalf("%t, %v", decided, err)
		}
		s.generated.ring()
		settle(2 * time.Minute)
		if held := len(s.tools["tool"].Keys()); held != 20 {
			t.Errorf("the tool holds %d, want the 20 that are left", held)
		}
		if holds, err = s.store.Holds(t.Context()); err != nil || len(holds) != 0 {
			t.Errorf("still held: %v, %v", holds, err)
		}
		if cleared := s.log.count("alarm cleared", "withdrawal-held"); cleared != 1 {
			t.Errorf("the alarm was cleared %d times", cleared)
		}
	})
}
