package main

import (
	"errors"
	"time"

	"github.com/spf13/cobra"

	"github.com/indicatord/indicatord/internal/admin"
	"github.com/indicatord/indicatord/internal/store"
)

// subject are the flags that name what an order is about.
type subject struct {
	connector, output string
	all               bool
}

func (s *subject) flags(cmd *cobra.Command, file *string) {
	cmd.Flags().StringVar(&s.connector, "connector", "", "the connector `NAME`")
	cmd.Flags().StringVar(&s.output, "output", "", "the output `NAME`")
	cmd.Flags().BoolVar(&s.all, "all", false, "everything")
	cmd.MarkFlagsMutuallyExclusive("connector", "output", "all")
	cmd.MarkFlagsOneRequired("connector", "output", "all")
	_ = cmd.RegisterFlagCompletionFunc("connector", completeNames(file, connectorNames))
	_ = cmd.RegisterFlagCompletionFunc("output", completeNames(file, outputNames))
}

func (s *subject) name() string {
	switch {
	case s.connector != "":
		return "connector/" + s.connector
	case s.output != "":
		return "output/" + s.output
	}
	return store.PauseAll
}

func newPauseCommand(file *string) *cobra.Command {
	o, what, end := admin.Order{Action: admin.Pause}, subject{}, ending{}
	cmd := &cobra.Command{
		Use:   "pause (--connector NAME | --output NAME | --all) --reason TEXT",
		Short: "Let a connector, an output or everything stand still",
		Long: `Pause lets a connector, an output or everything stand still, until it is resumed or
its time is over. What is enforced stays enforced as it is.`,
		Example: `  indicatord pause --output edge-firewall --for 4h --reason "firmware upgrade"
  indicatord pause --all --reason "handover of the plant"`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			var err error
			if o.Until, err = end.time(time.Now()); err != nil {
				return err
			}
			o.Subject = what.name()
			return give(cmd, *file, o)
		},
	}
	what.flags(cmd, file)
	end.flags(cmd)
	cmd.Flags().StringVar(&o.Reason, "reason", "", "why, for the audit and for status")
	_ = cmd.MarkFlagRequired("reason")
	return cmd
}

func newResumeCommand(file *string) *cobra.Command {
	o, what := admin.Order{Action: admin.Resume}, subject{}
	cmd := &cobra.Command{
		Use:     "resume (--connector NAME | --output NAME | --all)",
		Short:   "End a pause",
		Long:    "Resume ends a pause: what stood still goes on at once.",
		Example: "  indicatord resume --output edge-firewall",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			o.Subject = what.name()
			return give(cmd, *file, o)
		},
	}
	what.flags(cmd, file)
	cmd.Flags().StringVar(&o.Reason, "reason", "", "why, for the audit")
	return cmd
}

func newApproveCommand(file *string) *cobra.Command {
	cmd := newDecisionCommand(file, admin.Approve)
	cmd.Short = "Let a held change through"
	cmd.Long = `Approve lets a change through that was held because it is larger than may be changed
unasked: that of an output, or with connector/NAME what a source no longer holds
and would withdraw. It is about the very change that status and plan show: if that
has become another meanwhile, nothing happens and the command fails.`
	cmd.Example = `  indicatord approve edge-firewall --change 5f2d3c0a9b1e7741
  indicatord approve connector/sector-hub`
	return cmd
}

func newRejectCommand(file *string) *cobra.Command {
	cmd := newDecisionCommand(file, admin.Reject)
	cmd.Short = "Keep a held change out"
	cmd.Long = "Reject keeps a held change out until it has become another. What the tool has stays."
	cmd.Example = `  indicatord reject edge-firewall --reason "the hub is being restored"`
	return cmd
}

func newDecisionCommand(file *string, action admin.Action) *cobra.Command {
	o := admin.Order{Action: action}
	cmd := &cobra.Command{
		Use:               string(action) + " OUTPUT",
		Args:              oneOutput,
		ValidArgsFunction: completeNames(file, outputNames),
		RunE: func(cmd *cobra.Command, args []string) error {
			o.Output = args[0]
			return give(cmd, *file, o)
		},
	}
	cmd.Flags().StringVar(&o.Change, "change", "", "the `DIGEST` of the change as status and plan show it")
	cmd.Flags().StringVar(&o.Reason, "reason", "", "why, for the audit")
	return cmd
}

func oneOutput(_ *cobra.Command, args []string) error {
	if len(args) != 1 {
		return errors.New("want the name of one output")
	}
	return nil
}
