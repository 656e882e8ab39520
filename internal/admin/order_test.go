package admin

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/indicatord/indicatord/internal/indicator"
	"github.com/indicatord/indicatord/internal/store"
)

func (s *stand) operator() Operator {
	return Operator{Config: s.Config, Store: s.Store, Who: "wang", Now: s.Now}
}

func mustCarry(t *testing.T, o Operator, order Order) string {
	t.Helper()
	said, err := o.Carry(t.Context(), order)
	if err != nil {
		t.Fatalf("%+v: %v", order, err)
	}
	return said
}

// audited are the records of the audit, oldest first.
func audited(t *testing.T, s *stand) []string {
	t.Helper()
	var all []string
	for r, err := range s.Store.AuditRecords(t.Context(), time.Time{}) {
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, strings.TrimSpace(r.Who+" "+r.Action+" "+r.Subject+" "+r.Reason))
	}
	return all
}

func TestOrdersAboutValues(t *testing.T) {
	s := newStand(t, twoOutputs)
	o := s.operator()
	mustCarry(t, o, Order{Action: Deny, Value: "203.0.113[.]66", Reason: "scans us", Until: s.Now().Add(time.Hour)})
	mustCarry(t, o, Order{Action: Allow, Value: "Example.COM", Subdomains: true, Reason: "ours"})
	mustCarry(t, o, Order{Action: Allow, Value: "10.0.0.0/24", Reason: "the plant"})
	all, err := s.Store.Overrides(t.Context(), s.Now())
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, w := range all {
		got = append(got, fmt.Sprintf("%s %s %s %s by %s: %s", w.Action(), w.Key.Kind, w.Key.Value, w.Scope, w.Owner, w.Reason))
	}
	want := []string{
		"deny ip 203.0.113.66 exact by wang: scans us", "allow domain example.com subdomains by wang: ours", "allow ip 10.0.0.0/24 exact by wang: the plant",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	mustCarry(t, o, Order{Action: Lift, Value: "example.com"})
	wantAudit := []string{
		"wang deny ip 203.0.113.66 scans us", "wang allow domain example.com ours", "wang allow ip 10.0.0.0/24 the plant", "wang lift domain example.com",
	}
	if diff := cmp.Diff(wantAudit, audited(t, s)); diff != "" {
		t.Errorf("the audit (-want +got):\n%s", diff)
	}
}

// TestADenyTellsWhatComesOfIt: whoever denies a value that must not be blocked learns
// at once that it is not.
func TestADenyTellsWhatComesOfIt(t *testing.T) {
	s := newStand(t, twoOutputs)
	protection, _, err := NewProtection(t.Context(), s.Config, s.Store, s.Now)
	if err != nil {
		t.Fatal(err)
	}
	o := s.operator()
	o.Protection = protection
	for value, want := range map[string]string{
		"45.9.1.2":   ": every output that takes its kind has it",
		"10.1.2.3":   "no output that enforces takes it, for 10.1.2.3 would block what is protected",
		"8.8.8.0/24": "every output that takes its kind has it; 8.8.8.0/24 contains",
		"45.0.0.0/8": "is wider than /16",
	} {
		said, err := o.Carry(t.Context(), Order{Action: Deny, Value: value, Reason: "x"})
		if err != nil || !strings.Contains(said, want) {
			t.Errorf("%s: %q, %v; want %q", value, said, err, want)
		}
	}
	words, err := s.Store.Overrides(t.Context(), s.Now())
	if err != nil {
		t.Fatal(err)
	}
	if text, err := json.Marshal(words[0]); err != nil || !strings.Contains(string(text), `"key":{"kind":"ip","value":"`) {
		t.Errorf("an override is %s, %v", text, err)
	}
}

// TestOrdersThatAreRefused leave nothing behind, not even in the audit.
func TestOrdersThatAreRefused(t *testing.T) {
	s := newStand(t, twoOutputs)
	for name, c := range map[string]struct {
		order Order
		want  string
	}{
		"without a reason":          {Order{Action: Allow, Value: "a.example"}, "--reason"},
		"a pause without a reason":  {Order{Action: Pause, Subject: "all"}, "--reason"},
		"nothing of any kind":       {Order{Action: Deny, Value: "what is this", Reason: "x"}, "is no address, domain"},
		"not of that kind":          {Order{Action: Deny, Value: "a.example", Kind: "ip", Reason: "x"}, "address"},
		"no such kind":              {Order{Action: Deny, Value: "a.example", Kind: "name", Reason: "x"}, "kind"},
		"over before it begins":     {Order{Action: Deny, Value: "a.example", Reason: "x", Until: s.Now()}, "is past"},
		"a public suffix":           {Order{Action: Deny, Value: "com.cn", Reason: "x"}, "anybody can register names below"},
		"a prefix that is too wide": {Order{Action: Deny, Value: "45.0.0.0/7", Reason: "x"}, "is wider than /8"},
		"a length that is none":     {Order{Action: Allow, Value: "192.0.2.0/33", Reason: "x"}, "is no address, domain"},
		"a range backwards":         {Order{Action: Deny, Value: "45.0.0.9-45.0.0.1", Reason: "x"}, "comes after"},
		"nothing to lift":           {Order{Action: Lift, Value: "a.example"}, "neither allows nor denies"},
		"no such output":            {Order{Action: Pause, Subject: "output/nowhere", Reason: "x"}, `no output named "nowhere"`},
		"no such connector":         {Order{Action: Pause, Subject: "connector/nowhere", Reason: "x"}, `no connector named "nowhere"`},
		"not paused":                {Order{Action: Resume, Subject: "all"}, "is not paused"},
		"nothing is held":           {Order{Action: Approve, Output: s.Config.Outputs[0].Name}, "no change of"},
		"an output that is none":    {Order{Action: Reject, Output: "nowhere"}, "nowhere"},
		"no such order":             {Order{Action: "explode"}, "no order"},
	} {
		if _, err := s.operator().Carry(t.Context(), c.order); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
	}
	if records := audited(t, s); len(records) > 0 {
		t.Errorf("the audit tells of %q", records)
	}
}

func TestOrdersToPause(t *testing.T) {
	s := newStand(t, twoOutputs)
	subject := "output/" + s.Config.Outputs[0].Name
	mustCarry(t, s.operator(), Order{Action: Pause, Subject: subject, Reason: "upgrade", Until: s.Now().Add(time.Hour)})
	pauses, err := s.Store.Pauses(t.Context(), s.Now())
	if err != nil || pauses[subject].Who != "wang" || pauses[subject].Reason != "upgrade" {
		t.Errorf("%+v, %v", pauses, err)
	}
	mustCarry(t, s.operator(), Order{Action: Resume, Subject: subject})
	if diff := cmp.Diff([]string{"wang pause " + subject + " upgrade", "wang resume " + subject}, audited(t, s)); diff != "" {
		t.Errorf("the audit (-want +got):\n%s", diff)
	}
}

// TestDecisionsAreAboutTheChangeThatWasShown.
func TestDecisionsAreAboutTheChangeThatWasShown(t *testing.T) {
	s := newStand(t, twoOutputs)
	output := s.Config.Outputs[0].Name
	hold := store.Hold{Output: output, Since: s.Now(), Digest: "one", Shown: json.RawMessage(`{"removed": 40, "held": 100, "over": ["at most 20"]}`)}
	if err := s.Store.Hold(t.Context(), hold); err != nil {
		t.Fatal(err)
	}
	status, err := s.Status(t.Context())
	if err != nil || len(status.Alarms) != 1 || status.Alarms[0].Name != "held" || !strings.Contains(status.Alarms[0].Text, "approve "+output+" --change one") {
		t.Errorf("the alarms are %+v, %v", status.Alarms, err)
	}
	if _, err := s.operator().Carry(t.Context(), Order{Action: Approve, Output: output, Change: "another"}); err == nil || !strings.Contains(err.Error(), "has become one") {
		t.Errorf("another change: %v", err)
	}
	said := mustCarry(t, s.operator(), Order{Action: Approve, Output: output, Change: "one"})
	if !strings.Contains(said, "remove 40 of 100") {
		t.Errorf("it says %q", said)
	}
	holds, err := s.Store.Holds(t.Context())
	if err != nil || holds[output].Decision != store.Approved || holds[output].Who != "wang" {
		t.Errorf("%+v, %v", holds, err)
	}
	mustCarry(t, s.operator(), Order{Action: Reject, Output: output})
	if diff := cmp.Diff([]string{"wang approve output/" + output, "wang reject output/" + output}, audited(t, s)); diff != "" {
		t.Errorf("the audit (-want +got):\n%s", diff)
	}
}

// TestDecisionsAboutWithdrawals are about a source.
func TestDecisionsAboutWithdrawals(t *testing.T) {
	s := newStand(t, twoOutputs)
	source := s.Config.Connectors[0].Name
	hold := store.Hold{Output: store.HeldSource(source), Since: s.Now(), Digest: "one", Shown: json.RawMessage(`{"removed":400,"held":1000}`)}
	if err := s.Store.Hold(t.Context(), hold); err != nil {
		t.Fatal(err)
	}
	status, err := s.Status(t.Context())
	if err != nil || len(status.Alarms) != 1 || status.Alarms[0].Name != "withdrawal-held" || !strings.Contains(status.Alarms[0].Text, "400 of its 1000 objects") {
		t.Errorf("the alarms are %+v, %v", status.Alarms, err)
	}
	if _, err := s.operator().Carry(t.Context(), Order{Action: Approve, Output: "connector/nowhere"}); err == nil {
		t.Error("a connector that is none has a change")
	}
	mustCarry(t, s.operator(), Order{Action: Approve, Output: "connector/" + source, Change: "one"})
	holds, err := s.Store.Holds(t.Context())
	if err != nil || holds[hold.Output].Decision != store.Approved {
		t.Errorf("%+v, %v", holds, err)
	}
	if status, err = s.Status(t.Context()); err != nil || !strings.Contains(status.Alarms[0].Text, "approved by wang") {
		t.Errorf("the alarms are %+v, %v", status.Alarms, err)
	}
	if diff := cmp.Diff([]string{"wang approve connector/" + source}, audited(t, s)); diff != "" {
		t.Errorf("the audit (-want +got):\n%s", diff)
	}
}

// TestADecisionIsForEveryMachine of a pair that has the same change before it.
func TestADecisionIsForEveryMachine(t *testing.T) {
	s := newStand(t, twoOutputs)
	output := s.Config.Outputs[0].Name
	for _, name := range []string{output + "@fw-1", output + "@fw-2", "another@fw-1"} {
		if err := s.Store.Hold(t.Context(), store.Hold{Output: name, Since: s.Now(), Digest: "one", Shown: json.RawMessage(`{"removed":40,"held":100}`)}); err != nil {
			t.Fatal(err)
		}
	}
	mustCarry(t, s.operator(), Order{Action: Approve, Output: output, Change: "one"})
	holds, err := s.Store.Holds(t.Context())
	if err != nil || holds[output+"@fw-1"].Decision != store.Approved || holds[output+"@fw-2"].Decision != store.Approved || holds["another@fw-1"].Decision != store.Undecided {
		t.Errorf("%+v, %v", holds, err)
	}
}

// TestOrdersThroughTheSocket: the system says who gives them, and everything is
// rung.
func TestOrdersThroughTheSocket(t *testing.T) {
	s := newStand(t, twoOutputs)
	d := &fakeDaemon{stand: s}
	client := listen(t, d)
	said, err := client.Order(t.Context(), Order{Action: Allow, Value: "a.example", Reason: "ours"})
	if err != nil || !strings.Contains(said, "a.example is allowed") || d.rung != 1 {
		t.Errorf("%q, %v, rung %d times", said, err, d.rung)
	}
	if _, err := client.Order(t.Context(), Order{Action: Allow, Value: "a.example"}); err == nil || d.rung != 1 {
		t.Errorf("without a reason: %v, rung %d times", err, d.rung)
	}
	all, err := s.Store.Overrides(t.Context(), s.Now())
	if err != nil || len(all) != 1 {
		t.Fatalf("%+v, %v", all, err)
	}
	if want := fmt.Sprintf("uid %d", os.Getuid()); !strings.Contains(all[0].Owner, want) {
		t.Errorf("the owner is %q, want %q", all[0].Owner, want)
	}
}

func TestPeersThatAreNotKnown(t *testing.T) {
	if who := peerOf(t.Context()); who != unknownPeer {
		t.Errorf("without a connection it is %q", who)
	}
	if who := userName(987654); who != "uid 987654" {
		t.Errorf("a user without a name is %q", who)
	}
}

// TestNoDaemonTakesOrders tells so, so that the command can carry them out.
func TestNoDaemonTakesOrders(t *testing.T) {
	s := newStand(t, twoOutputs)
	if _, err := NewClient(s.Config.State).Order(t.Context(), Order{Action: Lift, Value: "a.example"}); !errors.Is(err, ErrNoDaemon) {
		t.Errorf("%v", err)
	}
}

func TestKeysOfOrders(t *testing.T) {
	for value, want := range map[string]indicator.Key{
		"203.0.113.7":              {Kind: indicator.IP, Value: "203.0.113.7"},
		"203.0.113.0/24":           {Kind: indicator.IP, Value: "203.0.113.0/24"},
		"2001:4860::1":             {Kind: indicator.IP, Value: "2001:4860::1"},
		"a.example":                {Kind: indicator.Domain, Value: "a.example"},
		"https://a.example/x":      {Kind: indicator.URL, Value: "https://a.example/x"},
		"x@a.example":              {Kind: indicator.Email, Value: "x@a.example"},
		strings.Repeat("0a", 16):   {Kind: indicator.MD5, Value: strings.Repeat("0a", 16)},
		strings.Repeat("0A1b", 16): {Kind: indicator.SHA256, Value: strings.Repeat("0a1b", 16)},
	} {
		key, _, err := keyOf(Order{Value: value})
		if err != nil || key != want {
			t.Errorf("%s is %v, %v, want %v", value, key, err, want)
		}
	}
}
