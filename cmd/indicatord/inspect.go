package main

import (
	"errors"
	"fmt"
	"runtime/debug"

	"github.com/spf13/cobra"

	"github.com/indicatord/indicatord/internal/stix"
)

func newInspectCommand() *cobra.Command {
	var options stix.Options
	var how formats
	cmd := &cobra.Command{
		Use:   "inspect FILE...",
		Short: "Show what STIX, GB/T 36643 or ThreatBook files would give",
		Long: `Inspect reads STIX bundles or TAXII envelopes, version 2.0 or 2.1, records of GB/T
36643, or answers of ThreatBook services, and writes one line of JSON for each
value that would be used and for each reason why one would not. A summary follows
on standard error: the last part counts the values that count for something else
than their letters say, and the lenient spellings. The file - is standard input.
Each object is judged by itself, whatever time it is; the store is not touched.

Each file shows by its content of what format it is, unless --format says so. The
keys and words of formats other than STIX are those of a table, and --mapping lays
a table of the site over it.

The exit status is 1 where a file could not be read to its end.`,
		Example: `  indicatord inspect bundle.json
  indicatord inspect bundle.json | jq -r 'select(.kind == "ip").value'
  curl -s https://hub.example/bundle.json | indicatord inspect -
  indicatord inspect --format gbt36643 --mapping site.yaml records.json`,
		Args: inspectArgs,
		RunE: func(cmd *cobra.Command, files []string) error {
			if err := how.load(); err != nil {
				return misused(err)
			}
			endOnSignal()
			spendMemory()
			i := newInspection(cmd.OutOrStdout(), cmd.ErrOrStderr(), options)
			i.formats = how
			for _, file := range files {
				i.file(file, cmd.InOrStdin())
			}
			if err := i.out.Flush(); err != nil {
				return fmt.Errorf("write what was found: %w", err)
			}
			i.summary.print(cmd.ErrOrStderr())
			if i.unread {
				return exitSilently(statusFailed)
			}
			return nil
		},
	}
	readingFlags(cmd, &options.Pattern, &options.Reduction)
	how.flags(cmd)
	return cmd
}

func inspectArgs(_ *cobra.Command, files []string) error {
	if len(files) == 0 {
		return errors.New("want the name of a file, or - for standard input")
	}
	return nil
}

// spendMemory lets garbage grow to some tens of megabytes before it is
// collected. An object is garbage as soon as its lines are written, so with the
// little that stays the collector would run all the time.
func spendMemory() { debug.SetGCPercent(400) }
