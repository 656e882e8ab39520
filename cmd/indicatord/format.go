package main

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/indicatord/indicatord/internal/gbt36643"
)

// formatAuto has each file say for itself of what format it is.
const formatAuto = "auto"

// formats says how files are read: of what format they are, and what their
// records look like.
type formats struct {
	forced string // formatAuto, gbt36643.FormatSTIX, or one of gbt36643.Formats
	file   string // of the site's mapping
	// mappings are those in use, by their formats.
	mappings map[string]*gbt36643.Mapping
	// site is the mapping of the site, nil where it has none.
	site *gbt36643.Mapping
}

func (f *formats) flags(cmd *cobra.Command) {
	names := append([]string{formatAuto, gbt36643.FormatSTIX}, gbt36643.Formats()...)
	cmd.Flags().StringVar(&f.forced, "format", formatAuto, "the format of the files: "+strings.Join(names, ", "))
	cmd.Flags().StringVar(&f.file, "mapping", "", "a table of the site, in YAML, over the shipped one of the format that it names")
	_ = cmd.RegisterFlagCompletionFunc("format", cobra.FixedCompletions(names, cobra.ShellCompDirectiveNoFileComp))
}

// load reads the mappings. It has to come before any file is read.
func (f *formats) load() error {
	known := append([]string{formatAuto, gbt36643.FormatSTIX}, gbt36643.Formats()...)
	if !slices.Contains(known, f.forced) {
		return fmt.Errorf("there is no format %q: want %s", f.forced, strings.Join(known, ", "))
	}
	f.mappings = map[string]*gbt36643.Mapping{}
	for _, format := range gbt36643.Formats() {
		m, err := gbt36643.Shipped(format)
		if err != nil {
			return err
		}
		f.mappings[format] = m
	}
	if f.file == "" {
		return nil
	}
	return f.loadSite()
}

func (f *formats) loadSite() error {
	data, err := os.ReadFile(f.file)
	if err != nil {
		return err
	}
	m, err := gbt36643.ParseMapping(data)
	if err != nil {
		return fmt.Errorf("%s: %w", f.file, err)
	}
	if f.forced != formatAuto && f.forced != m.Format() {
		return errors.New(f.file + " is a mapping for files of the format " + m.Format() + ", and --format says " + f.forced)
	}
	f.mappings[m.Format()], f.site = m, m
	return nil
}

// mapping returns what reads a file that begins so, nil for STIX. What cannot be
// recognised is what the table of the site is for, or else taken for STIX, whose
// errors say best what a file is not.
func (f *formats) mapping(start []byte) *gbt36643.Mapping {
	format := cmp.Or(f.forced, formatAuto)
	if format == formatAuto {
		format = gbt36643.Recognise(start)
	}
	if format == "" {
		return f.site
	}
	return f.mappings[format]
}
