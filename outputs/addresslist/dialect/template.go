package dialect

import (
	"encoding/base64"
	encoding "encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"text/template"

	"github.com/indicatord/indicatord/internal/indicator"
)

// TemplateName is the name of the dialect that the configuration makes itself.
const TemplateName = "template"

// Template is a dialect that the configuration describes, in the language of the
// package text/template.
type Template struct {
	// Line is what is written for an entry. Text that is empty for an entry leaves
	// it out.
	Line string `yaml:"line"`
	// Header and Footer stand around all entries.
	Header string `yaml:"header"`
	Footer string `yaml:"footer"`
	// Between stands between two entries, and End after the last one.
	Between string `yaml:"between"`
	End     string `yaml:"end"`
	// Comment begins a line that the reader skips.
	Comment string `yaml:"comment"`
	// Kinds are the kinds that the language has words for.
	Kinds []indicator.Kind `yaml:"kinds"`
	// Prefixes and IPv6 say which addresses it has words for.
	Prefixes bool `yaml:"prefixes"`
	IPv6     bool `yaml:"ipv6"`
}

// DefaultTemplate is a template that says what is usual, but for its line.
func DefaultTemplate() Template {
	return Template{Between: "\n", End: "\n", Kinds: matchable, Prefixes: true, IPv6: true}
}

// Words are what a template knows of an entry.
type Words struct {
	Kind, Value, Address, Confidence, TLP, Direction, ValidUntil string

	Bits             int
	IPv6, Subdomains bool
	Sources, Names   []string
}

var templateFunctions = template.FuncMap{
	"json": func(v any) (string, error) {
		text, err := encoding.Marshal(v)
		return string(text), err
	},
	"base64": func(text string) string { return base64.StdEncoding.EncodeToString([]byte(text)) },
	"join":   func(with string, words []string) string { return strings.Join(words, with) },
	"cut":    func(text, from string) string { return strings.ReplaceAll(text, from, "") },
}

// Dialect compiles the templates. The error tells what is wrong with which.
func (t *Template) Dialect() (Dialect, error) {
	line, err := t.compile("line", t.Line)
	if err != nil {
		return Dialect{}, err
	}
	addresses := IPv4
	if t.Prefixes {
		addresses |= Prefixes
	}
	if t.IPv6 {
		addresses |= IPv6
	}
	return Dialect{
		Name: TemplateName, Kinds: t.Kinds, Addresses: addresses, Comment: t.Comment, InFull: true, Lossy: true,
		Header: func(*List) string { return t.Header },
		Footer: func(*List) string { return t.Footer },
		Line: func(text []byte, e *indicator.Entry, _ *List) ([]byte, Unsaid) {
			return execute(line, text, e)
		},
		Between: t.Between, End: t.End,
	}, nil
}

// compile parses a template and tries it, so that a misspelt field is found
// before there are entries.
func (t *Template) compile(name, text string) (*template.Template, error) {
	if text == "" {
		return nil, errors.New("is required: write what shall be written for an entry")
	}
	made, err := template.New(name).Funcs(templateFunctions).Option("missingkey=error").Parse(text)
	if err != nil {
		return nil, fmt.Errorf("is not a template: %w", err)
	}
	if err := made.Execute(&strings.Builder{}, Words{}); err != nil {
		return nil, fmt.Errorf("cannot be filled in: %w; an entry has %s", err, knownWords())
	}
	return made, nil
}

// knownWords lists what a template knows, for one that asks for something else.
func knownWords() string {
	var names []string
	for _, field := range reflect.VisibleFields(reflect.TypeFor[Words]()) {
		names = append(names, "."+field.Name)
	}
	return strings.Join(names, ", ")
}

func execute(line *template.Template, text []byte, e *indicator.Entry) ([]byte, Unsaid) {
	var made strings.Builder
	if err := line.Execute(&made, wordsOf(e)); err != nil {
		return text, "a value that the template fails on"
	}
	if made.Len() == 0 {
		return text, "no words for it in the template"
	}
	return append(text, made.String()...), ""
}

func wordsOf(e *indicator.Entry) Words {
	w := Words{
		Kind: e.Key.Kind.String(), Value: e.Key.Value, TLP: e.TLP().String(), Direction: e.Direction().String(), ValidUntil: until(e),
		Subdomains: wide(e), Sources: inlined(e.Sources()), Names: inlined(e.Names()),
	}
	if c := e.Confidence(); c != indicator.Unstated {
		w.Confidence = fmt.Sprint(int(c))
	}
	if prefix := e.Key.Prefix(); prefix.IsValid() {
		w.Address, w.Bits, w.IPv6 = prefix.Addr().String(), prefix.Bits(), prefix.Addr().Is6()
	}
	return w
}
