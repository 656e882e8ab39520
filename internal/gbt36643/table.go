package gbt36643

import (
	"bytes"
	"embed"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/goccy/go-yaml"
)

// The formats that a table is shipped for.
const (
	FormatGBT36643   = "gbt36643"
	FormatThreatBook = "threatbook"
)

// Formats returns the names of the formats that a table is shipped for.
func Formats() []string { return []string{FormatGBT36643, FormatThreatBook} }

//go:embed mappings
var shipped embed.FS

// maxTable bounds the file of a mapping, in bytes.
const maxTable = 256 << 10

// Shipped returns the mapping of a format as it is shipped.
func Shipped(format string) (*Mapping, error) {
	values, err := shippedValues(format)
	if err != nil {
		return nil, err
	}
	return build(values)
}

// ParseMapping reads a site's table in YAML. Its key "format" names the shipped
// table that it lies over, [FormatGBT36643] where it names none. Under each key
// it says anew what it holds and leaves the rest; null takes a key away. The
// error says which key is wrong, with its line and column where that is known.
func ParseMapping(data []byte) (*Mapping, error) {
	over, err := parseTable(data)
	if err != nil {
		return nil, fmt.Errorf("read the mapping: %w", err)
	}
	format, ok := over["format"].(string)
	if !ok {
		format = FormatGBT36643
	}
	values, err := shippedValues(format)
	if err != nil {
		return nil, fmt.Errorf("read the mapping: %w", err)
	}
	m, err := build(overlay(values, over))
	if err != nil {
		return nil, fmt.Errorf("read the mapping: %w", err)
	}
	return m, nil
}

func shippedValues(format string) (map[string]any, error) {
	if !slices.Contains(Formats(), format) {
		return nil, fmt.Errorf("there is no shipped mapping for the format %q: want %s", format, strings.Join(Formats(), " or "))
	}
	data, err := shipped.ReadFile("mappings/" + format + ".yaml")
	if err != nil {
		return nil, err
	}
	return parseTable(data)
}

// parseTable reads a table twice: as a table, so that what is wrong is told with
// its place, and as values that can lie over others.
func parseTable(data []byte) (values map[string]any, err error) {
	// The parser's defects on odd files are errors like any other.
	defer func() {
		if r := recover(); r != nil {
			values, err = nil, fmt.Errorf("the YAML parser does not understand this file: %v", r)
		}
	}()
	data = bytes.TrimPrefix(data, byteOrderMark)
	switch {
	case len(data) > maxTable:
		return nil, fmt.Errorf("the file has %d bytes, more than the %d a mapping may have", len(data), maxTable)
	case !utf8.Valid(data):
		return nil, errors.New("the file is not UTF-8 text: save it as UTF-8")
	}
	if err := yaml.UnmarshalWithOptions(data, new(table), yaml.Strict()); err != nil {
		return nil, placedInTable(err)
	}
	if err := yaml.Unmarshal(data, &values); err != nil {
		return nil, placedInTable(err)
	}
	return values, nil
}

// placedInTable writes an error of the YAML library on one line.
func placedInTable(err error) error {
	var placed yaml.Error
	if !errors.As(err, &placed) || placed.GetToken() == nil {
		return err
	}
	at := placed.GetToken().Position
	return fmt.Errorf("line %d, column %d: %s", at.Line, at.Column, placed.GetMessage())
}

// overlay lays one table over another, key by key.
func overlay(under, over map[string]any) map[string]any {
	for key, value := range over {
		if value == nil {
			delete(under, key)
			continue
		}
		deeper, isTable := value.(map[string]any)
		below, both := under[key].(map[string]any)
		if isTable && both {
			value = overlay(below, deeper)
		}
		under[key] = value
	}
	return under
}

// build makes a mapping of the values of a table.
func build(values map[string]any) (*Mapping, error) {
	data, err := yaml.Marshal(values)
	if err != nil {
		return nil, err
	}
	m := &Mapping{}
	if err := yaml.Unmarshal(data, &m.table); err != nil {
		return nil, placedInTable(err)
	}
	if err := m.table.validate(); err != nil {
		return nil, err
	}
	m.compile()
	return m, nil
}

func (m *Mapping) compile() {
	t := &m.table
	m.zone, _ = parseZone(t.Zone) // it was validated
	m.words = newVocabulary(&t.Words)
	m.lists, m.keyed = newLexicon(t.Container.Lists), newLexicon(t.Container.Keyed)
	m.around = newLexicon(pathsAround(t.Container.Lists, t.Container.Keyed))
	m.groupKeys = newKeySet(t.Observable.Relationship, t.Observable.Values)
	m.partKeys = newKeySet(t.Composite.Value, t.Composite.Type, t.Composite.Ignored)
	m.keys, m.objectKeys = map[string]keySet{}, map[string]keySet{}
	types := map[string]string{}
	for name, o := range t.Objects {
		paths := [][]string{o.By, o.Ignored, t.Observable.Type, t.Observable.Constraint}
		for _, rule := range o.Tests {
			paths = append(paths, rule.Keys)
		}
		m.objectKeys[name] = newKeySet(paths...)
		for _, word := range o.Words {
			types[word] = name
		}
	}
	m.types = newLexicon(types)
	for name, s := range t.Records {
		if len(s.Fields.ID) == 0 {
			s.Fields.ID = []string{"id"}
			t.Records[name] = s
		}
		m.keys[name] = newKeySet(append(s.Fields.all(), s.Ignored)...)
		switch {
		case s.Self != "":
			m.keys[name].join(m.objectKeys[s.Self])
		case s.Role == roleObservable:
			m.keys[name].join(newKeySet(t.Observable.Groups))
		}
	}
}

// pathsAround returns every path that leads on to a place.
func pathsAround(places ...map[string]string) map[string]bool {
	around := map[string]bool{}
	for _, paths := range places {
		for path := range paths {
			for end := strings.LastIndexByte(path, '.'); end > 0; end = strings.LastIndexByte(path[:end], '.') {
				around[path[:end]] = true
			}
		}
	}
	return around
}

func (s keySet) join(other keySet) {
	for key := range other {
		s[key] = true
	}
}

// parseZone reads an offset from UTC, such as "+08:00" or "Z".
func parseZone(zone string) (*time.Location, error) {
	t, err := time.Parse("Z07:00", zone)
	if err != nil {
		return nil, fmt.Errorf("the zone %q is no offset such as \"+08:00\"", zone)
	}
	_, offset := t.Zone()
	return time.FixedZone(zone, offset), nil
}
