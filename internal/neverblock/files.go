package neverblock

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/indicatord/indicatord/internal/neverblock/list"
)

// maxSize bounds a list in bytes. The longest that MISP publishes have a
// quarter of it.
const maxSize = 64 << 20

// files reads the lists of the site.
func (g *gatherer) files(paths []string) error {
	var errs []error
	for _, path := range paths {
		text, err := readFile(path)
		if err == nil {
			made, wrong := list.Read(path, text)
			g.rules, err = append(g.rules, made...), wrong
		}
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}

// warninglists reads the warninglists below a folder: its own files, or those of
// a copy of the repository.
func (g *gatherer) warninglists(folder string) error {
	if folder == "" {
		return nil
	}
	if _, err := os.ReadDir(folder); err != nil {
		return fmt.Errorf("the folder of warninglists: %w", err)
	}
	var paths []string
	for _, form := range []string{"*.json", "*/list.json", "lists/*/list.json"} {
		found, err := filepath.Glob(filepath.Join(folder, form))
		if err != nil {
			return fmt.Errorf("the folder of warninglists: %q holds signs of a pattern: %w", folder, err)
		}
		paths = append(paths, found...)
	}
	if len(paths) == 0 {
		return fmt.Errorf("the folder of warninglists %s holds none: neither NAME.json nor NAME/list.json", folder)
	}
	var errs []error
	for _, path := range paths {
		errs = append(errs, g.warninglist(path))
	}
	return errors.Join(errs...)
}

func (g *gatherer) warninglist(path string) error {
	data, err := readFile(path)
	if err != nil {
		return err
	}
	read, err := list.ReadWarninglist(path, data)
	if err != nil {
		return err
	}
	g.rules = append(g.rules, read.Rules...)
	for _, refused := range read.Refused {
		g.tell(path, errors.New(refused.String()))
	}
	return nil
}

// readFile reads no more than it takes to know that the file is too large.
func readFile(path string) ([]byte, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, fmt.Errorf("a list of what must not be blocked: %w", err)
	}
	if info.Size() > maxSize {
		return nil, fmt.Errorf("%s has %d bytes, more than the %d a list may have", path, info.Size(), maxSize)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("a list of what must not be blocked: %w", err)
	}
	return text, nil
}
