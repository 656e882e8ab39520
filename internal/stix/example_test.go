package stix_test

import (
	"fmt"
	"strings"

	"github.com/indicatord/indicatord/internal/stix"
)

const bundle = `{"type": "bundle", "id": "bundle--1", "objects": [
  {"type": "identity", "spec_version": "2.1", "id": "identity--1", "name": "A hub", "modified": "2026-02-01T00:00:00.000Z"},
  {"type": "indicator", "spec_version": "2.1", "id": "indicator--1", "modified": "2026-02-01T00:00:00.000Z",
   "pattern": "[ipv4-addr:value = '45.9.1.2' OR ipv4-addr:value = '10.0.0.1']", "pattern_type": "stix",
   "valid_from": "2026-02-01T00:00:00Z", "confidence": 85}
]}`

func ExampleReadBundle() {
	for raw, err := range stix.ReadBundle(strings.NewReader(bundle), 1<<20) {
		if err != nil {
			fmt.Println(err)
			continue
		}
		h, err := stix.ReadHeader(raw)
		if err != nil {
			fmt.Println(err)
			continue
		}
		fmt.Println(h.Type, h.ID, h.Modified.Format("2006-01-02"))
	}
	// Output:
	// identity identity--1 2026-02-01
	// indicator indicator--1 2026-02-01
}

func ExampleDerive() {
	envelope, err := stix.SplitEnvelope([]byte(bundle))
	if err != nil {
		fmt.Println(err)
		return
	}
	d, err := stix.Derive(envelope.Objects[1], stix.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, a := range d.Assertions {
		fmt.Println(a.Key, "confidence", a.Assertion.Confidence, "TLP", a.Assertion.TLP)
	}
	for _, r := range d.Rejects {
		fmt.Println(r.Code, r.Value)
	}
	// Output:
	// ip 45.9.1.2 confidence 85 TLP red
	// reserved-address 10.0.0.1
}
