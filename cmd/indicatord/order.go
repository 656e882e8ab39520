package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/user"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"github.com/indicatord/indicatord/internal/admin"
	"github.com/indicatord/indicatord/internal/config"
)

// give gives an order to the daemon or, where none runs, carries it out on the
// store, and tells what came of it.
func give(cmd *cobra.Command, file string, o admin.Order) error {
	c, err := loadConfig(file, cmd.ErrOrStderr())
	if err != nil {
		return err
	}
	said, err := admin.NewClient(c.State).Order(cmd.Context(), o)
	alone := errors.Is(err, admin.ErrNoDaemon)
	if alone {
		said, err = carryAlone(cmd.Context(), c, o)
	}
	if err != nil {
		return err
	}
	fmt.Fprintf(cmd.OutOrStdout(), "%s.\n", printable(said))
	if alone {
		fmt.Fprintln(cmd.OutOrStdout(), "(no daemon is running: it takes effect at the next start)")
	}
	return nil
}

func carryAlone(ctx context.Context, c *config.Config, o admin.Order) (string, error) {
	s, err := admin.Location(c).Open(ctx)
	if err != nil {
		return "", err
	}
	said, err := admin.Operator{Config: c, Store: s, Who: processUser(), Now: time.Now}.Carry(ctx, o)
	return said, errors.Join(err, s.Close())
}

// processUser is who runs this process.
func processUser() string {
	number := strconv.Itoa(os.Getuid())
	if u, err := user.LookupId(number); err == nil {
		return fmt.Sprintf("%s (uid %s)", u.Username, number)
	}
	return "uid " + number
}

// ending are the flags of an order that ends by itself.
type ending struct {
	after string
	at    string
}

func (e *ending) flags(cmd *cobra.Command) {
	cmd.Flags().StringVar(&e.after, "for", "", "how long it lasts, such as 12h or 30d")
	cmd.Flags().StringVar(&e.at, "until", "", "when it ends, such as 2027-01-04T08:00:00+08:00")
	cmd.MarkFlagsMutuallyExclusive("for", "until")
}

// time returns when it ends, the zero time for never.
func (e *ending) time(now time.Time) (time.Time, error) {
	switch {
	case e.after != "":
		d, err := config.ParseDuration(e.after)
		if err != nil {
			return time.Time{}, misused(fmt.Errorf("--for: %w", err))
		}
		return now.Add(d), nil
	case e.at != "":
		at, err := time.Parse(time.RFC3339, e.at)
		if err != nil {
			return time.Time{}, misused(fmt.Errorf("--until: %q is no time such as 2027-01-04T08:00:00+08:00", e.at))
		}
		return at, nil
	}
	return time.Time{}, nil
}
