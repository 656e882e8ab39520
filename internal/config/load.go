package config

import (
	"fmt"
	"os"

	"github.com/indicatord/indicatord/connectors"
	"github.com/indicatord/indicatord/internal/policy"
	"github.com/indicatord/indicatord/outputs"
)

// Plugins are what "type:" can name.
type Plugins struct {
	Connectors []connectors.Spec
	Outputs    []outputs.Spec
}

// Load reads the configuration file at path. The configuration is nil if there
// is an error among the diagnostics; warnings may come with one that is right.
func Load(path string, plugins Plugins) (*Config, Diagnostics) {
	config, report := load(path, plugins)
	return usable(config, report)
}

// Check is [Load], and reads every secret that the file names beside: what is
// wrong with them is told together with everything else. It keeps no secret.
func Check(path string, plugins Plugins) (*Config, Diagnostics) {
	config, report := load(path, plugins)
	if config != nil {
		config.checkSecrets(report)
	}
	return usable(config, report)
}

func load(path string, plugins Plugins) (*Config, *reporter) {
	data, err := readFile(path)
	if err != nil {
		report := &reporter{source: newSource(path, "")}
		report.fail(position{}, fmt.Sprintf("the configuration cannot be read: %v", err), "--config FILE names another file")
		return nil, report
	}
	return interpret(path, data, plugins)
}

// usable leaves out a configuration with an error.
func usable(config *Config, report *reporter) (*Config, Diagnostics) {
	if report.found.hasErrors() {
		config = nil
	}
	return config, report.result()
}

// readFile reads no more than it takes to know that the file is too large.
func readFile(path string) ([]byte, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if info.Size() > maxSize {
		return nil, fmt.Errorf("%s has %d bytes, more than the %d a configuration may have", path, info.Size(), maxSize)
	}
	return os.ReadFile(path)
}

// Parse reads a configuration. The name stands for the file in diagnostics.
// Otherwise it is like [Load].
func Parse(name string, data []byte, plugins Plugins) (*Config, Diagnostics) {
	config, report := interpret(name, data, plugins)
	return usable(config, report)
}

// interpret returns what could be read, right or not.
func interpret(name string, data []byte, plugins Plugins) (*Config, *reporter) {
	data = trimMark(data)
	report := &reporter{source: newSource(name, string(data))}
	root := parseDocument(report, data)
	if root == nil {
		if len(report.found) == 0 {
			report.fail(position{}, "the configuration is empty", "indicatord plugins TYPE prints a sample to begin with")
		}
		return nil, report
	}
	l := loader{decoder: &decoder{reporter: report}, plugins: plugins}
	config := l.load(root)
	config.source, config.secrets = report.source, l.secrets
	return config, report
}

// ParseSelect reads what may stand below "select:" of an output, alone.
func ParseSelect(text string) (policy.Select, error) {
	selection := defaultOutput().Select
	found := DecodeSettings("select", []byte(text), &selection)
	return selection, found.Err()
}

// DecodeSettings decodes the settings of one plugin alone, as they stand below
// "settings:", and validates them. The settings are a pointer to a struct that
// holds the defaults. Tests of plugins use it; [Load] does the same for a whole
// file.
func DecodeSettings(name string, data []byte, settings any) Diagnostics {
	data = trimMark(data)
	report := &reporter{source: newSource(name, string(data))}
	root := parseDocument(report, data)
	if len(report.found) == 0 {
		if root == nil {
			root = &node{}
		}
		d := &decoder{reporter: report}
		d.into(root, settings)
	}
	return report.result()
}
