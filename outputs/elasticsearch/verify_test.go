package elasticsearch

import (
	"bytes"
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/indicatord/indicatord/internal/ecs"
	"github.com/indicatord/indicatord/internal/indicator"
	"github.com/indicatord/indicatord/internal/plugin"
	"github.com/indicatord/indicatord/outputs"
	"github.com/indicatord/indicatord/outputs/outputtest"
)

// tamper changes the document of an entry.
func (f *fake) tamper(e indicator.Entry, change func(*document)) {
	f.set(func(f *fake) {
		id := ecs.DocumentID("plant-07", e.Key)
		d := f.documents[id]
		change(&d)
		f.documents[id], f.versions[id] = d, d.Version
	})
}

// plant puts a document into the index under an id.
func (f *fake) plant(id, site string, k indicator.Key) {
	doc := ecs.Document(site, &indicator.Entry{Key: k, Sequence: 7}, outputtest.Now)
	text, _ := json.Marshal(doc)
	f.set(func(f *fake) { f.documents[id], f.versions[id] = document{Version: 7, Source: text}, 7 })
}

// numbered gives entries the revisions and sequences of a store.
func numbered(entries []indicator.Entry) []indicator.Entry {
	for i := range entries {
		entries[i].Sequence = uint64(i + 10)
		for j := range entries[i].Assertions {
			entries[i].Assertions[j].Revision = uint64(1000*i + j + 1)
		}
	}
	return entries
}

func TestVerify(t *testing.T) {
	entries := numbered(outputtest.Entries(1, 20))
	e := entries[7]
	stranger := indicator.Key{Kind: indicator.IP, Value: "198.18.7.9"}
	for _, tt := range []struct {
		name    string
		arrange func(*fake)
		want    outputs.Difference
	}{
		{"as it was delivered", func(*fake) {}, outputs.Difference{Wanted: 20, Present: 20}},
		{"a document is gone", func(f *fake) {
			f.set(func(f *fake) { delete(f.documents, ecs.DocumentID("plant-07", e.Key)) })
		}, outputs.Difference{Wanted: 20, Present: 19, Missing: []indicator.Key{e.Key}}},
		{"a document of ours that nobody wants", func(f *fake) {
			f.plant(ecs.DocumentID("plant-07", stranger), "plant-07", stranger)
		}, outputs.Difference{Wanted: 20, Present: 21, Extra: []indicator.Key{stranger}}},
		{"a document of another site", func(f *fake) {
			f.plant(ecs.DocumentID("plant-08", stranger), "plant-08", stranger)
		}, outputs.Difference{Wanted: 20, Present: 20}},
		{"a copy of a document under another id", func(f *fake) {
			f.plant("copy", "plant-07", e.Key)
			f.plant(ecs.DocumentID("plant-08", e.Key), "plant-07", e.Key)
		}, outputs.Difference{Wanted: 20, Present: 20}},
		{"a document that somebody has edited", func(f *fake) {
			f.tamper(e, func(d *document) { d.Version++ })
		}, outputs.Difference{Wanted: 20, Present: 20, Changed: []indicator.Key{e.Key}}},
		{"a document that was made from something else", func(f *fake) {
			f.tamper(e, func(d *document) {
				d.Source = bytes.Replace(d.Source, []byte(`"revision":"`), []byte(`"revision":"f`), 1)
			})
		}, outputs.Difference{Wanted: 20, Present: 20, Changed: []indicator.Key{e.Key}}},
		{"a document without a mark", func(f *fake) {
			f.tamper(e, func(d *document) { d.Source = bytes.Replace(d.Source, []byte(`"revision"`), []byte(`"x"`), 1) })
		}, outputs.Difference{Wanted: 20, Present: 20, Changed: []indicator.Key{e.Key}}},
		{"an index that is gone", func(f *fake) {
			f.set(func(f *fake) { clear(f.indices) })
		}, outputs.Difference{Wanted: 20, Missing: keysOf(entries)}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			f := newFake(t)
			o := f.open(t, nil)
			deliver(t, o, adds(entries...))
			tt.arrange(f)
			got, err := o.Verify(t.Context(), outputtest.NewDelivery(entries, nil))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, got, cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("difference (-want +got):\n%s", diff)
			}
			if f.snapshot != nil {
				t.Error("the point in time is left open")
			}
		})
	}
}

func keysOf(entries []indicator.Entry) []indicator.Key {
	var keys []indicator.Key
	for _, e := range entries {
		keys = append(keys, e.Key)
	}
	slices.SortFunc(keys, indicator.Compare)
	return keys
}

// An entry that is to change anyway is shown by its key alone: what the document
// says of it is no difference, and that there is none is.
func TestVerifyOfWhatIsPending(t *testing.T) {
	entries := numbered(outputtest.Entries(1, 3))
	f := newFake(t)
	o := f.open(t, nil)
	deliver(t, o, adds(entries[:2]...))
	for i := range entries {
		entries[i].Sequence, entries[i].Assertions = 0, nil
	}
	got, err := o.Verify(t.Context(), outputtest.NewDelivery(entries, nil))
	want := outputs.Difference{Wanted: 3, Present: 2, Missing: keysOf(entries[2:])}
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Errorf("%v, difference (-want +got):\n%s", err, diff)
	}
}

// An entry of which something changed that this view may not see has a later
// sequence, and the document is right all the same.
func TestVerifyOfWhatChangedUnseen(t *testing.T) {
	entries := numbered(outputtest.Entries(1, 3))
	f := newFake(t)
	o := f.open(t, nil)
	deliver(t, o, adds(entries...))
	entries[1].Sequence = 900
	got, err := o.Verify(t.Context(), outputtest.NewDelivery(entries, nil))
	if err != nil || len(got.Changed) != 0 {
		t.Errorf("changed: %v, %v", got.Changed, err)
	}
}

func TestVerifyReadsEveryPage(t *testing.T) {
	entries := numbered(outputtest.Entries(1, 2*pageSize))
	f := newFake(t)
	o := f.open(t, nil)
	deliver(t, o, adds(entries...))
	got, err := o.Verify(t.Context(), outputtest.NewDelivery(entries, nil))
	if err != nil || got.Present != 2*pageSize || len(got.Missing)+len(got.Extra)+len(got.Changed) > 0 {
		t.Errorf("present %d, missing %d, extra %d, changed %d, %v", got.Present, len(got.Missing), len(got.Extra), len(got.Changed), err)
	}
}

func TestVerifyFails(t *testing.T) {
	for _, tt := range []struct {
		name      string
		answer    func(*fake) func(http.ResponseWriter, *http.Request) bool
		want      string
		permanent bool
	}{
		{"without the right to read", func(f *fake) func(http.ResponseWriter, *http.Request) bool {
			return failing(f, "POST /"+index+"/_pit", 403, "security_exception", "action [indices:data/read/open_point_in_time] is unauthorized")
		}, "takes the index privilege read", true},
		{"without the right to refresh", func(f *fake) func(http.ResponseWriter, *http.Request) bool {
			return failing(f, "POST /"+index+"/_refresh", 403, "security_exception", "action [indices:admin/refresh] is unauthorized")
		}, "takes the index privilege maintenance", true},
		{"while the cluster is busy", func(f *fake) func(http.ResponseWriter, *http.Request) bool {
			return failing(f, "POST /_search", 429, "circuit_breaking_exception", "data too large")
		}, "data too large", false},
		{"where a part does not answer", func(f *fake) func(http.ResponseWriter, *http.Request) bool {
			return func(w http.ResponseWriter, r *http.Request) bool {
				if r.URL.Path == "/_search" {
					f.write(w, 200, map[string]any{"_shards": map[string]any{"failed": 1}})
				}
				return r.URL.Path == "/_search"
			}
		}, "only a part of the index answered", false},
		{"where no id is given", func(f *fake) func(http.ResponseWriter, *http.Request) bool {
			return func(w http.ResponseWriter, r *http.Request) bool {
				if strings.HasSuffix(r.URL.Path, "/_pit") {
					f.write(w, 200, map[string]any{})
				}
				return strings.HasSuffix(r.URL.Path, "/_pit")
			}
		}, `lacks "id"`, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			f := newFake(t)
			o := f.open(t, nil)
			entries := numbered(outputtest.Entries(1, 3))
			deliver(t, o, adds(entries...))
			f.set(func(f *fake) { f.answer = tt.answer(f) })
			_, err := o.Verify(t.Context(), outputtest.NewDelivery(entries, nil))
			if err == nil || !strings.Contains(err.Error(), tt.want) || plugin.IsPermanent(err) != tt.permanent {
				t.Errorf("err = %v, want one with %q (permanent %t)", err, tt.want, tt.permanent)
			}
		})
	}
}

// What is extra is deleted in whatever version it is, and nothing else.
func TestClean(t *testing.T) {
	entries := numbered(outputtest.Entries(1, 20))
	f := newFake(t)
	o := f.open(t, func(s *Settings) { s.BatchEntries = 2 })
	deliver(t, o, adds(entries...))
	if err := o.Clean(t.Context(), append(keysOf(entries[:5]), indicator.Key{Kind: indicator.IP, Value: "198.18.7.9"})); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(keysOf(entries[5:]), f.keys(t)); diff != "" {
		t.Errorf("held (-want +got):\n%s", diff)
	}
	f.set(func(f *fake) { f.answer = failing(f, "POST ", 503, "exception", "out of order") })
	if err := o.Clean(t.Context(), keysOf(entries[5:])); err == nil || !strings.Contains(err.Error(), "out of order") {
		t.Errorf("err = %v", err)
	}
}

// A refresh writes the same documents with a new time.
func TestRefresh(t *testing.T) {
	entries := numbered(outputtest.Entries(1, 20))
	f := newFake(t)
	o := f.open(t, func(s *Settings) { s.BatchEntries = 8 })
	deliver(t, o, adds(entries...))
	before := f.stamped(t)
	entries[3].Sequence, entries[3].Assertions = 0, nil // it is to change anyway
	d := outputtest.NewDelivery(entries, nil)
	d.Now = outputtest.Now.Add(7 * 24 * time.Hour)
	receipt, err := o.Refresh(t.Context(), d)
	if err != nil || receipt.Written != 19 || receipt.Skipped != nil {
		t.Fatalf("receipt = %+v, %v; want 19 written", receipt, err)
	}
	want := map[string]time.Time{}
	for id := range before {
		want[id] = d.Now
	}
	want[ecs.DocumentID("plant-07", entries[3].Key)] = outputtest.Now
	if diff := cmp.Diff(want, f.stamped(t)); diff != "" {
		t.Errorf("@timestamp (-want +got):\n%s", diff)
	}
	f.wantVersion(t, entries[4], 14)
}

// A refresh does not take back what has become later meanwhile.
func TestRefreshOvertakesNothing(t *testing.T) {
	entries := numbered(outputtest.Entries(1, 2))
	f := newFake(t)
	o := f.open(t, nil)
	deliver(t, o, adds(entries...))
	f.tamper(entries[0], func(d *document) { d.Version = 900 })
	receipt, err := o.Refresh(t.Context(), outputtest.NewDelivery(entries, nil))
	if err != nil || receipt.Written != 1 || receipt.Skipped[newerInIndex] != 1 {
		t.Errorf("receipt = %+v, %v", receipt, err)
	}
	f.wantVersion(t, entries[0], 900)
}

// Under pressure a refresh ends, and the next time of its schedule is the next try.
func TestRefreshUnderPressure(t *testing.T) {
	entries := numbered(outputtest.Entries(1, 20))
	f := newFake(t)
	o := f.open(t, func(s *Settings) { s.BatchEntries = 5 })
	deliver(t, o, adds(entries...))
	f.set(func(f *fake) {
		f.bulkSizes = nil
		f.fault = func(string, string) *faultResult {
			return &faultResult{Status: 429, Type: "es_rejected_execution_exception", Reason: "rejected execution"}
		}
	})
	if _, err := o.Refresh(t.Context(), outputtest.NewDelivery(entries, nil)); err == nil || !strings.Contains(err.Error(), "rejected execution") {
		t.Errorf("err = %v", err)
	}
	if len(f.bulkSizes) > inFlight {
		t.Errorf("%d bulk requests, want no more than were under way", len(f.bulkSizes))
	}
}

// stamped returns the @timestamp of every document.
func (f *fake) stamped(t *testing.T) map[string]time.Time {
	t.Helper()
	f.mu.Lock()
	defer f.mu.Unlock()
	stamps := map[string]time.Time{}
	for id, d := range f.documents {
		var stamp struct {
			Timestamp time.Time `json:"@timestamp"`
		}
		if err := json.Unmarshal(d.Source, &stamp); err != nil {
			t.Fatal(err)
		}
		stamps[id] = stamp.Timestamp
	}
	return stamps
}
