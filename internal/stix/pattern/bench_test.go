package pattern

import (
	"fmt"
	"strings"
	"testing"
)

func benchmarkParseAndReduce(b *testing.B, text string) {
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		p, err := Parse(text, Options{})
		if err != nil {
			b.Fatal(err)
		}
		if r := p.Reduce(Reduction{}); len(r.Keys) == 0 {
			b.Fatal("no keys")
		}
	}
}

func BenchmarkAddress(b *testing.B) {
	benchmarkParseAndReduce(b, "[ipv4-addr:value = '45.9.1.2']")
}

func BenchmarkDestination(b *testing.B) {
	benchmarkParseAndReduce(b, "[network-traffic:dst_ref.type = 'ipv4-addr' AND network-traffic:dst_ref.value = '45.9.1.2']")
}

func BenchmarkHash(b *testing.B) {
	benchmarkParseAndReduce(b, "[file:hashes.'SHA-256' = '"+sha256A+"']")
}

// longest is as long as the longest pattern met in public feeds: 57 kB and 1,020
// terms.
func longest() string {
	terms := make([]string, 1020)
	for i := range terms {
		terms[i] = fmt.Sprintf("[domain-name:value = 'host-%05d.cdn.example.com']", i)
	}
	return strings.Join(terms, "  OR  ")
}

func BenchmarkLongest(b *testing.B) { benchmarkParseAndReduce(b, longest()) }

func BenchmarkMostTerms(b *testing.B) { benchmarkParseAndReduce(b, orOf(20_000)) }
