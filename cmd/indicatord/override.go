package main

import (
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"

	"github.com/indicatord/indicatord/internal/admin"
	"github.com/indicatord/indicatord/internal/indicator"
	"github.com/indicatord/indicatord/internal/store"
)

func newAllowCommand(file *string) *cobra.Command {
	cmd := newWordCommand(file, admin.Allow)
	cmd.Short = "Keep a value out of every output, whatever sources say"
	cmd.Long = `Allow keeps a value out of every output, at once, whatever sources say of it. It
survives refreshes, reloads and restarts, ends when it was said to end, and is
shown by why and audit.`
	cmd.Example = `  indicatord allow 203.0.113.7 --reason "our own supplier" --for 30d
  indicatord allow example.com --subdomains --reason "portal of the dispatcher"`
	return cmd
}

func newDenyCommand(file *string) *cobra.Command {
	cmd := newWordCommand(file, admin.Deny)
	cmd.Short = "Put a value into every output that takes its kind"
	cmd.Long = `Deny puts a value into every output that takes its kind, at once, whether or not a
source knows it. What must not be blocked stays out even so.`
	cmd.Example = `  indicatord deny 203.0.113.66 --reason "scans our gateway" --for 7d`
	return cmd
}

// newWordCommand returns the command by which the site says its own word on a
// value.
func newWordCommand(file *string, action admin.Action) *cobra.Command {
	o, end := admin.Order{Action: action}, ending{}
	cmd := &cobra.Command{
		Use:  string(action) + " VALUE --reason TEXT",
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			o.Value = args[0]
			var err error
			if o.Until, err = end.time(time.Now()); err != nil {
				return err
			}
			return give(cmd, *file, o)
		},
	}
	cmd.Flags().StringVar(&o.Reason, "reason", "", "why, for the audit and for why")
	cmd.Flags().StringVar(&o.Kind, "kind", "", "the kind of the value, where it does not tell by itself")
	cmd.Flags().BoolVar(&o.Subdomains, "subdomains", false, "of a domain: every name below it too")
	end.flags(cmd)
	_ = cmd.MarkFlagRequired("reason")
	return cmd
}

func newLiftCommand(file *string) *cobra.Command {
	o := admin.Order{Action: admin.Lift}
	cmd := &cobra.Command{
		Use:     "lift VALUE",
		Short:   "Take back what the site allows or denies of a value",
		Long:    "Lift takes an allow or a deny back: the value is again what the sources say of it.",
		Example: "  indicatord lift 203.0.113.7",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			o.Value = args[0]
			return give(cmd, *file, o)
		},
	}
	cmd.Flags().StringVar(&o.Kind, "kind", "", "the kind of the value, where it does not tell by itself")
	cmd.Flags().StringVar(&o.Reason, "reason", "", "why, for the audit")
	return cmd
}

func newOverridesCommand(file *string) *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:     "overrides",
		Short:   "List what the site itself allows and denies",
		Long:    "Overrides lists what the site itself allows and denies, by whom, why and until when.",
		Example: "  indicatord overrides --json",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			var all []store.Override
			err := fromState(cmd, *file, func(s *store.Store) error {
				var err error
				all, err = s.Overrides(cmd.Context(), time.Now())
				return err
			})
			if err != nil || asJSON {
				return errorOr(err, func() error { return printJSON(cmd.OutOrStdout(), all) })
			}
			printOverrides(cmd.OutOrStdout(), all)
			return nil
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "write JSON")
	return cmd
}

func errorOr(err error, f func() error) error {
	if err != nil {
		return err
	}
	return f()
}

// fromState reads from the state, beside a daemon or without one.
func fromState(cmd *cobra.Command, file string, read func(*store.Store) error) error {
	c, err := loadConfig(file, cmd.ErrOrStderr())
	if err != nil {
		return err
	}
	return readState(cmd.Context(), c, read)
}

func printOverrides(w io.Writer, all []store.Override) {
	if len(all) == 0 {
		fmt.Fprintln(w, "The site allows and denies nothing of its own.")
	}
	for _, o := range all {
		scope, until := "", "until it is lifted"
		if o.Scope == indicator.ScopeSubdomains {
			scope = " with subdomains"
		}
		if !o.Until.IsZero() {
			until = "until " + day(o.Until)
		}
		fmt.Fprintf(w, "%-5s %s %s%s, %s\n      by %s on %s: %s\n", o.Action(), o.Key.Kind, printable(o.Key.Value), scope, until,
			printable(o.Owner), day(o.Made), printable(o.Reason))
	}
}
