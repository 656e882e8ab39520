//go:build real

package elasticsearch

import (
	"encoding/json"
	"os"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/indicatord/indicatord/internal/ecs"
	"github.com/indicatord/indicatord/internal/indicator"
	"github.com/indicatord/indicatord/internal/plugin"
	"github.com/indicatord/indicatord/outputs"
	"github.com/indicatord/indicatord/outputs/elasticsearch/realtest"
	"github.com/indicatord/indicatord/outputs/outputtest"
)

// Each of these tests is a piece of the life of an index on a real node. What
// spoils the way to the node is a proxy, in front of it; the node's own answers
// are its own.
func TestRealLife(t *testing.T) {
	n := &node{Node: realtest.Start(t, realtest.Options{})}
	t.Run("AYear", n.testYear)
	t.Run("OddValues", n.testOddValues)
	t.Run("NewStore", n.testNewStore)
	t.Run("Repair", n.testRepair)
	t.Run("Refresh", n.testRefresh)
	t.Run("Busy", n.testBusy)
	t.Run("CutAnswers", n.testCutAnswers)
	t.Run("Blocks", n.testBlocks)
	t.Run("TemplateChangedByHand", n.testTemplateChangedByHand)
	t.Run("Matches", n.testMatches)
	t.Run("KilledInTheMiddle", n.testKilledInTheMiddle)
}

// sizeOfLife is how many entries the largest test has, unless
// INDICATORD_ES_ENTRIES says otherwise.
const sizeOfLife = 100_000

func entriesOfLife(t *testing.T) int {
	t.Helper()
	text := os.Getenv("INDICATORD_ES_ENTRIES")
	if text == "" {
		return sizeOfLife
	}
	count, err := strconv.Atoi(text)
	if err != nil {
		t.Fatalf("INDICATORD_ES_ENTRIES: %v", err)
	}
	return count
}

// atOnce is how many changes the core offers in one delivery.
const atOnce = 10_000

// bring delivers the changes of a view as the core does, in portions.
func bring(t *testing.T, o *output, v *outputtest.View) {
	t.Helper()
	d := v.Delivery()
	for portion := range slices.Chunk(v.Changes(), atOnce) {
		d.Changes = outputtest.Sequence(portion, nil)
		deliverInTheEnd(t, o, d)
		d.First = false
	}
	v.Accept()
}

// deliverInTheEnd delivers, and tries again where the cluster asks for time: a
// small node does so now and then of itself.
func deliverInTheEnd(t *testing.T, o *output, d outputs.Delivery) {
	t.Helper()
	for range 30 {
		_, err := o.Deliver(t.Context(), d)
		if err == nil {
			return
		}
		if plugin.RetryAfter(err) == 0 {
			t.Fatalf("Deliver: %v", err)
		}
		t.Logf("the node is busy: %.200s", err)
		time.Sleep(2 * time.Second)
	}
	t.Fatal("the node stays busy")
}

// equal checks that the index is what the view wants, by reading it back.
func (n *node) equal(t *testing.T, o *output, v *outputtest.View) {
	t.Helper()
	got, err := o.Verify(t.Context(), v.Delivery())
	want := outputs.Difference{Wanted: len(v.Keys()), Present: len(v.Keys())}
	if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" || err != nil {
		t.Errorf("the index is not the view: %v (-want +got):\n%.2000s", err, diff)
	}
	if got := n.count(t, o.settings.Index, map[string]any{"match_all": map[string]any{}}); got != len(v.Keys()) {
		t.Errorf("the index holds %d documents, want %d", got, len(v.Keys()))
	}
}

// actions returns how many writes and deletions the index has carried out.
func (n *node) actions(t *testing.T, index string) int {
	t.Helper()
	answer := n.Must(t, "GET", "/"+index+"/_stats/indexing", nil)
	indexing := answer["_all"].(map[string]any)["primaries"].(map[string]any)["indexing"].(map[string]any)
	return int(indexing["index_total"].(float64) + indexing["delete_total"].(float64))
}

// source returns the document of an entry as the index holds it.
func (n *node) source(t *testing.T, index string, k indicator.Key) string {
	t.Helper()
	text, err := json.Marshal(n.Must(t, "GET", "/"+index+"/_doc/"+ecs.DocumentID("plant-07", k), nil)["_source"])
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// asWritten is a document as the index gives it back.
func asWritten(t *testing.T, e *indicator.Entry) string {
	t.Helper()
	doc := ecs.Document("plant-07", e, outputtest.Now)
	doc.Indicatord.Revision = revisionOf(e.Revision())
	var fields map[string]any
	text, err := json.Marshal(doc)
	if err == nil {
		err = json.Unmarshal(text, &fields)
	}
	if err == nil {
		text, err = json.Marshal(fields)
	}
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// testYear loads a view, changes it, revokes from it and lets entries expire.
func (n *node) testYear(t *testing.T) {
	entries := numbered(outputtest.Entries(1, entriesOfLife(t)))
	percent := len(entries) / 100
	v := outputtest.NewView(entries...)
	o := openWith(t, n.settings())
	start := time.Now()
	bring(t, o, v)
	took := time.Since(start)
	t.Logf("%d documents in %s: %.0f a second", len(entries), took.Round(time.Millisecond), float64(len(entries))/took.Seconds())
	n.equal(t, o, v)
	for i := 0; i < len(entries); i += len(entries)/50 + 1 {
		e := entries[i]
		e.Sequence = uint64(i + 1) // as the view numbers them
		if diff := cmp.Diff(asWritten(t, &e), n.source(t, o.settings.Index, e.Key)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", e.Key, diff)
		}
	}
	before := n.actions(t, o.settings.Index)
	revised := slices.Clone(entries[:percent])
	for i := range revised {
		assertion := revised[i].Assertions[0]
		assertion.Confidence, assertion.Revision = 30, assertion.Revision+500
		revised[i].Assertions = []indicator.Assertion{assertion}
	}
	v.Put(revised...)
	v.Remove("revoked", keysOf(entries[percent:2*percent])...)
	v.Remove("expired", keysOf(entries[2*percent:3*percent])...)
	bring(t, o, v)
	if got := n.actions(t, o.settings.Index) - before; got != 3*percent {
		t.Errorf("%d writes and deletions, want %d", got, 3*percent)
	}
	start = time.Now()
	n.equal(t, o, v)
	t.Logf("read back and compared in %s", time.Since(start).Round(time.Millisecond))
}

// testNewStore: the store of the agent is lost, and the new one counts from the
// beginning.
func (n *node) testNewStore(t *testing.T) {
	s := n.settings()
	entries := numbered(outputtest.Entries(1, 500))
	old := outputtest.NewView(entries...)
	for range 20 {
		old.Put(entries...) // many changes: high sequences
	}
	bring(t, openWith(t, s), old)

	o := openWith(t, s)
	v := outputtest.NewView(entries[100:]...)
	bring(t, o, v)
	got, err := o.Verify(t.Context(), v.Delivery())
	if err != nil || len(got.Extra) != 100 || len(got.Missing)+len(got.Changed) != 0 {
		t.Fatalf("%d extra, %d missing, %d changed, %v; want the 100 that the new store knows nothing of", len(got.Extra), len(got.Missing), len(got.Changed), err)
	}
	if err := o.Clean(t.Context(), got.Extra); err != nil {
		t.Fatal(err)
	}
	n.equal(t, o, v)
	v.Put(entries[:50]...) // what was cleaned comes back
	v.Remove("revoked", keysOf(entries[200:250])...)
	bring(t, openWith(t, s), v)
	n.equal(t, o, v)
}

// testRepair: somebody deletes, edits and adds documents, and a repair mends it.
func (n *node) testRepair(t *testing.T) {
	s := n.settings()
	o := openWith(t, s)
	entries := numbered(outputtest.Entries(1, 50))
	v := outputtest.NewView(entries...)
	bring(t, o, v)
	path := func(site string, e indicator.Entry) string {
		return "/" + s.Index + "/_doc/" + ecs.DocumentID(site, e.Key)
	}
	stranger := outputtest.NewEntry(indicator.IP, "198.18.7.9")
	n.Must(t, "DELETE", path("plant-07", entries[0]), nil)
	n.Must(t, "POST", "/"+s.Index+"/_update/"+ecs.DocumentID("plant-07", entries[1].Key), map[string]any{"doc": map[string]any{"tags": []string{"mine"}}})
	n.Must(t, "PUT", path("plant-07", stranger), ecs.Document("plant-07", &stranger, outputtest.Now))
	n.Must(t, "PUT", path("plant-08", stranger), ecs.Document("plant-08", &stranger, outputtest.Now))
	n.Must(t, "PUT", "/"+s.Index+"/_doc/of-another-program", map[string]any{"event": map[string]any{"dataset": "ti_abusech.url"}})
	got, err := o.Verify(t.Context(), v.Delivery())
	want := outputs.Difference{
		Wanted: 50, Present: 50,
		Missing: keysOf(entries[:1]), Changed: keysOf(entries[1:2]), Extra: []indicator.Key{stranger.Key},
	}
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Fatalf("%v, difference (-want +got):\n%s", err, diff)
	}
	if err := o.Clean(t.Context(), got.Extra); err != nil {
		t.Fatal(err)
	}
	again := outputtest.NewDelivery(nil, []outputs.Change{{Op: outputs.Add, Entry: entryIn(t, v, entries[0].Key)}, {Op: outputs.Add, Entry: entryIn(t, v, entries[1].Key)}})
	again.First = true
	if receipt := deliver(t, o, again); receipt.Written != 2 {
		t.Errorf("receipt = %+v, want both written", receipt)
	}
	got, err = o.Verify(t.Context(), v.Delivery())
	if diff := cmp.Diff(outputs.Difference{Wanted: 50, Present: 50}, got, cmpopts.EquateEmpty()); diff != "" || err != nil {
		t.Errorf("after the repair: %v (-want +got):\n%s", err, diff)
	}
	if got := n.count(t, s.Index, map[string]any{"match_all": map[string]any{}}); got != 52 {
		t.Errorf("%d documents, want the two of others untouched beside our 50", got)
	}
}

// entryIn returns the entry of a key as the view has it.
func entryIn(t *testing.T, v *outputtest.View, k indicator.Key) indicator.Entry {
	t.Helper()
	for e, err := range v.Delivery().All(outputs.InFull) {
		if err == nil && e.Key == k {
			return e
		}
	}
	t.Fatalf("%s is not in the view", k)
	return indicator.Entry{}
}

func (n *node) testRefresh(t *testing.T) {
	o := openWith(t, n.settings())
	v := outputtest.NewView(numbered(outputtest.Entries(1, 100))...)
	bring(t, o, v)
	later := v.Delivery()
	later.Now = outputtest.Now.Add(7 * 24 * time.Hour)
	if receipt, err := o.Refresh(t.Context(), later); err != nil || receipt.Written != 100 {
		t.Errorf("receipt = %+v, %v", receipt, err)
	}
	recent := map[string]any{"range": map[string]any{"@timestamp": map[string]any{"gte": later.Now.Format(time.RFC3339)}}}
	if got := n.count(t, o.settings.Index, recent); got != 100 {
		t.Errorf("%d documents are confirmed, want 100", got)
	}
	n.equal(t, o, v)
}

// testTemplateChangedByHand: somebody takes the mapping of addresses out of the
// template, and later deletes the index.
func (n *node) testTemplateChangedByHand(t *testing.T) {
	s := n.settings()
	v := outputtest.NewView(numbered([]indicator.Entry{outputtest.NewEntry(indicator.IP, "198.18.7.9")})...)
	bring(t, openWith(t, s), v)
	n.Must(t, "PUT", "/_component_template/"+s.Index+"@indicatord", map[string]any{"template": map[string]any{
		"mappings": map[string]any{"properties": map[string]any{"note": map[string]any{"type": "keyword"}}},
	}})
	n.equal(t, openWith(t, s), v) // the index is as it was
	n.Must(t, "DELETE", "/"+firstIndex(s.Index), nil)
	o := openWith(t, s)
	d := v.Delivery()
	d.First = true
	deliver(t, o, d)
	n.equal(t, o, v)
	if got := n.count(t, s.Index, term("threat.indicator.ip", "198.18.7.0/24")); got != 1 {
		t.Errorf("%d documents by prefix, want 1: the index came back without its mappings", got)
	}
}
