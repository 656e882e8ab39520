package config

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/indicatord/indicatord/connectors"
	"github.com/indicatord/indicatord/internal/plugin"
	"github.com/indicatord/indicatord/internal/secret"
	"github.com/indicatord/indicatord/outputs"
)

// The plugins of the tests: a connector "hub" and an output "list", which have
// settings of every shape that a plugin may use.
var testPlugins = Plugins{
	Connectors: []connectors.Spec{
		{Name: "hub", Settings: func() connectors.Settings {
			return &hubSettings{httpSettings: httpSettings{Timeout: 30 * time.Second}, PageSize: 1000}
		}},
		{Name: "folder", Settings: func() connectors.Settings { return &folderSettings{} }},
	},
	Outputs: []outputs.Spec{
		{Name: "list", Enforcing: true, Settings: func() outputs.Settings { return &listSettings{} }},
	},
}

type httpSettings struct {
	Auth    *authSettings `yaml:"auth"`
	Proxy   string        `yaml:"proxy"`
	Timeout time.Duration `yaml:"timeout"`
}

type authSettings struct {
	Basic *struct {
		Username string     `yaml:"username"`
		Password secret.Ref `yaml:"password"`
	} `yaml:"basic"`
	Bearer *secret.Ref `yaml:"bearer"`
	Header *struct {
		Name  string     `yaml:"name"`
		Value secret.Ref `yaml:"value"`
	} `yaml:"header"`
}

func (a *authSettings) Validate() error {
	if a.Basic != nil && a.Bearer != nil {
		return errors.New("at most one of basic, bearer and header may be given")
	}
	var username, value error
	if a.Basic != nil && a.Basic.Username == "" {
		username = plugin.Fieldf("basic.username", "is required")
	}
	if a.Header != nil && a.Header.Value.IsZero() {
		value = plugin.Fieldf("header.value", "is required")
	}
	return errors.Join(username, value)
}

type hubSettings struct {
	httpSettings `yaml:",inline"`
	URL          string      `yaml:"url"`
	Collections  collections `yaml:"collections"`
	PageSize     int         `yaml:"page_size"`
}

func (s *hubSettings) Validate() error {
	var problems []error
	if s.URL == "" {
		problems = append(problems, plugin.Fieldf("url", "is required"))
	} else if u, err := url.Parse(s.URL); err != nil || u.User != nil || !slices.Contains([]string{"http", "https"}, u.Scheme) {
		problems = append(problems, plugin.Fieldf("url", "want an http or https URL without a user name"))
	}
	if s.PageSize < 1 {
		problems = append(problems, plugin.Fieldf("page_size", "has to be at least 1"))
	}
	for i, c := range s.Collections {
		if c == "" {
			problems = append(problems, plugin.Fieldf(fmt.Sprintf("collections[%d]", i), "is empty"))
		}
	}
	return errors.Join(problems...)
}

func (s *hubSettings) Open(plugin.Env) (connectors.Connector, error) { return nopConnector{}, nil }

// collections is a list of names, or the word "all".
type collections []string

func (c *collections) UnmarshalYAML(unmarshal func(any) error) error {
	var list []string
	listErr := unmarshal(&list)
	if listErr == nil {
		*c = list
		return nil
	}
	var word string
	if err := unmarshal(&word); err != nil {
		return listErr
	}
	if word != "all" {
		return errors.New(`want a list of collections or the word "all"`)
	}
	*c = nil
	return nil
}

type folderSettings struct {
	Path string `yaml:"path"`
}

func (s *folderSettings) Validate() error                               { return nil }
func (s *folderSettings) Open(plugin.Env) (connectors.Connector, error) { return nopConnector{}, nil }

type nopConnector struct{}

func (nopConnector) Fetch(context.Context, connectors.State, connectors.Sink) error { return nil }

type listSettings struct {
	Path     string         `yaml:"path"`
	Mode     string         `yaml:"mode"`
	Sorted   bool           `yaml:"sorted"`
	Port     uint16         `yaml:"port"`
	Ratio    float64        `yaml:"ratio"`
	Headers  map[string]int `yaml:"headers"`
	Tokens   []secret.Ref   `yaml:"tokens"`
	Untagged string
	Hidden   string   `yaml:"-"`
	Nested   []nested `yaml:"nested"`
}

type nested struct {
	Nested []nested `yaml:"nested"`
}

func (s *listSettings) Place() string { return plugin.FilePlace(s.Path) }

func (s *listSettings) Validate() error {
	if !filepath.IsAbs(s.Path) {
		return plugin.Fieldf("path", "want an absolute path")
	}
	return nil
}

func (s *listSettings) Open(plugin.Env) (outputs.Output, error) { return nil, errors.New("not here") }

// parseRight reads a configuration that has to be right.
func parseRight(t *testing.T, text string) *Config {
	t.Helper()
	config, found := Parse("indicatord.yaml", []byte(text), testPlugins)
	if err := found.Err(); err != nil {
		t.Fatalf("the configuration is not right:\n%v", err)
	}
	return config
}
