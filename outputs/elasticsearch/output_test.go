package elasticsearch

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"github.com/indicatord/indicatord/internal/ecs"
	"github.com/indicatord/indicatord/internal/indicator"
	"github.com/indicatord/indicatord/internal/plugin"
	"github.com/indicatord/indicatord/outputs"
	"github.com/indicatord/indicatord/outputs/outputtest"
)

var update = flag.Bool("update", false, "write the golden files anew")

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// adds returns a delivery that adds the entries to an empty view.
func adds(entries ...indicator.Entry) outputs.Delivery {
	return outputtest.NewDelivery(entries, outputtest.Additions(entries))
}

// offer returns a delivery of one change with a version.
func offer(op outputs.Op, e indicator.Entry, sequence uint64) outputs.Delivery {
	e.Sequence = sequence
	var view []indicator.Entry
	if op != outputs.Remove {
		view = append(view, e)
	}
	return outputtest.NewDelivery(view, []outputs.Change{{Op: op, Entry: e}})
}

func deliver(t *testing.T, o *output, d outputs.Delivery) outputs.Receipt {
	t.Helper()
	receipt, err := o.Deliver(t.Context(), d)
	if err != nil {
		t.Fatalf("Deliver: %v", err)
	}
	return receipt
}

func TestDeliverWritesTheDocument(t *testing.T) {
	f := newFake(t)
	e := outputtest.NewEntry(indicator.IP, "198.18.7.9")
	e.Sequence = 42
	e.Assertions[0].Revision = 7
	receipt := deliver(t, f.open(t, nil), adds(e))
	want := outputs.Receipt{Written: 1, Held: -1, Where: "logs-ti_indicatord"}
	if diff := cmp.Diff(want, receipt); diff != "" {
		t.Errorf("receipt (-want +got):\n%s", diff)
	}
	got := f.documents[ecs.DocumentID("plant-07", e.Key)]
	document := ecs.Document("plant-07", &e, outputtest.Now)
	document.Indicatord.Revision = "60000000a32"
	doc, _ := json.Marshal(document)
	if got.Version != 42 || strings.TrimSpace(string(got.Source)) != string(doc) {
		t.Errorf("version %d, document\n%s\nwant version 42,\n%s", got.Version, got.Source, doc)
	}
}

// What arrives late must not undo what arrived before it.
func TestDeliverNeverGoesBack(t *testing.T) {
	e := outputtest.NewEntry(indicator.IP, "198.18.7.9")
	for _, tt := range []struct {
		name  string
		offer []outputs.Delivery
		held  bool
	}{
		{"an older update after a newer one", []outputs.Delivery{offer(outputs.Add, e, 5), offer(outputs.Update, e, 4)}, true},
		{"an older update after a removal", []outputs.Delivery{offer(outputs.Remove, e, 5), offer(outputs.Add, e, 4)}, false},
		{"an older removal after an update", []outputs.Delivery{offer(outputs.Add, e, 5), offer(outputs.Remove, e, 4)}, true},
		{"out of the view and in again without a change", []outputs.Delivery{offer(outputs.Add, e, 5), offer(outputs.Remove, e, 5), offer(outputs.Add, e, 5)}, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			f := newFake(t)
			o := f.open(t, nil)
			deliver(t, o, adds())
			for _, d := range tt.offer {
				deliver(t, o, d)
			}
			if held := len(f.keys(t)) == 1; held != tt.held {
				t.Errorf("held = %t, want %t", held, tt.held)
			}
		})
	}
}

func TestDeliverTellsOfNewerVersions(t *testing.T) {
	f := newFake(t)
	o := f.open(t, nil)
	e := outputtest.NewEntry(indicator.IP, "198.18.7.9")
	deliver(t, o, adds())
	deliver(t, o, offer(outputs.Add, e, 5))
	receipt := deliver(t, o, offer(outputs.Update, e, 4))
	if receipt.Written != 0 || receipt.Skipped[newerInIndex] != 1 {
		t.Errorf("receipt = %+v, want one change counted as %q", receipt, newerInIndex)
	}
}

// One bad entry is one refusal: the others are written.
func TestDeliverRefusesSomeItems(t *testing.T) {
	for _, tt := range []struct {
		fault faultResult
		final bool
	}{
		{faultResult{400, "document_parsing_exception", "failed to parse field [threat.indicator.ip]", "illegal_argument_exception", "'x' is not an IP string literal."}, true},
		{faultResult{400, "mapper_parsing_exception", "failed to parse", "", ""}, true},
		{faultResult{400, "strict_dynamic_mapping_exception", "dynamic introduction of [x] is not allowed", "", ""}, true},
		{faultResult{400, "illegal_argument_exception", "Document contains at least one immense term", "max_bytes_length_exceeded_exception", "40000"}, true},
		{faultResult{400, "illegal_argument_exception", "no write index is defined for alias [x]", "", ""}, false},
		{faultResult{400, "index_closed_exception", "closed", "", ""}, false},
		{faultResult{403, "cluster_block_exception", "index [x] blocked by: [FORBIDDEN/8/index write (api)];", "", ""}, false},
		{faultResult{404, "index_not_found_exception", "no such index", "", ""}, false},
		{faultResult{429, "es_rejected_execution_exception", "rejected execution", "", ""}, false},
		{faultResult{429, "cluster_block_exception", "blocked by: [TOO_MANY_REQUESTS/12/disk usage exceeded flood-stage watermark]", "", ""}, false},
		{faultResult{503, "unavailable_shards_exception", "primary shard is not active", "", ""}, false},
		{faultResult{500, "exception", "out of order", "", ""}, false},
		{faultResult{200 + 99, "odd", "of no known meaning", "", ""}, false},
	} {
		t.Run(tt.fault.String(), func(t *testing.T) {
			f := newFake(t)
			bad, good := outputtest.NewEntry(indicator.IP, "198.18.7.9"), outputtest.NewEntry(indicator.IP, "198.18.7.10")
			f.fault = faultFor(bad, &tt.fault)
			receipt, err := f.open(t, nil).Deliver(t.Context(), adds(bad, good))
			var partial *outputs.PartialError
			if !errors.As(err, &partial) || len(partial.Refused) != 1 {
				t.Fatalf("err = %v, want one refusal", err)
			}
			refusal := partial.Refused[0]
			if refusal.Key != bad.Key || refusal.Final != tt.final || !strings.Contains(refusal.Reason, tt.fault.Reason) || !strings.Contains(refusal.Reason, tt.fault.CauseWhy) {
				t.Errorf("refusal = %+v, want final %t with the cluster's reason", refusal, tt.final)
			}
			if held := f.keys(t); receipt.Written != 1 || len(held) != 1 || held[0] != good.Key {
				t.Errorf("receipt = %+v, held = %v", receipt, held)
			}
		})
	}
}

// faultFor makes the fake refuse one entry.
func faultFor(e indicator.Entry, fault *faultResult) func(string, string) *faultResult {
	return func(_, id string) *faultResult {
		if id == ecs.DocumentID("plant-07", e.Key) {
			return fault
		}
		return nil
	}
}

// A block of the whole index is no matter of entries: nothing is quarantined,
// and the rest of the delivery is not even tried.
func TestDeliverStopsWhereTheClusterTakesNothing(t *testing.T) {
	for _, tt := range []struct {
		fault     faultResult
		permanent bool
	}{
		{faultResult{429, "cluster_block_exception", "disk usage exceeded flood-stage watermark", "", ""}, false},
		{faultResult{403, "cluster_block_exception", "FORBIDDEN/12/index read-only", "", ""}, false},
		{faultResult{403, "security_exception", "action [indices:data/write/bulk] is unauthorized", "", ""}, true},
	} {
		t.Run(tt.fault.String(), func(t *testing.T) {
			f := newFake(t)
			f.fault = func(string, string) *faultResult { return &tt.fault }
			o := f.open(t, func(s *Settings) { s.BatchEntries = 10 })
			_, err := o.Deliver(t.Context(), adds(outputtest.Entries(1, 50)...))
			var partial *outputs.PartialError
			if err == nil || errors.As(err, &partial) || !strings.Contains(err.Error(), tt.fault.Reason) {
				t.Errorf("err = %v, want a whole failure with the reason", err)
			}
			if plugin.IsPermanent(err) != tt.permanent {
				t.Errorf("permanent = %t, want %t", !tt.permanent, tt.permanent)
			}
			if n := len(f.bulkSizes); n > inFlight || slices.Max(f.bulkSizes) != 10 {
				t.Errorf("bulk requests of %v items, want no more than were under way", f.bulkSizes)
			}
		})
	}
}

func TestDeliverKeepsToItsBatches(t *testing.T) {
	f := newFake(t)
	o := f.open(t, func(s *Settings) { s.BatchEntries = 40 })
	deliver(t, o, adds(outputtest.Entries(1, 100)...))
	if slices.Sort(f.bulkSizes); !slices.Equal(f.bulkSizes, []int{20, 40, 40}) {
		t.Errorf("bulk requests of %v items, want 40, 40 and 20", f.bulkSizes)
	}
	f.bulkSizes = nil
	o = f.open(t, func(s *Settings) { s.BatchBytes = minBatchBytes })
	deliver(t, o, adds(outputtest.Entries(2, 100)...))
	if n := len(f.bulkSizes); n < 5 || n > 30 {
		t.Errorf("%d bulk requests of at most %d bytes for 100 documents", n, minBatchBytes)
	}
}

// tooLarge answers 413 to a bulk request of more than limit bytes.
func tooLarge(limit int64) func(http.ResponseWriter, *http.Request) bool {
	return func(w http.ResponseWriter, r *http.Request) bool {
		if r.ContentLength <= limit {
			return false
		}
		http.Error(w, "", http.StatusRequestEntityTooLarge)
		return true
	}
}

func TestDeliverHalvesWhatIsTooLarge(t *testing.T) {
	f := newFake(t)
	f.answer = tooLarge(40_000)
	o := f.open(t, nil)
	large := outputtest.NewEntry(indicator.IP, "198.18.7.9")
	large.Assertions[0].Object.Description = strings.Repeat("long ", 10_000)
	entries := outputtest.Entries(1, 200)
	receipt, err := o.Deliver(t.Context(), adds(append(entries, large)...))
	var partial *outputs.PartialError
	if !errors.As(err, &partial) || len(partial.Refused) != 1 || partial.Refused[0].Key != large.Key || !partial.Refused[0].Final {
		t.Fatalf("err = %v, want the large entry refused for good", err)
	}
	if receipt.Written != len(entries) || len(f.keys(t)) != len(entries) {
		t.Errorf("written %d, held %d, want %d", receipt.Written, len(f.keys(t)), len(entries))
	}
	if o.batchBytes >= Defaults().BatchBytes {
		t.Error("the next delivery would start with requests of the same size")
	}
}

// Trouble with a whole request leaves everything to be offered again.
func TestDeliverFailsWithTheRequest(t *testing.T) {
	const bulk = "POST /logs-ti_indicatord/_bulk"
	text := func(status int, body string) func(http.ResponseWriter, *http.Request) bool {
		return func(w http.ResponseWriter, r *http.Request) bool {
			if r.Method != http.MethodPost {
				return false
			}
			w.WriteHeader(status)
			_, _ = w.Write([]byte(body))
			return true
		}
	}
	for _, tt := range []struct {
		name      string
		answer    func(*fake) func(http.ResponseWriter, *http.Request) bool
		want      string
		permanent bool
		wait      time.Duration
	}{
		{"busy", func(f *fake) func(http.ResponseWriter, *http.Request) bool {
			return failing(f, bulk, 429, "es_rejected_execution_exception", "rejected execution of coordinating operation")
		}, "rejected execution of coordinating operation", false, time.Minute},
		{"a block of the whole cluster", func(f *fake) func(http.ResponseWriter, *http.Request) bool {
			return failing(f, bulk, 403, "cluster_block_exception", "blocked by: [FORBIDDEN/6/cluster read-only (api)];")
		}, "setting cluster.blocks.read_only to null", false, 0},
		{"no master", func(f *fake) func(http.ResponseWriter, *http.Request) bool {
			return failing(f, bulk, 503, "cluster_block_exception", "no master")
		}, "no master", false, 0},
		{"bad gateway", func(*fake) func(http.ResponseWriter, *http.Request) bool {
			return text(502, "<html><title>Bad Gateway</title></html>")
		}, "502 Bad Gateway", false, 0},
		{"unknown account", func(f *fake) func(http.ResponseWriter, *http.Request) bool {
			return failing(f, bulk, 401, "security_exception", "unable to authenticate")
		}, "unable to authenticate", true, 0},
		{"half an answer", func(*fake) func(http.ResponseWriter, *http.Request) bool {
			return text(200, `{"took":3,"errors":false,"items":[{"index":{"_id":"x","sta`)
		}, "reading the answer", false, 0},
		{"an answer without results", func(*fake) func(http.ResponseWriter, *http.Request) bool {
			return text(200, `{}`)
		}, "of 2 items holds 0 results", false, 0},
		{"an answer with too many results", func(*fake) func(http.ResponseWriter, *http.Request) bool {
			return text(200, `{"items":[{"index":{"status":200}},{"index":{"status":200}},{"index":{"status":200}}]}`)
		}, "of 2 items holds 3 results", false, 0},
		{"results without a status", func(*fake) func(http.ResponseWriter, *http.Request) bool {
			return text(200, `{"items":[{"index":{}},{}]}`)
		}, "took none of 2 changes: status 0", false, 0},
		{"no JSON", func(*fake) func(http.ResponseWriter, *http.Request) bool {
			return text(200, "<html>a login page</html>")
		}, "reading the answer", false, 0},
		{"an answer cut off", func(*fake) func(http.ResponseWriter, *http.Request) bool {
			return func(w http.ResponseWriter, r *http.Request) bool {
				if r.Method == http.MethodPost {
					panic(http.ErrAbortHandler)
				}
				return false
			}
		}, "EOF", false, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			f := newFake(t)
			f.answer = tt.answer(f)
			o := f.open(t, nil)
			_, err := o.Deliver(t.Context(), adds(outputtest.Entries(1, 2)...))
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Fatalf("err = %v, want one with %q", err, tt.want)
			}
			if strings.Contains(err.Error(), "\n") || !strings.Contains(err.Error(), "logs-ti_indicatord") {
				t.Errorf("the error is not one line with the index: %v", err)
			}
			if plugin.IsPermanent(err) != tt.permanent || plugin.RetryAfter(err) != tt.wait {
				t.Errorf("permanent %t, wait %s; want %t, %s", plugin.IsPermanent(err), plugin.RetryAfter(err), tt.permanent, tt.wait)
			}
			f.set(func(f *fake) { f.answer = nil })
			deliver(t, o, adds(outputtest.Entries(1, 2)...))
		})
	}
}

func TestDeliverEndsWithItsContext(t *testing.T) {
	f := newFake(t)
	ctx, cancel := context.WithCancel(t.Context())
	release := make(chan struct{})
	f.answer = func(_ http.ResponseWriter, r *http.Request) bool {
		if r.Method == http.MethodPost {
			cancel()
			<-release
		}
		return false
	}
	defer close(release)
	start := time.Now()
	_, err := f.open(t, nil).Deliver(ctx, adds(outputtest.Entries(1, 2)...))
	if !errors.Is(err, context.Canceled) {
		t.Errorf("err = %v, want %v", err, context.Canceled)
	}
	if waited := time.Since(start); waited > 5*time.Second {
		t.Errorf("returned after %s", waited)
	}
}

func TestDeliverToASlowCluster(t *testing.T) {
	f := newFake(t)
	release := make(chan struct{})
	f.answer = func(_ http.ResponseWriter, r *http.Request) bool {
		if r.Method == http.MethodPost {
			<-release
		}
		return false
	}
	defer close(release)
	o := f.open(t, func(s *Settings) { s.Timeout = 200 * time.Millisecond })
	if _, err := o.Deliver(t.Context(), adds(outputtest.Entries(1, 2)...)); err == nil || plugin.IsPermanent(err) {
		t.Errorf("err = %v, want one that is worth a retry", err)
	}
}

func TestDeliverGoesToAnotherNode(t *testing.T) {
	f := newFake(t)
	gone := httptest.NewServer(nil)
	gone.Close()
	o := f.open(t, func(s *Settings) { s.Addresses = []string{gone.URL, f.URL} })
	for range 3 {
		deliver(t, o, adds(outputtest.Entries(1, 2)...))
	}
}

func TestProbe(t *testing.T) {
	f := newFake(t)
	o := f.open(t, nil)
	for _, want := range []string{
		`cluster "plant" with Elasticsearch 8.19.0; index logs-ti_indicatord will be made by the first delivery`,
		`cluster "plant" with Elasticsearch 8.19.0; index logs-ti_indicatord is there`,
	} {
		got, err := o.Probe(t.Context())
		if err != nil || got != want {
			t.Errorf("Probe = %q, %v; want %q", got, err, want)
		}
		deliver(t, o, adds())
	}
	if requests := f.served(); slices.ContainsFunc(requests[:2], func(r string) bool { return !strings.HasPrefix(r, "GET ") }) {
		t.Errorf("Probe did more than read: %v", requests[:2])
	}
}

func BenchmarkDeliver(b *testing.B) {
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
	s.Addresses = []string{server.URL}
	o, err := s.Open(plugin.Env{Site: "plant-07"})
	if err != nil {
		b.Fatal(err)
	}
	d := adds(outputtest.Entries(1, 10_000)...)
	for b.Loop() {
		if _, err := o.Deliver(b.Context(), d); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(10_000*b.N)/b.Elapsed().Seconds(), "documents/s")
}
