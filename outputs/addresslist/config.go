package addresslist

import (
	_ "embed"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/indicatord/indicatord/internal/atomicfile"
	"github.com/indicatord/indicatord/internal/indicator"
	"github.com/indicatord/indicatord/internal/plugin"
	"github.com/indicatord/indicatord/outputs"
	"github.com/indicatord/indicatord/outputs/addresslist/dialect"
)

//go:embed sample.yaml
var sample string

// Spec describes the plugin.
func Spec() outputs.Spec {
	return outputs.Spec{
		Name:      "addresslist",
		Summary:   "Writes a list that firewalls, proxies and resolvers read, in the language of each.",
		Sample:    sample,
		Enforcing: true,
		Settings: func() outputs.Settings {
			return &Settings{
				Dialect: "plain", Options: map[string]string{}, Template: dialect.DefaultTemplate(), Comment: true,
				Mode: 0o644, KeepPrevious: true, Reload: Reload{Command: []string{}, Timeout: 30 * time.Second},
			}
		},
	}
}

// Settings are the settings of one list.
type Settings struct {
	// Path is the absolute path of the list, whose directory must exist. With
	// {kind}, {family} or {part} in its name it stands for several files.
	Path string `yaml:"path"`
	// Serve is the name by which the list server offers the list at /lists/NAME,
	// in place of Path and with the same marks.
	Serve string `yaml:"serve"`
	// AllowEmpty lets a list without entries be served.
	AllowEmpty bool `yaml:"allow_empty"`
	// Dialect is the language of the reader of the list.
	Dialect string `yaml:"dialect"`
	// Options are the words that the dialect leaves to the operator.
	Options map[string]string `yaml:"options"`
	// Template is the dialect "template".
	Template dialect.Template `yaml:"template"`
	// Comment says whether a comment at the top tells where the list comes from,
	// where the language has comments.
	Comment bool `yaml:"comment"`

	// Aggregate joins prefixes. The addresses that are listed stay the same.
	Aggregate bool `yaml:"aggregate"`
	// Widen lists names that stand for themselves alone also where the reader
	// takes their subdomains with them.
	Widen bool `yaml:"widen"`
	// MaxEntries, MaxBytes and MaxLineBytes are what the reader takes at most. The
	// entries that are trusted least are left out.
	MaxEntries   Ceiling `yaml:"max_entries"`
	MaxBytes     Ceiling `yaml:"max_bytes"`
	MaxLineBytes Ceiling `yaml:"max_line_bytes"`
	// PartEntries is how many entries one of several parts has, and Parts how many
	// parts there are, 0 for as many as it takes.
	PartEntries Ceiling `yaml:"part_entries"`
	Parts       int     `yaml:"parts"`

	// Mode is the mode of a list that does not exist yet.
	Mode atomicfile.Mode `yaml:"mode"`
	// KeepPrevious keeps the list that was replaced last.
	KeepPrevious bool `yaml:"keep_previous"`
	// Reload tells the reader of a new list.
	Reload Reload `yaml:"reload"`
}

// Validate reports what is wrong with the settings.
func (s *Settings) Validate() error {
	problems := []error{
		s.checkPlace(),
		s.checkParts(),
		s.Reload.check(s.KeepPrevious),
	}
	words, err := s.words()
	if err != nil {
		return errors.Join(append(problems, err)...)
	}
	return errors.Join(append(problems, s.checkOptions(words), s.checkShape(words))...)
}

// words returns the dialect. The error says which key is wrong.
func (s *Settings) words() (dialect.Dialect, error) {
	if s.Dialect == dialect.TemplateName {
		words, err := s.Template.Dialect()
		if len(s.Template.Kinds) == 0 {
			err = errors.Join(plugin.Field("template.line", err), plugin.Fieldf("template.kinds", "is empty: name a kind at least"))
			return words, err
		}
		return words, plugin.Field("template.line", err)
	}
	words, known := dialect.Find(s.Dialect)
	if known {
		return words, nil
	}
	names := []string{dialect.TemplateName}
	for _, d := range dialect.All() {
		names = append(names, d.Name)
	}
	slices.Sort(names)
	return words, plugin.Fieldf("dialect", "unknown dialect %q: want %s", s.Dialect, strings.Join(names, ", "))
}

func (s *Settings) checkOptions(words dialect.Dialect) error {
	var problems []error
	known := []string{}
	for _, option := range words.Options {
		known = append(known, option.Name)
		text, set := s.Options[option.Name]
		if set {
			problems = append(problems, plugin.Field("options."+option.Name, option.Check(text)))
		}
	}
	for name := range s.Options {
		if !slices.Contains(known, name) {
			problems = append(problems, plugin.Fieldf("options."+name, "is no option of the dialect %s, which has %s", s.Dialect, orNone(known)))
		}
	}
	return errors.Join(problems...)
}

func orNone(words []string) string {
	if len(words) == 0 {
		return "none"
	}
	return strings.Join(words, ", ")
}

// checkShape reports what the dialect cannot do that the settings ask for.
func (s *Settings) checkShape(words dialect.Dialect) error {
	var problems []error
	if s.Aggregate && words.Addresses&dialect.Prefixes == 0 {
		problems = append(problems, plugin.Fieldf("aggregate", "joined addresses are prefixes, and the dialect %s has no words for them", s.Dialect))
	}
	if s.Widen && words.Names != dialect.WithSubdomains {
		problems = append(problems, plugin.Fieldf("widen", "the dialect %s can list names alone, so nothing has to be widened", s.Dialect))
	}
	if strings.Contains(s.name(), familyMark) && !words.Has(indicator.IP) {
		problems = append(problems, plugin.Fieldf(s.placeKey(), "the dialect %s has no words for addresses, so there is nothing for %s", s.Dialect, familyMark))
	}
	if s.Template.Line != "" && s.Dialect != dialect.TemplateName {
		problems = append(problems, plugin.Fieldf("template", "is for the dialect template, and the dialect is %s", s.Dialect))
	}
	parts := strings.Contains(s.name(), partMark)
	if parts && words.Farewell != nil {
		problems = append(problems, plugin.Fieldf(s.placeKey(), "the dialect %s takes back what has left the list, which does not go together with %s", s.Dialect, partMark))
	}
	if parts && s.PartEntries.of(words.Limits.Entries) == 0 {
		problems = append(problems, plugin.Fieldf("part_entries", "is required with %s in the path", partMark))
	}
	return errors.Join(problems...)
}

func (s *Settings) checkParts() error {
	parts := strings.Contains(s.name(), partMark)
	switch {
	case s.Parts < 0 || s.Parts > maxParts:
		return plugin.Fieldf("parts", "%d is not in the range from 0 to %d", s.Parts, maxParts)
	case s.Parts > 0 && !parts:
		return plugin.Fieldf("parts", "there is one file: write %s into the name in the path", partMark)
	case s.PartEntries != 0 && !parts:
		return plugin.Fieldf("part_entries", "there is one file: write %s into the name in the path", partMark)
	}
	return nil
}

// Place is the file, or the name of the served list.
func (s *Settings) Place() string {
	if s.Serve != "" {
		return "served list " + s.Serve
	}
	return plugin.FilePlace(s.Path)
}

// ServedName is the name by which the list is served.
func (s *Settings) ServedName() string { return s.Serve }

// ServedParts is how many parts the list has at most, 0 for as many as it takes.
func (s *Settings) ServedParts() int { return s.Parts }

// Kinds are the kinds that the dialect has words for.
func (s *Settings) Kinds() []indicator.Kind {
	words, err := s.words()
	if err != nil {
		return nil
	}
	return words.Kinds
}

// Open makes the output.
func (s *Settings) Open(env plugin.Env) (outputs.Output, error) {
	words, err := s.words()
	if err != nil {
		return nil, fmt.Errorf("opening the list: %w", err)
	}
	options := map[string]string{}
	for _, option := range words.Options {
		options[option.Name] = option.Default
		if text, set := s.Options[option.Name]; set {
			options[option.Name] = text
		}
	}
	return &Output{
		words:    words,
		about:    dialect.List{Name: env.Name, Options: options},
		place:    s.placeIn(env.Lists),
		served:   s.served(),
		files:    atomicfile.Options{Mode: s.Mode, KeepPrevious: s.KeepPrevious},
		comment:  s.Comment,
		join:     s.Aggregate || words.Disjoint,
		widen:    s.Widen,
		room:     s.room(words.Limits),
		reloader: newReloader(s.Reload, env.State),
		state:    env.State,
	}, nil
}

var (
	_ plugin.Exclusive = (*Settings)(nil)
	_ plugin.Served    = (*Settings)(nil)
	_ outputs.Narrow   = (*Settings)(nil)
)
