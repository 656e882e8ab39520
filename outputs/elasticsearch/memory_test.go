package elasticsearch

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"runtime"
	"testing"

	"github.com/indicatord/indicatord/internal/indicator"
	"github.com/indicatord/indicatord/outputs"
	"github.com/indicatord/indicatord/outputs/outputtest"
)

// A delivery takes as much memory as its requests, however many entries it has.
func TestMemoryDoesNotGrowWithTheDelivery(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("X-Elastic-Product", "Elasticsearch")
		if r.Method == http.MethodPost {
			answerAll(w, r)
			return
		}
		_, _ = fmt.Fprintf(w, `{"index": {"mappings": %s}}`, mappings)
	}))
	defer server.Close()
	s := Defaults()
	s.Addresses, s.BatchEntries = []string{server.URL}, 500
	o := openWith(t, s)
	deliver(t, o, adds())
	few, many := peakOf(t, o, 5_000), peakOf(t, o, 25_000)
	t.Logf("5,000 entries: %d KiB, 25,000 entries: %d KiB", few>>10, many>>10)
	if many > few+8<<20 {
		t.Errorf("25,000 entries take %d KiB, 5,000 take %d KiB", many>>10, few>>10)
	}
}

// peakOf delivers so many entries, made while they are asked for, and returns the
// most memory that was live meanwhile.
func peakOf(t *testing.T, o *output, n int) uint64 {
	t.Helper()
	peak, base := uint64(0), live()
	d := outputtest.NewDelivery(nil, nil)
	d.Changes = func(yield func(outputs.Change, error) bool) {
		for i := range n {
			if i%2_500 == 0 {
				peak = max(peak, live())
			}
			e := outputtest.NewEntry(indicator.Domain, fmt.Sprintf("h%d.grid-portal.net", i))
			if !yield(outputs.Change{Op: outputs.Add, Entry: e}, nil) {
				return
			}
		}
	}
	deliver(t, o, d)
	return peak - min(peak, base)
}

// live is the memory that is in use after a collection.
func live() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}
