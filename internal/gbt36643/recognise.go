package gbt36643

import (
	"bytes"
	"slices"
	"strings"
	"sync"

	"github.com/go-json-experiment/json/jsontext"
)

// FormatSTIX is what [Recognise] says of STIX bundles and TAXII envelopes, which
// package stix reads.
const FormatSTIX = "stix"

// recognitions are what tells the shipped formats from others.
var recognitions = sync.OnceValue(func() map[string]recognition {
	all := map[string]recognition{}
	for _, format := range Formats() {
		if m, err := Shipped(format); err == nil { // a test reads every one
			all[format] = m.table.Recognise
		}
	}
	return all
})

// Recognise says of what format a file is, from its beginning: [FormatSTIX], one
// of [Formats], or "" where nothing tells. The beginning need not be whole, nor
// JSON.
func Recognise(start []byte) string {
	d := jsontext.NewDecoder(bytes.NewBuffer(bytes.TrimPrefix(start, byteOrderMark)),
		jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))
	name := ""
	for {
		token, err := d.ReadToken()
		if err != nil {
			return ""
		}
		kind, length := d.StackIndex(d.StackDepth())
		if kind != '{' {
			continue
		}
		format := ""
		if length%2 == 1 && token.Kind() == '"' { // a name; its value makes the number even
			name = token.String()
			format = formatByName(name, d.StackDepth())
		} else if token.Kind() == '"' {
			format = formatByValue(name, token.String())
		}
		if format != "" {
			return format
		}
	}
}

func formatByName(name string, depth int) string {
	if depth == 1 && slices.Contains([]string{"objects", "more", "next", "spec_version"}, name) {
		return FormatSTIX
	}
	for format, r := range sorted(recognitions()) {
		if slices.Contains(r.Members, name) {
			return format
		}
	}
	return ""
}

func formatByValue(name, value string) string {
	switch {
	case name == "type" && value == "bundle", name == "id" && strings.Contains(value, "--"):
		return FormatSTIX
	case name != "id":
		return ""
	}
	for format, r := range sorted(recognitions()) {
		if slices.ContainsFunc(r.IDs, func(start string) bool { return strings.HasPrefix(value, start) }) {
			return format
		}
	}
	return ""
}
