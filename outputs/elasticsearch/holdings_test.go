package elasticsearch

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/indicatord/indicatord/internal/ecs"
	"github.com/indicatord/indicatord/internal/indicator"
	"github.com/indicatord/indicatord/outputs"
	"github.com/indicatord/indicatord/outputs/outputtest"
)

// What stands beside the write index behind an alias may be anybody's, and says
// nothing of ours.
func TestTheWriteIndexIsWhatCounts(t *testing.T) {
	h := decodeHoldings(t, `{
		"a": {"aliases": {"x": {"is_write_index": false}}, "settings": {"index": {"uuid": "A"}}},
		"b": {"aliases": {"x": {"is_write_index": true}}, "settings": {"index": {"uuid": "B"}}, "mappings": {"_meta": {"indicatord": {"version": 4}}}}
	}`)
	if h.version("x") != 4 || h.uuid("x") != "B" {
		t.Errorf("version %d of %s, want that of B", h.version("x"), h.uuid("x"))
	}
}

// A data stream is as old as the oldest of its indices, in whatever order they are
// met.
func TestADataStreamIsAsOldAsItsOldestIndex(t *testing.T) {
	h := decodeHoldings(t, `{"a": {}, "b": {"mappings": {"_meta": {"indicatord": {"version": 4}}}}}`)
	for range 20 {
		if got := h.lowestVersion(); got != 0 {
			t.Fatalf("version %d, want 0", got)
		}
	}
}

func decodeHoldings(t *testing.T, text string) holdings {
	t.Helper()
	var h holdings
	if err := json.Unmarshal([]byte(text), &h); err != nil {
		t.Fatal(err)
	}
	return h
}

// An index that a template of a higher priority has made otherwise gets our
// mappings before anything is written to it.
func TestAnIndexOfAnotherTemplateGetsTheMappings(t *testing.T) {
	f := newFake(t)
	f.answer = func(_ http.ResponseWriter, r *http.Request) bool {
		if r.Method == http.MethodPut && r.URL.Path == "/"+index+"-000001" {
			f.make(index+"-000001", json.RawMessage(`{"aliases":{"`+index+`":{}}}`))
			f.indices[index+"-000001"] = json.RawMessage(`{"dynamic":true}`)
		}
		return false
	}
	deliver(t, f.open(t, nil), adds(outputtest.Entries(1, 2)...))
	requests := f.served()
	put, bulk := slices.Index(requests, "PUT /"+index+"/_mapping"), slices.Index(requests, "POST /"+index+"/_bulk")
	if put < 0 || put > bulk {
		t.Errorf("requests: %v, want the mappings before the documents", requests)
	}
}

// A snapshot that is restored under a running agent is an index of another time:
// what it lacks is written, what leaves now is deleted in it too, and so is what has
// left before. What another site has there stays.
func TestARestoredIndexIsBroughtUpToDate(t *testing.T) {
	f := newFake(t)
	entries := numbered(outputtest.Entries(1, 20))
	view := outputtest.NewView(entries...)
	o := f.open(t, nil)
	deliver(t, o, view.Delivery())
	left, foreign := indicator.Key{Kind: indicator.IP, Value: "198.18.7.9"}, indicator.Key{Kind: indicator.IP, Value: "198.18.7.10"}
	f.plant(ecs.DocumentID("plant-07", left), "plant-07", left)
	f.plant(ecs.DocumentID("plant-08", foreign), "plant-08", foreign)
	f.set(func(f *fake) {
		f.made++
		for id, d := range f.documents {
			if k := keyOf(t, d.Source); k == entries[3].Key || k == entries[4].Key {
				delete(f.documents, id)
				delete(f.versions, id)
			}
		}
	})
	gone := indicator.Entry{Key: entries[0].Key, Sequence: 100}
	deliver(t, o, outputtest.NewDelivery(entries[1:], []outputs.Change{{Op: outputs.Remove, Entry: gone, Reason: "expired"}}))
	want := []indicator.Key{foreign}
	for _, e := range entries[1:] {
		want = append(want, e.Key)
	}
	slices.SortFunc(want, indicator.Compare)
	if got := f.keys(t); !slices.Equal(got, want) {
		t.Errorf("the index holds %d documents, want %d: %v", len(got), len(want), got)
	}
}

// An account that may not read has to take it that what it wrote is there.
func TestWhoMayNotReadTakesTheIndexAsItIs(t *testing.T) {
	f := newFake(t)
	deliver(t, f.open(t, nil), adds())
	f.answer = failing(f, "POST /"+index+"/_refresh", 403, "security_exception", "action [indices:data/read/search] is unauthorized")
	entries := outputtest.Entries(1, 5)
	deliver(t, f.open(t, nil), outputtest.NewDelivery(entries, outputtest.Additions(entries[:2])))
	if got := len(f.keys(t)); got != 2 {
		t.Errorf("%d documents, want the two changes", got)
	}
}

// The index of an account that may not make one is gone, although the cluster
// speaks of privileges only. The next delivery says what to do.
func TestAnAccountOfFewPrivilegesIsToldThatItsIndexIsGone(t *testing.T) {
	f := newFake(t)
	o := f.open(t, nil)
	deliver(t, o, adds())
	f.fault = func(string, string) *faultResult {
		return &faultResult{Status: 403, Type: "security_exception", Reason: "action [indices:admin/auto_create] is unauthorized for API key id [x] of user [y] on indices [" + index + "]"}
	}
	entries := outputtest.Entries(1, 2)
	if _, err := o.Deliver(t.Context(), adds(entries...)); err == nil || !strings.Contains(err.Error(), "somebody has deleted the index") {
		t.Errorf("err = %v, want one that says that the index is gone", err)
	}
	f.set(func(f *fake) {
		f.lose()
		f.fault = nil
		f.answer = failing(f, "PUT /", 403, "security_exception", "action [cluster:admin/component_template/put] is unauthorized")
	})
	if _, err := o.Deliver(t.Context(), adds(entries...)); err == nil || !strings.Contains(err.Error(), "indicatord setup siem") {
		t.Errorf("err = %v, want one that names the command", err)
	}
}

// Where no handler takes a request, the answer's error is a text and no object.
func TestErrorsOfWordsAloneAreTold(t *testing.T) {
	f := newFake(t)
	f.answer = func(w http.ResponseWriter, _ *http.Request) bool {
		f.write(w, 400, map[string]any{"error": "no handler found for uri [/x]"})
		return true
	}
	if _, err := f.open(t, nil).Probe(t.Context()); err == nil || !strings.Contains(err.Error(), "no handler found") {
		t.Errorf("err = %v, want the words of the answer", err)
	}
}
