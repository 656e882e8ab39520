package stix

import (
	"fmt"
	"strings"
	"testing"
)

// A hub must not fill documents, events and terminals with one object.
func TestWordsAreBounded(t *testing.T) {
	long := strings.Repeat("ü", 1<<20)
	raw := fmt.Sprintf(`{"type":"indicator","id":"indicator--1","name":%q,"description":%q,"labels":["short",%q],
		"external_references":[{"source_name":%q,"url":%q,"external_id":%q}],
		"pattern":"[ipv4-addr:value = '45.9.1.2']","pattern_type":"stix","valid_from":"2026-01-01T00:00:00Z"}`,
		long, long, long, long, long, long)
	d, err := Derive([]byte(raw), Options{})
	if err != nil || len(d.Assertions) != 1 {
		t.Fatalf("%d assertions, %v", len(d.Assertions), err)
	}
	o := d.Object
	for what, got := range map[string]struct {
		text string
		most int
	}{
		"name": {o.Name, maxName}, "description": {o.Description, maxDescription}, "label": {o.Labels[1], maxName},
		"source": {o.References[0].Source, maxName}, "URL": {o.References[0].URL, maxURL}, "id": {o.References[0].ExternalID, maxName},
	} {
		if cut, ok := strings.CutSuffix(got.text, "…"); !ok || len(cut) > got.most || len(cut) < got.most-4 || strings.Trim(cut, "ü") != "" {
			t.Errorf("the %s has %d bytes, want it cut at %d between two characters", what, len(got.text), got.most)
		}
	}
	if o.Labels[0] != "short" {
		t.Errorf("the labels are %.40q", o.Labels)
	}
}
