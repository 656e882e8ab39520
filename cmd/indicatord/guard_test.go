package main

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"
)

// guardedLine is a line at a site that says what must not be blocked.
func guardedLine(t *testing.T) *line {
	l := newLine(t)
	text, err := os.ReadFile(l.configure())
	if err != nil {
		t.Fatal(err)
	}
	text = append(text, "never_block: {prefixes: [45.9.148.1], domains: [.plant.example]}\n"...)
	l.loadText(string(text))
	return l
}

// named is an indicator of a pattern.
func named(id, pattern string) json.RawMessage {
	return fmt.Appendf(nil, `{"type":"indicator","spec_version":"2.1","id":"indicator--%s","created":"2024-01-01T00:00:00Z",
		"modified":"2024-01-01T00:00:00Z","valid_from":"2024-01-01T00:00:00Z","pattern_type":"stix","pattern":%q}`, id, pattern)
}

// TestAHubThatWouldCutTheSiteOff lists a public resolver, everything, the site's
// gateway and a whole country, and then nothing at all. The firewall ends as it
// began, and the site is told of each.
func TestAHubThatWouldCutTheSiteOff(t *testing.T) {
	l := guardedLine(t)
	l.put(named("good", "[ipv4-addr:value = '45.9.149.7'] OR [domain-name:value = 'bad.example']"))
	c := l.reload()
	if err := l.once(c); err != nil {
		t.Fatal(err)
	}
	began := l.read("list.txt")
	if !strings.Contains(began, "45.9.149.7") || !strings.Contains(began, "bad.example") {
		t.Fatalf("the list begins with %q", began)
	}
	l.put(
		named("resolver", "[ipv4-addr:value = '8.8.8.8']"), named("everything", "[ipv4-addr:value = '0.0.0.0/0']"),
		named("gateway", "[ipv4-addr:value = '45.9.148.1']"), named("country", "[domain-name:value = 'com.cn']"),
		named("plant", "[domain-name:value = 'scada.plant.example']"), named("private", "[ipv4-addr:value = '10.0.0.1']"),
		named("update", "[domain-name:value = 'microsoft.com']"))
	if err := l.once(c); err != nil {
		t.Fatal(err)
	}
	if got := l.read("list.txt"); got != began {
		t.Errorf("the list has become %q", got)
	}
	for value, reason := range map[string]string{
		"8.8.8.8": "list public-resolvers", "0.0.0.0/0": "could not be used", "45.9.148.1": "list configuration", "com.cn": "anybody can register names below",
		"scada.plant.example": "list configuration", "10.0.0.1": "reserved", "microsoft.com": "list top-domains",
	} {
		l.wantCommand(0, reason, "why", value)
	}
	plan := l.wantCommand(0, "must not be blocked: 4", "plan", "list")
	if !strings.Contains(plan, "guarded  ip 8.8.8.8") {
		t.Errorf("the plan is:\n%s", plan)
	}
	l.faults.Always(answers(200, "application/taxii+json;version=2.1", `{"more":false,"objects":[]}`))
	_ = l.once(c)
	if got := l.read("list.txt"); got != began {
		t.Errorf("after an empty page the list is %q", got)
	}
}

// TestARangeGoesAroundWhatIsProtected, and around what the site allows.
func TestARangeGoesAroundWhatIsProtected(t *testing.T) {
	l := guardedLine(t)
	l.put(named("range", "[ipv4-addr:value = '45.9.148.0/29']"))
	c := l.reload()
	if err := l.once(c); err != nil {
		t.Fatal(err)
	}
	if got := l.read("list.txt"); got != "45.9.148.0\n45.9.148.2/31\n45.9.148.4/30\n" {
		t.Errorf("the list is %q", got)
	}
	l.wantCommand(0, "is allowed", "allow", "45.9.148.6", "--reason", "our supplier")
	if err := l.once(c); err != nil {
		t.Fatal(err)
	}
	if got := l.read("list.txt"); got != "45.9.148.0\n45.9.148.2/31\n45.9.148.4/31\n45.9.148.7\n" {
		t.Errorf("with one address allowed the list is %q", got)
	}
	if documents := l.read("documents.ndjson"); !strings.Contains(documents, `"never-block"`) || !strings.Contains(documents, "enforced in 3 pieces") {
		t.Errorf("the documents do not tell of it: %s", documents)
	}
}

// TestASiteFileThatCannotBeReadIsNoReasonToBlock: the agent does not start
// without knowing what must not be blocked.
func TestASiteFileThatCannotBeReadIsNoReasonToBlock(t *testing.T) {
	l := newLine(t)
	text, err := os.ReadFile(l.configure())
	if err != nil {
		t.Fatal(err)
	}
	c := l.loadText(string(text) + "never_block: {files: [" + l.path("missing.txt") + "]}\n")
	if err := l.once(c); err == nil || !strings.Contains(err.Error(), "missing.txt") {
		t.Errorf("%v, want that the file is missing", err)
	}
}
