package main

import (
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/indicatord/indicatord/internal/config"
	"github.com/indicatord/indicatord/internal/demo"
)

func newDemoCommand() *cobra.Command {
	var dir string
	var once bool
	cmd := &cobra.Command{
		Use:   "demo",
		Short: "Show the main job here and now: a hub, the agent, lists and documents",
		Long: `Demo starts a TAXII 2.1 hub on loopback that serves published indicators of
campaigns against power grids and a small history that goes on, runs the ordinary
agent against it with an ordinary configuration, and shows what happened. It
needs no other program and touches nothing outside its directory.`,
		Example: `  indicatord demo
  indicatord demo --once --dir /tmp/demo`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return demo.Run(cmd.Context(), demo.Options{
				Dir: dir, Once: once, Command: calledAs(), Version: currentBuild().Version,
				Load: func(path string) (*config.Config, error) { return loadConfig(path, cmd.ErrOrStderr()) },
				Out:  cmd.OutOrStdout(), Log: newLogger(config.Log{Level: "info", Format: "text"}, cmd.OutOrStdout()),
			})
		},
	}
	cmd.Flags().StringVar(&dir, "dir", "", "write everything into `DIR` (default a new temporary directory)")
	cmd.Flags().BoolVar(&once, "once", false, "end after the first full round")
	return cmd
}

// calledAs is how to call the program again: "go run" leaves it in a directory
// that is gone when it ends.
func calledAs() string {
	if strings.Contains(os.Args[0], "go-build") {
		return "go run ./cmd/indicatord"
	}
	return os.Args[0]
}
