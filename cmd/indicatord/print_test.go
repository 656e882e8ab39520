package main

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/indicatord/indicatord/internal/admin"
	"github.com/indicatord/indicatord/internal/indicator"
	"github.com/indicatord/indicatord/internal/policy"
	"github.com/indicatord/indicatord/internal/store"
)

var noon = time.Date(2026, 6, 1, 12, 0, 0, 0, time.UTC)

func TestStatusIsReadable(t *testing.T) {
	s := admin.Status{
		Site: "plant-07", Version: "1.2.3", State: "/var/lib/indicatord", Time: noon,
		Daemon:  &admin.DaemonStatus{PID: 42, Started: noon.Add(-72 * time.Hour)},
		Entries: map[string]int{"ip": 3, "domain": 1},
		Connectors: []admin.ConnectorStatus{
			{RoundStatus: admin.RoundStatus{Name: "good", Type: "taxii", Schedule: "@hourly", Next: noon.Add(10 * time.Minute), Last: &store.Run{Ended: noon.Add(-50 * time.Minute)}}, Objects: map[string]int{"live": 4}},
			{RoundStatus: admin.RoundStatus{
				Name: "bad", Type: "taxii", Schedule: "@hourly", Last: &store.Run{Ended: noon.Add(-time.Minute), Error: "the hub says \x1b[2Jnothing\nat all"},
				Success: &store.Run{Ended: noon.Add(-5 * time.Hour)},
			}, Overdue: noon.Add(-4 * time.Hour)},
			{RoundStatus: admin.RoundStatus{Name: "busy", Type: "taxii", Schedule: "@hourly", RunningSince: noon.Add(-5 * time.Second)}},
		},
		Outputs: []admin.OutputStatus{
			{RoundStatus: admin.RoundStatus{Name: "list", Type: "addresslist", Schedule: "@on-change"}, Held: map[string]int{"ip": 3}, Behind: 1,
				Verified: &store.Run{Ended: noon.Add(-time.Hour), Counts: []byte(`{"wanted":3,"verified":2,"missing":1,"extra":4,"changed":0}`)}},
		},
	}
	const want = `Site plant-07, indicatord 1.2.3, state /var/lib/indicatord
Daemon 42 has been running for 3 days.
(answered by the running daemon)

Entries: domain 1, ip 3

CONNECTOR  TYPE   LAST PULL                           NEXT     OBJECTS  REJECTS
good       taxii  ok 50m ago                          in 10m   live 4   none
bad        taxii  FAILED 1m ago, ok 5h0m ago, OVERDUE  @hourly  none     none
busy       taxii  running for 5s                      @hourly  none     none

OUTPUT  TYPE         LAST DELIVERY  NEXT        HOLDS  BEHIND
list    addresslist  never          @on-change  ip 3   1 change

OUTPUT  READ BACK   DELIVERED  VERIFIED  MISSING  EXTRA  CHANGED
list    1h0m ago  3          2         1        4      0

bad failed 1m ago: the hub says  [2Jnothing at all

bad is overdue: a pull was due 4h0m ago, and none has succeeded since.
`
	var b bytes.Buffer
	printStatus(&b, &s, true)
	if squeeze(b.String()) != squeeze(want) {
		t.Errorf("it reads\n%s\nwant\n%s", b.String(), want)
	}
	for line := range strings.Lines(b.String()) {
		if strings.HasSuffix(line, " \n") {
			t.Errorf("the line %q ends in a space", line)
		}
	}
}

// squeeze leaves the widths of columns out.
func squeeze(text string) string {
	for strings.Contains(text, "   ") {
		text = strings.ReplaceAll(text, "   ", "  ")
	}
	return text
}

func TestWhyIsReadable(t *testing.T) {
	low := indicator.Confidence(20)
	x := admin.Explanation{
		Value: "a.example.com", Time: noon,
		Entries: []admin.EntryExplanation{{
			Kind: indicator.Domain, Value: "example.com", Covers: true, FirstSeen: noon, Changed: noon,
			Assertions: []admin.AssertionExplanation{{
				Source: "hub", Version: noon, State: indicator.Revoked, ValidFrom: noon.AddDate(0, -2, 0), ValidUntil: noon.AddDate(0, -1, 0), End: indicator.EndCeiling,
				Confidence: &low, Scope: indicator.ScopeSubdomains,
				Object: &indicator.Object{ID: "indicator--1", Name: "evil\u202ename", Description: "two\nlines", References: []indicator.Reference{{Source: "CERT", URL: "https://cert.example/1"}}, Remainder: []string{"like"}, Notes: []string{"cidr-equality"}},
			}},
			Outputs: []admin.OutputExplanation{
				{Output: "list", Verdicts: []policy.Verdict{policy.Revoked}, Holding: &store.Holding{Since: noon}},
				{Output: "siem", Verdicts: []policy.Verdict{policy.Passes}, InView: true, Holding: &store.Holding{Since: noon, Refused: "too long"}},
				{Output: "new", Verdicts: []policy.Verdict{policy.Passes}, InView: true},
			},
		}},
		Rejects: []store.StoredReject{{Source: "hub", At: noon, Reject: store.Reject{ObjectID: "indicator--2", Code: "like", Detail: "LIKE is\x07 not exact", Value: "%.example.com"}}},
	}
	var b bytes.Buffer
	printExplanation(&b, &x, false)
	for _, want := range []string{
		"domain example.com, which covers a.example.com\n",
		"\n  hub says: evil name\n", "object      indicator--1, version of 2026-06-01 12:00:00Z, revoked\n",
		"    not reduced like\n", "    notes       cidr-equality\n", "    description two lines\n", "    reference   CERT  https://cert.example/1\n",
		"    valid       from 2026-04-01 12:00:00Z until 2026-05-01 12:00:00Z (over), by the lifetime set here, before the end that the source gives\n",
		"    confidence  20 (low), TLP unmarked, direction unknown, exact, with subdomains\n",
		"  output list: has it since 2026-06-01 12:00:00Z, and should not any more\n", "what hub says is left out: ",
		"  output siem: the tool refused it on 2026-06-01 12:00:00Z: too long\n", "  output new: should have it, and is not delivered yet\n",
		`Rejected (like) on 2026-06-01 12:00:00Z: hub said "%.example.com" in indicator--2. LIKE is  not exact` + "\n",
		"(no daemon is running: read from the state directory)\n",
	} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("it does not say %q, but:\n%s", want, b.String())
		}
	}
}

func TestNothingMovesTheCursorOfATerminal(t *testing.T) {
	hostile := "a\x1b[2J\r\n\t\x07\x7f\u009b31m\u202eb\u2066\xffc"
	got := printable(hostile)
	for _, r := range got {
		if r < ' ' || r == 0x7f || r >= 0x80 && r < 0xa0 || r >= 0x202a && r <= 0x202e || r >= 0x2066 && r <= 0x2069 {
			t.Errorf("%q holds %U", got, r)
		}
	}
}

func TestAgo(t *testing.T) {
	for d, want := range map[time.Duration]string{
		-time.Second: "0s", 0: "0s", 59 * time.Second: "59s", 61 * time.Second: "1m", 90 * time.Minute: "1h30m",
		47 * time.Hour: "47h0m", 48 * time.Hour: "2 days",
	} {
		if got := ago(noon, noon.Add(-d)); got != want {
			t.Errorf("%s is %q, want %q", d, got, want)
		}
	}
}
