package hosts

import (
	_ "embed"
	"errors"
	"net/netip"
	"path/filepath"

	"github.com/indicatord/indicatord/internal/plugin"
	"github.com/indicatord/indicatord/outputs"
)

//go:embed sample.yaml
var sample string

// Spec describes the plugin.
func Spec() outputs.Spec {
	return outputs.Spec{
		Name:      "hosts",
		Summary:   "Writes a hosts file in which every domain of the view leads nowhere.",
		Sample:    sample,
		Enforcing: true,
		Settings:  func() outputs.Settings { return &Settings{Address: "0.0.0.0"} },
	}
}

// Settings are the settings of one hosts file.
type Settings struct {
	// Path is the absolute path of the file. Its directory must exist.
	Path string `yaml:"path"`
	// Address is what every name is given.
	Address string `yaml:"address"`
}

// Validate reports what is wrong with the settings.
func (s *Settings) Validate() error {
	var problems []error
	if !filepath.IsAbs(s.Path) {
		problems = append(problems, plugin.Fieldf("path", "%q is not the absolute path of a file", s.Path))
	}
	if _, err := netip.ParseAddr(s.Address); err != nil {
		problems = append(problems, plugin.Field("address", err))
	}
	return errors.Join(problems...)
}

// Open makes the output. It touches nothing yet.
func (s *Settings) Open(plugin.Env) (outputs.Output, error) {
	return &Output{path: s.Path, address: s.Address}, nil
}
