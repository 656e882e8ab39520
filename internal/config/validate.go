package config

import (
	"errors"
	"fmt"
	"maps"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/indicatord/indicatord/internal/indicator"
	"github.com/indicatord/indicatord/internal/plugin"
)

var (
	name = regexp.MustCompile(`^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$`)
	site = regexp.MustCompile(`^[A-Za-z0-9](?:[A-Za-z0-9._-]{0,61}[A-Za-z0-9])?$`)
)

// Validate reports what is wrong with the values at the top of the file.
func (c *Config) Validate() error {
	var problems []error
	if c.Site != "" && !site.MatchString(c.Site) {
		problems = append(problems, plugin.Fieldf("site", "%q is not a name: want 1 to 63 letters, digits, dots, hyphens and underscores, a letter or digit at both ends", c.Site))
	}
	if !filepath.IsAbs(c.State) {
		problems = append(problems, plugin.Fieldf("state", "%q is not an absolute path", c.State))
	}
	return errors.Join(problems...)
}

// Validate reports what is wrong with the connector, its settings apart.
func (c *Connector) Validate() error {
	problems := []error{checkName(c.Name), checkRange("widest_ipv4", c.WidestIPv4, 32), checkRange("widest_ipv6", c.WidestIPv6, 128)}
	if c.Name == indicator.OwnSource {
		problems = append(problems, plugin.Fieldf("name", "%q is the name of the source that the site itself is: choose another", c.Name))
	}
	if c.Timeout == 0 {
		problems = append(problems, plugin.Fieldf("timeout", "a pull needs some time"))
	}
	for kind, lifetime := range c.Lifetime {
		if lifetime == 0 {
			problems = append(problems, plugin.Fieldf("lifetime."+kind.String(), "a lifetime has to be longer than nothing; remove the key for no lifetime"))
		}
	}
	return errors.Join(problems...)
}

// Validate reports what is wrong with the output, its settings apart.
func (o *Output) Validate() error { return checkName(o.Name) }

// checkName judges the name of a connector or an output. It names a directory
// too, so it is kept plain.
func checkName(text string) error {
	if text == "" || name.MatchString(text) {
		return nil
	}
	return plugin.Fieldf("name", "%q is not a name: want 1 to 63 small letters, digits and hyphens, a letter or digit at both ends", text)
}

// unknownWord is the error for a word that is none of the choices.
func unknownWord(what, word string, choices []string) error {
	err := fmt.Errorf("there is no %s %q", what, word)
	if len(choices) > 0 {
		err = fmt.Errorf("%w: want one of %s", err, strings.Join(choices, ", "))
	}
	return hinted{err, suggest(word, choices)}
}

func keysOf[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
