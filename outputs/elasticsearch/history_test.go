package elasticsearch

import (
	"encoding/json"
	"errors"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/indicatord/indicatord/internal/indicator"
	"github.com/indicatord/indicatord/outputs"
	"github.com/indicatord/indicatord/outputs/outputtest"
)

func withHistory(s *Settings) { s.History.Stream = DefaultHistory }

// recorded reads the history back: the actions with their reasons and values, in
// order.
func (f *fake) recorded(t *testing.T) []string {
	t.Helper()
	f.mu.Lock()
	defer f.mu.Unlock()
	var texts []string
	for source := range maps.Values(f.records) {
		var doc struct {
			Event      struct{ Kind, Action, Reason string }
			Threat     struct{ Indicator struct{ Name string } }
			Indicatord struct{ Sequence int }
		}
		if err := json.Unmarshal(source, &doc); err != nil {
			t.Fatalf("record %s: %v", source, err)
		}
		if doc.Event.Action == "begun" {
			continue
		}
		if doc.Event.Kind != "event" {
			t.Errorf("event.kind is %q: rules would take the record for an indicator", doc.Event.Kind)
		}
		texts = append(texts, strings.TrimSpace(doc.Event.Action+" "+doc.Threat.Indicator.Name+" "+doc.Event.Reason))
	}
	slices.Sort(texts)
	return texts
}

func TestHistoryHasEachChangeOnce(t *testing.T) {
	e := outputtest.NewEntry(indicator.IP, "198.18.7.9")
	expired := offer(outputs.Remove, e, 7)
	expired.Changes = outputtest.Sequence([]outputs.Change{{Op: outputs.Remove, Entry: indicator.Entry{Key: e.Key, Sequence: 7}, Reason: "expired"}}, nil)
	refilled := offer(outputs.Add, e, 5)
	for _, tt := range []struct {
		name  string
		offer []outputs.Delivery
		want  []string
	}{
		{"a life", []outputs.Delivery{offer(outputs.Add, e, 5), offer(outputs.Update, e, 6), expired},
			[]string{"added 198.18.7.9", "removed 198.18.7.9 expired", "updated 198.18.7.9"}},
		{"all of it offered again", []outputs.Delivery{offer(outputs.Add, e, 5), offer(outputs.Add, e, 5), expired, expired},
			[]string{"added 198.18.7.9", "removed 198.18.7.9 expired"}},
		{"out of the view and in again without a change", []outputs.Delivery{offer(outputs.Add, e, 5), offer(outputs.Remove, e, 5), refilled, offer(outputs.Remove, e, 5)},
			[]string{"added 198.18.7.9", "added 198.18.7.9", "removed 198.18.7.9", "removed 198.18.7.9"}},
		{"what the index holds a newer version of", []outputs.Delivery{offer(outputs.Add, e, 9), offer(outputs.Update, e, 4)},
			[]string{"added 198.18.7.9"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			f := newFake(t)
			o := f.open(t, withHistory)
			deliver(t, o, adds())
			for _, d := range tt.offer {
				deliver(t, o, d)
			}
			if diff := cmp.Diff(tt.want, f.recorded(t)); diff != "" {
				t.Errorf("history (-want +got):\n%s", diff)
			}
		})
	}
}

// Neither a confirmation nor the filling of an index that was lost is a change.
func TestHistoryKeepsToChanges(t *testing.T) {
	f := newFake(t)
	o := f.open(t, withHistory)
	v := outputtest.NewView(numbered(outputtest.Entries(1, 10))...)
	deliver(t, o, v.Delivery())
	if n := len(f.recorded(t)); n != 10 {
		t.Fatalf("%d records of the first delivery, want 10", n)
	}
	if _, err := o.Refresh(t.Context(), v.Delivery()); err != nil {
		t.Fatal(err)
	}
	f.set((*fake).lose)
	first := v.Delivery()
	first.First = true
	deliver(t, f.open(t, withHistory), first)
	if n := len(f.keys(t)); n != 10 {
		t.Errorf("%d documents after the index was lost, want 10", n)
	}
	if n := len(f.recorded(t)); n != 10 {
		t.Errorf("%d records, want the same 10", n)
	}
}

// postponed returns the keys that a delivery has left to be offered again because
// of the history alone.
func postponed(t *testing.T, err error, want string) []indicator.Key {
	t.Helper()
	partial, ok := errors.AsType[*outputs.PartialError](err)
	if !ok {
		t.Fatalf("err = %v, want keys that are offered again", err)
	}
	var keys []indicator.Key
	for _, r := range partial.Refused {
		if r.Final || !r.Doubtful || !strings.Contains(r.Reason, "in the index, and not yet in the history: ") || !strings.Contains(r.Reason, want) {
			t.Fatalf("refusal = %+v, want one that waits for the history because of %q", r, want)
		}
		keys = append(keys, r.Key)
	}
	return keys
}

// What the history does not take now is offered again, and the index does not wait
// for it.
func TestHistoryNeverStopsTheIndex(t *testing.T) {
	for _, tt := range []struct {
		name    string
		arrange func(*fake)
		want    string
	}{
		{"no right to the templates", func(f *fake) {
			f.answer = failing(f, "PUT /_component_template/"+DefaultHistory, 403, "security_exception", "action is unauthorized")
		}, "manage_index_templates"},
		{"no right to write", func(f *fake) {
			f.answer = failing(f, "POST /"+DefaultHistory, 403, "security_exception", "action is unauthorized")
		}, "security_exception"},
		{"busy", func(f *fake) {
			f.answer = failing(f, "POST /"+DefaultHistory, 429, "es_rejected_execution_exception", "queue is full")
		}, "queue is full"},
		{"each record is refused for now", func(f *fake) {
			f.fault = func(action, _ string) *faultResult {
				if action == "create" {
					return &faultResult{Status: 429, Type: "es_rejected_execution_exception", Reason: "queue is full"}
				}
				return nil
			}
		}, "queue is full"},
	} {
		for _, process := range []string{"the same process", "the next process"} {
			t.Run(tt.name+", "+process, func(t *testing.T) {
				f := newFake(t)
				tt.arrange(f)
				o := f.open(t, withHistory)
				offer := adds(outputtest.Entries(1, 5)...)
				receipt, err := o.Deliver(t.Context(), offer)
				if keys := postponed(t, err, tt.want); receipt.Written != 5 || len(keys) != 5 || len(f.keys(t)) != 5 {
					t.Errorf("receipt = %+v, %d to be offered again; want 5 written and offered again", receipt, len(keys))
				}
				f.set(func(f *fake) { f.answer, f.fault = nil, nil })
				if process == "the next process" { // which knows only what the ledger does
					o = f.open(t, withHistory)
				}
				deliver(t, o, offer)
				deliver(t, o, offer)
				if n := len(f.recorded(t)); n != 5 {
					t.Errorf("%d records, want 5", n)
				}
			})
		}
	}
}

// A history that is away is asked once in a delivery, so that it does not slow the
// requests to the index down.
func TestHistoryThatIsAwayIsAskedOnce(t *testing.T) {
	f := newFake(t)
	o := f.open(t, func(s *Settings) { withHistory(s); s.BatchEntries = 5 })
	deliver(t, o, adds())
	asked := 0
	f.set(func(f *fake) {
		f.answer = func(w http.ResponseWriter, r *http.Request) bool {
			if r.URL.Path != "/"+DefaultHistory+"/_bulk" {
				return false
			}
			asked++
			f.fail(w, 500, "exception", "away")
			return true
		}
	})
	_, err := o.Deliver(t.Context(), adds(outputtest.Entries(1, 50)...))
	if keys := postponed(t, err, "away"); len(keys) != 50 || asked != 1 {
		t.Errorf("%d to be offered again, asked %d times; want 50 and once", len(keys), asked)
	}
}

// A change that was followed by another before the history came back has its record
// too: the process remembers it.
func TestHistoryRemembersWhatWasOvertaken(t *testing.T) {
	f := newFake(t)
	o := f.open(t, withHistory)
	deliver(t, o, adds())
	f.set(func(f *fake) { f.answer = failing(f, "POST /"+DefaultHistory, 500, "exception", "away") })
	e := outputtest.NewEntry(indicator.IP, "198.18.7.9")
	for i, op := range []outputs.Op{outputs.Add, outputs.Update, outputs.Remove} {
		if _, err := o.Deliver(t.Context(), offer(op, e, uint64(i+5))); err == nil {
			t.Errorf("%s is not offered again", op)
		}
	}
	receipt, err := o.Deliver(t.Context(), adds())
	if err != nil || len(receipt.Skipped) != 1 {
		t.Errorf("receipt = %+v, %v; want one that tells what waits", receipt, err)
	}
	f.set(func(f *fake) { f.answer = nil })
	if receipt := deliver(t, o, adds()); len(receipt.Skipped) != 0 {
		t.Errorf("receipt = %+v, want nothing that waits", receipt)
	}
	want := []string{"added 198.18.7.9", "removed 198.18.7.9", "updated 198.18.7.9"}
	if diff := cmp.Diff(want, f.recorded(t)); diff != "" {
		t.Errorf("history (-want +got):\n%s", diff)
	}
}

// What there is no room to remember is offered again, and not lost.
func TestWhatWaitsForTheHistoryIsBounded(t *testing.T) {
	f := newFake(t)
	f.answer = failing(f, "POST /"+DefaultHistory, 500, "exception", "away")
	o := f.open(t, withHistory)
	offer := adds(numbered(outputtest.Entries(1, maxBacklog+100))...)
	_, err := o.Deliver(t.Context(), offer)
	if keys := postponed(t, err, "away"); len(keys) != maxBacklog+100 || len(o.history.backlog) != maxBacklog {
		t.Errorf("%d are offered again and %d remembered, want all and %d", len(keys), len(o.history.backlog), maxBacklog)
	}
	f.set(func(f *fake) { f.answer = nil })
	for tries := 0; ; tries++ {
		_, err := o.Deliver(t.Context(), offer)
		if err == nil {
			break
		}
		if tries == 2 {
			t.Fatal(err)
		}
	}
	if n := len(f.recorded(t)); n != maxBacklog+100 {
		t.Errorf("%d records, want each change once", n)
	}
}

func TestUnfitRecordsAreLostAndNoOther(t *testing.T) {
	f := newFake(t)
	o := f.open(t, withHistory)
	deliver(t, o, adds())
	bad := true
	f.fault = func(action, _ string) *faultResult {
		if action != "create" || !bad {
			return nil
		}
		bad = false
		return &faultResult{Status: 400, Type: "document_parsing_exception", Reason: "failed to parse"}
	}
	receipt := deliver(t, o, adds(outputtest.Entries(1, 5)...))
	if receipt.Written != 5 || receipt.Skipped[notRecorded+"document_parsing_exception: failed to parse"] != 1 || len(f.recorded(t)) != 4 {
		t.Errorf("receipt = %+v and %d records, want one lost", receipt, len(f.recorded(t)))
	}
}

func TestHistorySettings(t *testing.T) {
	for _, tt := range []struct {
		name   string
		change func(*Settings)
		want   string
	}{
		{"the default", withHistory, ""},
		{"with a retention", func(s *Settings) { withHistory(s); s.HistoryRetention = 90 * 24 * time.Hour }, ""},
		{"the name of the index", func(s *Settings) { s.History.Stream = s.Index }, "history: is a name of the index too"},
		{"among the indicators", func(s *Settings) { s.History.Stream = "logs-ti_changes" }, "history: is in logs-ti_*"},
		{"a pattern", func(s *Settings) { s.History.Stream = "logs-*" }, "history: "},
		{"a retention of nothing", func(s *Settings) { s.HistoryRetention = 90 * 24 * time.Hour }, "history_retention: is given without history"},
		{"a short retention", func(s *Settings) { withHistory(s); s.HistoryRetention = time.Hour }, "history_retention: 1h0m0s is too short"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := Defaults()
			s.Addresses = []string{"https://es.example:9200"}
			tt.change(s)
			err := s.Validate()
			if tt.want == "" && err != nil || tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want)) {
				t.Errorf("err = %v, want %q", err, tt.want)
			}
		})
	}
}

func TestHistoryIsAYesOrAName(t *testing.T) {
	for text, want := range map[string]string{"true": DefaultHistory, "false": "", `"logs-audit-plant"`: "logs-audit-plant"} {
		var h History
		if err := h.UnmarshalYAML(func(to any) error { return json.Unmarshal([]byte(text), to) }); err != nil || h.Stream != want {
			t.Errorf("%s is %q, %v; want %q", text, h.Stream, err, want)
		}
	}
}
