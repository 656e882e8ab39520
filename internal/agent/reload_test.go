package agent

import (
	"errors"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/indicatord/indicatord/internal/admin"
	"github.com/indicatord/indicatord/internal/config"
)

// toOther delivers to another tool than oneLine does.
var toOther = strings.Replace(oneLine, "name: tool", "name: other", 1)

func TestReloadTakesARightConfiguration(t *testing.T) {
	s := newStand(t)
	s.sources["hub"].Put(object(1))
	next := s.config(toOther)
	reload, stop := s.running(oneLine, func() (*config.Config, error) { return next, nil })
	s.eventually("the first delivery", func() bool { return s.held("tool") == "5.6.0.1" })
	s.sources["hub"].Put(object(2))
	reload <- struct{}{}
	s.eventually("a delivery of the new configuration", func() bool { return s.held("other") == "5.6.0.1 5.6.0.2" })
	next = s.config("log: {level: debug}" + toOther)
	reload <- struct{}{}
	s.eventually("word of what takes a start", func() bool { return s.log.count("log: takes effect at the next start") == 1 })
	s.eventually("the second reload", func() bool { return s.log.count("msg=reloaded") == 2 })
	stop()
	s.mustHold("tool", "5.6.0.1")
	if s.log.count("msg=reloaded") != 2 {
		t.Errorf("the log does not tell of the reload:\n%s", s.log)
	}
}

func TestReloadKeepsTheOldConfigurationWhereTheNewIsWrong(t *testing.T) {
	for name, tt := range map[string]struct {
		load func(*stand) (*config.Config, error)
		want string
	}{
		"wrong": {func(s *stand) (*config.Config, error) { return s.parse("connector: []") }, "unknown key"},
		"another state": {func(s *stand) (*config.Config, error) {
			c, err := s.parse(oneLine)
			c.State += "2"
			return c, err
		}, "cannot change"},
		"no file": {nil, "without a configuration file"},
	} {
		t.Run(name, func(t *testing.T) {
			s := newStand(t)
			var load func() (*config.Config, error)
			if tt.load != nil {
				load = func() (*config.Config, error) { return tt.load(s) }
			}
			reload, _ := s.running(oneLine, load)
			s.eventually("the first pull", func() bool { return s.log.count("msg=pulled") == 1 })
			reload <- struct{}{}
			s.eventually("the refusal", func() bool { return s.log.count("the old one stays in force", tt.want) == 1 })
			s.sources["hub"].Put(object(1))
			if err := admin.NewClient(s.dir+"/s").Once(t.Context(), admin.Round{}); err != nil {
				t.Error(err)
			}
			s.mustHold("tool", "5.6.0.1")
		})
	}
}

func TestAToolCatchesUpAfterARestart(t *testing.T) {
	s := newStand(t)
	s.sources["hub"].Put(object(1), object(2))
	_, stop := s.running(oneLine, nil)
	s.eventually("the first delivery", func() bool { return s.held("tool") == "5.6.0.1 5.6.0.2" })
	s.tools["tool"].Fail(errors.New("away"), errors.New("away"), errors.New("away"))
	s.sources["hub"].Withdraw(idOf(1))
	s.sources["hub"].Put(object(3))
	if err := admin.NewClient(s.dir+"/s").Once(t.Context(), admin.Round{}); err == nil || !strings.Contains(err.Error(), "output tool: ") {
		t.Errorf("the round ended with %v, want the failure of the tool", err)
	}
	stop()
	s.mustHold("tool", "5.6.0.1 5.6.0.2")
	s.tools["tool"].Mend()
	s.sources["hub"].Fail(0, errors.New("the hub is away"))
	s.running(oneLine, nil)
	s.eventually("the rest", func() bool { return s.held("tool") == "5.6.0.2 5.6.0.3" })
	if got := len(s.tools["tool"].Changes()); got != 4 {
		t.Errorf("the tool was given %d changes, want 2 and then the 2 that it had missed", got)
	}
}

func TestChangedRulesDeriveAgainWithoutAPull(t *testing.T) {
	const lasting = `
connectors:
  - {name: hub, type: memory, schedule: "@never", lifetime: {ip: 1d}}
outputs:
  - {name: tool, type: memory}
`
	s := newStand(t)
	s.sources["hub"].Put(object(1))
	if err := Once(t.Context(), s.config(strings.Replace(lasting, "1d", "36500d", 1)), admin.Round{}, s.options()); err != nil {
		t.Fatal(err)
	}
	s.mustHold("tool", "5.6.0.1")
	s.sources["hub"].Fail(0, errors.New("the hub is away"))
	t.Run("by the daemon", func(t *testing.T) {
		_, stop := s.running(lasting, nil)
		s.eventually("the end of the entry", func() bool { return s.held("tool") == "" })
		stop()
	})
	t.Run("by a round without one", func(t *testing.T) {
		err := Once(t.Context(), s.config(strings.Replace(lasting, "1d", "36500d", 1)), admin.Round{}, s.options())
		if err == nil {
			t.Error("the pull did not fail")
		}
		s.mustHold("tool", "5.6.0.1")
	})
}

func TestOnceReturnsEveryFailure(t *testing.T) {
	s := newStand(t)
	s.sources["hub"].Fail(0, errors.New("the hub is away"))
	s.sources["second"].Put(object(2))
	s.tools["other"].Fail(errors.New("the disk is full"))
	err := Once(t.Context(), s.config(failingSource), admin.Round{}, s.options())
	var failed *RoundError
	if !errors.As(err, &failed) || strings.Join(failed.Parts, ", ") != "connector hub, output other" {
		t.Fatalf("Once: %v, want that the hub and the other tool failed", err)
	}
	if want := "connector hub: the hub is away\noutput other: delivering to memory: the disk is full"; err.Error() != want {
		t.Errorf("the error reads %q, want %q", err, want)
	}
	s.mustHold("tool", "5.6.0.2")
}

func TestOnceMayBeOfOneConnectorAndOneOutput(t *testing.T) {
	s := newStand(t)
	s.sources["hub"].Put(object(1))
	s.sources["second"].Put(object(2))
	c := s.config(failingSource)
	if err := Once(t.Context(), c, admin.Round{Connector: "hub", Output: "other"}, s.options()); err != nil {
		t.Fatal(err)
	}
	s.mustHold("tool", "")
	s.mustHold("other", "5.6.0.1")
	err := Once(t.Context(), c, admin.Round{Connector: "hob", Output: "othre"}, s.options())
	var unknown *admin.UnknownNameError
	if !errors.As(err, &unknown) || !strings.Contains(err.Error(), `"hob"`) || !strings.Contains(err.Error(), `"othre"`) {
		t.Errorf("unknown names: %v", err)
	}
}

// TestRoundsMeetSchedules lets operators ask while everything else goes on.
func TestRoundsMeetSchedules(t *testing.T) {
	s := newStand(t)
	c := s.config(strings.Replace(failingSource, "@every 1m", "@every 1s", 2))
	reload, _ := s.running(strings.Replace(failingSource, "@every 1m", "@every 1s", 2), func() (*config.Config, error) { return c, nil })
	client := admin.NewClient(s.dir + "/s")
	var rounds atomic.Int32
	for worker := range 3 {
		go func() {
			for n := range 8 {
				s.sources["hub"].Put(object(10*worker + n))
				if err := askUntilTaken(t, client, admin.Round{Full: n%4 == 3}); err != nil {
					t.Errorf("a round failed: %v", err)
				}
				if _, err := client.Status(t.Context()); err != nil {
					t.Error(err)
				}
			}
			rounds.Add(1)
		}()
	}
	reload <- struct{}{}
	s.eventually("the end of the rounds", func() bool { return rounds.Load() == 3 })
	if err := askUntilTaken(t, client, admin.Round{}); err != nil {
		t.Error(err)
	}
	if got := len(s.tools["tool"].Keys()); got != 24 {
		t.Errorf("the tool holds %d entries, want 24", got)
	}
}

// askUntilTaken asks for a round again while the agent takes a new configuration.
func askUntilTaken(t *testing.T, client *admin.Client, r admin.Round) error {
	for {
		err := client.Once(t.Context(), r)
		if err == nil || !strings.Contains(err.Error(), errEnding.Error()) {
			return err
		}
		time.Sleep(10 * time.Millisecond)
	}
}

// TestAnOutputThatMoves offers everything anew, and one that stays nothing.
func TestAnOutputThatMoves(t *testing.T) {
	s := newStand(t)
	s.sources["hub"].Put(object(1), object(2))
	at := func(place string) *config.Config {
		return s.config(strings.Replace(oneLine, "{name: tool, type: memory}", "{name: tool, type: memory, settings: {at: "+place+"}}", 1))
	}
	for i, c := range []struct {
		place string
		adds  int
	}{{"here", 2}, {"here", 2}, {"there", 4}, {"there", 4}} {
		if err := Once(t.Context(), at(c.place), admin.Round{}, s.options()); err != nil {
			t.Fatal(err)
		}
		if got := len(s.tools["tool"].Changes()); got != c.adds {
			t.Errorf("round %d: the tool was told %d times, want %d", i, got, c.adds)
		}
	}
	if n := s.log.count("writes elsewhere than before"); n != 1 {
		t.Errorf("it is told %d times:\n%s", n, s.log)
	}
}
