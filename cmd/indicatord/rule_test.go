package main

import (
	"encoding/json"
	"strings"
	"testing"
)

// TestARuleReachesDocumentsAndNoList sends a rule of each sort through the whole
// line, each with an address in its text that no list may have.
func TestARuleReachesDocumentsAndNoList(t *testing.T) {
	rules := map[string]string{
		"sigma":    "title: x\ndetection:\n  selection: {dst_ip: 45.9.1.2}\n",
		"yara":     "rule x { strings: $a = \"45.9.1.2\" condition: $a }",
		"snort":    "alert tcp any any -> 45.9.1.2 443 (sid:1;)",
		"suricata": "alert tls any any -> 45.9.1.2 any (sid:2;)",
		"pcre":     `^45\.9\.1\.2$`,
		"eql":      "network where destination.ip == \"45.9.1.2\"",
	}
	l := newLine(t)
	for language, text := range rules {
		l.put(ruleObject(t, language, text))
	}
	if err := l.once(l.load()); err != nil {
		t.Fatal(err)
	}
	if got := l.read("list.txt"); got != "" {
		t.Errorf("the list has %q", got)
	}
	found := map[string]string{}
	for document := range strings.Lines(l.read("documents.ndjson")) {
		var d struct {
			Indicatord struct {
				Rule struct{ Language, Text string }
			}
		}
		if err := json.Unmarshal([]byte(document), &d); err != nil {
			t.Fatal(err)
		}
		found[d.Indicatord.Rule.Language] = d.Indicatord.Rule.Text
	}
	for language, text := range rules {
		if found[language] != text {
			t.Errorf("the documents have %q for the rule in %s", found[language], language)
		}
	}
}

func ruleObject(t *testing.T, language, text string) json.RawMessage {
	t.Helper()
	object, err := json.Marshal(map[string]any{
		"type": "indicator", "spec_version": "2.1", "id": "indicator--" + language,
		"created": "2026-01-01T00:00:00.000Z", "modified": "2026-01-01T00:00:00.000Z", "valid_from": "2026-01-01T00:00:00Z",
		"pattern": text, "pattern_type": language,
	})
	if err != nil {
		t.Fatal(err)
	}
	return object
}
