//go:build real

package elasticsearch

import (
	"errors"
	"strings"
	"testing"

	"github.com/indicatord/indicatord/internal/indicator"
	"github.com/indicatord/indicatord/outputs"
	"github.com/indicatord/indicatord/outputs/elasticsearch/realtest"
	"github.com/indicatord/indicatord/outputs/outputtest"
)

// TestRealSize: a node takes requests of 64 KiB at most. Requests that are larger
// are halved until it takes them, and a document that is larger by itself is
// quarantined with the reason.
func TestRealSize(t *testing.T) {
	n := &node{Node: realtest.Start(t, realtest.Options{Settings: []string{"http.max_content_length=64kb"}})}
	o := openWith(t, n.settings())
	v := outputtest.NewView(numbered(outputtest.Entries(1, 2_000))...)
	deliver(t, o, v.Delivery()) // at the first go
	n.equal(t, o, v)
	if o.batchBytes > 64<<10 {
		t.Errorf("requests of %d bytes are tried again and again", o.batchBytes)
	}

	big := outputtest.NewEntry(indicator.Domain, "verbose.example-portal.net")
	big.Sequence = 3_000
	big.Assertions[0].Object = &indicator.Object{Description: strings.Repeat("A long story. ", 10_000)}
	fit := numbered(outputtest.Entries(2, 10))
	receipt, err := o.Deliver(t.Context(), adds(append([]indicator.Entry{big}, fit...)...))
	partial, ok := errors.AsType[*outputs.PartialError](err)
	if !ok || len(partial.Refused) != 1 {
		t.Fatalf("err = %v, want one document refused", err)
	}
	if r := partial.Refused[0]; r.Key != big.Key || !r.Final || !strings.Contains(r.Reason, "http.max_content_length") {
		t.Errorf("refusal = %+v, want a quarantine of the large one with the setting named", r)
	}
	if receipt.Written+receipt.Skipped[newerInIndex] != len(fit) {
		t.Errorf("receipt = %+v, want all of the other %d done", receipt, len(fit))
	}
}
