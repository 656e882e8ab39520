package main

import (
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/indicatord/indicatord/internal/stix/pattern"
)

// readingFlags defines the flags that say how patterns are read and which values
// stand for them, as the settings of a connector do.
func readingFlags(cmd *cobra.Command, reading *pattern.Options, reduction *pattern.Reduction) {
	flags := cmd.Flags()
	refangFlag(flags, &reduction.Canon)
	flags.BoolFunc("strict", "understand no spelling beyond the language of patterns", func(text string) error {
		strict, err := strconv.ParseBool(text)
		if reading.Refuse = 0; strict {
			reading.Refuse = pattern.AllLeniencies
		}
		return err
	})
	flags.Var((*shapeFlag)(&reduction.Widen), "widen", "give the value of patterns of this `shape` although they say more (repeatable): "+
		strings.Join(pattern.ShapeNames(), ", "))
	flags.BoolVar(&reduction.RefuseCIDREquality, "refuse-cidr-equality", false, "do not take a prefix that is compared with = for its network")
	_ = cmd.RegisterFlagCompletionFunc("widen", cobra.FixedCompletions(pattern.ShapeNames(), cobra.ShellCompDirectiveNoFileComp))
}

// shapeFlag is a flag that adds a shape each time it is given.
type shapeFlag pattern.Shapes

// String returns the shapes so far.
func (f *shapeFlag) String() string { return pattern.Shapes(*f).String() }

// Type returns what stands for the value in the help.
func (f *shapeFlag) Type() string { return "shape" }

// Set adds the shape of that name.
func (f *shapeFlag) Set(name string) error {
	shape, err := pattern.ParseShape(name)
	*f |= shapeFlag(shape)
	return err
}
