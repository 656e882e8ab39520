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
	pause, paused, err := s.find(ctx)
	if err != nil {
		return false, err
	}
	news = pause != s.told
	s.told = pause
	if !paused {
		return false, nil
	}
	if !pause.Until.IsZero() {
		s.work.retryAfter(pause.Until.Sub(s.work.now()))
	}
	return news, &PausedError{Pause: pause}
}

// paused returns a [PausedError] where the subject stands still now.
func (s *standing) paused(ctx context.Context) error {
	pause, paused, err := s.find(ctx)
	if err == nil && paused {
		err = &PausedError{Pause: pause}
	}
	return err
}

func (s *standing) find(ctx context.Context) (pause store.Pause, paused bool, err error) {
	pauses, err := s.store.Pauses(ctx, s.work.now())
	if err != nil {
		return store.Pause{}, false, err
	}
	if pause, paused = pauses[store.PauseAll]; !paused {
		pause, paused = pauses[s.subject]
	}
	return pause, paused, nil
}
