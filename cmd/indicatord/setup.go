package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/spf13/cobra"

	"github.com/indicatord/indicatord/internal/config"
	"github.com/indicatord/indicatord/internal/plugin"
	"github.com/indicatord/indicatord/outputs"
)

func newSetupCommand(file *string) *cobra.Command {
	var how outputs.Installation
	cmd := &cobra.Command{
		Use:   "setup OUTPUT",
		Short: "Prepare the tool of an output, under an account that may",
		Long: `Setup prepares the tool of an output: in Elasticsearch the templates, the index
behind its alias and the data stream of the history, if there is one. It tells what
it has done, and prints the role that is then enough for the daemon. What is there
already stays, so it may be run again, as after an upgrade.

It uses the account of the configuration, or the one of --username and
--password-file, whose first line is the password. With --dry-run it sends nothing
and prints all requests, for somebody else to make.`,
		Example: `  indicatord setup siem --dry-run
  indicatord setup siem --username elastic --password-file /root/elastic-password`,
		Args:              oneOutput,
		ValidArgsFunction: completeNames(file, outputNames),
		RunE: func(cmd *cobra.Command, args []string) error {
			if (how.Username == "") != (how.PasswordFile == "") {
				return misused(errors.New("want --username and --password-file together"))
			}
			c, err := loadConfig(*file, cmd.ErrOrStderr())
			if err != nil {
				return err
			}
			how.Out = cmd.OutOrStdout()
			return setUp(cmd.Context(), c, args[0], how, cmd.ErrOrStderr())
		},
	}
	cmd.Flags().StringVar(&how.Username, "username", "", "the `NAME` of a user of the tool who may prepare it")
	cmd.Flags().StringVar(&how.PasswordFile, "password-file", "", "the `FILE` with the password of that user")
	cmd.Flags().BoolVar(&how.DryRun, "dry-run", false, "print the requests and send nothing")
	return cmd
}

func setUp(ctx context.Context, c *config.Config, name string, how outputs.Installation, stderr io.Writer) error {
	i := slices.IndexFunc(c.Outputs, func(o config.Output) bool { return o.Name == name })
	if i < 0 {
		return fmt.Errorf("no output named %q", name)
	}
	return install(ctx, c.Outputs[i], pluginEnv(c, newLogger(c.Log, stderr), "output", name), how)
}

func install(ctx context.Context, o config.Output, env plugin.Env, how outputs.Installation) (err error) {
	output, err := o.Settings.Open(env)
	if err != nil {
		return err
	}
	if closer, ok := output.(outputs.Closer); ok {
		defer func() { err = errors.Join(err, closer.Close()) }()
	}
	installer, ok := output.(outputs.Installer)
	if !ok {
		return fmt.Errorf("the output %s needs no setup: there is nothing to prepare in its tool", o.Name)
	}
	return installer.Install(ctx, how)
}
