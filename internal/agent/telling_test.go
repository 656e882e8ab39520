package agent

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/indicatord/indicatord/internal/admin"
	"github.com/indicatord/indicatord/internal/indicator"
	"github.com/indicatord/indicatord/internal/store"
	"github.com/indicatord/indicatord/internal/webhook"
	"github.com/indicatord/indicatord/outputs"
)

// TestToolsAreRefreshed on schedule with what they have accepted, and after a
// failure not a whole period later.
func TestToolsAreRefreshed(t *testing.T) {
	inBubble(t, `
connectors:
  - {name: hub, type: memory, schedule: "@every 24h", lifetime: {}}
outputs:
  - {name: tool, type: memory, refresh: "@every 2h"}
  - {name: other, type: memory}
`, func(t *testing.T, s *stand) {
		tool := s.tools["tool"]
		s.sources["hub"].Put(object(1), object(2))
		s.begin()
		settle(119 * time.Minute)
		if n := len(tool.Refreshes()); n != 0 {
			t.Errorf("refreshed %d times before the time", n)
		}
		tool.Fail(errors.New("the tool is away"))
		settle(3 * time.Minute)
		if n := s.log.count("refresh failed", "the tool is away"); n != 1 {
			t.Errorf("the failure is told %d times", n)
		}
		settle(20 * time.Minute)
		refreshes := tool.Refreshes()
		if len(refreshes) != 1 || len(refreshes[0]) != 2 {
			t.Fatalf("refreshed with %v, want once with both", refreshes)
		}
		settle(6 * time.Hour)
		if n := len(tool.Refreshes()); n != 4 {
			t.Errorf("refreshed %d times, want 4", n)
		}
		if n := len(s.tools["other"].Refreshes()); n != 0 {
			t.Errorf("the other was refreshed %d times", n)
		}
		if last, _, err := s.store.LastRuns(t.Context(), store.Refreshing, "tool"); err != nil || last == nil || !strings.Contains(string(last.Counts), `"written":2`) {
			t.Errorf("recorded as %v, %v", last, err)
		}
	})
}

// TestARefusedEntryEndsNoRefresh: the others were told, and to tell all of them again
// every few minutes would drown the tool.
func TestARefusedEntryEndsNoRefresh(t *testing.T) {
	inBubble(t, `
connectors:
  - {name: hub, type: memory, schedule: "@every 24h", lifetime: {}}
outputs:
  - {name: tool, type: memory, refresh: "@every 2h"}
`, func(t *testing.T, s *stand) {
		tool := s.tools["tool"]
		s.sources["hub"].Put(object(1), object(2))
		s.begin()
		settle(time.Minute)
		refused := tool.Keys()[0]
		tool.Refuse(func(e indicator.Entry) *outputs.Refusal {
			if e.Key != refused {
				return nil
			}
			return &outputs.Refusal{Reason: "the receiver answers 500"}
		})
		settle(3 * time.Hour)
		if got := tool.Refreshes(); len(got) != 1 || len(got[0]) != 1 {
			t.Errorf("refreshed with %v, want once with the other", got)
		}
		if n := s.log.count("refreshed, but for what the tool refuses", "refused=1", "the receiver answers 500"); n != 1 {
			t.Errorf("it is told %d times:\n%s", n, s.log)
		}
		settle(2 * time.Hour)
		if n := len(tool.Refreshes()); n != 2 {
			t.Errorf("refreshed %d times, want 2", n)
		}
	})
}

// TestARefreshOnDemand follows the delivery of the same round. A tool that takes
// none is a failure only where it alone is meant.
func TestARefreshOnDemand(t *testing.T) {
	s := newStand(t)
	s.sources["hub"].Put(object(1))
	c := s.config(oneLine)
	if err := Once(t.Context(), c, admin.Round{Refresh: true}, s.options()); err != nil {
		t.Fatal(err)
	}
	if got := s.tools["tool"].Refreshes(); len(got) != 1 || len(got[0]) != 1 {
		t.Errorf("refreshed with %v", got)
	}
	if n := s.log.count("refreshed", "output=tool", "written=1"); n != 1 {
		t.Errorf("it is told %d times:\n%s", n, s.log)
	}
}

// TestARefreshShowsWhatWasAccepted, not what waits for somebody's approval.
func TestARefreshShowsWhatWasAccepted(t *testing.T) {
	inBubble(t, `
connectors:
  - {name: hub, type: memory, schedule: "@every 1m", lifetime: {}}
outputs:
  - {name: tool, type: memory, refresh: "@every 2h", change_budget: {removed: 10%}}
`, func(t *testing.T, s *stand) {
		for n := range 50 {
			s.sources["hub"].Put(object(n + 1))
		}
		s.begin()
		settle(time.Second)
		for n := range 30 {
			s.sources["hub"].Withdraw(idOf(n + 1))
		}
		settle(3 * time.Hour)
		refreshes := s.tools["tool"].Refreshes()
		if len(refreshes) != 1 || len(refreshes[0]) != 50 {
			t.Errorf("refreshed %d times with %v, want once with the 50 that the tool has", len(refreshes), refreshes)
		}
	})
}

// newsOf lists the notices of one sort, as "alarm subject".
func newsOf(all []outputs.Notice, news outputs.News) []string {
	var found []string
	for _, n := range all {
		if n.News == news {
			found = append(found, n.Alarm.Name+" "+n.Alarm.Subject)
		}
	}
	return found
}

// TestHeartbeats tell how the output stands.
func TestHeartbeats(t *testing.T) {
	inBubble(t, `
connectors:
  - {name: hub, type: memory, schedule: "@every 24h", lifetime: {}}
outputs:
  - {name: tool, type: memory, heartbeat: "@every 10m"}
`, func(t *testing.T, s *stand) {
		s.sources["hub"].Put(object(1))
		s.begin()
		settle(35 * time.Minute)
		var beats []outputs.Notice
		for _, n := range s.tools["tool"].Notices() {
			if n.News == outputs.Heartbeat {
				beats = append(beats, n)
			}
		}
		if len(beats) != 4 { // one at the start
			t.Fatalf("%d heartbeats: %v", len(beats), beats)
		}
		last := beats[len(beats)-1]
		if last.Stand.Delivered != 1 || last.Stand.LastDelivery.IsZero() || last.Stand.Version != "test" || time.Since(last.At) > 10*time.Minute {
			t.Errorf("the last says %+v", last)
		}
	})
}

// TestAlarmsAreTold once when they are raised and once when they are cleared: in
// the log, and to the tools that take notices. What a tool did not take is told
// again.
func TestAlarmsAreTold(t *testing.T) {
	inBubble(t, `
connectors:
  - {name: hub, type: memory, schedule: "@every 1m", lifetime: {}}
outputs:
  - {name: tool, type: memory}
  - {name: other, type: memory}
`, func(t *testing.T, s *stand) {
		s.sources["hub"].Put(object(1))
		s.begin()
		settle(5 * time.Minute)
		if n := s.log.count("alarm raised"); n != 0 {
			t.Fatalf("%d alarms while nothing is wrong:\n%s", n, s.log)
		}
		s.tools["other"].Fail(slices.Repeat([]error{errors.New("the tool is away")}, 8)...)
		s.sources["hub"].Put(object(2))
		settle(2 * time.Minute)
		want := "delivery-failed output/other"
		if got := newsOf(s.tools["tool"].Notices(), outputs.AlarmRaised); len(got) != 1 || got[0] != want {
			t.Errorf("the tool was told %q, want once %q", got, want)
		}
		settle(time.Hour)
		for name, tool := range s.tools {
			raised, cleared := newsOf(tool.Notices(), outputs.AlarmRaised), newsOf(tool.Notices(), outputs.AlarmCleared)
			if len(raised) > 1 || len(cleared) != len(raised) {
				t.Errorf("%s was told of %q raised and %q cleared", name, raised, cleared)
			}
		}
		if raised, cleared := s.log.count("alarm raised", "delivery-failed"), s.log.count("alarm cleared", "delivery-failed"); raised != 1 || cleared != 1 {
			t.Errorf("the log tells of %d raised and %d cleared", raised, cleared)
		}
	})
}

// hook is a webhook's server.
type hook struct {
	*httptest.Server
	mu     sync.Mutex
	status int
	taken  []webhook.Message
}

func newHook(t *testing.T) *hook {
	h := &hook{status: http.StatusOK}
	h.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		text, _ := io.ReadAll(r.Body)
		var m webhook.Message
		h.mu.Lock()
		defer h.mu.Unlock()
		if h.status == http.StatusOK && json.Unmarshal(text, &m) == nil {
			h.taken = append(h.taken, m)
		}
		w.WriteHeader(h.status)
	}))
	t.Cleanup(h.Close)
	return h
}

func (h *hook) answer(status int) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.status = status
}

func (h *hook) messages() []string {
	h.mu.Lock()
	defer h.mu.Unlock()
	var all []string
	for _, m := range h.taken {
		all = append(all, m.Event+" "+m.Alarm+" "+m.Subject+" at "+m.Site)
	}
	return all
}

// TestAlarmsArePosted, again until the webhook has taken them, and not again by
// the next process.
func TestAlarmsArePosted(t *testing.T) {
	h := newHook(t)
	s := newStand(t)
	g, _ := s.generation("alarms: {webhook: {url: " + h.URL + "}}" + oneLine)
	t.Cleanup(func() { _ = g.close() })
	if err := g.store.SetPause(t.Context(), store.Pause{Subject: store.PauseAll, Since: time.Now(), Who: "wang", Reason: "a test"}); err != nil {
		t.Fatal(err)
	}
	look := func(g *generation) error {
		t.Helper()
		all, closing := g.audiences()
		defer closing()
		a := all[slices.IndexFunc(all, func(a *audience) bool { return a.name == "webhook" })]
		status, err := g.inspector().Status(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		changed, err := a.converge(t.Context(), status.Alarms)
		g.informed(t.Context(), a, changed, err)
		return err
	}
	h.answer(http.StatusInternalServerError)
	if err := look(g); err == nil {
		t.Error("a webhook that fails is no failure")
	}
	h.answer(http.StatusOK)
	if err := errors.Join(look(g), look(g)); err != nil {
		t.Error(err)
	}
	want := []string{"alarm-raised paused all at plant-07"}
	if got := h.messages(); !slices.Equal(got, want) {
		t.Errorf("posted %q, want %q", got, want)
	}
	again, err := newGeneration(g.config, g.store, s.options())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = again.close() })
	if _, err := g.store.EndPause(t.Context(), store.PauseAll); err != nil {
		t.Fatal(err)
	}
	if err := look(again); err != nil {
		t.Error(err)
	}
	want = append(want, "alarm-cleared paused all at plant-07")
	if got := h.messages(); !slices.Equal(got, want) {
		t.Errorf("posted %q, want %q", got, want)
	}
}

// TestABoardThatCannotBeRead costs nothing but that alarms are told again.
func TestABoardThatCannotBeRead(t *testing.T) {
	s := newStand(t)
	g, _ := s.generation(oneLine)
	t.Cleanup(func() { _ = g.close() })
	if err := g.board.keep("x", nil); err != nil {
		t.Fatal(err)
	}
	g.board.path = s.dir
	if err := g.board.keep("x", nil); err == nil {
		t.Error("a board that cannot be written is no failure")
	}
}
