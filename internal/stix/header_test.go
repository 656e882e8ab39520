package stix

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestReadHeader(t *testing.T) {
	tests := []struct {
		name, raw string
		want      Header
	}{
		{"an indicator", string(indicatorJSON(t, nil)),
			Header{ID: "indicator--1", Type: "indicator", SpecVersion: "2.1", Modified: at(t, "2026-02-01T00:00:00Z")}},
		{"revoked", string(indicatorJSON(t, members{"revoked": true})),
			Header{ID: "indicator--1", Type: "indicator", SpecVersion: "2.1", Modified: at(t, "2026-02-01T00:00:00Z"), Revoked: true}},
		{"created where there is no modified", `{"id":"marking-definition--1","type":"marking-definition","created":"2017-01-20T00:00:00.000Z"}`,
			Header{ID: "marking-definition--1", Type: "marking-definition", Modified: at(t, "2017-01-20T00:00:00Z")}},
		{"neither", `{"id":"ipv4-addr--1","type":"ipv4-addr","value":"45.9.1.2"}`, Header{ID: "ipv4-addr--1", Type: "ipv4-addr"}},
		{"created after modified", `{"modified":"2026-02-01T00:00:00Z","id":"x--1","created":"2026-03-01T00:00:00Z"}`,
			Header{ID: "x--1", Modified: at(t, "2026-02-01T00:00:00Z")}},
		{
			"another zone",
			`{"id":"x--1","modified":"2026-02-01T08:00:00.5+08:00"}`,
			Header{ID: "x--1", Modified: at(t, "2026-02-01T00:00:00.5Z")},
		},
		{"only its own members", `{"a":{"id":"no","b":["}",{"type":"no"}]},"id":"x--1"}`, Header{ID: "x--1"}},
		{"quotes and backslashes", `{"a":"\\","b":"\"id\":\"no\"","c":"\\\"{","id":"x--1"}`, Header{ID: "x--1"}},
		{
			"escapes",
			`{"\u0069d":"x\u002d-1","modified":"2026-02-01T00:00:00\u005a"}`,
			Header{ID: "x--1", Modified: at(t, "2026-02-01T00:00:00Z")},
		},
		{"space", " \r\n{ \"id\" :\t\"x--1\" , \"revoked\" : true }\n", Header{ID: "x--1", Revoked: true}},
		{
			"what cannot be read",
			`{"id":"x--1","modified":"now","type":5,"revoked":"true","spec_version":null}`,
			Header{ID: "x--1"},
		},
		{"an hour of one digit", `{"id":"x--1","modified":"2026-02-01T0:00:00Z"}`, Header{ID: "x--1"}},
		{"a comma before the fraction", `{"id":"x--1","modified":"2026-02-01T00:00:00,5Z"}`, Header{ID: "x--1"}},
		{"broken behind the header", `{"id":"x--1","name":}`, Header{ID: "x--1"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := ReadHeader([]byte(tt.raw))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestVersionsAreInstants(t *testing.T) {
	short, _ := ReadHeader([]byte(`{"id":"x--1","modified":"2026-02-01T00:00:00.1Z"}`))
	long, _ := ReadHeader([]byte(`{"id":"x--1","modified":"2026-02-01T00:00:00.100Z"}`))
	if short != long || short.Modified.Location() != time.UTC {
		t.Errorf("got %v and %v, want the same", short, long)
	}
}
