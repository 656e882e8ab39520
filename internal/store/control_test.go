package store

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func auditRecords(t *testing.T, s *Store, since time.Time) ([]AuditRecord, error) {
	t.Helper()
	var all []AuditRecord
	for r, err := range s.AuditRecords(t.Context(), since) {
		if err != nil {
			return all, err
		}
		all = append(all, r)
	}
	return all, nil
}

func TestAudit(t *testing.T) {
	s := openTest(t)
	for i, r := range []AuditRecord{
		{At: noon, Who: "wang", Action: "allow", Subject: "domain a.example", Reason: "ours", After: json.RawMessage(`{"deny":false}`)},
		{At: noon.Add(time.Hour), Who: "indicatord", Action: "delivered", Subject: "output edge", Before: json.RawMessage(`{"held":1}`), After: json.RawMessage(`{"held":0}`)},
	} {
		if err := s.Audit(t.Context(), r); err != nil {
			t.Fatal(err)
		}
		all, err := auditRecords(t, s, time.Time{})
		if err != nil || len(all) != i+1 {
			t.Fatalf("%d records, %v", len(all), err)
		}
		r.ID, r.Chain = int64(i+1), all[i].Chain
		if diff := cmp.Diff(r, all[i]); diff != "" || r.Chain == "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	}
	if late, err := auditRecords(t, s, noon.Add(time.Minute)); len(late) != 1 || err != nil {
		t.Errorf("since a minute past noon %v, %v", late, err)
	}
}

// TestTheAuditIsOnlyAddedTo: the database refuses changes, and one that was made
// behind its back shows.
func TestTheAuditIsOnlyAddedTo(t *testing.T) {
	for name, tamper := range map[string]string{
		"changed":           "UPDATE audit SET who = 'nobody' WHERE id = 2",
		"one is taken out":  "DELETE FROM audit WHERE id = 2",
		"the time is moved": "UPDATE audit SET at = at + 1 WHERE id = 2",
	} {
		s := openTest(t)
		for range 3 {
			if err := s.Audit(t.Context(), AuditRecord{At: noon, Who: "wang", Action: "pause", Subject: "all"}); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := s.write.ExecContext(t.Context(), tamper); err == nil {
			t.Errorf("%s: the database has let it happen", name)
		}
		for _, statement := range []string{"DROP TRIGGER audit_is_not_changed", "DROP TRIGGER audit_is_not_deleted", tamper} {
			if s.Shared() && strings.HasPrefix(statement, "DROP") {
				statement += " ON audit"
			}
			if _, err := s.write.ExecContext(t.Context(), statement); err != nil {
				t.Fatal(err)
			}
		}
		_, err := auditRecords(t, s, time.Time{})
		if broken, ok := errors.AsType[*BrokenAuditError](err); !ok || broken.ID < 2 {
			t.Errorf("%s: %v, want that the audit is broken", name, err)
		}
	}
}

func TestPauses(t *testing.T) {
	s := openTest(t)
	all := Pause{Subject: PauseAll, Since: noon, Until: noon.Add(time.Hour), Who: "wang", Reason: "maintenance"}
	edge := Pause{Subject: "output/edge", Since: noon, Who: "li", Reason: "replaced"}
	for _, p := range []Pause{{Subject: PauseAll, Since: noon, Who: "x", Reason: "x"}, all, edge} {
		if err := s.SetPause(t.Context(), p); err != nil {
			t.Fatal(err)
		}
	}
	for at, want := range map[time.Time]map[string]Pause{
		noon:      {PauseAll: all, "output/edge": edge},
		all.Until: {"output/edge": edge},
	} {
		got, err := s.Pauses(t.Context(), at)
		if diff := cmp.Diff(want, got); diff != "" || err != nil {
			t.Errorf("at %s (-want +got):\n%s%v", at, diff, err)
		}
	}
	for _, want := range []bool{true, false} {
		if ended, err := s.EndPause(t.Context(), "output/edge"); ended != want || err != nil {
			t.Errorf("ended %t, %v, want %t", ended, err, want)
		}
	}
}

// TestHolds: a decision is about one change alone.
func TestHolds(t *testing.T) {
	s := openTest(t)
	hold := func(digest string, at time.Time) {
		t.Helper()
		if err := s.Hold(t.Context(), Hold{Output: "edge", Since: at, Digest: digest, Shown: json.RawMessage(`{"removed":40}`)}); err != nil {
			t.Fatal(err)
		}
	}
	decide := func(digest string, d Decision) bool {
		t.Helper()
		decided, err := s.Decide(t.Context(), "edge", digest, d, "wang")
		if err != nil {
			t.Fatal(err)
		}
		return decided
	}
	check := func(want ...Hold) {
		t.Helper()
		wanted := map[string]Hold{}
		for _, h := range want {
			h.Output, h.Since, h.Shown = "edge", noon, json.RawMessage(`{"removed":40}`)
			wanted["edge"] = h
		}
		got, err := s.Holds(t.Context())
		if diff := cmp.Diff(wanted, got); diff != "" || err != nil {
			t.Errorf("(-want +got):\n%s%v", diff, err)
		}
	}
	check()
	hold("one", noon)
	if decide("another", Approved) {
		t.Error("a change that is not held was approved")
	}
	if !decide("one", Approved) {
		t.Error("the held change was not approved")
	}
	hold("one", noon.Add(time.Hour))
	check(Hold{Digest: "one", Decision: Approved, Who: "wang"})
	hold("two", noon.Add(time.Hour))
	check(Hold{Digest: "two"})
	if !decide("two", Rejected) {
		t.Error("the held change was not rejected")
	}
	check(Hold{Digest: "two", Decision: Rejected, Who: "wang"})
	if err := s.Release(t.Context(), "edge"); err != nil {
		t.Fatal(err)
	}
	check()
}
