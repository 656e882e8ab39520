package demo

import (
	_ "embed"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

//go:embed demo.yaml
var template string

// writeConfiguration writes the demo's configuration into dir and returns its
// path and its text.
func writeConfiguration(dir, hubURL string) (path, text string, err error) {
	text = strings.NewReplacer("$DIR", dir, "$HUB", hubURL).Replace(template)
	path = filepath.Join(dir, "indicatord.yaml")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		return "", "", fmt.Errorf("writing the demo's configuration: %w", err)
	}
	return path, text, nil
}
