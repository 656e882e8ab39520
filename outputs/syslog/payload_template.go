package syslog

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"text/template"
	"unicode/utf8"

	"github.com/indicatord/indicatord/outputs"
)

// filled is a payload that the configuration describes, in the language of the
// package text/template.
type filled struct {
	origin origin
	line   *template.Template

	record record
	words  words
	made   bytes.Buffer
}

// words are what a template knows of an event, under the names of the fields in
// every payload, written as Go writes names: ".ValidUntil" is valid_until. Each
// word is there for each event, and empty where it has no value.
type words map[string]plain

// wordNames are the names of the words for those of the fields.
var wordNames = map[string]string{
	"time": "Time", "id": "ID", "action": "Action", "kind": "Kind", "value": "Value", "value_base64": "ValueBase64",
	"reason": "Reason", "sequence": "Sequence", "site": "Site", "output": "Output",
	"refresh": "Refresh", "number": "Number", "total": "Total",
	"valid_until": "ValidUntil", "confidence": "Confidence", "tlp": "TLP", "direction": "Direction", "scope": "Scope",
	"exactness": "Exactness", "protected": "Protected", "source": "Source", "object": "Object", "type": "Type",
	"threat": "Threat", "name": "Name", "truncated": "Truncated",
	"delivered": "Delivered", "last_delivery": "LastDelivery", "alarms": "Alarms", "version": "Version",
	"alarm": "Alarm", "subject": "Subject", "since": "Since", "text": "Text",
}

// briefly are the lengths in bytes to which the fields that may be cut are
// brought where an event is too long, one after the other.
var briefly = []int{256, 64, 0}

func newFilled(o origin, text string) (*filled, error) {
	line, err := parseLine(text)
	return &filled{origin: o, line: line, words: words{}}, err
}

// parseLine reads a template. The line break at its end is YAML's.
func parseLine(text string) (*template.Template, error) {
	text = strings.TrimRight(text, "\r\n")
	if text == "" {
		return nil, errors.New("is required with payload: template: write what shall be sent for an event")
	}
	line, err := template.New("template").Funcs(lineFunctions).Option("missingkey=error").Parse(text)
	if err != nil {
		return nil, fmt.Errorf("is not a template: %w", err)
	}
	return line, nil
}

// checkLine reads a template and tries it, so that a misspelt word is found
// before there are events.
func checkLine(text string) error {
	line, err := parseLine(text)
	if err != nil {
		return err
	}
	for _, action := range []plain{"add", "remove", present, refreshBegin, plain(outputs.Heartbeat), plain(outputs.AlarmRaised)} {
		for _, word := range []plain{"", "1"} {
			if err := try(line, trial(action, word)); err != nil {
				return err
			}
		}
	}
	return nil
}

// trial are words to try a template with: all the same, but for the action and
// for those that are times.
func trial(action, word plain) words {
	w := words{}
	w.clear(word)
	w["Action"] = action
	for _, name := range []string{"Time", "ValidUntil", "LastDelivery", "Since"} {
		if w[name] != "" {
			w[name] = "2026-01-01T00:00:00Z"
		}
	}
	return w
}

func try(line *template.Template, w words) error {
	var made strings.Builder
	if err := line.Execute(&made, w); err != nil {
		return fmt.Errorf("cannot be filled in: %w", err)
	}
	if strings.ContainsAny(made.String(), "\r\n") {
		return errors.New("makes several lines of an event: end the lines of the template with {{- /**/ -}}, or write it on one")
	}
	return nil
}

func (p *filled) append(dst []byte, room int, e *event) ([]byte, string) {
	p.record.fill(&p.origin, e)
	start := len(dst)
	dst, unsaid := p.appendLine(dst, e)
	for i := 0; unsaid == "" && len(dst)-start > room; i++ {
		if i == len(briefly) {
			return dst[:start], tooLong
		}
		p.record.shorten(briefly[i])
		dst, unsaid = p.appendLine(dst[:start], e)
	}
	return dst, unsaid
}

// appendLine fills in the template. A line break of the template's own, and
// whatever else acts, is neutralised; a tab is let through, for no value has one.
func (p *filled) appendLine(dst []byte, e *event) ([]byte, string) {
	p.words.clear("")
	for _, f := range p.record.fields {
		p.words[wordNames[f.name]] = plain(neutral(string(f.value)))
	}
	p.words["Time"] = plain(e.at.UTC().Format(timestamp))
	if p.record.clipped {
		p.words["Truncated"] = "true"
	}
	p.made.Reset()
	if err := p.line.Execute(&p.made, p.words); err != nil {
		return dst, misfit
	}
	if p.made.Len() == 0 {
		return dst, noWords
	}
	for _, r := range p.made.String() {
		if r == '\t' {
			dst = append(dst, '\t')
		} else {
			dst = appendNeutral(dst, r)
		}
	}
	return dst, ""
}

// clear sets every word.
func (w words) clear(to plain) {
	for _, name := range wordNames {
		w[name] = to
	}
}

// shorten cuts the fields that may be cut to so many bytes.
func (r *record) shorten(limit int) {
	for i := r.needed; i < len(r.fields); i++ {
		if f := &r.fields[i]; f.cut {
			short, _ := clip(string(f.value), limit)
			f.value = f.value[:len(short)]
		}
	}
	r.clipped = true
}

// plain is a word of a template. Nothing in it acts. What a template prints
// without a function is, beyond that, free of every character that ends a field
// in one of the notations in use: it stands there as in a URL, "%20" for a space.
type plain string

// String writes the word for a place of which nothing is known.
func (p plain) String() string {
	text := string(p)
	if !strings.ContainsFunc(text, separates) {
		return text
	}
	var safe strings.Builder
	for _, r := range text {
		if separates(r) {
			fmt.Fprintf(&safe, "%%%02X", r)
		} else {
			safe.WriteRune(r)
		}
	}
	return safe.String()
}

// separates reports a character that ends a field or begins an escape somewhere.
func separates(r rune) bool {
	return r < utf8.RuneSelf && strings.ContainsRune(" \"'`\\|=,;^<>[]{}%", r)
}
