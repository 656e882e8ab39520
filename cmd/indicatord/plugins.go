package main

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/indicatord/indicatord/internal/config"
)

// pluginInfo is a plugin as the command shows it.
type pluginInfo struct {
	// Kind is "connector" or "output".
	Kind    string `json:"kind"`
	Name    string `json:"name"`
	Summary string `json:"summary"`
	// Sample is left out of the list.
	Sample string `json:"sample,omitempty"`
}

// String returns the name that no other plugin has.
func (p pluginInfo) String() string { return p.Kind + "/" + p.Name }

// describe lists the plugins, connectors first.
func describe(plugins config.Plugins) []pluginInfo {
	var list []pluginInfo
	for _, spec := range plugins.Connectors {
		list = append(list, pluginInfo{"connector", spec.Name, spec.Summary, spec.Sample})
	}
	for _, spec := range plugins.Outputs {
		list = append(list, pluginInfo{"output", spec.Name, spec.Summary, spec.Sample})
	}
	return list
}

func newPluginsCommand() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "plugins [NAME]",
		Short: "List the plugins, or print the sample configuration of one",
		Long: `Plugins lists what "type:" can name in the configuration. With the name of a
plugin it prints a sample of its block, in which a comment explains each setting.
A name that a connector and an output share is written connector/NAME or
output/NAME.`,
		Example: `  indicatord plugins
  indicatord plugins taxii
  indicatord plugins output/addresslist > output.yaml`,
		Args:              cobra.MaximumNArgs(1),
		ValidArgsFunction: completePlugin,
		RunE: func(cmd *cobra.Command, args []string) error {
			list := describe(plugins())
			if len(args) == 0 {
				return printPlugins(cmd.OutOrStdout(), list, asJSON)
			}
			plugin, err := findPlugin(list, args[0])
			if err != nil {
				return misused(err)
			}
			return printSample(cmd.OutOrStdout(), plugin, asJSON)
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

func completePlugin(_ *cobra.Command, args []string, _ string) ([]cobra.Completion, cobra.ShellCompDirective) {
	var names []cobra.Completion
	if len(args) == 0 {
		for _, p := range describe(plugins()) {
			names = append(names, cobra.CompletionWithDesc(p.String(), p.Summary))
		}
	}
	return names, cobra.ShellCompDirectiveNoFileComp
}

// findPlugin finds a plugin by its name, with or without its kind.
func findPlugin(list []pluginInfo, name string) (pluginInfo, error) {
	var found []pluginInfo
	var known []string
	for _, p := range list {
		if name == p.Name || name == p.String() {
			found = append(found, p)
		}
		known = append(known, p.String())
	}
	switch len(found) {
	case 0:
		return pluginInfo{}, fmt.Errorf("unknown plugin %q: want one of %s", name, strings.Join(known, ", "))
	case 1:
		return found[0], nil
	}
	return pluginInfo{}, fmt.Errorf("%q is the name of two plugins: write %s or %s", name, found[0], found[1])
}

func printPlugins(w io.Writer, list []pluginInfo, asJSON bool) error {
	if asJSON {
		for i := range list {
			list[i].Sample = ""
		}
		return printJSON(w, list)
	}
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "KIND\tNAME\tSUMMARY")
	for _, p := range list {
		fmt.Fprintf(table, "%s\t%s\t%s\n", p.Kind, p.Name, p.Summary)
	}
	return table.Flush()
}

func printSample(w io.Writer, plugin pluginInfo, asJSON bool) error {
	if asJSON {
		return printJSON(w, plugin)
	}
	_, err := io.WriteString(w, plugin.Sample)
	return err
}
