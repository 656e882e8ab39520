package main

import (
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/indicatord/indicatord/internal/admin"
	"github.com/indicatord/indicatord/internal/agent"
	"github.com/indicatord/indicatord/internal/config"
)

func newOnceCommand(file *string) *cobra.Command {
	var round admin.Round
	cmd := &cobra.Command{
		Use:   "once",
		Short: "Make one round now: pull everything, then deliver everything",
		Long: `Once makes one round to its end and exits with a status other than 0 if any part
of it failed. Where a daemon runs on the state directory, the daemon makes the
round. With --full everything is compared with the sources, and what they no
longer hold is withdrawn, within the budget of reconcile.max_withdraw. With
--repair each tool that can be read back is compared with what it has accepted,
and what differs is mended. With --refresh each tool that takes it is told again
what it has: a SIEM that was set up anew, say.`,
		Example: `  indicatord once
  indicatord once --connector sector-hub --output edge-firewall
  indicatord once --full
  indicatord once --output siem --repair
  indicatord once --output siem --refresh`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			c, err := loadConfig(*file, cmd.ErrOrStderr())
			if err != nil {
				return err
			}
			return runOnce(cmd, c, round)
		},
	}
	cmd.Flags().StringVar(&round.Connector, "connector", "", "pull from the connector `NAME` only")
	cmd.Flags().StringVar(&round.Output, "output", "", "deliver to the output `NAME` only")
	cmd.Flags().BoolVar(&round.Full, "full", false, "pull everything, not only what is new")
	cmd.Flags().BoolVar(&round.Repair, "repair", false, "read the tools back and mend what differs")
	cmd.Flags().BoolVar(&round.Refresh, "refresh", false, "tell the tools again what they have")
	_ = cmd.RegisterFlagCompletionFunc("connector", completeNames(file, connectorNames))
	_ = cmd.RegisterFlagCompletionFunc("output", completeNames(file, outputNames))
	return cmd
}

func runOnce(cmd *cobra.Command, c *config.Config, round admin.Round) error {
	err := admin.NewClient(c.State).Once(cmd.Context(), round)
	if !errors.Is(err, admin.ErrNoDaemon) {
		if err == nil {
			fmt.Fprintln(cmd.OutOrStdout(), "The daemon has made the round; its log tells of it.")
		}
		return err
	}
	err = agent.Once(cmd.Context(), c, round, agent.Options{
		Version: currentBuild().Version,
		Log:     newLogger(c.Log, cmd.ErrOrStderr()),
	})
	return told(err)
}

// told leaves out the reasons of what failed in a round: the log above has them.
func told(err error) error {
	if failed, ok := err.(*agent.RoundError); ok { //nolint:errorlint // what is joined to it, the log does not tell
		return fmt.Errorf("failed: %s (the lines above say why)", strings.Join(failed.Parts, ", "))
	}
	return err
}
