package main

import (
	"fmt"
	"runtime"
	"runtime/debug"
	"strings"
	"sync"

	"github.com/spf13/cobra"
)

// version is set by the linker of a release: -ldflags "-X main.version=1.2.0".
var version string

// build says what program this is.
type build struct {
	Version string `json:"version"`
	// Commit is empty where the program was not built from a repository.
	Commit string `json:"commit,omitempty"`
	// Modified is true where the files of the commit had been changed.
	Modified bool   `json:"modified,omitempty"`
	Go       string `json:"go"`
	Platform string `json:"platform"`
}

var currentBuild = sync.OnceValue(func() build {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		info = &debug.BuildInfo{}
	}
	return buildOf(version, info)
})

// buildOf describes a program by the version of its release, where it has one,
// and by what the compiler left in it.
func buildOf(release string, info *debug.BuildInfo) build {
	b := build{
		Version:  release,
		Go:       runtime.Version(),
		Platform: runtime.GOOS + "/" + runtime.GOARCH,
	}
	if b.Version == "" {
		b.Version = strings.Trim(strings.TrimPrefix(info.Main.Version, "v"), "()")
	}
	if b.Version == "" {
		b.Version = "devel"
	}
	for _, setting := range info.Settings {
		switch setting.Key {
		case "vcs.revision":
			b.Commit = setting.Value
		case "vcs.modified":
			b.Modified = setting.Value == "true"
		}
	}
	return b
}

// agent identifies the program to servers.
func (b build) agent() string { return "indicatord/" + b.Version }

func (b build) String() string {
	text := "indicatord " + b.Version
	if b.Commit != "" {
		text += " (commit " + b.Commit
		if b.Modified {
			text += ", modified"
		}
		text += ")"
	}
	return fmt.Sprintf("%s, %s, %s", text, b.Go, b.Platform)
}

func newVersionCommand() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "version",
		Short: "Print the version of the program",
		Example: `  indicatord version
  indicatord version --json`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if asJSON {
				return printJSON(cmd.OutOrStdout(), currentBuild())
			}
			_, err := fmt.Fprintln(cmd.OutOrStdout(), currentBuild())
			return err
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}
