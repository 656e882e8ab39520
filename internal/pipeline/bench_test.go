package pipeline_test

import (
	"encoding/json"
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/indicatord/indicatord/internal/indicator"
	"github.com/indicatord/indicatord/internal/pipeline"
	"github.com/indicatord/indicatord/internal/plugin"
	"github.com/indicatord/indicatord/internal/policy"
	"github.com/indicatord/indicatord/internal/policy/guard"
	"github.com/indicatord/indicatord/internal/store"
	"github.com/indicatord/indicatord/outputs"
	"github.com/indicatord/indicatord/outputs/addresslist"
)

// BenchmarkList brings 600,000 addresses from the store to a file that is not
// there: read, judged, sorted, compared with the ledger, written and synced.
func BenchmarkList(b *testing.B) { benchmarkList(b, nil) }

// BenchmarkGuardedList is the same past 100,000 protected prefixes, none of which
// is in the way: what the guard may cost is a tenth.
func BenchmarkGuardedList(b *testing.B) {
	rules := make([]guard.Rule, 100_000)
	for i := range rules {
		n := uint32(i+addresses) * 2654435761 // where the next addresses of the list would be
		value := netip.AddrFrom4([4]byte{byte(n >> 24), byte(n >> 16), byte(n >> 8), byte(n)}).String()
		rules[i].Key = indicator.Key{Kind: indicator.IP, Value: value}
		rules[i].List = &guard.List{Name: "bench"}
	}
	benchmarkList(b, guard.Compile(slices.Values(rules), guard.Options{}))
}

const addresses = 600_000

func benchmarkList(b *testing.B, protected *guard.Set) {
	b.Helper()
	s := filledStore(b, addresses)
	path := filepath.Join(b.TempDir(), "list.txt")
	for b.Loop() {
		_ = os.Remove(path)
		d := pipeline.Deliverer{
			Name: "list", Output: openList(b, path), Store: s, Now: time.Now,
			Policy: policy.Policy{Connectors: []string{"hub"}, Enforcing: true, Guard: protected, Select: policy.Select{Kinds: []indicator.Kind{indicator.IP}}},
		}
		counts, err := d.Deliver(b.Context())
		if err != nil || counts.Held != addresses {
			b.Fatalf("delivered %+v, %v", counts, err)
		}
	}
}

func openList(tb testing.TB, path string) outputs.Output {
	tb.Helper()
	settings := addresslist.Spec().Settings()
	settings.(*addresslist.Settings).Path = path
	output, err := settings.Open(plugin.Env{Name: "list"})
	if err != nil {
		tb.Fatal(err)
	}
	return output
}

func filledStore(tb testing.TB, addresses int) *store.Store {
	tb.Helper()
	s, err := store.Open(tb.Context(), tb.TempDir())
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = s.Close() })
	const atOnce = 10_000
	for first := 0; first < addresses; first += atOnce {
		batch := store.Batch{Source: "hub", Derivation: "bench", Packer: store.NewPacker(), Now: time.Now()}
		for i := first; i < first+atOnce; i++ {
			batch.Objects = append(batch.Objects, address(batch.Packer, i))
		}
		if _, err := s.Apply(tb.Context(), batch); err != nil {
			tb.Fatal(err)
		}
	}
	return s
}

// address is an object that asserts one address; neighbours in number are far
// apart in value.
func address(p *store.Packer, i int) store.Object {
	n := uint32(i) * 2654435761
	value := netip.AddrFrom4([4]byte{byte(n >> 24), byte(n >> 16), byte(n >> 8), byte(n)}).String()
	id := fmt.Sprintf("indicator--%08d-0000-4000-8000-000000000000", i)
	text, _ := json.Marshal(indicator.Object{ID: id, Name: "Address " + value})
	made := time.Unix(1_700_000_000, 0)
	return store.Object{
		ID: id, Type: "indicator", Version: made, Place: p.Add(text), Text: text,
		Assertions: []store.Assertion{{
			Key:       indicator.Key{Kind: indicator.IP, Value: value},
			Assertion: indicator.Assertion{Version: made, ValidFrom: made, ValidUntil: time.Now().AddDate(1, 0, 0), Confidence: 75},
		}},
	}
}
