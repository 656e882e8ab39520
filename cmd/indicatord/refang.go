package main

import (
	"github.com/spf13/pflag"

	"github.com/indicatord/indicatord/internal/indicator"
)

// refangFlag defines the flag that takes defanged values for what they mean, as
// the setting of a connector does.
func refangFlag(flags *pflag.FlagSet, options *indicator.Options) {
	flags.BoolVar(&options.Refang, "refang", false, "take defanged values such as example[.]com for what they mean")
}
