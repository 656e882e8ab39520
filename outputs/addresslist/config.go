package addresslist

import (
	_ "embed"
	"errors"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"

	"github.com/indicatord/indicatord/internal/atomicfile"
	"github.com/indicatord/indicatord/internal/plugin"
	"github.com/indicatord/indicatord/outputs"
)

//go:embed sample.yaml
var sample string

// Spec describes the plugin.
func Spec() outputs.Spec {
	return outputs.Spec{
		Name:      "addresslist",
		Summary:   "Writes a list that firewalls, proxies and resolvers read, one value a line.",
		Sample:    sample,
		Enforcing: true,
		Settings:  func() outputs.Settings { return &Settings{Dialect: "plain", Mode: 0o644} },
	}
}

// Settings are the settings of one list.
type Settings struct {
	// Path is the absolute path of the list. Its directory must exist.
	Path string `yaml:"path"`
	// Dialect is the language of the reader of the list.
	Dialect string `yaml:"dialect"`
	// Mode is the mode of a list that does not exist yet.
	Mode atomicfile.Mode `yaml:"mode"`
}

// Validate reports what is wrong with the settings.
func (s *Settings) Validate() error {
	return errors.Join(
		plugin.Field("path", checkPath(s.Path)),
		plugin.Field("dialect", checkDialect(s.Dialect)),
	)
}

func checkPath(path string) error {
	switch {
	case path == "":
		return errors.New("is required: write where the list shall be")
	case !filepath.IsAbs(path):
		return fmt.Errorf("%q is not an absolute path", path)
	case strings.HasSuffix(path, string(filepath.Separator)):
		return fmt.Errorf("%q is a directory: write the path of a file in it", path)
	}
	return nil
}

func checkDialect(name string) error {
	if _, known := dialects[name]; !known {
		known := slices.Sorted(maps.Keys(dialects))
		return fmt.Errorf("unknown dialect %q: want %s", name, strings.Join(known, ", "))
	}
	return nil
}

// Place is the file.
func (s *Settings) Place() string { return plugin.FilePlace(s.Path) }

// Open makes the output.
func (s *Settings) Open(plugin.Env) (outputs.Output, error) {
	return &Output{path: filepath.Clean(s.Path), mode: s.Mode, dialect: dialects[s.Dialect]}, nil
}
