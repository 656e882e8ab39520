package gbt36643_test

import (
	"fmt"

	"github.com/indicatord/indicatord/internal/gbt36643"
	"github.com/indicatord/indicatord/internal/stix"
)

const records = `[
  {"id": "indicator-1", "timestamp": "2026-03-01 08:00:00", "type": "恶意软件", "置信度": "高", "observable": "observation-1"},
  {"id": "observation-1", "object": [{"relationship": "或", "value": [
    {"constraint": "等于", "object_type": "dns", "dns_type": "A", "record": " 5.149.248.77"},
    {"constraint": "包含", "object_type": "域名", "域名": "bad.example.com"}
  ]}]}
]`

func ExampleRead() {
	mapping, err := gbt36643.Shipped(gbt36643.FormatGBT36643)
	if err != nil {
		fmt.Println(err)
		return
	}
	reading, err := gbt36643.Read([]byte(records), mapping)
	if err != nil {
		fmt.Println(err)
		return
	}
	for i := range reading.Records {
		derived := reading.Records[i].Derive(stix.Options{})
		for _, a := range derived.Assertions {
			fmt.Println(a.Key, "confidence", a.Assertion.Confidence, "since", a.Assertion.ValidFrom)
		}
		for _, r := range derived.Rejects {
			fmt.Println(r.Code, r.Value)
		}
	}
	// Output:
	// ip 5.149.248.77 confidence 85 since 2026-03-01 00:00:00 +0000 UTC
	// other-constraint 包含
}
