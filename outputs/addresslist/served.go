package addresslist

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/indicatord/indicatord/internal/listname"
	"github.com/indicatord/indicatord/internal/plugin"
	"github.com/indicatord/indicatord/internal/servedlist"
)

// checkPlace reports what is wrong with where the list shall be.
func (s *Settings) checkPlace() error {
	switch {
	case s.Path != "" && s.Serve != "":
		return plugin.Fieldf("serve", "the list goes to a path already: choose one of path and serve")
	case s.Serve != "":
		return plugin.Field("serve", listname.Check(s.Serve))
	case s.AllowEmpty:
		return errors.Join(plugin.Field("path", checkPath(s.Path)), plugin.Fieldf("allow_empty", "is for a list that is served (see serve)"))
	}
	return plugin.Field("path", checkPath(s.Path))
}

// name is the path of the list, or the name by which it is served.
func (s *Settings) name() string {
	if s.Serve != "" {
		return s.Serve
	}
	return s.Path
}

// placeKey is the key of name.
func (s *Settings) placeKey() string {
	if s.Serve != "" {
		return "serve"
	}
	return "path"
}

// placeIn returns where the list lies, given the directory of served lists.
func (s *Settings) placeIn(lists string) place {
	if s.Serve != "" {
		return newPlace(filepath.Join(lists, s.Serve))
	}
	return newPlace(s.Path)
}

func (s *Settings) served() *served {
	if s.Serve == "" {
		return nil
	}
	return &served{name: s.Serve, allowEmpty: s.AllowEmpty}
}

// served tells the list server what it may serve. A nil one tells nothing.
type served struct {
	name       string
	allowEmpty bool
}

// begin makes the directory of the list. The one of a path is the operator's.
func (s *served) begin(path string) error {
	if s == nil {
		return nil
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
		return fmt.Errorf("making the directory of the served lists: %w", err)
	}
	return nil
}

// begun reports whether the directory of the list is there. That of a path must be.
func (s *served) begun(path string) bool {
	if s == nil {
		return true
	}
	_, err := os.Stat(filepath.Dir(path))
	return !errors.Is(err, fs.ErrNotExist)
}

// where names the list for a person.
func (s *served) where(path string) string {
	if s == nil {
		return path
	}
	return "/lists/" + s.name
}

// announce records every file of a version before any of them gets its name.
func (s *served) announce(w *writing) error {
	if s == nil {
		return nil
	}
	for _, l := range w.lists {
		entries := 0
		for _, p := range l.parts {
			entries += p.entries
		}
		for _, p := range l.parts {
			if err := s.announcePart(p, servedlist.Version{Modified: l.now, Entries: entries}); err != nil {
				return fmt.Errorf("recording the new version of a served list: %w", err)
			}
		}
	}
	return nil
}

func (s *served) announcePart(p *part, v servedlist.Version) error {
	content, err := p.content()
	if err != nil {
		return err
	}
	defer content.Close()
	if v.SHA256, err = servedlist.Sum(content); err != nil {
		return err
	}
	return servedlist.Announce(p.path, v, s.allowEmpty)
}

// content returns what the file holds, or will hold if that is another content.
func (p *part) content() (io.ReadCloser, error) {
	if !p.changed {
		return os.Open(p.path)
	}
	content, err := p.file.Content()
	return io.NopCloser(content), err
}
