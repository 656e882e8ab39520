package guard_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/indicatord/indicatord/internal/indicator"
	"github.com/indicatord/indicatord/internal/policy/guard"
)

// protectedPrefixes are spread over the space of addresses.
func protectedPrefixes(n int) []guard.Rule {
	made := make([]guard.Rule, n)
	for i := range made {
		made[i].Key = key(indicator.IP, fmt.Sprintf("%d.%d.%d.%d", 16+i%200, i/200%256, i/51200, 1+i%7))
	}
	return made
}

// BenchmarkCheckAddresses checks a list of 600,000 addresses in order, as a full
// render does, against 100,000 protected ones.
func BenchmarkCheckAddresses(b *testing.B) {
	set := guard.Compile(slices.Values(protectedPrefixes(100_000)), guard.Options{})
	listed := make([]indicator.Key, 600_000)
	for i := range listed {
		listed[i] = key(indicator.IP, fmt.Sprintf("%d.%d.%d.%d", 16+i/3000, i/12%250, 100+i%12*10, 33))
	}
	b.ReportAllocs()
	n := 0
	for b.Loop() {
		if found := set.Check(listed[n%len(listed)], indicator.ScopeExact); found.Verdict != guard.Clear {
			b.Fatal(outcome(found))
		}
		n++
	}
}

func BenchmarkCheckDomains(b *testing.B) {
	var made []guard.Rule
	for i := range 100_000 {
		made = append(made, guard.Rule{Key: key(indicator.Domain, fmt.Sprintf("host%d.example%d.org", i%10, i/10))})
	}
	set := guard.Compile(slices.Values(made), guard.Options{})
	listed := make([]indicator.Key, 4096)
	for i := range listed {
		listed[i] = key(indicator.Domain, fmt.Sprintf("update%d.cdn-mirror.example.com", i))
	}
	b.ReportAllocs()
	n := 0
	for b.Loop() {
		if found := set.Check(listed[n%len(listed)], indicator.ScopeSubdomains); found.Verdict != guard.Clear {
			b.Fatal(outcome(found))
		}
		n++
	}
}

func BenchmarkCompile(b *testing.B) {
	made := protectedPrefixes(100_000)
	b.ReportAllocs()
	for b.Loop() {
		guard.Compile(slices.Values(made), guard.Options{})
	}
}

// TestCheckAllocatesNothingForWhatIsClear leaves out domains: the list of public
// suffixes allocates.
func TestCheckAllocatesNothingForWhatIsClear(t *testing.T) {
	set := compile(t, "8.8.8.8", "qq.com", "d41d8cd98f00b204e9800998ecf8427e")
	for _, k := range []indicator.Key{
		key(indicator.IP, "45.7.1.9"), key(indicator.IP, "45.7.0.0/16"), key(indicator.IP, "2a00:1450::1"),
		key(indicator.URL, "https://evil.example/gate"), key(indicator.MD5, "0123456789abcdef0123456789abcdef"),
	} {
		if n := testing.AllocsPerRun(100, func() { set.Check(k, indicator.ScopeExact) }); n != 0 {
			t.Errorf("%s costs %v allocations", k, n)
		}
	}
}
