package store

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestLastRuns(t *testing.T) {
	s := openTest(t)
	if last, success, err := s.LastRuns(t.Context(), Pull, "hub"); last != nil || success != nil || err != nil {
		t.Errorf("before the first run: %v, %v, %v", last, success, err)
	}
	good := Run{Kind: Pull, Name: "hub", Started: noon, Ended: noon.Add(time.Second), Counts: json.RawMessage(`{"pages":1}`)}
	bad := Run{Kind: Pull, Name: "hub", Started: noon.Add(time.Minute), Ended: noon.Add(time.Minute), Error: "the hub is away"}
	other := Run{Kind: Delivery, Name: "hub", Started: noon.Add(time.Hour), Ended: noon.Add(time.Hour)}
	for _, r := range []Run{good, bad, other} {
		if err := s.AddRun(t.Context(), r); err != nil {
			t.Fatal(err)
		}
	}
	last, success, err := s.LastRuns(t.Context(), Pull, "hub")
	bad.Counts = json.RawMessage{}
	if diff := cmp.Diff([]*Run{&bad, &good}, []*Run{last, success}); diff != "" || err != nil {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
	if text, err := json.Marshal(last); err != nil {
		t.Errorf("it cannot be shown: %s, %v", text, err)
	}
}

func TestRunsAreBounded(t *testing.T) {
	s := openTest(t)
	for i := range runsKept + 20 {
		for _, name := range []string{"hub", "other"}[:1+i/(runsKept+19)] {
			if err := s.AddRun(t.Context(), Run{Kind: Pull, Name: name, Started: noon, Error: fmt.Sprint(i)}); err != nil {
				t.Fatal(err)
			}
		}
	}
	if got := queryText(t, s, "SELECT "+joined(s, "n", ",")+" FROM (SELECT CAST(count(*) AS TEXT) AS n FROM runs GROUP BY name ORDER BY name) AS counted"); got != fmt.Sprintf("%d,1", runsKept) {
		t.Errorf("kept %s runs", got)
	}
	if last, _, _ := s.LastRuns(t.Context(), Pull, "hub"); last.Error != fmt.Sprint(runsKept+19) {
		t.Errorf("the last run is %s", last.Error)
	}
}
