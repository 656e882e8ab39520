//go:build real

package elasticsearch

import (
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/indicatord/indicatord/internal/plugin"
	"github.com/indicatord/indicatord/outputs"
	"github.com/indicatord/indicatord/outputs/elasticsearch/realtest"
	"github.com/indicatord/indicatord/outputs/outputtest"
)

// through returns an output that reaches the node through a proxy.
func (n *node) through(t *testing.T) (*output, *realtest.Proxy) {
	t.Helper()
	p := realtest.NewProxy(t, n.URL, n.Transport())
	s := n.settings()
	s.Addresses = []string{p.URL}
	return openWith(t, s), p
}

// testBusy: the cluster answers 429 for a while. Each try waits for as long as
// the cluster asks, and nothing else happens.
func (n *node) testBusy(t *testing.T) {
	o, p := n.through(t)
	v := outputtest.NewView(numbered(outputtest.Entries(1, 300))...)
	deliver(t, o, outputtest.NewView().Delivery())
	p.Spoil(realtest.On("/_bulk", realtest.Answer(429,
		`{"error":{"type":"es_rejected_execution_exception","reason":"rejected execution of coordinating operation"},"status":429}`, "Retry-After", "1")))
	for range 3 {
		_, err := o.Deliver(t.Context(), v.Delivery())
		if err == nil || plugin.IsPermanent(err) || plugin.RetryAfter(err) != time.Second || !strings.Contains(err.Error(), "rejected execution") {
			t.Fatalf("err = %v, want one that waits a second", err)
		}
	}
	p.Mend()
	bring(t, o, v)
	n.equal(t, o, v)
}

// testCutAnswers: requests are carried out of which nobody hears the answer.
func (n *node) testCutAnswers(t *testing.T) {
	o, p := n.through(t)
	deliver(t, o, outputtest.NewView().Delivery())
	v := outputtest.NewView(numbered(outputtest.Entries(1, 300))...)
	for _, after := range []int{0, 1, 500} {
		p.Spoil(realtest.On("/_bulk", realtest.Cut(after)))
		if _, err := o.Deliver(t.Context(), v.Delivery()); err == nil || plugin.IsPermanent(err) {
			t.Fatalf("err = %v, want one that is worth a retry", err)
		}
	}
	p.Mend()
	bring(t, o, v)
	n.equal(t, o, v)
}

// testBlocks: a block is set, in the middle of a life, and lifted.
func (n *node) testBlocks(t *testing.T) {
	o := openWith(t, n.settings())
	v := outputtest.NewView(numbered(outputtest.Entries(1, 100))...)
	bring(t, o, v)
	for kind, want := range map[string]string{
		"write": "index.blocks.write to null", "read_only": "index.blocks.read_only to null", "read_only_allow_delete": "free space on the disks",
	} {
		v.Put(numbered(outputtest.Entries(1, 100))...)
		lift := n.block(t, o.settings.Index, kind)
		_, err := o.Deliver(t.Context(), v.Delivery())
		var partial *outputs.PartialError
		if err == nil || errors.As(err, &partial) || plugin.IsPermanent(err) || !strings.Contains(err.Error(), want) {
			t.Errorf("block %s: err = %v, want a retry that says %q", kind, err, want)
		}
		lift()
		bring(t, o, v)
		n.equal(t, o, v)
	}
}

// testKilledInTheMiddle kills the node while it is written to, and starts it
// again.
func (n *node) testKilledInTheMiddle(t *testing.T) {
	o, p := n.through(t)
	o.settings.BatchEntries = 500
	deliver(t, o, outputtest.NewView().Delivery())
	v := outputtest.NewView(numbered(outputtest.Entries(1, 10_000))...)
	failed := make(chan error, 1)
	go func() {
		_, err := o.Deliver(t.Context(), v.Delivery())
		failed <- err
	}()
	for sent := 0; sent < 5; time.Sleep(time.Millisecond) {
		sent = 0
		for _, r := range p.Requests() {
			if strings.HasSuffix(r, "/_bulk") {
				sent++
			}
		}
	}
	n.Kill()
	if err := <-failed; err == nil || plugin.IsPermanent(err) {
		t.Errorf("err = %v, want one that is worth a retry", err)
	}
	if _, err := o.Deliver(t.Context(), v.Delivery()); err == nil || !strings.Contains(err.Error(), http.StatusText(http.StatusBadGateway)) {
		t.Errorf("err = %v, want one that says that the node is away", err)
	}
	n.Resume()
	bring(t, o, v)
	n.equal(t, o, v)
}
