package gbt36643

import (
	"bytes"
	"fmt"
	"testing"

	"github.com/indicatord/indicatord/internal/stix"
)

// recordsOf writes a file of that many indicators, each with its observable, all
// on one line.
func recordsOf(count int) []byte {
	var b bytes.Buffer
	b.WriteByte('[')
	for i := range count {
		fmt.Fprintf(&b, `{"id":"indicator-%032x","timestamp":"2016-12-09T08:58:33Z","version":"1.0","title":"a sample","type":"malware",`+
			`"valid_from":"2016-12-09T08:58:33Z","valid_to":"2036-12-09T08:58:33Z","observable":"observation-%032x"},`, i, i)
		fmt.Fprintf(&b, `{"id":"observation-%032x","timestamp":"2016-12-09T08:58:33Z","object":[{"relationship":"or","value":[`+
			`{"constraint":"equal","object_type":"dns","record":"5.%d.%d.%d","dns_type":"A"}]}]},`, i, i>>16&0xff, i>>8&0xff, i&0xff)
	}
	b.Truncate(b.Len() - 1)
	b.WriteByte(']')
	return b.Bytes()
}

func BenchmarkRead(b *testing.B) {
	const indicators = 10_000
	file := recordsOf(indicators)
	m, err := Shipped(FormatGBT36643)
	if err != nil {
		b.Fatal(err)
	}
	b.SetBytes(int64(len(file)))
	b.ReportAllocs()
	for b.Loop() {
		reading, err := Read(file, m)
		if err != nil {
			b.Fatal(err)
		}
		for i := range reading.Records {
			reading.Records[i].Derive(stix.Options{})
		}
	}
	b.ReportMetric(float64(b.N)*indicators/b.Elapsed().Seconds(), "indicators/s")
}
