//go:build real

package elasticsearch

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/indicatord/indicatord/internal/ecs"
	"github.com/indicatord/indicatord/internal/indicator"
	"github.com/indicatord/indicatord/outputs"
	"github.com/indicatord/indicatord/outputs/outputtest"
)

// testOddValues: what is odd is indexed, or refused with the cluster's reason,
// and the rest is unaffected.
func (n *node) testOddValues(t *testing.T) {
	s := n.settings()
	o := openWith(t, s)
	pattern := outputtest.NewEntry(indicator.Rule, "yara:"+strings.Repeat("0a1b2c3d", 8))
	pattern.Assertions[0].Object.Pattern = "rule long { condition: " + strings.Repeat("true and ", 32<<10/9) + "true }"
	chinese := outputtest.NewEntry(indicator.Domain, "update.example")
	chinese.Assertions[0].Object.Description = "攻击者在电力监控系统中使用的恶意软件：横向移动\u0000与数据擦除"
	odd := []indicator.Entry{
		outputtest.NewEntry(indicator.IP, "198.18.64.0/18"),
		outputtest.NewEntry(indicator.IP, "2001:db8::9"),
		outputtest.NewEntry(indicator.URL, "http://grid-portal.net/a?b=c&d=%20+[]{}|\\^`\"'<>;:@!$()*,~#é漢\u202e\u2028\x01"),
		outputtest.NewEntry(indicator.URL, "http://grid-portal.net/"+strings.Repeat("a", 32<<10)),
		pattern, chinese,
	}
	if receipt := deliver(t, o, adds(odd...)); receipt.Written != len(odd) {
		t.Errorf("receipt = %+v", receipt)
	}
	for _, tt := range []struct {
		name  string
		query map[string]any
	}{
		{"an address within the range", term("indicatord.range", "198.18.70.1")},
		{"the IPv6 address in another spelling", term("threat.indicator.ip", "2001:0db8:0:0::0009")},
		{"the URL with every odd character", term("threat.indicator.url.original", odd[2].Key.Value)},
		{"a word of the long pattern", map[string]any{"bool": map[string]any{"filter": []any{
			map[string]any{"match": map[string]any{"indicatord.rule.text": "condition"}},
			term("indicatord.rule.language", "yara"),
		}}}},
		{"a word of the Chinese description", map[string]any{"match_phrase": map[string]any{"threat.indicator.description.text": "电力监控系统"}}},
	} {
		if got := n.count(t, s.Index, tt.query); got != 1 {
			t.Errorf("%s finds %d documents, want 1", tt.name, got)
		}
	}
	for _, e := range odd {
		if diff := cmp.Diff(asWritten(t, &e), n.source(t, s.Index, e.Key)); diff != "" {
			t.Errorf("%.80s came back as (-want +got):\n%.1000s", e.Key, diff)
		}
	}
	n.refusesOne(t)
}

// refusesOne: a site has put a mapping of its own beside ours, which refuses one
// document of a batch.
func (n *node) refusesOne(t *testing.T) {
	t.Helper()
	s := n.settings()
	n.Must(t, "PUT", "/_component_template/"+s.Index+"@custom", map[string]any{"template": map[string]any{
		"mappings": map[string]any{"properties": map[string]any{"tags": map[string]any{"type": "ip"}}},
	}})
	entries := outputtest.Entries(1, 20)
	for i := range entries[1:] {
		entries[i+1].Assertions[0].Object.Labels = nil
	}
	receipt, err := openWith(t, s).Deliver(t.Context(), adds(entries...))
	var partial *outputs.PartialError
	if !errors.As(err, &partial) || len(partial.Refused) != 1 || receipt.Written != 19 {
		t.Fatalf("receipt = %+v, err = %v, want 19 written and one refused", receipt, err)
	}
	refusal := partial.Refused[0]
	if refusal.Key != entries[0].Key || !refusal.Final || !strings.Contains(refusal.Reason, "[tags]") || !strings.Contains(refusal.Reason, "campaign:example") {
		t.Errorf("refusal = %+v, want a final one with the field and its value", refusal)
	}
	if got := n.count(t, s.Index, map[string]any{"match_all": map[string]any{}}); got != 19 {
		t.Errorf("%d documents, want 19", got)
	}
}

// testMatches: what a log says is looked up among the indicators, as an indicator
// match rule does, and the planted hit is found and no other.
func (n *node) testMatches(t *testing.T) {
	o := openWith(t, n.settings())
	sha256 := strings.Repeat("0a1b2c3d", 8)
	deliver(t, o, adds(append(outputtest.Entries(1, 200),
		outputtest.NewEntry(indicator.IP, "198.18.7.9"), outputtest.NewEntry(indicator.Domain, "update.grid-portal.net"),
		outputtest.NewEntry(indicator.URL, "http://grid-portal.net/load?id=7"), outputtest.NewEntry(indicator.SHA256, sha256))...))
	logs := "/logs-of" + o.settings.Index
	n.Must(t, "PUT", logs, map[string]any{"mappings": map[string]any{"properties": map[string]any{
		"destination": map[string]any{"properties": map[string]any{"ip": map[string]any{"type": "ip"}}},
		"dns":         map[string]any{"properties": map[string]any{"question": map[string]any{"properties": map[string]any{"name": map[string]any{"type": "keyword"}}}}},
		"url":         map[string]any{"properties": map[string]any{"full": map[string]any{"type": "keyword"}}},
		"file":        map[string]any{"properties": map[string]any{"hash": map[string]any{"properties": map[string]any{"sha256": map[string]any{"type": "keyword"}}}}},
	}}})
	for i, event := range []string{
		`{"destination":{"ip":"198.18.7.9"}}`, `{"destination":{"ip":"198.18.7.10"}}`,
		`{"dns":{"question":{"name":"update.grid-portal.net"}}}`, `{"dns":{"question":{"name":"grid-portal.net"}}}`,
		`{"url":{"full":"http://grid-portal.net/load?id=7"}}`, `{"url":{"full":"http://grid-portal.net/load?id=8"}}`,
		`{"file":{"hash":{"sha256":"` + sha256 + `"}}}`, `{"file":{"hash":{"sha256":"` + strings.Repeat("0", 64) + `"}}}`,
	} {
		n.Must(t, "PUT", fmt.Sprintf("%s/_doc/%d", logs, i), json.RawMessage(event))
	}
	n.Must(t, "POST", "/"+o.settings.Index+"/_refresh", nil)
	for _, tt := range []struct {
		key   indicator.Key
		field string // of the log
		path  string // of our document
	}{
		{indicator.Key{Kind: indicator.IP, Value: "198.18.7.9"}, "destination.ip", "threat.indicator.ip"},
		{indicator.Key{Kind: indicator.Domain, Value: "update.grid-portal.net"}, "dns.question.name", "threat.indicator.url.domain"},
		{indicator.Key{Kind: indicator.URL, Value: "http://grid-portal.net/load?id=7"}, "url.full", "threat.indicator.url.full"},
		{indicator.Key{Kind: indicator.SHA256, Value: sha256}, "file.hash.sha256", "threat.indicator.file.hash.sha256"},
	} {
		lookup := map[string]any{"terms": map[string]any{tt.field: map[string]any{
			"index": o.settings.Index, "id": ecs.DocumentID("plant-07", tt.key), "path": tt.path,
		}}}
		if got := n.count(t, strings.TrimPrefix(logs, "/"), lookup); got != 1 {
			t.Errorf("%s: %d events of the log match, want the planted one", tt.key, got)
		}
		if got := n.count(t, o.settings.Index, term(tt.path, tt.key.Value)); got != 1 {
			t.Errorf("%s: %d indicators match the event, want 1", tt.key, got)
		}
	}
}
