package elasticsearch

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"time"

	"github.com/indicatord/indicatord/outputs/outputtest"
)

// busiest is a cluster that counts how many bulk requests are under way at once.
type busiest struct {
	now, most atomic.Int64
}

// ServeHTTP keeps each request until another is there or it has waited in vain.
func (b *busiest) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("X-Elastic-Product", "Elasticsearch")
	if r.Method != http.MethodPost {
		_, _ = fmt.Fprintf(w, `{"index": {"mappings": %s}}`, mappings)
		return
	}
	n := b.now.Add(1)
	defer b.now.Add(-1)
	for most := b.most.Load(); n > most && !b.most.CompareAndSwap(most, n); most = b.most.Load() {
	}
	time.Sleep(5 * time.Millisecond) // long enough for one more, were it sent
	answerAll(w, r)
}

// The cluster always has a request to work on, and never a heap of them.
func TestRequestsInFlight(t *testing.T) {
	var cluster busiest
	server := httptest.NewServer(&cluster)
	defer server.Close()
	s := Defaults()
	s.Addresses, s.BatchEntries = []string{server.URL}, 10
	receipt := deliver(t, openWith(t, s), adds(outputtest.Entries(1, 300)...))
	if got := cluster.most.Load(); receipt.Written != 300 || got != inFlight {
		t.Errorf("%d written with %d requests at once, want 300 with %d", receipt.Written, got, inFlight)
	}
}
