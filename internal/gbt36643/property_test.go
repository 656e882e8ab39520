package gbt36643

import (
	"encoding/json"
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/indicatord/indicatord/internal/indicator"
	"github.com/indicatord/indicatord/internal/stix"
)

type members = map[string]any

// drawValue draws a typed value of an observable, some of them wrong. The site
// that it draws is its own, so that values can be counted.
func drawValue(t *rapid.T, site string) any {
	if rapid.IntRange(0, 19).Draw(t, "odd") == 0 {
		return rapid.SampledFrom([]any{nil, 17, "text", []any{}, members{}}).Draw(t, "odd value")
	}
	return members{
		"constraint":  rapid.SampledFrom([]any{"equal", "equal", "等于", " Equal ", "contain", "fuzzy", nil}).Draw(t, "constraint"),
		"object_type": rapid.SampledFrom([]any{"domain", "域名", "DOMAIN", "dns", "pipe", nil}).Draw(t, "object type"),
		rapid.SampledFrom([]string{"name", "record", "ttl"}).Draw(t, "key"): site,
	}
}

// drawIndicator draws an indicator with its observable.
func drawIndicator(t *rapid.T, number int) (record, observable members) {
	groups := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) any {
		return members{
			"relationship": rapid.SampledFrom([]any{"or", "或", "OR ", "and", "xor", nil}).Draw(t, "relationship"),
			"value": rapid.SliceOfN(rapid.Custom(func(t *rapid.T) any {
				return drawValue(t, fmt.Sprintf("site%d.example.com", rapid.IntRange(0, 9).Draw(t, "site")))
			}), 0, 3).Draw(t, "values"),
		}
	}), 0, 2).Draw(t, "groups")
	id := fmt.Sprintf("observation-%d", number)
	record = members{
		"id":         fmt.Sprintf("indicator-%d", number),
		"timestamp":  rapid.SampledFrom([]any{"2026-01-01 00:00:00", "soon", nil, 5}).Draw(t, "timestamp"),
		"type":       rapid.SampledFrom([]any{"malware", "白名单", "novel", nil, members{}}).Draw(t, "type"),
		"observable": rapid.SampledFrom([]any{id, id, " " + id, "observation-none", nil}).Draw(t, "observable"),
		"composite_indicator_expression": rapid.SampledFrom([]any{
			nil, "x", []any{members{"type": "md5", "value": "5f4dcc3b5aa765d61d8327deb882cf99"}}, []any{members{"type": "sha999", "value": "x"}},
		}).Draw(t, "composite"),
		"revoked": rapid.SampledFrom([]any{nil, nil, nil, false, "是", "maybe"}).Draw(t, "revoked"),
	}
	return record, members{"id": id, "object": groups}
}

func drawRecords(t *rapid.T) []members {
	var records []members
	for number := range rapid.IntRange(1, 5).Draw(t, "indicators") {
		record, observable := drawIndicator(t, number)
		records = append(records, record, observable)
	}
	return records
}

func readDrawn(t *rapid.T, m *Mapping, records []members) map[string]stix.Derived {
	file, err := json.Marshal(records)
	if err != nil {
		t.Fatal(err)
	}
	reading, err := Read(file, m)
	if err != nil {
		t.Fatalf("%s\n%v", file, err)
	}
	if len(reading.Records) != len(records) {
		t.Fatalf("%s\ngives %d records, want %d", file, len(reading.Records), len(records))
	}
	derived := map[string]stix.Derived{}
	for i := range reading.Records {
		derived[reading.Records[i].ID] = reading.Records[i].Derive(stix.Options{})
	}
	return derived
}

func mappings(t testing.TB) []*Mapping {
	t.Helper()
	var all []*Mapping
	for _, table := range []string{"mode: loose", "mode: strict", "format: threatbook"} {
		m, err := ParseMapping([]byte(table))
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, m)
	}
	return all
}

// TestNothingIsLost: every indicator gives values or rejects, or is revoked.
func TestNothingIsLost(t *testing.T) {
	all := mappings(t)[:2]
	rapid.Check(t, func(t *rapid.T) {
		m := rapid.SampledFrom(all).Draw(t, "mapping")
		for id, d := range readDrawn(t, m, drawRecords(t)) {
			if d.Header.Type == "indicator" && !d.Header.Revoked && len(d.Assertions)+len(d.Rejects) == 0 {
				t.Fatalf("%s gives neither a value nor a reject", id)
			}
		}
	})
}

// TestOrderOfRecordsMeansNothing: an indicator may come before what it names.
func TestOrderOfRecordsMeansNothing(t *testing.T) {
	m := mappings(t)[0]
	rapid.Check(t, func(t *rapid.T) {
		records := drawRecords(t)
		shuffled := rapid.Permutation(records).Draw(t, "order")
		if diff := cmp.Diff(readDrawn(t, m, records), readDrawn(t, m, shuffled)); diff != "" {
			t.Fatalf("(-in order +shuffled):\n%s", diff)
		}
	})
}

// TestOnlyOrAndEqualReduce checks each value of an observable against a plain
// reading of the rule: it is a value of the indicator exactly where every group
// says "or", and it says "equal" and a type that has its key.
func TestOnlyOrAndEqualReduce(t *testing.T) {
	m := mappings(t)[0]
	rapid.Check(t, func(t *rapid.T) {
		record, observable := drawIndicator(t, 1)
		record = members{"id": record["id"], "observable": observable["id"]}
		d := readDrawn(t, m, []members{record, observable})["indicator-1"]
		var got []string
		for _, a := range d.Assertions {
			got = append(got, a.Key.Value)
		}
		slices.Sort(got)
		if diff := cmp.Diff(plainReading(observable), got); diff != "" {
			t.Fatalf("%v (-want +got):\n%s", observable, diff)
		}
	})
}

// plainReading returns the sites that the rule lets through, sorted, each once.
func plainReading(observable members) []string {
	var sites []string
	groups := observable["object"].([]any)
	for _, group := range groups {
		relationship, values := group.(members)["relationship"], group.(members)["value"].([]any)
		alone := relationship == nil && len(groups) == 1 && len(values) == 1
		if !alone && !slices.Contains([]any{"or", "或", "OR "}, relationship) {
			return nil
		}
		for _, value := range values {
			sites = append(sites, plainSite(value)...)
		}
	}
	slices.Sort(sites)
	return slices.Compact(sites)
}

func plainSite(value any) []string {
	v, _ := value.(members)
	if !slices.Contains([]any{"equal", "等于", " Equal "}, v["constraint"]) {
		return nil
	}
	key := map[any]string{"domain": "name", "域名": "name", "DOMAIN": "name", "dns": "record"}[v["object_type"]]
	if site, ok := v[key].(string); ok {
		return []string{site}
	}
	return nil
}

// TestAnyTextIsAValueOrAReject: no text breaks out of the pattern that it is
// written into.
func TestAnyTextIsAValueOrAReject(t *testing.T) {
	m := mappings(t)[0]
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.OneOf(rapid.String(), rapid.StringMatching(`[a'\\\[\] =OR./:]{0,20}`)).Draw(t, "text")
		word := rapid.SampledFrom([]string{"domain", "url", "email", "ip", "md5"}).Draw(t, "type")
		file, err := json.Marshal(members{"id": "indicator-1", "composite_indicator_expression": []any{members{"type": word, "value": text}}})
		if err != nil {
			t.Fatal(err)
		}
		reading, err := Read(file, m)
		if err != nil {
			t.Fatal(err)
		}
		d := reading.Records[0].Derive(stix.Options{})
		if len(d.Assertions)+len(d.Rejects) != 1 && word != "ip" { // a range is several prefixes
			t.Fatalf("%q gives %d values and the rejects %v", text, len(d.Assertions), d.Rejects)
		}
		for _, r := range d.Rejects {
			if r.Code == "syntax-error" {
				t.Fatalf("%q breaks the pattern: %v", text, r)
			}
		}
		for _, a := range d.Assertions {
			if again, err := indicator.Canon(a.Key.Kind, a.Key.Value); err != nil || again.Key != a.Key {
				t.Fatalf("%q gives %v, which is not canonical", text, a.Key)
			}
		}
	})
}
