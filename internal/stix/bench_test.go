package stix

import (
	"io"
	"strings"
	"testing"
)

// typical is an indicator as hubs send them by the hundred thousand, about 700
// bytes.
const typical = `{"type":"indicator","spec_version":"2.1","id":"indicator--34655650-3d18-47b5-bb6c-b9bdb7b26203",` +
	`"created":"2026-07-28T12:14:36.194951Z","modified":"2026-07-28T12:14:36.194951Z",` +
	`"created_by_ref":"identity--34655650-3d18-47b5-bb6c-b9bdb7b26209","indicator_types":["malicious-activity"],` +
	`"name":"Command and control server","description":"Seen as a command and control server.",` +
	`"pattern":"[ipv4-addr:value = '45.9.1.2']","pattern_type":"stix","pattern_version":"2.1",` +
	`"valid_from":"2026-07-28T12:14:36.194951Z","valid_until":"2027-07-28T12:14:36.194951Z","confidence":85,` +
	`"object_marking_refs":["marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb"],` +
	`"external_references":[{"source_name":"x","url":"https://example.com/x"}]}`

func benchmark(b *testing.B, data []byte, objects int, run func() error) {
	b.SetBytes(int64(len(data)))
	b.ReportAllocs()
	for b.Loop() {
		if err := run(); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(objects*b.N)/b.Elapsed().Seconds(), "objects/s")
}

func BenchmarkReadHeader(b *testing.B) {
	raw := []byte(typical)
	benchmark(b, raw, 1, func() error { _, err := ReadHeader(raw); return err })
}

func BenchmarkDerive(b *testing.B) {
	raw := []byte(typical)
	benchmark(b, raw, 1, func() error { _, err := Derive(raw, Options{}); return err })
}

// page is an envelope of 1,000 objects.
func page() []byte {
	return []byte(`{"more":true,"next":"x","objects":[` + strings.Repeat(typical+",", 999) + typical + `]}`)
}

func BenchmarkSplitEnvelope(b *testing.B) {
	data := page()
	benchmark(b, data, 1000, func() error { _, err := SplitEnvelope(data); return err })
}

func BenchmarkReadBundle(b *testing.B) {
	data := string(page())
	benchmark(b, []byte(data), 1000, func() error {
		for _, err := range ReadBundle(io.Reader(strings.NewReader(data)), 1<<20) {
			if err != nil {
				return err
			}
		}
		return nil
	})
}
