package sample

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/indicatord/indicatord/internal/indicator"
)

// readIndicators returns the indicators of the bundle by their pattern.
func readIndicators(t *testing.T) map[string]indicatorObject {
	t.Helper()
	objects, err := Objects()
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]indicatorObject{}
	for _, raw := range objects {
		var i indicatorObject
		if err := json.Unmarshal(raw, &i); err != nil {
			t.Fatal(err)
		}
		if i.Type == "indicator" {
			found[i.Pattern] = i
		}
	}
	return found
}

func TestBundleHoldsWhatTheREADMESays(t *testing.T) {
	objects, err := Objects()
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]int{}
	ids := map[string]bool{}
	for _, raw := range objects {
		var o common
		if err := json.Unmarshal(raw, &o); err != nil {
			t.Fatal(err)
		}
		if ids[o.ID] {
			t.Errorf("%s is there twice", o.ID)
		}
		ids[o.ID] = true
		got[o.Type]++
	}
	want := map[string]int{
		"marking-definition": 2, "identity": 1, "malware": 3, "intrusion-set": 1,
		"relationship": 430, "indicator": 431,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestEveryReferenceInTheBundleIsResolved(t *testing.T) {
	objects, err := Objects()
	if err != nil {
		t.Fatal(err)
	}
	ids := map[string]bool{}
	var references []string
	for _, raw := range objects {
		var o relationship
		if err := json.Unmarshal(raw, &o); err != nil {
			t.Fatal(err)
		}
		ids[o.ID] = true
		references = append(references, o.CreatedBy, o.Source, o.Target)
		references = append(references, o.Markings...)
	}
	for _, id := range references {
		if id != "" && !ids[id] {
			t.Errorf("%s is referred to but not there", id)
		}
	}
}

func TestEveryIndicatorIsComplete(t *testing.T) {
	for pattern, i := range readIndicators(t) {
		if i.Name == "" || i.Description == "" || i.Confidence == 0 || len(i.References) == 0 ||
			len(i.Markings) != 1 || len(i.Types) == 0 || i.CreatedBy == "" {
			t.Errorf("%s lacks something: %+v", pattern, i)
		}
		if i.ValidFrom >= i.ValidUntil || i.PatternType != "stix" {
			t.Errorf("%s: valid from %s until %s, pattern type %q", pattern, i.ValidFrom, i.ValidUntil, i.PatternType)
		}
	}
}

func TestConfidenceFollowsThePublishersWarnings(t *testing.T) {
	indicators := readIndicators(t)
	tests := []struct {
		name, pattern string
		confidence    int
		types, labels []string
	}{
		{"a hash", "[file:hashes.MD5 = 'f67b65b9346ee75a26f491b70bf6091b']", 90, []string{"malicious-activity"}, nil},
		{"a URL", "[url:value = 'http://pbank.co.ua/favicon.ico']", 85, []string{"malicious-activity"}, nil},
		{"an address", "[ipv4-addr:value = '185.128.40.90']", 75, []string{"malicious-activity"}, []string{`misp:type="ip-dst"`}},
		{"a Tor node", "[ipv4-addr:value = '195.16.88.6']", 30, []string{"malicious-activity", "anonymization"}, []string{`misp:type="ip-dst"`, "tor"}},
		{"an abused service", "[domain-name:value = 'api.telegram.org']", 15, []string{"anomalous-activity"}, []string{"legitimate-service"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			i, ok := indicators[test.pattern]
			if !ok {
				t.Fatalf("no indicator %s", test.pattern)
			}
			got := []any{i.Confidence, i.Types, i.Labels}
			if diff := cmp.Diff([]any{test.confidence, test.types, test.labels}, got); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

// checkCanonical fails where a value would not become a key as it is.
func checkCanonical(t *testing.T, kindName, value string) {
	t.Helper()
	kind, err := indicator.ParseKind(kindName)
	if err != nil {
		t.Fatal(err)
	}
	c, err := indicator.Canon(kind, value)
	if err != nil {
		t.Fatalf("%s %s: %v", kindName, value, err)
	}
	for key := range c.Keys() {
		if want := (indicator.Key{Kind: kind, Value: value}); key != want {
			t.Errorf("%v becomes %v", want, key)
		}
	}
}

func TestEveryValueOfTheBundleIsCanonical(t *testing.T) {
	checked := 0
	for pattern := range readIndicators(t) {
		for kind, path := range objectPaths {
			value, ok := strings.CutPrefix(pattern, "["+path+" = '")
			if value, exact := strings.CutSuffix(value, "']"); ok && exact && !strings.Contains(value, "'") {
				checkCanonical(t, kind, value)
				checked++
			}
		}
	}
	if checked != 429 {
		t.Errorf("checked %d values, want 429", checked)
	}
}

const head = "kind,value,campaign,published,reference,note\n"

func TestBuildGolden(t *testing.T) {
	table := head + `md5,02adca186a7236b65bb1b197af8d294c,GreyEnergy,2018-10-17,https://publisher.example/a,
url,http://x.example/it's,GreyEnergy,2018-10-17,https://publisher.example/a,
ip,195.16.88.6,Industroyer,2017-06-12,https://publisher.example/b,most were Tor nodes: false positives likely
domain,api.telegram.org,TeleBots,2016-12-13,https://publisher.example/c,legitimate server abused
`
	got, err := Build(strings.NewReader(table))
	if err != nil {
		t.Fatal(err)
	}
	golden := filepath.Join("testdata", "four-facts.json")
	if os.Getenv("UPDATE_GOLDEN") != "" {
		if err := os.WriteFile(golden, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("-want +got (UPDATE_GOLDEN=1 writes the file anew):\n%s", diff)
	}
}

func TestBuildRefuses(t *testing.T) {
	tests := []struct{ name, table, says string }{
		{"an empty file", "", "head of the table"},
		{"other columns", "kind,value\n", "want [kind value"},
		{"a short line", head + "ip,195.16.88.6\n", "wrong number of fields"},
		{"an unknown kind", head + "ssdeep,x,TeleBots,2016-12-13,https://p.example/,\n", `line 2: unknown kind "ssdeep"`},
		{"an unknown campaign", head + "ip,195.16.88.6,Other,2016-12-13,https://p.example/,\n", `unknown campaign "Other"`},
		{"an unknown note", head + "ip,195.16.88.6,TeleBots,2016-12-13,https://p.example/,maybe\n", `unknown note "maybe"`},
		{"a broken date", head + "ip,195.16.88.6,TeleBots,yesterday,https://p.example/,\n", "line 2"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if _, err := Build(strings.NewReader(test.table)); err == nil || !strings.Contains(err.Error(), test.says) {
				t.Errorf("got error %v, want %q", err, test.says)
			}
		})
	}
}

// TestBundleIsWhatBuildWrites needs the table of facts, which is not part of
// the project.
func TestBundleIsWhatBuildWrites(t *testing.T) {
	corpus := os.Getenv("INDICATORD_CORPUS")
	if corpus == "" {
		t.Skip("INDICATORD_CORPUS names no folder with power-sector/facts.csv")
	}
	table, err := os.Open(filepath.Join(corpus, "power-sector", "facts.csv"))
	if err != nil {
		t.Skip(err)
	}
	defer table.Close()
	built, err := Build(table)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(built, Bundle()) {
		t.Error("power-grid.json is not what Build writes: run generate.go")
	}
}
