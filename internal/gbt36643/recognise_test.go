package gbt36643

import "testing"

func TestRecognise(t *testing.T) {
	for _, tt := range []struct{ name, start, want string }{
		{"a bundle", `{"type": "bundle", "id": "bundle--1", "objects": [`, FormatSTIX},
		{"a bundle that begins with its id", `{"id": "bundle--1", "type": "bundle"`, FormatSTIX},
		{"an envelope", `{"more": false, "objects": [{"id": "indicator-1"`, FormatSTIX},
		{"objects first", `{"objects": [{"id": "indicator-1"`, FormatSTIX},
		{"a STIX object", `{"id": "indicator--1"}`, FormatSTIX},
		{"a list of STIX objects", `[{"id": "indicator--1"}]`, FormatSTIX},
		{"lists of records", `{"indicators": [`, FormatGBT36643},
		{"lists in Chinese", `{"version": "1.0", "攻击指标": [`, FormatGBT36643},
		{"a list of records", `[{"title": "x", "id": "indicator-1"`, FormatGBT36643},
		{"a record", "\ufeff" + `{"id": "observation-1"`, FormatGBT36643},
		{"a broken record", `{"id": "observation-1", "title:"x`, FormatGBT36643},
		{"a record that tells by a key", `{"composite_indicator_expression": []}`, FormatGBT36643},
		{"records deep inside", `{"data": {"list": [{"id": "indicator-1"}]}}`, FormatGBT36643},
		{"an answer", `{"data": {"1.2.3.4": {"severity": "high", "judgments": [`, FormatThreatBook},
		{"an answer by its code", `{"response_code": 0, "data"`, FormatThreatBook},
		{"an empty object", `{}`, ""},
		{"another format", `{"Event": {"info": "x"}}`, ""},
		{"HTML", `<html>`, ""},
		{"nothing", ``, ""},
	} {
		if got := Recognise([]byte(tt.start)); got != tt.want {
			t.Errorf("%s is recognised as %q, want %q", tt.name, got, tt.want)
		}
	}
}
