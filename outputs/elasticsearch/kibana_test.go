package elasticsearch

import (
	"bufio"
	"bytes"
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

const kibana = "../../configs/kibana/"

// readLines decodes each line of a file for Kibana.
func readLines[T any](t *testing.T, name string) []T {
	t.Helper()
	text, err := os.ReadFile(kibana + name)
	if err != nil {
		t.Fatal(err)
	}
	var all []T
	lines := bufio.NewScanner(bytes.NewReader(text))
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var one T
		if err := json.Unmarshal(lines.Bytes(), &one); err != nil {
			t.Fatalf("%s: %v in %s", name, err, lines.Bytes())
		}
		all = append(all, one)
	}
	return all
}

// mappedFields are the fields of mappings.json with their types.
func mappedFields(t *testing.T) map[string]string {
	t.Helper()
	types := map[string]string{}
	var walk func(string, field)
	walk = func(path string, f field) {
		if f.Type != "" {
			types[path] = f.Type
		}
		for name, inner := range f.Properties {
			walk(strings.TrimPrefix(path+"."+name, "."), inner)
		}
	}
	var root field
	if err := json.Unmarshal(mappings, &root); err != nil {
		t.Fatal(err)
	}
	walk("", root)
	return types
}

// writtenFields are the fields that the golden documents have.
func writtenFields(t *testing.T) map[string]bool {
	t.Helper()
	files, err := filepath.Glob("../../internal/ecs/testdata/*.json")
	if err != nil || len(files) == 0 {
		t.Fatalf("no golden documents: %v", err)
	}
	written := map[string]bool{}
	var walk func(string, any)
	walk = func(path string, value any) {
		inner, ok := value.(map[string]any)
		if !ok {
			written[path] = true
		}
		for name, v := range maps.All(inner) {
			walk(strings.TrimPrefix(path+"."+name, "."), v)
		}
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var doc any
		if err := json.Unmarshal(text, &doc); err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		walk("", doc)
	}
	return written
}

type matchRule struct {
	RuleID        string `json:"rule_id"`
	Type          string
	Enabled       bool
	Query         string
	Index         []string
	ThreatIndex   []string `json:"threat_index"`
	ThreatQuery   string   `json:"threat_query"`
	ThreatPath    string   `json:"threat_indicator_path"`
	ThreatMapping []struct {
		Entries []struct{ Field, Type, Value string }
	} `json:"threat_mapping"`
}

// TestKibanaRules: the rules look where we write, for fields that we write, and
// ask for documents as ours are.
func TestKibanaRules(t *testing.T) {
	types, written := mappedFields(t), writtenFields(t)
	named := regexp.MustCompile(`threat\.indicator\.[a-z0-9_.]*[a-z0-9]`)
	seen := map[string]bool{}
	for _, r := range readLines[matchRule](t, "rules.ndjson") {
		if r.Type != "threat_match" || r.Enabled || seen[r.RuleID] || r.ThreatPath != "threat.indicator" {
			t.Errorf("rule %q: type %s, enabled %t, path %s; want one threat_match of each id that is not enabled", r.RuleID, r.Type, r.Enabled, r.ThreatPath)
		}
		seen[r.RuleID] = true
		if !slices.Equal(r.ThreatIndex, []string{Defaults().Index}) {
			t.Errorf("%s looks into %v, want %s", r.RuleID, r.ThreatIndex, Defaults().Index)
		}
		if !slices.Contains(r.Index, "-logs-ti_*") {
			t.Errorf("%s takes indicators for events", r.RuleID)
		}
		for _, want := range []string{`@timestamp >= "now-30d/d"`, "event.module:ti_indicatord", "event.kind:enrichment"} {
			if !strings.Contains(r.ThreatQuery, want) {
				t.Errorf("%s: the threat query lacks %s", r.RuleID, want)
			}
		}
		// The host of a URL is in the same field, and says nothing of all else there.
		if r.RuleID == "indicatord-domain" && !strings.Contains(r.ThreatQuery, `threat.indicator.type:"domain-name"`) {
			t.Errorf("%s takes the hosts of URLs for domains", r.RuleID)
		}
		asked := named.FindAllString(r.ThreatQuery, -1)
		for _, m := range r.ThreatMapping {
			for _, e := range m.Entries {
				if types[e.Value] == "" || !written[e.Value] {
					t.Errorf("%s: %s is mapped as %q and written: %t", r.RuleID, e.Value, types[e.Value], written[e.Value])
				}
				if strings.HasSuffix(e.Field, ".ip") != (types[e.Value] == "ip") {
					t.Errorf("%s: %s is compared with %s of type %s", r.RuleID, e.Field, e.Value, types[e.Value])
				}
				if !strings.Contains(r.Query, e.Field+":*") || !slices.Contains(asked, e.Value) {
					t.Errorf("%s: the queries leave out %s or %s", r.RuleID, e.Field, e.Value)
				}
			}
		}
	}
	for _, want := range []string{"source-ip", "destination-ip", "domain", "url", "hash"} {
		if !seen["indicatord-"+want] {
			t.Errorf("there is no rule for %s", want)
		}
	}
}

// TestKibanaRulesHaveWhatAnImportAsksFor: Kibana refuses a rule without one of
// these.
func TestKibanaRulesHaveWhatAnImportAsksFor(t *testing.T) {
	for _, r := range readLines[map[string]any](t, "rules.ndjson") {
		for _, field := range []string{"rule_id", "name", "description", "risk_score", "severity", "type", "query", "threat_index", "threat_query", "threat_mapping"} {
			if value := r[field]; value == nil || value == "" {
				t.Errorf("%v lacks %s", r["rule_id"], field)
			}
		}
		if r["immutable"] == true {
			t.Errorf("%v says that it is one of Elastic's own", r["rule_id"])
		}
	}
}

type savedObject struct {
	ID, Type   string
	Attributes map[string]any
	References []struct{ ID, Name, Type string }
}

// TestKibanaDashboard: every object that is referred to is there, the data views
// are of what we write, and every field of a panel is mapped.
func TestKibanaDashboard(t *testing.T) {
	types := mappedFields(t)
	objects := map[string]savedObject{}
	all := readLines[savedObject](t, "dashboard.ndjson")
	titles := map[string]bool{}
	for _, o := range all {
		objects[o.Type+"/"+o.ID] = o
		if o.Type == "index-pattern" {
			titles[o.Attributes["title"].(string)] = true
		}
	}
	if !maps.Equal(titles, map[string]bool{Defaults().Index: true, DefaultHistory: true}) {
		t.Errorf("the data views are %v", titles)
	}
	for _, o := range all {
		for _, r := range o.References {
			if _, ok := objects[r.Type+"/"+r.ID]; !ok {
				t.Errorf("%s refers to %s %s, which is not there", o.ID, r.Type, r.ID)
			}
		}
		if o.Type == "visualization" {
			checkFields(t, o, types)
		}
	}
	board := objects["dashboard/indicatord"]
	var panels []struct{ PanelRefName string }
	if err := json.Unmarshal([]byte(board.Attributes["panelsJSON"].(string)), &panels); err != nil {
		t.Fatal(err)
	}
	if len(panels) != len(board.References) || len(panels) == 0 {
		t.Errorf("%d panels and %d references", len(panels), len(board.References))
	}
	for i, p := range panels {
		if p.PanelRefName != board.References[i].Name {
			t.Errorf("panel %d refers to %s, the reference is %s", i, p.PanelRefName, board.References[i].Name)
		}
	}
}

func checkFields(t *testing.T, o savedObject, types map[string]string) {
	t.Helper()
	var state struct {
		Aggs []struct{ Params struct{ Field string } }
	}
	if err := json.Unmarshal([]byte(o.Attributes["visState"].(string)), &state); err != nil {
		t.Fatalf("%s: %v", o.ID, err)
	}
	for _, a := range state.Aggs {
		if f := a.Params.Field; f != "" && types[f] != "keyword" && types[f] != "date" {
			t.Errorf("%s: %s is of type %q, by which nothing can be counted", o.ID, f, types[f])
		}
	}
}
