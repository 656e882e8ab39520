package lifetest

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/indicatord/indicatord/internal/indicator"
	"github.com/indicatord/indicatord/internal/policy"
	"github.com/indicatord/indicatord/internal/stix"
)

// The sources and the outputs that a configuration may name.
var (
	sourceNames = []string{"alpha", "beta"}
	outputNames = []string{"wall", "siem", "list"}
)

// settings are what the operator wrote, in the words of the configuration. The
// model reads the same words.
type settings struct {
	sources map[string]sourceSettings
	outputs map[string]outputSettings
}

type sourceSettings struct {
	// removed is a source that is not in the configuration.
	removed     bool
	lifetime    map[string]int // hours by kind
	unmarked    string         // unmarked_tlp
	bareDomains string         // bare_domains: "exact" or "subdomains"
}

type outputSettings struct {
	enforcing  bool
	kinds      []string
	confidence int    // min_confidence
	unstated   int    // unstated_confidence, or absent
	tlp        string // max_tlp, "" for no limit
	age        int    // max_age in hours, 0 for no limit
	labels     []string
	sources    []string
	direction  string
}

// configured are the names of the sources in the configuration.
func (s settings) configured() []string {
	return slices.DeleteFunc(slices.Clone(sourceNames), func(name string) bool { return s.sources[name].removed })
}

// reading identifies how a source is read.
func (s sourceSettings) reading() string { return fmt.Sprint(s.lifetime, s.unmarked, s.bareDomains) }

func (s sourceSettings) String() string {
	return fmt.Sprintf("removed=%t lifetime=%v unmarked=%s bare=%s", s.removed, s.lifetime, s.unmarked, s.bareDomains)
}

func (o outputSettings) String() string {
	words := []string{fmt.Sprintf("enforcing=%t kinds=%v", o.enforcing, o.kinds)}
	if o.confidence > 0 {
		words = append(words, fmt.Sprint("min_confidence=", o.confidence))
	}
	if o.unstated != absent {
		words = append(words, fmt.Sprint("unstated=", o.unstated))
	}
	if o.age > 0 {
		words = append(words, fmt.Sprintf("max_age=%dh", o.age))
	}
	for name, word := range map[string]string{"max_tlp": o.tlp, "direction": o.direction} {
		if word != "" {
			words = append(words, name+"="+word)
		}
	}
	slices.Sort(words[1:])
	return strings.Join(append(words, fmt.Sprintf("labels=%v sources=%v", o.labels, o.sources)), " ")
}

// options are the settings of a source as the line takes them.
func (s sourceSettings) options() stix.Options {
	o := stix.Options{UnmarkedTLP: mustParse(indicator.ParseTLP, s.unmarked), Lifetime: map[indicator.Kind]time.Duration{}}
	if s.bareDomains == "subdomains" {
		o.BareDomain = indicator.ScopeSubdomains
	}
	for kind, hours := range s.lifetime {
		o.Lifetime[mustParse(indicator.ParseKind, kind)] = time.Duration(hours) * time.Hour
	}
	return o
}

// policy is the settings of an output as the line takes them.
func (s settings) policy(output string) policy.Policy {
	o := s.outputs[output]
	p := policy.Policy{Connectors: s.configured(), Enforcing: o.enforcing}
	for _, kind := range o.kinds {
		p.Select.Kinds = append(p.Select.Kinds, mustParse(indicator.ParseKind, kind))
	}
	p.Select.MinConfidence = indicator.Confidence(o.confidence)
	if o.unstated != absent {
		unstated := indicator.Confidence(o.unstated)
		p.Select.UnstatedConfidence = &unstated
	}
	p.Select.MaxAge = time.Duration(o.age) * time.Hour
	if o.tlp != "" {
		p.Select.MaxTLP = mustParse(indicator.ParseTLP, o.tlp)
	}
	if o.direction != "" {
		p.Select.Direction = mustParse(indicator.ParseDirection, o.direction)
	}
	p.Select.Labels, p.Select.Sources = o.labels, o.sources
	return p
}

func mustParse[T any](parse func(string) (T, error), word string) T {
	parsed, err := parse(word)
	if err != nil {
		panic(err) // the words are all of the configuration's
	}
	return parsed
}

// clone keeps a history's settings apart from those that it was drawn with.
func (s settings) clone() settings {
	return settings{sources: maps.Clone(s.sources), outputs: maps.Clone(s.outputs)}
}
