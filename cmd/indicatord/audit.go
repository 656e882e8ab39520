package main

import (
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"

	"github.com/indicatord/indicatord/internal/config"
	"github.com/indicatord/indicatord/internal/store"
)

func newAuditCommand(file *string) *cobra.Command {
	var asJSON bool
	var since string
	cmd := &cobra.Command{
		Use:   "audit",
		Short: "Show what people and deliveries have changed, and by whom",
		Long: `Audit shows every order that somebody gave and every change that was applied to a
tool: who, when, why, and with --json what was before and after. It checks that
no record was changed or taken out, and fails where one was.`,
		Example: `  indicatord audit --since 7d
  indicatord audit --json > audit.ndjson`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			from, err := sinceFlag(since, time.Now())
			if err != nil {
				return err
			}
			return fromState(cmd, *file, func(s *store.Store) error { return printAudit(cmd, s, from, asJSON) })
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "write each record as a line of JSON")
	cmd.Flags().StringVar(&since, "since", "", "only the last `DURATION`, such as 24h or 7d")
	return cmd
}

// sinceFlag is the time so long before now, the zero time for "".
func sinceFlag(text string, now time.Time) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	d, err := config.ParseDuration(text)
	if err != nil {
		return time.Time{}, misused(fmt.Errorf("--since: %w", err))
	}
	return now.Add(-d), nil
}

func printAudit(cmd *cobra.Command, s *store.Store, since time.Time, asJSON bool) error {
	encoder := newEncoder(cmd.OutOrStdout())
	for r, err := range s.AuditRecords(cmd.Context(), since) {
		if err != nil {
			return err
		}
		if !asJSON {
			printAuditRecord(cmd.OutOrStdout(), &r)
		} else if err := encoder.Encode(r); err != nil {
			return err
		}
	}
	return nil
}

func printAuditRecord(w io.Writer, r *store.AuditRecord) {
	reason := ""
	if r.Reason != "" {
		reason = ": " + r.Reason
	}
	fmt.Fprintf(w, "%s  %s  %s %s%s\n", day(r.At), printable(r.Who), r.Action, printable(r.Subject), printable(reason))
}
