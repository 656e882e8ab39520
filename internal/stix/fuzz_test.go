package stix

import (
	"bytes"
	"testing"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/indicatord/indicatord/internal/indicator"
)

// FuzzDerive takes anything without a panic. An indicator gives keys or reasons,
// and the quick reading of a header agrees with the thorough one.
func FuzzDerive(f *testing.F) {
	f.Add(indicatorJSON(f, nil))
	f.Add(indicatorJSON(f, members{"revoked": true, "confidence": 5.5, "labels": "x"}))
	f.Add(indicatorJSON(f, members{"granular_markings": []members{{"marking_ref": tlp2Amber, "selectors": []string{"pattern"}}}}))
	f.Add([]byte(`{"id":"x--1","type":"\u0069ndicator","modified":"2026-02-01T08:00:00.5+08:00","valid_until":null}`))
	f.Add([]byte(`{"id":"x--1","id":"x--2"} x`))
	f.Add(indicatorJSON(f, members{"pattern": "rule x { condition: true }", "pattern_type": "yara"}))
	f.Add(indicatorJSON(f, members{"pattern": "[a:b = 'x'] START '2026-01-01T00:00:00Z' STOP '2027-01-01T00:00:00Z'", "spec_version": nil}))
	f.Add(indicatorJSON(f, members{"valid_until": "0001-01-01T00:00:00Z", "pattern": "[ipv4-addr:value ISSUBSET '45.9.0.0/16']"}))
	f.Fuzz(func(t *testing.T, raw []byte) {
		h, headerErr := ReadHeader(raw)
		d, err := Derive(raw, Options{Lifetime: map[indicator.Kind]time.Duration{indicator.IP: time.Hour}})
		if err != nil {
			return
		}
		if d.Header.Type == typeIndicator && !d.Header.Revoked && len(d.Assertions)+len(d.Rejects) == 0 {
			t.Fatalf("%q gives neither keys nor reasons", raw)
		}
		if jsontext.Value(raw).IsValid() && (headerErr != nil || h != d.Header) {
			t.Fatalf("%q has the headers %+v (%v) and %+v", raw, h, headerErr, d.Header)
		}
	})
}

// FuzzSplitEnvelope takes anything without a panic. What it cuts out are JSON
// values, and reading the same as a stream gives the same.
func FuzzSplitEnvelope(f *testing.F) {
	f.Add([]byte(`{"more":true,"next":"p2","objects":[{"id":"a"},null,[5]]}`))
	f.Add([]byte(`{"type":"bundle","objects":[{"a":1,"a":2}]}`))
	for _, tt := range notEnvelopes {
		f.Add([]byte(tt.data))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		envelope, err := SplitEnvelope(data)
		var streamed [][]byte
		var streamErr error
		for object, err := range ReadBundle(bytes.NewReader(data), 0) {
			streamed, streamErr = append(streamed, object), err
		}
		if (err == nil) != (streamErr == nil) {
			t.Fatalf("%q: at once %v, as a stream %v", data, err, streamErr)
		}
		if err != nil {
			return
		}
		if len(streamed) != len(envelope.Objects) {
			t.Fatalf("%q: at once %d objects, as a stream %d", data, len(envelope.Objects), len(streamed))
		}
		for i, object := range envelope.Objects {
			tolerant := json.JoinOptions(jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))
			if !bytes.Equal(object, streamed[i]) || !jsontext.Value(object).IsValid(tolerant) {
				t.Fatalf("%q: object %d is %q at once and %q as a stream", data, i, object, streamed[i])
			}
		}
	})
}
