package sample

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/indicatord/indicatord/internal/taxiihub"
)

var morning = time.Date(2026, 11, 2, 8, 0, 0, 0, time.UTC)

// play runs a history for some steps, ten seconds apart.
func play(seed int64, steps int) []Step {
	h := NewHistory(seed, morning)
	var all []Step
	for n := range steps {
		all = append(all, h.Step(morning.Add(time.Duration(n)*10*time.Second)))
	}
	return all
}

func TestHistoryDependsOnItsSeedAlone(t *testing.T) {
	if !reflect.DeepEqual(play(7, 20), play(7, 20)) {
		t.Error("the same seed went two ways")
	}
	if reflect.DeepEqual(play(7, 20), play(8, 20)) {
		t.Error("two seeds went the same way")
	}
}

func TestHistoryOpens(t *testing.T) {
	s := play(1, 1)[0]
	if len(s.Add) != openingSize+2 || len(s.Remove) != 0 || s.Story == "" {
		t.Errorf("%d objects, %d removed, story %q", len(s.Add), len(s.Remove), s.Story)
	}
}

func TestHistoryShowsEverythingThatCanHappen(t *testing.T) {
	story := ""
	for n, s := range play(1, 24) {
		if s.Story == "" || strings.Contains(s.Story, "\n") {
			t.Errorf("step %d: the story is not one line: %q", n, s.Story)
		}
		if n > 0 && len(s.Add) > 5 {
			t.Errorf("step %d adds %d objects: want a handful", n, len(s.Add))
		}
		story += s.Story + "\n"
	}
	for _, event := range []string{"opened: ", "new: ", "updated: ", "revoked: ", "vanished: ", "expired: "} {
		if !strings.Contains(story, event) {
			t.Errorf("nothing is %q in\n%s", event, story)
		}
	}
}

// TestHistoryObeysSTIX follows every object through its life: versions rise,
// nothing follows a revocation, and the stated end is 20 to 60 s ahead.
func TestHistoryObeysSTIX(t *testing.T) {
	last := map[string]indicatorObject{}
	for n, s := range play(3, 60) {
		now := morning.Add(time.Duration(n) * 10 * time.Second)
		for _, raw := range s.Add {
			var i indicatorObject
			if err := json.Unmarshal(raw, &i); err != nil {
				t.Fatal(err)
			}
			if i.Type != "indicator" {
				continue
			}
			before, known := last[i.ID]
			switch {
			case known && before.Revoked:
				t.Errorf("%s goes on after its revocation", i.ID)
			case known && (i.Modified <= before.Modified || i.Created != before.Created || i.Pattern != before.Pattern):
				t.Errorf("%s: the new version is %+v, the old one %+v", i.ID, i, before)
			case !known:
				checkNew(t, i, now)
			}
			last[i.ID] = i
		}
		for _, id := range s.Remove {
			if _, known := last[id]; !known || last[id].Revoked {
				t.Errorf("%s vanishes but was not there", id)
			}
			delete(last, id)
		}
	}
}

func checkNew(t *testing.T, i indicatorObject, now time.Time) {
	t.Helper()
	if i.Created != timestamp(now) || i.Modified != i.Created || i.ValidFrom != i.Created {
		t.Errorf("%s is made at %s: %+v", i.ID, timestamp(now), i)
	}
	if i.ValidUntil == "" {
		return
	}
	until, err := time.Parse(time.RFC3339Nano, i.ValidUntil)
	if life := until.Sub(now); err != nil || life < 20*time.Second || life > time.Minute {
		t.Errorf("%s lives for %s (%v)", i.ID, life, err)
	}
}

func TestHistoryVersionsRiseWhileTheClockStands(t *testing.T) {
	h := NewHistory(5, morning)
	versions := map[string]string{}
	for range 40 {
		for _, raw := range h.Step(morning).Add {
			var o common
			if err := json.Unmarshal(raw, &o); err != nil {
				t.Fatal(err)
			}
			if o.Modified != "" && o.Modified <= versions[o.ID] {
				t.Fatalf("%s goes from version %s to %s", o.ID, versions[o.ID], o.Modified)
			}
			versions[o.ID] = o.Modified
		}
	}
}

func TestHistoryUsesNoAddressThatTheBundleDoesNotName(t *testing.T) {
	for _, address := range addresses {
		if !strings.Contains(string(Bundle()), address) {
			t.Errorf("%s is in no indicator of the bundle", address)
		}
	}
}

func TestHistoryNeverRunsOutOfValues(t *testing.T) {
	h := NewHistory(2, morning)
	seen := map[string]bool{}
	for n := range 500 {
		i := h.invent(morning)
		if kind := kindOrder[n%len(kindOrder)]; kind != "ip" && seen[i.value] {
			t.Fatalf("%s came up twice", i.value)
		}
		seen[i.value] = true
	}
}

func TestHistoryRunsOnAHub(t *testing.T) {
	hub := taxiihub.New(taxiihub.Options{})
	collection := hub.Collection("history", "History", "")
	for n, s := range play(4, 30) {
		before := collection.Len()
		if err := collection.Add(s.Add...); err != nil {
			t.Fatalf("step %d: %v", n, err)
		}
		if got := collection.Len() - before; got != len(s.Add) {
			t.Errorf("step %d: the hub took %d of %d objects", n, got, len(s.Add))
		}
		for _, id := range s.Remove {
			if !collection.Remove(id) {
				t.Errorf("step %d: %s was not there to vanish", n, id)
			}
		}
	}
}

func ExampleHistory() {
	h := NewHistory(1, morning)
	for n := range 4 {
		fmt.Println(h.Step(morning.Add(time.Duration(n) * 15 * time.Second)).Story)
	}
	// Output:
	// opened: 8 indicators, some of them short-lived
	// new: scada-portal.example, confidence 95, for 40s; updated: relay-time.example, confidence 50, was 70
	// new: 185.217.0.121, confidence 95, for 41s; revoked: relay-time.example, the hub withdrew it
	// expired: http://substation-update.example/firmware/update.bin, 20c7fa3b5cee2710d08c211a856767ce9c5a0495e346dc3844b4cada72fe8424; new: http://dispatch-sync.example/firmware/update.bin, confidence 85; updated: meter-time.example, confidence 70, was 95; vanished: 82.118.236.23, the hub no longer holds it; only a full pull can tell
}

func TestEveryInventedValueIsCanonical(t *testing.T) {
	h := NewHistory(6, morning)
	for n := range 60 {
		i := h.invent(morning)
		checkCanonical(t, kindOrder[n%len(kindOrder)], i.value)
	}
}

func TestInventedNamesDiffer(t *testing.T) {
	names := inventedNames()
	slices.Sort(names)
	if n := len(slices.Compact(slices.Clone(names))); n != len(names) {
		t.Errorf("%d of %d names are different", n, len(names))
	}
}
