package stix

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/indicatord/indicatord/internal/indicator"
	"github.com/indicatord/indicatord/internal/stix/pattern"
)

// members are the members of an object; nil takes one away.
type members map[string]any

// indicatorJSON returns a plain indicator with some members changed.
func indicatorJSON(t testing.TB, changed members) []byte {
	t.Helper()
	all := members{
		"type": "indicator", "spec_version": "2.1", "id": "indicator--1",
		"created": "2026-01-01T00:00:00.000Z", "modified": "2026-02-01T00:00:00.000Z",
		"pattern": "[ipv4-addr:value = '45.9.1.2']", "pattern_type": "stix",
		"valid_from": "2026-01-01T00:00:00Z",
	}
	maps.Copy(all, changed)
	maps.DeleteFunc(all, func(_ string, value any) bool { return value == nil })
	raw, err := json.Marshal(all)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

func mustDerive(t testing.TB, raw []byte, opts Options) Derived {
	t.Helper()
	d, err := Derive(raw, opts)
	if err != nil {
		t.Fatalf("%s\n%v", raw, err)
	}
	return d
}

func at(t testing.TB, stamp string) time.Time {
	t.Helper()
	instant, err := time.Parse(time.RFC3339Nano, stamp)
	if err != nil {
		t.Fatal(err)
	}
	return instant
}

// lines writes the keys and the reject codes of an object.
func (d *Derived) lines() []string {
	var lines []string
	for _, a := range d.Assertions {
		lines = append(lines, a.Key.String())
	}
	for _, r := range d.Rejects {
		lines = append(lines, "reject "+string(r.Code))
	}
	for _, name := range d.Leniencies.Names() {
		lines = append(lines, "lenient "+name)
	}
	for _, n := range d.Notes {
		lines = append(lines, "note "+n)
	}
	return lines
}

// snortDigest is the SHA-256 of "alert tcp".
const snortDigest = "4eb51c873077f0d3b68155861bd5574c726a5af746593af7860bd8c27552cb63"

func TestDerive(t *testing.T) {
	tests := []struct {
		name    string
		changed members
		want    []string
	}{
		{"a plain indicator", nil, []string{"ip 45.9.1.2"}},
		{
			"several keys",
			members{"pattern": "[domain-name:value = 'evil.org'] OR [url:value = 'http://evil.org/a']"},
			[]string{"domain evil.org", "url http://evil.org/a"},
		},
		{
			"keys and rejects",
			members{"pattern": "[domain-name:value = 'evil.org' OR file:name LIKE 'x%']"},
			[]string{"domain evil.org", "reject like"},
		},
		{
			"leniencies and notes",
			members{"pattern": "[file:hashes.md5 = '79054025255FB1A26E4BC422AEF54EB4' OR ipv4-addr:value = '45.9.1.0/24' OR domain-name:value = '45.9.1.3']"},
			[]string{"md5 79054025255fb1a26e4bc422aef54eb4", "ip 45.9.1.0/24", "ip 45.9.1.3", "lenient hash-key-case", "note cidr-equality", "note retyped"}},
		{"revoked", members{"revoked": true, "pattern": "nonsense"}, nil},
		{"of another type", members{"type": "malware", "pattern": 5}, nil},
		{"of no type", members{"type": nil}, []string{"reject missing-type"}},
		{"of a type that is no string", members{"type": 5}, []string{"reject wrong-type"}},
		{"no pattern", members{"pattern": nil}, []string{"reject missing-pattern"}},
		{"malformed pattern", members{"pattern": "[ipv4-addr:value = "}, []string{"reject syntax-error"}},
		{
			"pattern in another language",
			members{"pattern": "alert tcp", "pattern_type": "snort"},
			[]string{"rule snort:" + snortDigest, "reject not-stix-pattern"},
		},
		{
			"pattern in another language, of an indicator that never holds",
			members{"pattern": "alert tcp", "pattern_type": "snort", "valid_until": "2025-01-01T00:00:00Z"},
			[]string{"reject validity-reversed", "reject not-stix-pattern"},
		},
		{
			"pattern in a language without a name",
			members{"pattern": "alert tcp", "pattern_type": " "},
			[]string{"reject not-stix-pattern", "reject not-a-rule"},
		},
		{"no pattern in another language", members{"pattern": nil, "pattern_type": "snort"}, []string{"reject missing-pattern"}},
		{"no pattern_type", members{"pattern_type": nil}, []string{"ip 45.9.1.2"}},
		{"value that cannot be taken", members{"pattern": "[ipv4-addr:value = '10.0.0.1']"}, []string{"reject reserved-address"}},
		{"pattern that is no string", members{"pattern": 5}, []string{"reject wrong-type"}},
		{"name that is no string", members{"name": 5}, []string{"ip 45.9.1.2", "reject wrong-type"}},
		{"labels with a number", members{"labels": []any{"a", 5}}, []string{"ip 45.9.1.2", "reject wrong-type"}},
		{"revoked in words", members{"revoked": "true"}, []string{"reject wrong-type"}},
		{
			"null is absent",
			members{"name": json.RawMessage("null"), "valid_until": json.RawMessage("null"), "confidence": json.RawMessage("null")},
			[]string{"ip 45.9.1.2"},
		},
		{"unknown members", members{"x_custom": members{"a": []any{1}}}, []string{"ip 45.9.1.2"}},
		{
			"letter case counts",
			members{"pattern": nil, "Pattern": "[ipv4-addr:value = '45.9.1.2']"},
			[]string{"reject missing-pattern"},
		},
		{"bad start", members{"valid_from": "yesterday"}, []string{"reject bad-timestamp"}},
		{"bad end", members{"valid_until": "2026-13-01T00:00:00Z"}, []string{"reject bad-timestamp"}},
		{"bad version", members{"modified": 5}, []string{"reject bad-timestamp"}},
		{"end before start", members{"valid_until": "2025-01-01T00:00:00Z"}, []string{"reject validity-reversed"}},
		{"end at start", members{"valid_until": "2026-01-01T00:00:00.000Z"}, []string{"reject validity-reversed"}},
		{"confidence above 100", members{"confidence": 101}, []string{"ip 45.9.1.2", "reject bad-confidence"}},
		{"negative confidence", members{"confidence": -1}, []string{"ip 45.9.1.2", "reject bad-confidence"}},
		{"confidence in words", members{"confidence": "high"}, []string{"ip 45.9.1.2", "reject bad-confidence"}},
		{"broken confidence", members{"confidence": 50.5}, []string{"ip 45.9.1.2", "reject bad-confidence"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			d := mustDerive(t, indicatorJSON(t, tt.changed), Options{})
			if diff := cmp.Diff(tt.want, d.lines()); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestDeriveInvalidJSON(t *testing.T) {
	tests := []struct{ name, raw string }{
		{"a member twice", `{"type":"indicator","id":"indicator--1","name":"a","name":"b"}`},
		{"a member twice, deep inside", `{"type":"indicator","id":"indicator--1","x":[{"a":1,"a":2}]}`},
		{"not UTF-8", "{\"type\":\"indicator\",\"id\":\"indicator--1\",\"name\":\"\xff\"}"},
		{"cut off", `{"type":"indicator","id":"indicator--1","name":"a`},
		{"something after the end", `{"type":"indicator","id":"indicator--1"} x`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			d := mustDerive(t, []byte(tt.raw), Options{})
			if diff := cmp.Diff([]string{"reject invalid-json"}, d.lines()); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if d.Header.ID != "indicator--1" || d.Object.ID != "indicator--1" || d.Rejects[0].Detail == "" {
				t.Errorf("got %+v, want the id and a detail", d)
			}
		})
	}
}

func TestNotAnObjectWithID(t *testing.T) {
	for _, raw := range []string{"", "null", "5", `"indicator--1"`, "[]", "{}", "<html>", `{"id":5}`, `{"id":""}`, `{"id":null,"type":"indicator"}`, `{"name":"a`, `{"a" "b"}`} {
		if _, err := Derive([]byte(raw), Options{}); !errors.Is(err, ErrNoID) {
			t.Errorf("Derive of %s: got error %v, want ErrNoID", raw, err)
		}
		if _, err := ReadHeader([]byte(raw)); !errors.Is(err, ErrNoID) {
			t.Errorf("ReadHeader of %s: got error %v, want ErrNoID", raw, err)
		}
	}
}

func TestDeriveAssertion(t *testing.T) {
	d := mustDerive(t, indicatorJSON(t, members{
		"confidence": 85, "indicator_types": []string{"malicious-activity", "odd"},
		"valid_until":         "2027-01-01T00:00:00Z",
		"object_marking_refs": []string{"marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb"},
		"pattern":             "[network-traffic:dst_ref.value = '*.evil.org']",
	}), Options{})
	object := d.Object
	want := []KeyAssertion{{
		Key: indicator.Key{Kind: indicator.Domain, Value: "evil.org"},
		Assertion: indicator.Assertion{
			Version:   at(t, "2026-02-01T00:00:00Z"),
			ValidFrom: at(t, "2026-01-01T00:00:00Z"), ValidUntil: at(t, "2027-01-01T00:00:00Z"), End: indicator.EndHub,
			Confidence: 85, TLP: indicator.TLPGreen, Types: indicator.TypeMalicious | indicator.TypeOther,
			Direction: indicator.DirectionTo, Scope: indicator.ScopeSubdomains, Object: &object,
		},
	}}
	if diff := cmp.Diff(want, d.Assertions); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestAssertionsShareTheirObject(t *testing.T) {
	d := mustDerive(t, indicatorJSON(t, members{"pattern": "[domain-name:value IN ('a.org', 'b.org')]"}), Options{})
	if len(d.Assertions) != 2 || d.Assertions[0].Assertion.Object != d.Assertions[1].Assertion.Object {
		t.Errorf("got %+v, want two assertions with one object", d.Assertions)
	}
}

func TestDeriveText(t *testing.T) {
	d := mustDerive(t, indicatorJSON(t, members{
		"name": "C2", "description": "A server.", "created_by_ref": "identity--1", "labels": []string{"a"},
		"indicator_types":     []string{"anonymization"},
		"kill_chain_phases":   []members{{"kill_chain_name": "mitre", "phase_name": "c2"}},
		"external_references": []members{{"source_name": "ESET", "url": "https://e.org/", "external_id": "x-1"}},
		"object_marking_refs": []string{"marking-definition--m1"},
		"granular_markings":   []members{{"marking_ref": "marking-definition--m2", "selectors": []string{"pattern"}}, {"marking_ref": "marking-definition--m3", "selectors": []string{"name"}}},
		"pattern":             "[domain-name:value = 'a.org' OR domain-name:value LIKE 'b%']",
	}), Options{})
	want := indicator.Object{
		ID: "indicator--1", Type: "indicator", Name: "C2", Description: "A server.", CreatedBy: "identity--1",
		Labels: []string{"a"}, Types: []string{"anonymization"},
		Markings: []string{"marking-definition--m1", "marking-definition--m2"}, KillChain: []string{"mitre:c2"},
		References: []indicator.Reference{{Source: "ESET", URL: "https://e.org/", ExternalID: "x-1"}},
		Pattern:    "[domain-name:value = 'a.org' OR domain-name:value LIKE 'b%']", PatternType: "stix", Remainder: []string{"like"},
	}
	if diff := cmp.Diff(want, d.Object); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// A rule of every language of the vocabulary, and of any other, is carried
// whole, and nothing enforces it.
func TestRulesAreCarriedWhole(t *testing.T) {
	text := "first line\n\tsecond: [ipv4-addr:value = '45.9.1.2']\n"
	for _, language := range []string{"pcre", "sigma", "snort", "suricata", "yara", "spl", "tanium-signal", "STIX-Shifter"} {
		d := mustDerive(t, indicatorJSON(t, members{"pattern": text, "pattern_type": language, "confidence": 70}), Options{})
		if len(d.Assertions) != 1 {
			t.Fatalf("%s: got %v", language, d.lines())
		}
		key, a := d.Assertions[0].Key, d.Assertions[0].Assertion
		if key.Kind != indicator.Rule || indicator.RuleLanguage(key.Value) != strings.ToLower(language) || !key.Kind.Carried() {
			t.Errorf("%s: got the key %s", language, key)
		}
		if a.Object.Pattern != text || a.Object.PatternType != language || a.Exactness != indicator.Compound || a.Confidence != 70 {
			t.Errorf("%s: got %+v of %+v", language, a, a.Object)
		}
	}
}

// What is not by the letter goes with the assertions, so that it can be told
// when somebody asks about a value.
func TestObjectSaysWhatWasUnderstood(t *testing.T) {
	d := mustDerive(t, indicatorJSON(t, members{
		"pattern": "[file:hashes.md5 = '79054025255fb1a26e4bc422aef54eb4' OR ipv4-addr:value = '45.9.1.5/24']",
	}), Options{})
	want := []string{"hash-key-case", "cidr-equality", "host-bits"}
	if diff := cmp.Diff(want, d.Assertions[1].Assertion.Object.Notes); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestPatternIsKeptWhereKeysDoNotSayItAll(t *testing.T) {
	tests := []struct {
		name        string
		changed     members
		pattern, in string
	}{
		{"keys say it all", nil, "", ""},
		{"another language", members{"pattern": "rule x", "pattern_type": "yara"}, "rule x", "yara"},
		{"malformed", members{"pattern": "[x"}, "[x", "stix"},
		{"no key", members{"pattern": "[a:b > 1]"}, "[a:b > 1]", "stix"},
		{"bad validity", members{"valid_until": "2000-01-01T00:00:00Z"}, "[ipv4-addr:value = '45.9.1.2']", "stix"},
		{"widened", members{"pattern": "[ipv4-addr:value = '45.9.1.2:80']"}, "[ipv4-addr:value = '45.9.1.2:80']", "stix"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			opts := Options{Reduction: pattern.Reduction{Widen: pattern.ShapeAddressAndPort}}
			d := mustDerive(t, indicatorJSON(t, tt.changed), opts)
			if d.Object.Pattern != tt.pattern || d.Object.PatternType != tt.in {
				t.Errorf("got %q (%s), want %q (%s)", d.Object.Pattern, d.Object.PatternType, tt.pattern, tt.in)
			}
		})
	}
}

func TestConfidence(t *testing.T) {
	tests := []struct {
		confidence any
		want       indicator.Confidence
	}{
		{nil, indicator.Unstated}, {0, 0}, {100, 100}, {json.RawMessage("5e1"), 50}, {json.RawMessage("15.0"), 15}, {101, indicator.Unstated},
	}
	for _, tt := range tests {
		d := mustDerive(t, indicatorJSON(t, members{"confidence": tt.confidence}), Options{})
		if got := d.Assertions[0].Assertion.Confidence; got != tt.want {
			t.Errorf("%v: got %d, want %d", tt.confidence, got, tt.want)
		}
	}
}

func TestSTIX20(t *testing.T) {
	d := mustDerive(t, indicatorJSON(t, members{
		"spec_version": nil, "pattern_type": nil, "labels": []string{"malicious-activity", "apt"},
		"pattern": "[ipv4-addr:value = '45.9.1.2'] OR [file:hashes.ssdeep = 'x'] START '2026-06-01T00:00:00Z' STOP '2026-07-01T00:00:00Z'",
	}), Options{Pattern: pattern.Options{Refuse: pattern.AllLeniencies}})
	if diff := cmp.Diff([]string{"ip 45.9.1.2", "other file:hashes.SSDEEP=x", "note start-stop"}, d.lines()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if got := d.Assertions[0].Assertion.Types; got != indicator.TypeMalicious {
		t.Errorf("got types %b, want those of the labels that are indicator types", got)
	}
	if d.Header.SpecVersion != "" || len(d.Object.Labels) != 2 {
		t.Errorf("got %+v, want no version and every label", d.Object)
	}
}

// The strings of STIX 2.0 are no timestamps of STIX 2.1, unless the object says
// that its pattern is older than itself.
func TestVersionOfThePattern(t *testing.T) {
	text := "[ipv4-addr:value = '45.9.1.2'] START '2026-06-01T00:00:00Z' STOP '2026-07-01T00:00:00Z'"
	tests := []struct {
		name    string
		changed members
		want    string
	}{
		{"an object of STIX 2.1", nil, "reject syntax-error"},
		{"an object of STIX 2.0", members{"spec_version": nil}, "ip 45.9.1.2"},
		{"an object that says 2.0", members{"spec_version": "2.0"}, "ip 45.9.1.2"},
		{"a pattern that says 2.0", members{"pattern_version": "2.0"}, "ip 45.9.1.2"},
		{"a pattern that says 2.1", members{"pattern_version": "2.1"}, "reject syntax-error"},
	}
	for _, tt := range tests {
		tt.changed = maps.Clone(tt.changed)
		if tt.changed == nil {
			tt.changed = members{}
		}
		tt.changed["pattern"] = text
		d := mustDerive(t, indicatorJSON(t, tt.changed), Options{})
		if got := d.lines()[0]; got != tt.want {
			t.Errorf("%s: got %s, want %s", tt.name, got, tt.want)
		}
	}
}

func TestWindowOfThePattern(t *testing.T) {
	const window = "[ipv4-addr:value = '45.9.1.2'] START t'2026-03-01T00:00:00Z' STOP t'2026-06-01T00:00:00Z'"
	tests := []struct {
		name        string
		changed     members
		lifetime    time.Duration
		from, until string
		end         indicator.End
	}{
		{"the window bounds the indicator", nil, 0, "2026-03-01T00:00:00Z", "2026-06-01T00:00:00Z", indicator.EndHub},
		{
			"the indicator bounds the window",
			members{"valid_from": "2026-04-01T00:00:00Z", "valid_until": "2026-05-01T00:00:00Z"}, 0,
			"2026-04-01T00:00:00Z", "2026-05-01T00:00:00Z", indicator.EndHub,
		},
		{
			"a lifetime counts from the start of the window", nil, 24 * time.Hour,
			"2026-03-01T00:00:00Z", "2026-03-02T00:00:00Z", indicator.EndCeiling,
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			changed := members{"pattern": window}
			maps.Copy(changed, tt.changed)
			d := mustDerive(t, indicatorJSON(t, changed), Options{Lifetime: map[indicator.Kind]time.Duration{indicator.IP: tt.lifetime}})
			a := d.Assertions[0].Assertion
			if !a.ValidFrom.Equal(at(t, tt.from)) || !a.ValidUntil.Equal(at(t, tt.until)) || a.End != tt.end {
				t.Errorf("got %v to %v (%v)", a.ValidFrom, a.ValidUntil, a.End)
			}
		})
	}
	d := mustDerive(t, indicatorJSON(t, members{"pattern": window, "valid_until": "2026-02-01T00:00:00Z"}), Options{})
	if diff := cmp.Diff([]string{"reject start-stop", "note start-stop"}, d.lines()); diff != "" {
		t.Errorf("an indicator that ends before the window begins (-want +got):\n%s", diff)
	}
}

func TestDirection(t *testing.T) {
	tests := []struct {
		name, pattern string
		labels        []string
		want          indicator.Direction
	}{
		{"nothing said", "[ipv4-addr:value = '45.9.1.2']", []string{"x"}, indicator.DirectionUnknown},
		{"label to", "[ipv4-addr:value = '45.9.1.2']", []string{`misp:type="ip-dst"`}, indicator.DirectionTo},
		{"label from", "[ipv4-addr:value = '45.9.1.2']", []string{"misp:type=ip-src"}, indicator.DirectionFrom},
		{
			"labels of both",
			"[ipv4-addr:value = '45.9.1.2']",
			[]string{`misp:type="ip-dst"`, `misp:type="ip-src|port"`},
			indicator.DirectionBoth,
		},
		{"label of no direction", "[ipv4-addr:value = '45.9.1.2']", []string{`misp:type="domain"`}, indicator.DirectionUnknown},
		{
			"the pattern knows better",
			"[network-traffic:src_ref.value = '45.9.1.2']",
			[]string{`misp:type="ip-dst"`},
			indicator.DirectionFrom,
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			d := mustDerive(t, indicatorJSON(t, members{"pattern": tt.pattern, "labels": tt.labels}), Options{})
			if got := d.Assertions[0].Assertion.Direction; got != tt.want {
				t.Errorf("got %v, want %v", got, tt.want)
			}
		})
	}
}

func TestDirectionOfTheKillChain(t *testing.T) {
	phases := func(names ...string) []members {
		var all []members
		for _, name := range names {
			all = append(all, members{"kill_chain_name": "lockheed-martin-cyber-kill-chain", "phase_name": name})
		}
		return all
	}
	for _, c := range []struct {
		name   string
		phases []members
		labels []string
		want   indicator.Direction
	}{
		{"the site connects to what commands it", phases("command-and-control"), nil, indicator.DirectionTo},
		{"and to where it sends what it lost", phases("installation", "exfiltration"), nil, indicator.DirectionTo},
		{"what looks the site over connects to it", phases("reconnaissance"), nil, indicator.DirectionFrom},
		{"phases of both", phases("reconnaissance", "command-and-control"), nil, indicator.DirectionBoth},
		{"a phase of no direction", phases("delivery"), nil, indicator.DirectionUnknown},
		{"a label knows better", phases("command-and-control"), []string{"misp:type=ip-src"}, indicator.DirectionFrom},
	} {
		d := mustDerive(t, indicatorJSON(t, members{"kill_chain_phases": c.phases, "labels": c.labels}), Options{})
		if got := d.Assertions[0].Assertion.Direction; got != c.want {
			t.Errorf("%s: got %v, want %v", c.name, got, c.want)
		}
	}
}

func TestBareDomain(t *testing.T) {
	raw := indicatorJSON(t, members{"pattern": "[domain-name:value = 'evil.org' OR url:value = 'http://evil.org/']"})
	for _, scope := range []indicator.Scope{indicator.ScopeExact, indicator.ScopeSubdomains} {
		d := mustDerive(t, raw, Options{BareDomain: scope})
		if got := d.Assertions[0].Assertion.Scope; got != scope {
			t.Errorf("domain: got %v, want %v", got, scope)
		}
		if got := d.Assertions[1].Assertion.Scope; got != indicator.ScopeExact {
			t.Errorf("URL: got %v, want exact", got)
		}
	}
}

func TestLongValuesAreCutWhereTheyAreShown(t *testing.T) {
	long := strings.Repeat("ü", 5000)
	d := mustDerive(t, indicatorJSON(t, members{"pattern": fmt.Sprintf("[a:b LIKE '%s']", long)}), Options{})
	if got := len(d.Rejects[0].Value); got > 600 {
		t.Errorf("got %d bytes of the pattern", got)
	}
}

func TestEveryCodeIsDocumentedOnce(t *testing.T) {
	seen := map[indicator.Code]bool{}
	all := append(append(Codes(), pattern.Codes()...), indicator.Codes()...)
	for _, info := range all {
		if seen[info.Code] || !strings.HasSuffix(info.Meaning, ".") {
			t.Errorf("%s is there twice or has no sentence", info.Code)
		}
		seen[info.Code] = true
	}
}
