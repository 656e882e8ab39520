package syslog

import (
	"encoding/base64"
	"encoding/csv"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"text/template"
	"time"
)

// lineFunctions are what a template may write a word with. Each makes it safe
// for one notation.
var lineFunctions = template.FuncMap{
	"text":      bare,
	"json":      func(v any) string { return `"` + quotedJSON(bare(v)) + `"` },
	"kv":        func(v any) string { return `"` + escaped(bare(v), appendQuoted) + `"` },
	"cef":       func(v any) string { return escaped(bare(v), appendCEF) },
	"cefheader": func(v any) string { return escaped(bare(v), appendCEFHead) },
	"leef":      withoutDelimiter,
	"sd":        func(v any) string { return `"` + escaped(bare(v), appendSD) + `"` },
	"csv":       quotedCSV,
	"hex":       func(v any) string { return hex.EncodeToString([]byte(bare(v))) },
	"base64":    func(v any) string { return base64.StdEncoding.EncodeToString([]byte(bare(v))) },
	"url":       func(v any) string { return url.QueryEscape(bare(v)) },
	"date":      func(layout string, v any) (string, error) { return dated(layout, v, time.UTC) },
	"localdate": func(layout string, v any) (string, error) { return dated(layout, v, time.Local) },
	"epoch":     seconds,
}

// bare returns a word as it is, without what acts.
func bare(v any) string {
	switch v := v.(type) {
	case plain:
		return string(v)
	case string:
		return neutral(v)
	}
	return neutral(fmt.Sprint(v))
}

func escaped(text string, escape func([]byte, rune) []byte) string {
	var made []byte
	for _, r := range text {
		made = escape(made, r)
	}
	return string(made)
}

// quotedJSON is a JSON string without its quotes.
func quotedJSON(text string) string {
	quoted, _ := json.Marshal(text) // a string can always be written
	return string(appendInert(nil, quoted[1:len(quoted)-1], false))
}

// withoutDelimiter is a value of LEEF: its format has no escape for the
// delimiter.
func withoutDelimiter(delimiter string, v any) string {
	text := bare(v)
	for _, r := range delimiter {
		text = strings.ReplaceAll(text, string(r), replacement)
	}
	return text
}

// quotedCSV is one field of a line of comma-separated values (RFC 4180).
func quotedCSV(v any) (string, error) {
	var line strings.Builder
	w := csv.NewWriter(&line)
	if err := w.Write([]string{bare(v)}); err != nil {
		return "", err
	}
	w.Flush()
	return strings.TrimSuffix(line.String(), "\n"), w.Error()
}

// dated writes a time in a layout of Go's package time, and nothing for no time.
func dated(layout string, v any, zone *time.Location) (string, error) {
	at, err := readTime(v)
	if err != nil || at.IsZero() {
		return "", err
	}
	return at.In(zone).Format(layout), nil
}

// seconds writes a time as seconds since 1970, and nothing for no time.
func seconds(v any) (string, error) {
	at, err := readTime(v)
	if err != nil || at.IsZero() {
		return "", err
	}
	return strconv.FormatInt(at.Unix(), 10), nil
}

func readTime(v any) (time.Time, error) {
	text := bare(v)
	if text == "" {
		return time.Time{}, nil
	}
	return time.Parse(time.RFC3339, text)
}
