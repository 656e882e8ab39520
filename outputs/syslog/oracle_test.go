package syslog

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"
	"testing"
)

// The parsers of this file are the oracles of the payloads. Each follows the
// document of its format, is stricter than a receiver, and shares no code with
// what it judges. Each returns the fields in their order.

// pairsOf are the fields of a line by their names. A name that comes twice is an
// error.
func pairsOf(fields []pair) (map[string]string, error) {
	byName := map[string]string{}
	for _, f := range fields {
		if _, twice := byName[f.Name]; twice {
			return nil, fmt.Errorf("the field %s comes twice", f.Name)
		}
		byName[f.Name] = f.Value
	}
	return byName, nil
}

var kvName = regexp.MustCompile(`^([a-z][a-z0-9_]*)="`)

// parseKV reads name="value" separated by single spaces.
func parseKV(line string) ([]pair, error) {
	var fields []pair
	for {
		m := kvName.FindStringSubmatch(line)
		if m == nil {
			return nil, fmt.Errorf("no name: %.60q", line)
		}
		value, rest, err := untilQuote(line[len(m[0]):])
		if err != nil {
			return nil, err
		}
		fields = append(fields, pair{m[1], value})
		if rest == "" {
			return fields, nil
		}
		if rest[0] != ' ' {
			return nil, fmt.Errorf("no space after a value: %.60q", rest)
		}
		line = rest[1:]
	}
}

// untilQuote reads the rest of a quoted value.
func untilQuote(text string) (value, rest string, err error) {
	var b strings.Builder
	for i := 0; i < len(text); i++ {
		switch text[i] {
		case '"':
			return b.String(), text[i+1:], nil
		case '\\':
			if i++; i == len(text) || text[i] != '"' && text[i] != '\\' {
				return "", "", errors.New("an escape of nothing")
			}
		}
		b.WriteByte(text[i])
	}
	return "", "", errors.New("a value that does not end")
}

// parseCEF reads the seven fields of the header, "version" to "severity", and
// then the extension.
func parseCEF(line string) ([]pair, error) {
	rest, found := strings.CutPrefix(line, "CEF:0|")
	if !found {
		return nil, fmt.Errorf("not CEF: %.60q", line)
	}
	var fields []pair
	for _, name := range []string{"Vendor", "Product", "Version", "ClassID", "Name", "Severity"} {
		value, after, err := untilBar(rest)
		if err != nil {
			return nil, err
		}
		fields = append(fields, pair{name, value})
		rest = after
	}
	extension, err := parseExtension(rest)
	return append(fields, extension...), err
}

func untilBar(text string) (value, rest string, err error) {
	var b strings.Builder
	for i := 0; i < len(text); i++ {
		switch text[i] {
		case '|':
			return b.String(), text[i+1:], nil
		case '\\':
			if i++; i == len(text) || text[i] != '|' && text[i] != '\\' {
				return "", "", errors.New("an escape of nothing in the header")
			}
		}
		b.WriteByte(text[i])
	}
	return "", "", errors.New("a header that does not end")
}

var cefKey = regexp.MustCompile(`(?:^| )([A-Za-z][A-Za-z0-9_]*)$`)

// parseExtension reads key=value as ArcSight does: a key is the word before an
// "=" that is not escaped, and a value ends before the space of the next key.
func parseExtension(text string) ([]pair, error) {
	var fields []pair
	var b strings.Builder
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case c == '\\':
			if i++; i == len(text) || !strings.ContainsRune(`=\nr`, rune(text[i])) {
				return nil, errors.New("an escape of nothing in the extension")
			}
			b.WriteString(`\` + string(text[i]))
		case c == '=':
			m := cefKey.FindStringSubmatch(b.String())
			if m == nil {
				return nil, fmt.Errorf("no key before an equals sign: %.60q", b.String())
			}
			if len(fields) > 0 {
				fields[len(fields)-1].Value = unescapeExtension(strings.TrimSuffix(b.String(), m[0]))
			}
			fields = append(fields, pair{Name: m[1]})
			b.Reset()
		default:
			b.WriteByte(c)
		}
	}
	if len(fields) == 0 {
		return nil, errors.New("an extension without a key")
	}
	fields[len(fields)-1].Value = unescapeExtension(b.String())
	return fields, nil
}

func unescapeExtension(text string) string {
	return strings.NewReplacer(`\\`, `\`, `\=`, `=`, `\n`, "\n", `\r`, "\r").Replace(text)
}

// parseSD reads one element of structured data and the text behind it.
func parseSD(line string) ([]pair, error) {
	var m message
	rest, err := m.parseElement(line)
	if err != nil {
		return nil, err
	}
	text, found := strings.CutPrefix(rest, " ")
	if !found {
		return nil, errors.New("no space before the text")
	}
	return append(m.Params, pair{"MSG", text}), nil
}

// parseLEEF reads LEEF 1.0 and 2.0: the header's fields, then key=value between
// delimiters.
func parseLEEF(line string) ([]pair, error) {
	names := []string{"Vendor", "Product", "Version", "EventID"}
	delimiter := "\t"
	rest, found := strings.CutPrefix(line, "LEEF:1.0|")
	if !found {
		if rest, found = strings.CutPrefix(line, "LEEF:2.0|"); !found {
			return nil, fmt.Errorf("not LEEF: %.60q", line)
		}
		names = append(names, "Delimiter")
	}
	parts := strings.SplitN(rest, "|", len(names)+1)
	if len(parts) != len(names)+1 {
		return nil, errors.New("a header that does not end")
	}
	var fields []pair
	for i, name := range names {
		fields = append(fields, pair{name, parts[i]})
	}
	if len(names) == 5 {
		if delimiter = parts[4]; delimiter == "x09" {
			delimiter = "\t"
		}
	}
	for attribute := range strings.SplitSeq(parts[len(names)], delimiter) {
		key, value, found := strings.Cut(attribute, "=")
		if !found || key == "" || strings.Trim(key, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789") != "" {
			return nil, fmt.Errorf("no attribute: %.60q", attribute)
		}
		fields = append(fields, pair{key, value})
	}
	return fields, nil
}

// parseJSON reads one object, with every name once and nothing behind it, and
// returns its leaves under their paths.
func parseJSON(line string) ([]pair, error) {
	in := json.NewDecoder(strings.NewReader(line))
	in.UseNumber()
	fields, err := leaves(in, "")
	if err != nil {
		return nil, err
	}
	if _, err := in.Token(); err != io.EOF {
		return nil, errors.New("something follows the object")
	}
	return fields, nil
}

// leaves reads the next value.
func leaves(in *json.Decoder, path string) ([]pair, error) {
	token, err := in.Token()
	if err != nil {
		return nil, err
	}
	var fields []pair
	switch token {
	case json.Delim('{'):
		for in.More() {
			name, err := in.Token()
			if err != nil {
				return nil, err
			}
			below, err := leaves(in, strings.TrimPrefix(path+"."+name.(string), "."))
			if err != nil {
				return nil, err
			}
			fields = append(fields, below...)
		}
		_, err = in.Token()
		return fields, err
	case json.Delim('['):
		for i := 0; in.More(); i++ {
			below, err := leaves(in, fmt.Sprintf("%s.%d", path, i))
			if err != nil {
				return nil, err
			}
			fields = append(fields, below...)
		}
		_, err = in.Token()
		return fields, err
	}
	return []pair{{path, fmt.Sprint(token)}}, nil
}

// oneLine refuses a payload that acts on whoever reads its bytes. A tab may
// delimit fields.
func oneLine(payload string) error {
	return checkText(strings.ReplaceAll(payload, "\t", " "))
}

func TestOraclesRefuse(t *testing.T) {
	for _, tt := range []struct {
		name  string
		parse func(string) ([]pair, error)
		line  string
	}{
		{"a quote that ends a value early", parseKV, `value="a"b" x="y"`},
		{"an open value", parseKV, `value="a`},
		{"a bar too few", parseCEF, `CEF:0|a|b|c|d|e`},
		{"an equals sign that is not escaped", parseExtension, `cs1=a ?=b`},
		{"an escape of nothing", parseExtension, `cs1=a\b`},
		{"a delimiter within a value", parseLEEF, "LEEF:1.0|a|b|c|d|cat=x\ty"},
		{"two objects", parseJSON, `{"a":1}{"a":2}`},
		{"an object that is cut", parseJSON, `{"a":"b`},
	} {
		if fields, err := tt.parse(tt.line); err == nil {
			t.Errorf("%s: %q gives %v", tt.name, tt.line, fields)
		}
	}
	if _, err := pairsOf([]pair{{"a", "1"}, {"a", "2"}}); err == nil {
		t.Error("a field may come twice")
	}
	if got, err := parseExtension(`cs1Label=x y cs1=a\\ dst\=b cs2=`); err != nil || len(got) != 3 || got[1].Value != `a\ dst=b` {
		t.Errorf("extension: %v, %v", got, err)
	}
}
