package indicator

import (
	"fmt"
	"testing"
)

// benchmarkCanon takes the values in turn, so that no cache knows them.
func benchmarkCanon(b *testing.B, kind Kind, values []string) {
	b.ReportAllocs()
	n := 0
	for b.Loop() {
		if _, err := Canon(kind, values[n%len(values)]); err != nil {
			b.Fatal(err)
		}
		n++
	}
	b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "items/s")
}

func valuesOf(format func(i int) string) []string {
	values := make([]string, 4096)
	for i := range values {
		values[i] = format(i)
	}
	return values
}

func BenchmarkCanonAddress(b *testing.B) {
	b.Run("IPv4", func(b *testing.B) {
		benchmarkCanon(b, IP, valuesOf(func(i int) string { return fmt.Sprintf("45.%d.%d.17", i>>8, i&255) }))
	})
	b.Run("IPv6", func(b *testing.B) {
		benchmarkCanon(b, IP, valuesOf(func(i int) string { return fmt.Sprintf("2a00:1450:4001:%x::1b", i+1) }))
	})
	b.Run("prefix", func(b *testing.B) {
		benchmarkCanon(b, IP, valuesOf(func(i int) string { return fmt.Sprintf("45.%d.%d.0/24", i>>8, i&255) }))
	})
}

func BenchmarkCanonDomain(b *testing.B) {
	b.Run("plain", func(b *testing.B) {
		benchmarkCanon(b, Domain, valuesOf(func(i int) string { return fmt.Sprintf("update%d.cdn-mirror.example.com", i) }))
	})
	b.Run("upper case", func(b *testing.B) {
		benchmarkCanon(b, Domain, valuesOf(func(i int) string { return fmt.Sprintf("Update%d.Example.COM", i) }))
	})
	b.Run("internationalised", func(b *testing.B) {
		benchmarkCanon(b, Domain, valuesOf(func(i int) string { return fmt.Sprintf("bücher%d.公司.cn", i) }))
	})
}

func BenchmarkCanonURL(b *testing.B) {
	b.Run("canonical", func(b *testing.B) {
		benchmarkCanon(b, URL, valuesOf(func(i int) string { return fmt.Sprintf("http://www.example.com/gate/%d/panel.php?id=%d", i, i) }))
	})
	b.Run("to normalise", func(b *testing.B) {
		benchmarkCanon(b, URL, valuesOf(func(i int) string { return fmt.Sprintf("HTTP://www.Example.com:80/a/../%%7e%d?q=é", i) }))
	})
}

func BenchmarkCanonHash(b *testing.B) {
	benchmarkCanon(b, SHA256, valuesOf(func(i int) string { return fmt.Sprintf("%064x", i+1) }))
}

func BenchmarkRefang(b *testing.B) {
	for name, value := range map[string]string{"untouched": "update.example.com", "defanged": "hxxps://update[.]example[.]com/x"} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				Refang(value)
			}
		})
	}
}
