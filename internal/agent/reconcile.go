package agent

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/indicatord/indicatord/internal/store"
)

// reconciling notes when a connector owes a full pull. One that fails stays
// owed and is tried again ever more rarely, beside the ordinary pulls: these
// must not wait for it. It may be used by several goroutines.
type reconciling struct {
	mu    sync.Mutex
	owed  bool
	after time.Time // not to be tried before
	retry backoff
}

// Full pulls are expensive for both sides.
func newReconciling() *reconciling {
	return &reconciling{retry: backoff{first: 5 * time.Minute, most: 6 * time.Hour}}
}

// owe returns true where nothing was owed before.
func (r *reconciling) owe() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	news := !r.owed
	r.owed = true
	return news
}

func (r *reconciling) due(now time.Time) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.owed && !now.Before(r.after)
}

// ended notes how a full pull has ended. To pull again does not help against a
// source that lacks too much: a person has to look, and the schedule tries it
// again.
func (r *reconciling) ended(now time.Time, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	var missing *store.MissingError
	if err == nil || errors.As(err, &missing) {
		r.owed, r.after = false, time.Time{}
		r.retry.reset()
		return
	}
	r.after = now.Add(r.retry.next(err))
}

// reconcileLoop asks for the full pulls. The first pull of all brings everything
// anyway, so the count of days begins at its end.
func (s *source) reconcileLoop(ctx context.Context) {
	s.config.Reconcile.Schedule.Loop(ctx, s.config.Jitter, nil, func(ctx context.Context) {
		due, err := s.reconcileDue(ctx)
		if err != nil && ctx.Err() == nil {
			s.log.Error("cannot tell whether a full pull is due", "connector", s.config.Name, "error", err)
		}
		if due && s.reconciling.owe() {
			s.work.ask()
		}
	})
}

// reconcileDue reports whether a full pull is due by the schedule, or because
// somebody has approved what the last one would have withdrawn.
func (s *source) reconcileDue(ctx context.Context) (bool, error) {
	holds, err := s.puller.Store.Holds(ctx)
	if err != nil || holds[store.HeldSource(s.config.Name)].Decision == store.Approved {
		return err == nil, err
	}
	last, err := s.puller.Store.LastComplete(ctx, s.config.Name)
	if err != nil {
		return false, err
	}
	now := s.puller.Now()
	if last.IsZero() {
		return false, nil
	}
	return !s.config.Reconcile.Schedule.Next(last).After(now), nil
}
