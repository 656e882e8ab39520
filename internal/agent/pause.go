package agent

import (
	"context"
	"fmt"
	"time"

	"github.com/indicatord/indicatord/internal/store"
)

// PausedError says that nothing was done, because somebody has paused it.
type PausedError struct{ Pause store.Pause }

// Error says who has paused it, why, and how it goes on.
func (e *PausedError) Error() string {
	p := &e.Pause
	until := "until it is resumed"
	if !p.Until.IsZero() {
		until = "until " + p.Until.Local().Format(time.DateTime)
	}
	return fmt.Sprintf("%s is paused by %s since %s, %s: %s", p.Subject, p.Who, p.Since.Local().Format(time.DateTime), until, p.Reason)
}

// standing is what connectors and outputs do about pauses.
type standing struct {
	subject string // "connector/NAME" or "output/NAME"
	store   *store.Store
	work    *work
	told    store.Pause
}

// check returns a [PausedError] where the subject stands still now. A pause that
// ends by itself asks for a round then. It reports whether the pause is news.
func (s *standing) check(ctx context.Context) (news bool, err error) {
	now := s.work.now()
	pauses, err := s.store.Pauses(ctx, now)
	if err != nil {
		return false, err
	}
	pause, paused := pauses[store.PauseAll]
	if !paused {
		pause, paused = pauses[s.subject]
	}
	if !paused {
		s.told = store.Pause{}
		return false, nil
	}
	if !pause.Until.IsZero() {
		s.work.retryAfter(pause.Until.Sub(now))
	}
	news = pause != s.told
	s.told = pause
	return news, &PausedError{Pause: pause}
}
