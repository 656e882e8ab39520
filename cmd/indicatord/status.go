package main

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/indicatord/indicatord/internal/admin"
	"github.com/indicatord/indicatord/internal/store"
)

func newStatusCommand(file *string) *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "status",
		Short: "Show how the agent, its sources and its outputs are",
		Long: `Status asks the running daemon, or reads the state directory where none runs, and
says which of them has answered.`,
		Example: `  indicatord status
  indicatord status --json`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			c, err := loadConfig(*file, cmd.ErrOrStderr())
			if err != nil {
				return err
			}
			var status admin.Status
			live, err := ask(cmd.Context(), c,
				func(client *admin.Client) error { status, err = client.Status(cmd.Context()); return err },
				func(i admin.Inspector) error { status, err = i.Status(cmd.Context()); return err })
			if err != nil {
				return err
			}
			if asJSON {
				return printJSON(cmd.OutOrStdout(), status)
			}
			printStatus(cmd.OutOrStdout(), &status, live)
			return nil
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "write JSON")
	return cmd
}

// printAlarms writes what a person should look at, before everything else.
func printAlarms(w io.Writer, s *admin.Status) {
	for _, a := range s.Alarms {
		since := ""
		if !a.Since.IsZero() {
			since = " for " + ago(s.Time, a.Since)
		}
		fmt.Fprintf(w, "! %s, %s%s: %s\n", a.Subject, a.Name, since, printable(a.Text))
	}
	if len(s.Alarms) > 0 {
		fmt.Fprintln(w)
	}
}

func printStatus(w io.Writer, s *admin.Status, live bool) {
	fmt.Fprintf(w, "Site %s, indicatord %s, state %s\n", s.Site, s.Version, s.State)
	if s.Daemon != nil {
		fmt.Fprintf(w, "Daemon %d has been running for %s.\n", s.Daemon.PID, ago(s.Time, s.Daemon.Started))
	}
	fmt.Fprintf(w, "(%s)\n\n", answeredBy(live))
	printAlarms(w, s)
	fmt.Fprintf(w, "Entries: %s\n\n", counts(s.Entries))
	table := tabwriter.NewWriter(w, 0, 8, 2, ' ', 0)
	fmt.Fprintln(table, "CONNECTOR\tTYPE\tLAST PULL\tNEXT\tOBJECTS\tREJECTS")
	for i := range s.Connectors {
		c := &s.Connectors[i]
		fmt.Fprintf(table, "%s\t%s\t%s%s\t%s\t%s\t%s\n", c.Name, c.Type, last(s.Time, &c.RoundStatus), overdue(c), next(s.Time, &c.RoundStatus), counts(c.Objects), counts(c.Rejects))
	}
	_ = table.Flush()
	fmt.Fprintln(w)
	fmt.Fprintln(table, "OUTPUT\tTYPE\tLAST DELIVERY\tNEXT\tHOLDS\tBEHIND")
	for i := range s.Outputs {
		o := &s.Outputs[i]
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\t%s\n", o.Name, o.Type, last(s.Time, &o.RoundStatus), next(s.Time, &o.RoundStatus), counts(o.Held), behind(o.Behind))
	}
	_ = table.Flush()
	printVerified(w, s)
	printReaders(w, s)
	printTroubles(w, s)
}

// printVerified shows what the tools that can be read back were found to hold.
func printVerified(w io.Writer, s *admin.Status) {
	table := tabwriter.NewWriter(w, 0, 8, 2, ' ', 0)
	shown := false
	for i := range s.Outputs {
		o := &s.Outputs[i]
		v := o.Verification()
		if v == nil {
			continue
		}
		if !shown {
			fmt.Fprintln(w)
			fmt.Fprintln(table, "OUTPUT\tREAD BACK\tDELIVERED\tVERIFIED\tMISSING\tEXTRA\tCHANGED")
			shown = true
		}
		fmt.Fprintf(table, "%s\t%s ago\t%d\t%d\t%d\t%d\t%d\n", o.Name, ago(s.Time, o.Verified.Ended), v.Wanted, v.Verified, v.Missing, v.Extra, v.Changed)
	}
	_ = table.Flush()
}

// printReaders shows which device has which version of the lists that are served.
func printReaders(w io.Writer, s *admin.Status) {
	var readers []admin.ReaderStatus
	for i := range s.Outputs {
		readers = append(readers, s.Outputs[i].Readers...)
	}
	if len(readers) == 0 {
		return
	}
	fmt.Fprintln(w)
	table := tabwriter.NewWriter(w, 0, 8, 2, ' ', 0)
	fmt.Fprintln(table, "LIST\tDEVICE\tLAST FETCH\tHAS")
	for _, r := range readers {
		fetched, has := "never", "nothing"
		if !r.Fetched.IsZero() {
			fetched, has = ago(s.Time, r.Fetched)+" ago", "an older version"
		}
		if r.Current {
			has = "the current version"
		}
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\n", r.List, r.Device, fetched, has)
	}
	_ = table.Flush()
}

// printTroubles shows the errors below the table: they are too long for it.
func printTroubles(w io.Writer, s *admin.Status) {
	tell := func(r *admin.RoundStatus) {
		if r.Last != nil && r.Last.Error != "" {
			fmt.Fprintf(w, "\n%s failed %s ago: %s\n", r.Name, ago(s.Time, r.Last.Ended), printable(r.Last.Error))
		}
	}
	for i := range s.Connectors {
		c := &s.Connectors[i]
		tell(&c.RoundStatus)
		if !c.Overdue.IsZero() {
			fmt.Fprintf(w, "\n%s is overdue: a pull was due %s ago, and none has succeeded since.\n", c.Name, ago(s.Time, c.Overdue))
		}
	}
	for i := range s.Outputs {
		tell(&s.Outputs[i].RoundStatus)
	}
}

func last(now time.Time, r *admin.RoundStatus) string {
	switch {
	case r.Standby != "":
		return "standby (held by " + printable(r.Standby) + ")"
	case !r.RunningSince.IsZero():
		return "running for " + ago(now, r.RunningSince)
	case r.Last == nil:
		return "never"
	case r.Last.Error != "":
		return "FAILED " + ago(now, r.Last.Ended) + " ago" + lastSuccess(now, r.Success)
	}
	return "ok " + ago(now, r.Last.Ended) + " ago"
}

func overdue(c *admin.ConnectorStatus) string {
	if c.Overdue.IsZero() {
		return ""
	}
	return ", OVERDUE"
}

func lastSuccess(now time.Time, success *store.Run) string {
	if success == nil {
		return ", never ok"
	}
	return ", ok " + ago(now, success.Ended) + " ago"
}

func next(now time.Time, r *admin.RoundStatus) string {
	if r.Next.IsZero() {
		return r.Schedule
	}
	return "in " + ago(r.Next, now)
}

func behind(changes uint64) string {
	if changes == 0 {
		return "up to date"
	}
	return plural(int(changes), "change")
}

// counts writes "domain 3, ip 38", or "none".
func counts(byName map[string]int) string {
	if len(byName) == 0 {
		return "none"
	}
	parts := make([]string, 0, len(byName))
	for _, name := range slices.Sorted(maps.Keys(byName)) {
		parts = append(parts, fmt.Sprintf("%s %d", name, byName[name]))
	}
	return strings.Join(parts, ", ")
}

// ago is the time from then to now, as exact as a person needs it.
func ago(now, then time.Time) string {
	d := now.Sub(then)
	switch {
	case d < time.Minute:
		return max(d, 0).Round(time.Second).String()
	case d < 48*time.Hour:
		return strings.TrimSuffix(d.Round(time.Minute).String(), "0s")
	}
	return plural(int(d.Hours()/24), "day")
}
