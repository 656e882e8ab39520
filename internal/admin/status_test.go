package admin

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/indicatord/indicatord/internal/indicator"
	"github.com/indicatord/indicatord/internal/store"
	"github.com/indicatord/indicatord/outputs"
)

func (s *stand) status() Status {
	s.t.Helper()
	status, err := s.Status(s.t.Context())
	if err != nil {
		s.t.Fatal(err)
	}
	return status
}

// ran records a pull that ended at a time.
func (s *stand) ran(ended time.Time, failure string) {
	s.t.Helper()
	err := s.Store.AddRun(s.t.Context(), store.Run{Kind: store.Pull, Name: "hub", Started: ended.Add(-time.Second), Ended: ended, Error: failure, Counts: []byte("{}")})
	if err != nil {
		s.t.Fatal(err)
	}
}

func TestStatusOfANewState(t *testing.T) {
	status := newStand(t, twoOutputs).status()
	if c := status.Connectors[0]; c.Last != nil || c.Success != nil || !c.Overdue.IsZero() {
		t.Errorf("a connector that never ran: %+v", c)
	}
	if o := status.Outputs[0]; o.Behind != 0 || len(o.Held) != 0 {
		t.Errorf("an output that never ran: %+v", o)
	}
}

func TestStatusCountsWhatIsKnownAndHeld(t *testing.T) {
	s := newStand(t, twoOutputs)
	s.pull(
		indicatorOf(1, "[ipv4-addr:value = '5.0.0.1']", nil),
		indicatorOf(2, "[ipv4-addr:value = '10.0.0.1']", nil),
		indicatorOf(3, "[domain-name:value = 'example.com']", map[string]any{"revoked": true}),
	)
	if got := s.status().Outputs[0].Behind; got == 0 {
		t.Error("an output that has nothing is not behind")
	}
	if err := s.deliver("siem"); err != nil {
		t.Fatal(err)
	}
	status := s.status()
	want := map[string]map[string]int{
		"entries": {"ip": 1}, "objects": {"live": 2, "revoked": 1}, "rejects": {"reserved-address": 1}, "held": {"ip": 1},
	}
	got := map[string]map[string]int{
		"entries": status.Entries, "objects": status.Connectors[0].Objects, "rejects": status.Connectors[0].Rejects, "held": status.Outputs[0].Held,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if got := status.Outputs[0].Behind; got != 0 {
		t.Errorf("after the delivery the output is %d changes behind", got)
	}
}

// namesAlone are settings of a tool that has a place for names and nothing else.
type namesAlone struct{ outputs.Settings }

func (namesAlone) Kinds() []indicator.Kind { return []indicator.Kind{indicator.Domain} }

func TestStatusDoesNotCountWhatAToolHasNoPlaceFor(t *testing.T) {
	s := newStand(t, twoOutputs)
	s.pull(indicatorOf(1, "[ipv4-addr:value = '5.0.0.1']", nil), indicatorOf(2, "[domain-name:value = 'grid-portal.net']", nil))
	if err := s.deliver("siem"); err != nil {
		t.Fatal(err)
	}
	s.Config.Outputs[0].Settings = namesAlone{s.Config.Outputs[0].Settings}
	if diff := cmp.Diff(map[string]int{"domain": 1}, s.status().Outputs[0].Held); diff != "" {
		t.Errorf("held (-want +got):\n%s", diff)
	}
}

func TestStatusTellsTheLastRunAndTheLastSuccess(t *testing.T) {
	s := newStand(t, twoOutputs)
	s.ran(noon.Add(-30*time.Minute), "")
	s.ran(noon.Add(-time.Minute), "the hub is away")
	c := s.status().Connectors[0]
	if c.Last.Error != "the hub is away" || !c.Success.Ended.Equal(noon.Add(-30*time.Minute)) {
		t.Errorf("last %+v, success %+v", c.Last, c.Success)
	}
}

func TestStatusTellsWhatIsOverdue(t *testing.T) {
	for name, tt := range map[string]struct {
		success time.Duration // before noon
		running bool
		want    time.Duration // before noon, negative for not overdue
	}{
		"in time":             {30 * time.Minute, false, -1},
		"due at this moment":  {time.Hour, false, -1},
		"late":                {3*time.Hour + time.Minute, false, 3 * time.Hour},
		"late, but under way": {3 * time.Hour, true, -1},
	} {
		t.Run(name, func(t *testing.T) {
			s := newStand(t, twoOutputs)
			s.ran(noon.Add(-tt.success), "")
			s.Live = func(store.RunKind, string) Live {
				if tt.running {
					return Live{Since: noon.Add(-time.Minute)}
				}
				return Live{}
			}
			var want time.Time
			if tt.want >= 0 {
				want = noon.Add(-tt.want)
			}
			if got := s.status().Connectors[0].Overdue; !got.Equal(want) {
				t.Errorf("overdue since %s, want %s", got, want)
			}
		})
	}
}

func TestQuestionsThatAreBrokenOffAreErrors(t *testing.T) {
	s := newStand(t, twoOutputs)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := s.Status(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("status: %v", err)
	}
	if _, err := s.Why(ctx, "5.6.7.8"); !errors.Is(err, context.Canceled) {
		t.Errorf("why: %v", err)
	}
	lines, err := s.Export(ctx, "siem")
	for _, lineErr := range lines {
		err = errors.Join(err, lineErr)
	}
	if !errors.Is(err, context.Canceled) {
		t.Errorf("export: %v", err)
	}
}

// TestStatusTellsWhatWasTrimmed: a tool that is too small is an alarm.
func TestStatusTellsWhatWasTrimmed(t *testing.T) {
	s := newStand(t, twoOutputs)
	output := s.Config.Outputs[0].Name
	run := store.Run{Kind: store.Delivery, Name: output, Ended: s.Now(), Counts: []byte(`{"skipped":{"beyond the limit of 2 entries":5,"no address":1},"trimmed":5}`)}
	if err := s.Store.AddRun(t.Context(), run); err != nil {
		t.Fatal(err)
	}
	status, err := s.Status(t.Context())
	if err != nil || len(status.Alarms) != 1 || status.Alarms[0].Name != "trimmed" || !strings.Contains(status.Alarms[0].Text, "5 entries are not enforced") {
		t.Errorf("the alarms are %+v, %v", status.Alarms, err)
	}
}

// TestAlarmsAreThoseOfTheStatus, without its counts of all that is stored.
func TestAlarmsAreThoseOfTheStatus(t *testing.T) {
	s := newStand(t, twoOutputs)
	for i := range s.Config.Outputs {
		run := store.Run{Kind: store.Delivery, Name: s.Config.Outputs[i].Name, Ended: s.Now(), Error: "the tool is away"}
		if err := s.Store.AddRun(t.Context(), run); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Store.SetPause(t.Context(), store.Pause{Subject: store.PauseAll, Since: s.Now(), Who: "wang", Reason: "a test"}); err != nil {
		t.Fatal(err)
	}
	status, err := s.Status(t.Context())
	if err != nil || len(status.Alarms) != 3 {
		t.Fatalf("%+v, %v", status.Alarms, err)
	}
	alarms, err := s.Alarms(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(status.Alarms, alarms); diff != "" {
		t.Errorf("(-status +alarms):\n%s", diff)
	}
}
