package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/indicatord/indicatord/internal/admin"
	"github.com/indicatord/indicatord/internal/agent"
	"github.com/indicatord/indicatord/internal/config"
)

func newOnceCommand(file *string) *cobra.Command {
	var connector, output string
	cmd := &cobra.Command{
		Use:   "once",
		Short: "Make one round now: pull everything, then deliver everything",
		Long: `Once makes one round to its end and exits with a status other than 0 if any part
of it failed. Where a daemon runs on the state directory, the daemon makes the
round.`,
		Example: `  indicatord once
  indicatord once --connector sector-hub --output edge-firewall`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			c, err := loadConfig(*file, cmd.ErrOrStderr())
			if err != nil {
				return err
			}
			return runOnce(cmd, c, connector, output)
		},
	}
	cmd.Flags().StringVar(&connector, "connector", "", "pull from the connector `NAME` only")
	cmd.Flags().StringVar(&output, "output", "", "deliver to the output `NAME` only")
	return cmd
}

func runOnce(cmd *cobra.Command, c *config.Config, connector, output string) error {
	err := admin.NewClient(c.State).Once(cmd.Context(), connector, output)
	if !errors.Is(err, admin.ErrNoDaemon) {
		if err == nil {
			fmt.Fprintln(cmd.OutOrStdout(), "The daemon has made the round; its log tells of it.")
		}
		return err
	}
	return onceAlone(cmd.Context(), cmd, c, connector, output)
}

func onceAlone(ctx context.Context, cmd *cobra.Command, c *config.Config, connector, output string) error {
	return agent.Once(ctx, c, connector, output, agent.Options{
		Version: currentBuild().Version,
		Log:     newLogger(c.Log, cmd.ErrOrStderr()),
	})
}
