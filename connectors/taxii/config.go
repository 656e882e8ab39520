package taxii

import (
	"errors"
	"log/slog"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/indicatord/indicatord/connectors"
	"github.com/indicatord/indicatord/internal/httpx"
	"github.com/indicatord/indicatord/internal/plugin"
)

// Settings are the settings of a connector to a TAXII hub.
type Settings struct {
	// URL is the address of the hub's discovery, of an API root, of its
	// collections, or of one collection.
	URL string `yaml:"url"`
	// Collections are those to pull.
	Collections Collections `yaml:"collections"`
	// PageSize is how many objects to ask for at once (limit). Hubs cut what is
	// too much for them.
	PageSize int `yaml:"page_size"`
	// Overlap is how far a pull reaches back behind the last one, since hubs
	// add objects late and at equal times.
	Overlap time.Duration `yaml:"overlap"`
	// AddedAfter, if it is set, leaves out what the hub added until then.
	AddedAfter time.Time `yaml:"added_after"`
	// Types, IDs and SpecVersions, where they are set, leave out every other
	// object (match[type], match[id], match[spec_version]).
	Types        []string `yaml:"types"`
	IDs          []string `yaml:"ids"`
	SpecVersions []string `yaml:"spec_versions"`
	// FollowHosts goes to API roots on other hosts than URL's, with the
	// credentials. Otherwise every API root is looked for on URL's host.
	FollowHosts bool `yaml:"follow_hosts"`

	httpx.Settings `yaml:",inline"`
}

func defaults() *Settings {
	return &Settings{
		Collections: Collections{All: true},
		PageSize:    1000,
		Overlap:     5 * time.Minute,
		Settings:    httpx.Defaults(),
	}
}

// Validate reports everything that is wrong with the settings.
func (s *Settings) Validate() error {
	return errors.Join(
		plugin.Field("url", s.CheckConfigured(s.URL)),
		s.Collections.validate(),
		s.validatePaging(),
		checkWords("types", s.Types, regexp.MustCompile(`^[a-z0-9-]+$`)),
		checkWords("ids", s.IDs, regexp.MustCompile(`^[a-z0-9-]+--[0-9a-fA-F-]+$`)),
		checkWords("spec_versions", s.SpecVersions, regexp.MustCompile(`^[0-9]+\.[0-9]+$`)),
		s.Settings.Validate(),
	)
}

func (s *Settings) validatePaging() error {
	var size, overlap error
	if s.PageSize < 1 {
		size = plugin.Fieldf("page_size", "must be at least 1")
	}
	if s.Overlap < 0 {
		overlap = plugin.Fieldf("overlap", "must not be negative")
	}
	return errors.Join(size, overlap)
}

// checkWords reports words that a filter cannot hold: a comma would make two of
// one.
func checkWords(path string, words []string, form *regexp.Regexp) error {
	for _, word := range words {
		if !form.MatchString(word) {
			return plugin.Fieldf(path, "%q cannot be matched: want the form %s", word, form)
		}
	}
	return nil
}

// Open makes the connector.
func (s *Settings) Open(env plugin.Env) (connectors.Connector, error) {
	if err := s.Validate(); err != nil {
		return nil, err
	}
	log := env.Log
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	return &Connector{settings: *s, agent: env.Agent, log: log, guards: patience, now: time.Now}, nil
}

// Collections says which collections to pull: all that may be read, or those
// that are named by id, alias or title.
type Collections struct {
	All   bool
	Names []string
}

// UnmarshalYAML reads the word "all" or a list of names.
func (c *Collections) UnmarshalYAML(decode func(any) error) error {
	var word string
	if decode(&word) == nil {
		if word != "all" {
			return errors.New(`want the word all, or a list such as ["` + word + `"]`)
		}
		*c = Collections{All: true}
		return nil
	}
	var names []string
	if err := decode(&names); err != nil {
		return err
	}
	*c = Collections{Names: names}
	return nil
}

func (c Collections) validate() error {
	switch {
	case !c.All && len(c.Names) == 0:
		return plugin.Fieldf("collections", "names none: want the word all, or a list of ids, aliases or titles")
	case slices.ContainsFunc(c.Names, func(name string) bool { return strings.TrimSpace(name) == "" }):
		return plugin.Fieldf("collections", "holds an empty name")
	}
	return nil
}
