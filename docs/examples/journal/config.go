package journal

import (
	_ "embed"
	"errors"
	"path/filepath"

	"github.com/indicatord/indicatord/connectors"
	"github.com/indicatord/indicatord/internal/plugin"
)

//go:embed sample.yaml
var sample string

// Spec describes the plugin.
func Spec() connectors.Spec {
	return connectors.Spec{
		Name:     "journal",
		Summary:  "Pulls STIX objects from a file to which another program appends them, one a line.",
		Sample:   sample,
		Settings: func() connectors.Settings { return &Settings{PageSize: 1000} },
	}
}

// Settings are the settings of one journal.
type Settings struct {
	// Path is the absolute path of the file.
	Path string `yaml:"path"`
	// PageSize is the most objects that a page holds.
	PageSize int `yaml:"page_size"`
}

// Validate reports what is wrong with the settings.
func (s *Settings) Validate() error {
	var problems []error
	if !filepath.IsAbs(s.Path) {
		problems = append(problems, plugin.Fieldf("path", "%q is not the absolute path of a file", s.Path))
	}
	if s.PageSize < 1 {
		problems = append(problems, plugin.Fieldf("page_size", "must be at least 1"))
	}
	return errors.Join(problems...)
}

// Open makes the connector. It touches nothing yet.
func (s *Settings) Open(plugin.Env) (connectors.Connector, error) {
	return &Connector{path: s.Path, pageSize: s.PageSize}, nil
}
