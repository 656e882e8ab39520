package syslog

import (
	"errors"
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// guidePages are the pages with what to paste at the receiver's side.
var guidePages = []string{"../../docs/syslog-receivers.md", "../../docs/zh/syslog-receivers.md"}

// snippets returns the blocks of a sort from a page.
func snippets(t *testing.T, page, sort string) []string {
	t.Helper()
	text, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	var found []string
	for _, m := range regexp.MustCompile("(?ms)^```"+sort+"\n(.*?)^```$").FindAllStringSubmatch(string(text), -1) {
		found = append(found, m[1])
	}
	if len(found) == 0 {
		t.Fatalf("%s has no block %s", page, sort)
	}
	return found
}

// TestLogstashGuide: the snippet is one of Logstash's, takes the header of our
// events apart, and names fields that they have.
func TestLogstashGuide(t *testing.T) {
	n := notations()[5]
	f := n.formatter(t, 1<<16)
	have := n.namesOf(t)
	for _, page := range guidePages {
		conf := snippets(t, page, "logstash")[0]
		if err := checkLogstash(conf); err != nil {
			t.Errorf("%s: %v", page, err)
		}
		mapping := regexp.MustCompile(`"message" => "([^"]*)"`).FindStringSubmatch(conf)[1]
		for _, e := range told() {
			line, _ := f.appendEvent(nil, &e)
			fields, err := dissect(mapping, string(line))
			if err != nil {
				t.Fatalf("%s: %v", page, err)
			}
			payload, _ := n.payload(string(line))
			if diff := cmp.Diff(payload, fields["[@metadata][document]"]); diff != "" {
				t.Errorf("%s: the document (-sent +read):\n%s", page, diff)
			}
		}
		for _, reference := range regexp.MustCompile(`(?:\[\w+\])+`).FindAllString(strings.ReplaceAll(conf, "[@metadata]", "@"), -1) {
			path := strings.ReplaceAll(strings.Trim(reference, "[]"), "][", ".")
			if !have[path] && !strings.Contains(conf, "@metadata]"+reference) {
				t.Errorf("%s: our documents have no %s", page, path)
			}
		}
	}
}

// checkLogstash reads a configuration as far as its strings, brackets and arrows
// go: sections, plugins, and settings with values.
func checkLogstash(conf string) error {
	token := regexp.MustCompile(`^(?:"(?:[^"\\]|\\.)*"|=>|==|[{}\[\](),]|[\w@./-]+|\s+)`)
	closing := map[string]string{"{": "}", "[": "]", "(": ")"}
	var open []string
	for rest := conf; rest != ""; {
		word := token.FindString(rest)
		if word == "" {
			return fmt.Errorf("not understood: %.40q", rest)
		}
		rest = rest[len(word):]
		if end := closing[word]; end != "" {
			open = append(open, end)
		} else if strings.Contains("}])", word) {
			if len(open) == 0 || open[len(open)-1] != word {
				return fmt.Errorf("a %q that closes nothing before %.40q", word, rest)
			}
			open = open[:len(open)-1]
		}
	}
	if len(open) > 0 {
		return fmt.Errorf("%q is missing at the end", open)
	}
	for _, section := range []string{"input {", "filter {", "output {"} {
		if strings.Count("\n"+conf, "\n"+section) != 1 {
			return errors.New("no section " + section)
		}
	}
	return nil
}

// dissect takes a line apart as Logstash's filter of that name does.
func dissect(mapping, line string) (map[string]string, error) {
	fields := map[string]string{}
	parts := regexp.MustCompile(`%\{([^}]*)\}`).FindAllStringSubmatchIndex(mapping, -1)
	rest, found := strings.CutPrefix(line, mapping[:parts[0][0]])
	if !found {
		return nil, fmt.Errorf("the line does not begin with %q", mapping[:parts[0][0]])
	}
	for i, part := range parts {
		name := mapping[part[2]:part[3]]
		if i == len(parts)-1 {
			fields[name] = rest
			break
		}
		delimiter := mapping[part[1]:parts[i+1][0]]
		fields[name], rest, found = strings.Cut(rest, delimiter)
		if !found {
			return nil, fmt.Errorf("no %q after %s", delimiter, name)
		}
	}
	return fields, nil
}

// TestSplunkGuide: the expression finds exactly the fields of every event.
func TestSplunkGuide(t *testing.T) {
	n := notations()[6]
	f := n.formatter(t, 1<<16)
	for _, page := range guidePages {
		conf := snippets(t, page, "splunk-transforms")[0]
		expression := regexp.MustCompile(regexp.MustCompile(`(?m)^REGEX = (.*)$`).FindStringSubmatch(conf)[1])
		for _, e := range told() {
			line, _ := f.appendEvent(nil, &e)
			want, err := n.read(string(line))
			if err != nil {
				t.Fatal(err)
			}
			got := map[string]string{}
			for _, m := range expression.FindAllStringSubmatch(string(line), -1) {
				got[m[1]] = strings.NewReplacer(`\"`, `"`, `\\`, `\`).Replace(m[2])
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("%s (-sent +read):\n%s", page, diff)
			}
		}
		prefix := regexp.MustCompile(`(?m)^TIME_PREFIX = (.*)$`).FindStringSubmatch(snippets(t, page, "splunk-props")[0])[1]
		e := told()[0]
		line, _ := f.appendEvent(nil, &e)
		if !strings.Contains(string(line), prefix+"2026-03-14T07:09:26.535Z") {
			t.Errorf("%s: no time follows %s", page, prefix)
		}
	}
}
