package pipeline_test

import (
	"encoding/json"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/indicatord/indicatord/internal/indicator"
	"github.com/indicatord/indicatord/internal/pipeline"
	"github.com/indicatord/indicatord/internal/policy"
	"github.com/indicatord/indicatord/internal/store"
	"github.com/indicatord/indicatord/outputs/memory"
)

// late is what a hub shows in the order of its making: an indicator whose
// markings and threats come pages later.
var late = []json.RawMessage{
	json.RawMessage(`{"type": "indicator", "spec_version": "2.1", "id": "indicator--1", "modified": "2026-05-01T00:00:00Z", "valid_from": "2026-05-01T00:00:00Z",
		"pattern": "[domain-name:value = 'a.example']", "pattern_type": "stix", "name": "dropper",
		"object_marking_refs": ["marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb", "marking-definition--1"]}`),
	json.RawMessage(`{"type": "identity", "spec_version": "2.1", "id": "identity--1", "modified": "2026-05-01T00:00:00Z", "name": "nobody"}`),
	json.RawMessage(`{"type": "relationship", "spec_version": "2.1", "id": "relationship--1", "modified": "2026-05-01T00:00:00Z",
		"relationship_type": "indicates", "source_ref": "indicator--1", "target_ref": "malware--1",
		"object_marking_refs": ["marking-definition--94868c89-83c2-464b-929b-a1a8aa3c8487"]}`),
	json.RawMessage(`{"type": "marking-definition", "spec_version": "2.1", "id": "marking-definition--1", "created": "2026-05-01T00:00:00Z",
		"definition_type": "statement", "definition": {"statement": "Copyright"}}`),
	json.RawMessage(`{"type": "malware", "spec_version": "2.1", "id": "malware--1", "modified": "2026-05-01T00:00:00Z", "name": "Loader", "is_family": true,
		"object_marking_refs": ["marking-definition--94868c89-83c2-464b-929b-a1a8aa3c8487"]}`),
}

// found is what the site knows of a.example: its marking and threats.
func (s *site) found() string {
	s.tb.Helper()
	records, err := s.store.Find(s.tb.Context(), []indicator.Key{{Kind: indicator.Domain, Value: "a.example"}})
	if err != nil || len(records) != 1 {
		s.tb.Fatalf("found %v, %v", records, err)
	}
	return fmt.Sprint(records[0].Entry.TLP(), records[0].Entry.Threats())
}

// TestWhatComesLateStillCounts, whatever order the hub sends it in and however
// it is cut into pulls.
func TestWhatComesLateStillCounts(t *testing.T) {
	for first := range late {
		t.Run(fmt.Sprintf("beginning with %d", first), func(t *testing.T) {
			s := newSite(t)
			for i := range late {
				s.hub.Put(late[(first+i)%len(late)])
			}
			s.pull()
			if diff := cmp.Diff("green [Loader]", s.found()); diff != "" {
				t.Errorf("in one pull (-want +got):\n%s", diff)
			}
			again := newSite(t)
			for i := range late {
				again.hub.Put(late[(first+i)%len(late)])
				again.pull()
			}
			if diff := cmp.Diff("green [Loader]", again.found()); diff != "" {
				t.Errorf("in %d pulls (-want +got):\n%s", len(late), diff)
			}
		})
	}
}

// TestWhatIsUnknownIsStrict until it is known: the marking counts as red.
func TestWhatIsUnknownIsStrict(t *testing.T) {
	s := newSite(t)
	s.hub.Put(late[0])
	s.pull()
	if diff := cmp.Diff("red []", s.found()); diff != "" {
		t.Errorf("before (-want +got):\n%s", diff)
	}
	s.hub.Put(late[1:]...)
	if counts := s.pull(); counts.Stale != 1 || counts.EntriesChange != 1 {
		t.Errorf("counted %+v, want the indicator to be derived again", counts)
	}
	if diff := cmp.Diff("green [Loader]", s.found()); diff != "" {
		t.Errorf("after (-want +got):\n%s", diff)
	}
	s.restart()
	if counts, err := s.puller.DeriveAgain(t.Context()); err != nil || counts != (store.Applied{}) {
		t.Errorf("after a restart %+v, %v are left to derive", counts, err)
	}
}

// TestAStricterMarkingHidesNames also of what the tool has already, and one that is
// less strict shows them.
func TestAStricterMarkingHidesNames(t *testing.T) {
	s, tool := newSite(t), new(memory.Tool)
	s.hub.Put(late...)
	s.hub.Put(json.RawMessage(`{"type": "malware", "spec_version": "2.1", "id": "malware--1", "modified": "2026-05-02T00:00:00Z", "name": "Loader", "is_family": true,
		"object_marking_refs": ["marking-definition--55d920b0-5e8b-4f79-9ee9-91f868d9b421"]}`))
	s.pull()
	for _, c := range []struct {
		max   indicator.TLP
		names string
	}{{indicator.TLPRed, "[Loader]"}, {indicator.TLPGreen, "[]"}, {indicator.TLPAmber, "[Loader]"}} {
		mustDeliver(t, s.deliverer(tool, memory.Changes, policy.Select{MaxTLP: c.max}))
		held, _ := tool.Entry(indicator.Key{Kind: indicator.Domain, Value: "a.example"})
		if got := fmt.Sprint(held.Threats()); got != c.names {
			t.Errorf("at %s the tool knows %s, want %s", c.max, got, c.names)
		}
	}
}

func mustDeliver(t *testing.T, d *pipeline.Deliverer) {
	t.Helper()
	if _, err := d.Deliver(t.Context()); err != nil {
		t.Fatal(err)
	}
}
