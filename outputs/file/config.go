package file

import (
	_ "embed"
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/indicatord/indicatord/internal/atomicfile"
	"github.com/indicatord/indicatord/internal/plugin"
	"github.com/indicatord/indicatord/outputs"
)

//go:embed sample.yaml
var sample string

const megabyte = 1 << 20

// Spec describes the plugin.
func Spec() outputs.Spec {
	return outputs.Spec{
		Name:    "file",
		Summary: "Appends a JSON document in the Elastic Common Schema for each change, for any log shipper.",
		Sample:  sample,
		Settings: func() outputs.Settings {
			return &Settings{MaxSize: 100, Keep: 7, Mode: 0o640}
		},
	}
}

// Settings are the settings of one file.
type Settings struct {
	// Path is the absolute path of the file. Its directory must exist.
	Path string `yaml:"path"`
	// MaxSize is the size, in MiB, beyond which the file is set aside and a new
	// one begun.
	MaxSize int `yaml:"max_size"`
	// Keep is how many files that were set aside are kept.
	Keep int `yaml:"keep"`
	// Compress says whether files that were set aside are compressed with gzip.
	Compress bool `yaml:"compress"`
	// Mode is the mode of a file that does not exist yet.
	Mode atomicfile.Mode `yaml:"mode"`
}

// Validate reports what is wrong with the settings.
func (s *Settings) Validate() error {
	return errors.Join(
		plugin.Field("path", checkPath(s.Path)),
		plugin.Field("max_size", checkRange(s.MaxSize, 1, 1<<20)),
		plugin.Field("keep", checkRange(s.Keep, 1, 10_000)),
	)
}

func checkPath(path string) error {
	switch {
	case path == "":
		return errors.New("is required: write where the file shall be")
	case !filepath.IsAbs(path):
		return fmt.Errorf("%q is not an absolute path", path)
	case strings.HasSuffix(path, string(filepath.Separator)):
		return fmt.Errorf("%q is a directory: write the path of a file in it", path)
	}
	return nil
}

func checkRange(n, lowest, highest int) error {
	if n < lowest || n > highest {
		return fmt.Errorf("%d is not in the range from %d to %d", n, lowest, highest)
	}
	return nil
}

// Place is the file.
func (s *Settings) Place() string { return plugin.FilePlace(s.Path) }

// Binding is the file.
func (s *Settings) Binding() string { return s.Place() }

// Open makes the output.
func (s *Settings) Open(env plugin.Env) (outputs.Output, error) {
	return &Output{
		site: env.Site,
		log:  env.Log,
		path: filepath.Clean(s.Path),
		mode: s.Mode,
		rotation: rotation{
			maxSize:  int64(s.MaxSize) * megabyte,
			keep:     s.Keep,
			compress: s.Compress,
		},
	}, nil
}
