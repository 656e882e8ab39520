package agent

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/indicatord/indicatord/internal/admin"
	"github.com/indicatord/indicatord/internal/store"
)

// contended are claims of which another agent may have some.
type contended struct {
	mu    sync.Mutex
	held  map[string]string // by whom
	err   error
	asked int
	given []string
}

// Claim implements [claims].
func (c *contended) Claim(_ context.Context, what string) (*store.Claim, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.asked++
	if c.err != nil {
		return nil, c.err
	}
	if holder, held := c.held[what]; held {
		return nil, &store.HeldError{What: what, Holder: holder}
	}
	return &store.Claim{}, nil
}

// Unclaim implements [claims].
func (c *contended) Unclaim(what string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.given = append(c.given, what)
}

func (c *contended) set(err error, held map[string]string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.err, c.held = err, held
}

// contend puts claims in the place of those of the store.
func (s *stand) contend(c *contended) {
	g := s.generated
	g.upkeep.claims = c
	for _, source := range g.sources {
		source.work.duty.claims = c
	}
	for _, t := range g.targets {
		t.work.duty.claims = c
	}
}

// TestAnAgentThatStandsBy does nothing, says so once, and takes over within
// seconds when the other has ended.
func TestAnAgentThatStandsBy(t *testing.T) {
	inBubble(t, oneLine, func(t *testing.T, s *stand) {
		others := &contended{}
		others.set(nil, map[string]string{"pull hub": "fw-2 pid 7", "delivery tool": "fw-2 pid 7", "upkeep": ""})
		s.contend(others)
		s.sources["hub"].Put(object(1))
		s.begin()
		watching, stop := context.WithCancel(t.Context())
		defer stop()
		for _, w := range []*work{s.generated.sources[0].work, s.generated.targets[0].work} {
			go w.duty.watch(watching, w.ask)
		}
		settle(10 * time.Minute)
		s.mustHold("tool", "")
		if n := s.log.count("standing by"); n != 3 {
			t.Errorf("it says %d times that it stands by, want once for each work; log:\n%s", n, s.log)
		}
		if n := s.log.count("level=ERROR"); n != 0 {
			t.Errorf("it tells of failures:\n%s", s.log)
		}
		for kind, name := range map[store.RunKind]string{store.Pull: "hub", store.Delivery: "tool"} {
			if live := s.generated.live(kind, name); live.Standby != "fw-2 pid 7" {
				t.Errorf("%s %s is held by %q", kind, name, live.Standby)
			}
		}
		others.set(nil, nil)
		settle(2 * claimEvery)
		s.mustHold("tool", "5.6.0.1")
		if live := s.generated.live(store.Pull, "hub"); live.Standby != "" {
			t.Errorf("it pulls, and is said to stand by for %s", live.Standby)
		}
		stop()
		s.stop()
		if got := strings.Join(others.given, ", "); got != "pull hub, delivery tool, upkeep" {
			t.Errorf("at the end it gives back %s", got)
		}
	})
}

// TestARoundOnStandbyNamesTheOther: an operator is told where to ask.
func TestARoundOnStandbyNamesTheOther(t *testing.T) {
	inBubble(t, oneLine, func(t *testing.T, s *stand) {
		others := &contended{}
		others.set(nil, map[string]string{"pull hub": "fw-2 pid 7"})
		s.contend(others)
		s.begin()
		settle(time.Second)
		err := s.generated.visit(t.Context(), admin.Round{Connector: "hub"})
		var failed *RoundError
		if !errors.As(err, &failed) || !strings.Contains(err.Error(), "connector hub: fw-2 pid 7 works on it") {
			t.Errorf("the round ends with %v", err)
		}
	})
}

// TestAStoreThatCannotBeAsked is told of once, and once more when it answers.
func TestAStoreThatCannotBeAsked(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		log := &journal{}
		others := &contended{}
		d := &duty{claims: others, what: "pull hub", log: loggerOf(log)}
		gained := 0
		ctx, stop := context.WithCancel(t.Context())
		go d.watch(ctx, func() { gained++ })
		others.set(errors.New("no route to host"), nil)
		settle(time.Minute)
		if n := log.count("level=ERROR", "no route to host"); n != 1 || gained != 0 {
			t.Errorf("told %d times, gained %d times; log:\n%s", n, gained, log)
		}
		others.set(nil, nil)
		settle(time.Minute)
		if log.count("working again") != 1 || gained != 1 {
			t.Errorf("gained %d times; log:\n%s", gained, log)
		}
		stop()
	})
}

// TestWorkWhoseClaimIsLost is taken up again when the right is there again.
func TestWorkWhoseClaimIsLost(t *testing.T) {
	log := &journal{}
	d := &duty{claims: &contended{}, what: "pull hub", log: loggerOf(log)}
	lost, cancel := context.WithCancelCause(t.Context())
	err := d.do(lost, func(ctx context.Context) error {
		cancel(store.ErrClaimLost)
		return context.Cause(ctx)
	})
	if !errors.Is(err, store.ErrClaimLost) || !d.lacking() {
		t.Errorf("it ends with %v, lacking the right: %t", err, d.lacking())
	}
	if !d.take(t.Context()) || d.take(t.Context()) {
		t.Error("it is news once that the right is there again")
	}
}

func loggerOf(j *journal) *slog.Logger { return slog.New(slog.NewTextHandler(j, nil)) }
