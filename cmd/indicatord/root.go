package main

import "github.com/spf13/cobra"

const defaultConfig = "/etc/indicatord/indicatord.yaml"

// newRootCommand returns the command line. Each command is a file with the
// function that makes it. No command may have a PersistentPreRun: [execute]
// needs that of the root.
func newRootCommand() *cobra.Command {
	root := &cobra.Command{
		Use:   "indicatord",
		Short: "Keep the tools of a site up to date with threat intelligence",
		Long: `indicatord pulls threat intelligence in standard formats from the hubs of a site
and keeps its tools up to date: the SIEM and the firewalls.`,
		Example: `  indicatord check --online
  indicatord inspect bundle.json`,
		Version:       currentBuild().Version,
		SilenceErrors: true,
		SilenceUsage:  true,
	}
	root.SetVersionTemplate("{{.Name}} {{.Version}}\n")
	file := root.PersistentFlags().String("config", defaultConfig, "the configuration `FILE`")
	_ = root.MarkPersistentFlagFilename("config", "yaml", "yml")
	root.AddCommand(
		newRunCommand(file),
		newOnceCommand(file),
		newStatusCommand(file),
		newWhyCommand(file),
		newExportCommand(file),
		newPlanCommand(file),
		newWhatIfCommand(file),
		newAllowCommand(file),
		newDenyCommand(file),
		newLiftCommand(file),
		newOverridesCommand(file),
		newPauseCommand(file),
		newResumeCommand(file),
		newApproveCommand(file),
		newRejectCommand(file),
		newAuditCommand(file),
		newBackupCommand(file),
		newDemoCommand(),
		newCheckCommand(file),
		newSetupCommand(file),
		newPluginsCommand(),
		newInspectCommand(),
		newPatternCommand(),
		newCanonCommand(),
		newVersionCommand(),
	)
	root.InitDefaultCompletionCmd()
	if completion, _, err := root.Find([]string{"completion"}); err == nil {
		completion.Example = "  indicatord completion bash > /etc/bash_completion.d/indicatord"
	}
	return root
}
