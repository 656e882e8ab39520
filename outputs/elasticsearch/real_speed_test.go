//go:build real

package elasticsearch

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"testing"
	"time"

	"github.com/indicatord/indicatord/internal/indicator"
	"github.com/indicatord/indicatord/outputs/elasticsearch/realtest"
	"github.com/indicatord/indicatord/outputs/outputtest"
)

// leastShare is how much of the speed of a plain loop of bulk requests the output
// has to reach at the least. The two take turns, so that both meet the same
// machine; what else runs there is heard in the figures all the same.
const leastShare = 0.6

// TestRealSpeed writes the same documents to the same node with the output and
// with a plain loop that has all bytes ready before it begins.
func TestRealSpeed(t *testing.T) {
	n := &node{Node: realtest.Start(t, realtest.Options{})}
	entries := numbered(outputtest.Entries(1, 20_000))
	var ours, plain time.Duration
	for turn := range 4 {
		took, o := n.timeOutput(t, entries)
		alone := n.timePlain(t, o, entries)
		if turn > 0 { // the first warms the node up
			ours, plain = ours+took, plain+alone
		}
	}
	share := plain.Seconds() / ours.Seconds()
	written := float64(3 * len(entries))
	t.Logf("the output: %.0f documents a second, a plain loop: %.0f, share %.2f", written/ours.Seconds(), written/plain.Seconds(), share)
	if share < leastShare {
		t.Errorf("the output reaches %.2f of the speed of a plain loop, want at least %.2f", share, leastShare)
	}
}

func (n *node) timeOutput(t *testing.T, entries []indicator.Entry) (time.Duration, *output) {
	t.Helper()
	o := openWith(t, n.settings())
	deliver(t, o, outputtest.NewView().Delivery())
	d := outputtest.NewDelivery(nil, outputtest.Additions(entries))
	start := time.Now()
	deliver(t, o, d)
	return time.Since(start), o
}

// timePlain sends the bytes that the output would send to an index of the same
// kind.
func (n *node) timePlain(t *testing.T, o *output, entries []indicator.Entry) time.Duration {
	t.Helper()
	bodies := plainBodies(t, o, entries)
	to := openWith(t, n.settings())
	deliver(t, to, outputtest.NewView().Delivery())
	client := &http.Client{Transport: &http.Transport{}}
	defer client.CloseIdleConnections()
	start := time.Now()
	for _, body := range bodies {
		res, err := client.Post(n.URL+"/"+to.settings.Index+"/_bulk?filter_path=items.*._id,items.*.status,items.*.error", "application/x-ndjson", bytes.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.Copy(io.Discard, res.Body); err != nil || res.StatusCode != http.StatusOK {
			t.Fatalf("status %d, %v", res.StatusCode, err)
		}
		res.Body.Close()
	}
	return time.Since(start)
}

// plainBodies are the requests that the output makes, in its batches.
func plainBodies(t *testing.T, o *output, entries []indicator.Entry) [][]byte {
	t.Helper()
	d := outputtest.NewDelivery(nil, nil)
	w := o.writer(&d)
	bodies, size, count := []*bytes.Buffer{{}}, 0, 0
	for _, c := range outputtest.Additions(entries) {
		item, err := w.item(&c)
		if err != nil {
			t.Fatal(err)
		}
		if size+item.size() > o.batchBytes || count == o.settings.BatchEntries {
			bodies, size, count = append(bodies, &bytes.Buffer{}), 0, 0
		}
		size, count = size+item.size(), count+1
		fmt.Fprintf(bodies[len(bodies)-1], `{"index":{"_id":"%s","version":%d,"version_type":"external_gte"}}`+"\n%s\n", item.id, item.sequence, item.body)
	}
	texts := make([][]byte, len(bodies))
	for i, b := range bodies {
		texts[i] = b.Bytes()
	}
	return texts
}
