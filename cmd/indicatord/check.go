package main

import (
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/indicatord/indicatord/internal/config"
)

// verdict is what "check" found out about a configuration.
type verdict struct {
	File        string             `json:"file"`
	Valid       bool               `json:"valid"`
	Diagnostics config.Diagnostics `json:"diagnostics"`
	// Probes are there only where "--online" asked for them.
	Probes []probeResult `json:"probes,omitempty"`

	connectors, outputs int
}

func newCheckCommand(file *string) *cobra.Command {
	var online, asJSON bool
	cmd := &cobra.Command{
		Use:   "check",
		Short: "Check the configuration",
		Long: `Check tells all problems of the configuration at once, each with its place. It
also reads the secrets that the configuration names. It opens no connection and
writes nothing. Warnings do not make it fail.

With --online it then tries each hub and each tool without changing anything.

The exit status is 2 where the configuration has errors, and 1 where a hub or a
tool failed.`,
		Example: `  indicatord check
  indicatord check --config ./indicatord.yaml --online`,
		Args: checkArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			v, loaded := checkConfig(*file)
			if online && v.Valid {
				log := newLogger(loaded.Log, cmd.ErrOrStderr())
				v.Probes = probeAll(cmd.Context(), probesOf(loaded, log), probeTimeout)
			}
			if asJSON {
				return v.printJSON(cmd.OutOrStdout())
			}
			return v.print(cmd.OutOrStdout(), cmd.ErrOrStderr())
		},
	}
	cmd.Flags().BoolVar(&online, "online", false, "try each hub and each tool")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

// checkArgs guesses what an argument was meant to be.
func checkArgs(_ *cobra.Command, args []string) error {
	if len(args) > 0 {
		return fmt.Errorf("unexpected argument %q: --config FILE names the configuration", args[0])
	}
	return nil
}

// checkConfig reads a configuration and the secrets that it names.
func checkConfig(path string) (verdict, *config.Config) {
	loaded, found := config.Check(path, plugins())
	v := verdict{File: path, Diagnostics: found}
	if loaded != nil {
		v.connectors, v.outputs = len(loaded.Connectors), len(loaded.Outputs)
	}
	v.Valid = v.Diagnostics.Err() == nil
	return v, loaded
}

func (v verdict) printJSON(w io.Writer) error {
	if v.Diagnostics == nil {
		v.Diagnostics = config.Diagnostics{}
	}
	if err := printJSON(w, v); err != nil {
		return err
	}
	switch {
	case !v.Valid:
		return exitSilently(statusUsage)
	case failures(v.Probes) > 0:
		return exitSilently(statusFailed)
	}
	return nil
}

func (v verdict) print(stdout, stderr io.Writer) error {
	printDiagnostics(stderr, v.Diagnostics)
	if err := configError(v.File, v.Diagnostics); err != nil {
		return err
	}
	fmt.Fprintf(stdout, "%s has no errors: %s, %s\n", v.File, plural(v.connectors, "connector"), plural(v.outputs, "output"))
	if err := printProbes(stdout, v.Probes); err != nil {
		return err
	}
	if failed := failures(v.Probes); failed > 0 {
		return fmt.Errorf("%d of %s failed", failed, plural(len(v.Probes), "probe"))
	}
	return nil
}
