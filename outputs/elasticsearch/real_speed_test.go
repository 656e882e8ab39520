//go:build real

package elasticsearch

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"os"
	"runtime"
	"slices"
	"strconv"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/indicatord/indicatord/internal/indicator"
	"github.com/indicatord/indicatord/outputs/elasticsearch/realtest"
	"github.com/indicatord/indicatord/outputs/outputtest"
)

// leastShare is how much of the speed of a plain loop of bulk requests the output
// has to reach at the least in any run of the tests, whatever else runs on the
// machine. The median of a longer comparison is to be 0.9; see docs/performance.md.
const leastShare = 0.6

// TestRealSpeed writes the same documents to the same node with the output and
// with a plain loop that has all requests ready before it begins. Each writes into
// an index of its own that is deleted afterwards, and they take turns in the order
// A B B A, so that neither always meets the warmer node.
// INDICATORD_ES_ROUNDS asks for more rounds than CI needs, and
// INDICATORD_ES_BATCH for as many documents in a request.
func TestRealSpeed(t *testing.T) {
	// The node counts what its collector has not looked at yet as memory in use, and
	// with the serial one refuses requests (429) that it has room for.
	n := &node{Node: realtest.Start(t, realtest.Options{Settings: []string{"indices.breaker.total.use_real_memory=false"}})}
	c := race{node: n, entries: numbered(outputtest.Entries(1, 30_000)), batch: number(t, "INDICATORD_ES_BATCH", Defaults().BatchEntries)}
	c.bodies = c.plainBodies(t)
	rounds := number(t, "INDICATORD_ES_ROUNDS", 2)
	c.round(t, false) // warms the node up
	var shares, ours, plain []float64
	for i := range rounds {
		share, output, loop := c.round(t, i%2 == 1)
		shares, ours, plain = append(shares, share), append(ours, output), append(plain, loop)
	}
	share := median(shares)
	t.Logf("median of %d rounds: the output %.0f documents/s, a plain loop %.0f, share %.2f (%.2f to %.2f)",
		rounds, median(ours), median(plain), share, slices.Min(shares), slices.Max(shares))
	if share < leastShare {
		t.Errorf("the output reaches %.2f of the speed of a plain loop, want at least %.2f", share, leastShare)
	}
}

// number reads a number from the environment.
func number(t *testing.T, name string, otherwise int) int {
	t.Helper()
	text := os.Getenv(name)
	if text == "" {
		return otherwise
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 {
		t.Fatalf("%s is %q: want a number above 0", name, text)
	}
	return n
}

func median(of []float64) float64 {
	sorted := slices.Sorted(slices.Values(of))
	middle := len(sorted) / 2
	if len(sorted)%2 == 1 {
		return sorted[middle]
	}
	return (sorted[middle-1] + sorted[middle]) / 2
}

// race is what both sides write, and where to.
type race struct {
	*node
	entries []indicator.Entry
	batch   int
	bodies  [][]byte
}

// round lets each side write twice, and returns the share of the output in the
// speed of the loop, and the speeds of both in documents a second.
func (c *race) round(t *testing.T, loopFirst bool) (share, ours, plain float64) {
	t.Helper()
	var took [2]time.Duration
	order := [4]int{0, 1, 1, 0}
	if loopFirst {
		order = [4]int{1, 0, 0, 1}
	}
	for _, side := range order {
		took[side] += c.timed(t, [2]func(*testing.T, *output){c.write, c.loop}[side])
	}
	written := float64(2 * len(c.entries))
	return took[1].Seconds() / took[0].Seconds(), written / took[0].Seconds(), written / took[1].Seconds()
}

// timed runs one side against an index that is there and empty, and deletes it.
func (c *race) timed(t *testing.T, side func(*testing.T, *output)) time.Duration {
	t.Helper()
	s := c.settings()
	s.BatchEntries = c.batch
	o := openWith(t, s)
	deliver(t, o, outputtest.NewView().Delivery())
	runtime.GC()
	start := time.Now()
	side(t, o)
	took := time.Since(start)
	c.Must(t, "DELETE", "/"+firstIndex(s.Index), nil)
	return took
}

func (c *race) write(t *testing.T, o *output) {
	t.Helper()
	deliver(t, o, outputtest.NewDelivery(nil, outputtest.Additions(c.entries)))
}

// loop sends what the output would send, over as many connections.
func (c *race) loop(t *testing.T, o *output) {
	t.Helper()
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: inFlight, DisableCompression: true}}
	defer client.CloseIdleConnections()
	address := c.URL + "/" + o.settings.Index + "/_bulk?require_alias=true&filter_path=items.*.status,items.*.error"
	var group errgroup.Group
	group.SetLimit(inFlight)
	for _, body := range c.bodies {
		group.Go(func() error { return post(client, address, body) })
	}
	if err := group.Wait(); err != nil {
		t.Fatal(err)
	}
}

func post(client *http.Client, address string, body []byte) error {
	res, err := client.Post(address, "application/x-ndjson", bytes.NewReader(body))
	if err != nil {
		return err
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		said, _ := io.ReadAll(res.Body)
		return fmt.Errorf("status %d: %s", res.StatusCode, said)
	}
	_, err = io.Copy(io.Discard, res.Body)
	return err
}

// plainBodies are the requests that the output makes, in its batches.
func (c *race) plainBodies(t *testing.T) [][]byte {
	t.Helper()
	o := openWith(t, c.settings())
	d := outputtest.NewDelivery(nil, nil)
	w := o.writer(&d)
	bodies, size, count := []*bytes.Buffer{{}}, 0, 0
	for _, change := range outputtest.Additions(c.entries) {
		item, err := w.item(&change)
		if err != nil {
			t.Fatal(err)
		}
		if size+item.size() > o.batchBytes || count == c.batch {
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
