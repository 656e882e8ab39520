package main

import (
	"github.com/spf13/cobra"

	"github.com/indicatord/indicatord/internal/config"
)

// completeNames completes a flag with names from the configuration. Where that
// cannot be read there is nothing to offer.
func completeNames(file *string, names func(*config.Config) []string) cobra.CompletionFunc {
	return func(*cobra.Command, []string, string) ([]cobra.Completion, cobra.ShellCompDirective) {
		loaded, _ := config.Load(*file, plugins())
		if loaded == nil {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		return names(loaded), cobra.ShellCompDirectiveNoFileComp
	}
}

func connectorNames(c *config.Config) []string {
	var names []string
	for i := range c.Connectors {
		names = append(names, c.Connectors[i].Name)
	}
	return names
}

func outputNames(c *config.Config) []string {
	var names []string
	for i := range c.Outputs {
		names = append(names, c.Outputs[i].Name)
	}
	return names
}
