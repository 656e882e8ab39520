package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/indicatord/indicatord/internal/admin"
	"github.com/indicatord/indicatord/internal/config"
	"github.com/indicatord/indicatord/internal/store"
)

// ask puts a question to the daemon of the configuration's state directory, or
// to the state itself where no daemon runs. It returns true when the daemon has
// answered.
func ask(ctx context.Context, c *config.Config, daemon func(*admin.Client) error, alone func(admin.Inspector) error) (live bool, err error) {
	err = daemon(admin.NewClient(c.State))
	if !errors.Is(err, admin.ErrNoDaemon) {
		return true, err
	}
	s, err := admin.Location(c).OpenReadOnly(ctx)
	if err != nil {
		return false, err
	}
	err = askAlone(ctx, c, s, alone)
	return false, errors.Join(err, s.Close())
}

func askAlone(ctx context.Context, c *config.Config, s *store.Store, alone func(admin.Inspector) error) error {
	protection, _, err := admin.NewProtection(ctx, c, s, time.Now)
	if err != nil {
		return fmt.Errorf("reading what must not be blocked: %w", err)
	}
	return alone(admin.Inspector{Config: c, Store: s, Version: currentBuild().Version, Now: time.Now, Protection: protection})
}

// readState reads from the state, beside a daemon or without one.
func readState(ctx context.Context, c *config.Config, read func(*store.Store) error) error {
	s, err := admin.Location(c).OpenReadOnly(ctx)
	if err != nil {
		return err
	}
	return errors.Join(read(s), s.Close())
}

// answeredBy says who has answered, for people.
func answeredBy(live bool) string {
	if live {
		return "answered by the running daemon"
	}
	return "no daemon is running: read from the state directory"
}
