package pattern

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

// windowed are patterns with START and STOP, and what becomes of them.
var windowed = []struct {
	name, text string
	want       []string
}{
	{
		"one observation",
		"[domain-name:value = 'a.org'] START t'2026-01-01T00:00:00Z' STOP t'2027-01-01T00:00:00Z'",
		[]string{"domain a.org from 2026-01-01T00:00:00Z until 2027-01-01T00:00:00Z", "note start-stop"},
	},
	{
		"a group, and something outside of it",
		"([domain-name:value = 'a.org'] OR [domain-name:value = 'b.org']) START t'2026-01-01T00:00:00Z' STOP t'2027-01-01T00:00:00Z' OR [domain-name:value = 'c.org']",
		[]string{
			"domain a.org from 2026-01-01T00:00:00Z until 2027-01-01T00:00:00Z",
			"domain b.org from 2026-01-01T00:00:00Z until 2027-01-01T00:00:00Z",
			"domain c.org", "note start-stop",
		},
	},
	{
		"a window in another",
		"([domain-name:value = 'a.org'] START t'2025-01-01T00:00:00Z' STOP t'2026-06-01T00:00:00Z') START t'2026-01-01T00:00:00Z' STOP t'2027-01-01T00:00:00Z'",
		[]string{"domain a.org from 2026-01-01T00:00:00Z until 2026-06-01T00:00:00Z", "note start-stop"},
	},
	{
		"windows without a time in common",
		"([domain-name:value = 'a.org'] START t'2024-01-01T00:00:00Z' STOP t'2025-01-01T00:00:00Z') START t'2026-01-01T00:00:00Z' STOP t'2027-01-01T00:00:00Z'",
		[]string{"left start-stop", "note start-stop"},
	},
	{
		"a day that no calendar has",
		"[domain-name:value = 'a.org'] START t'2026-02-30T00:00:00Z' STOP t'2027-01-01T00:00:00Z'",
		[]string{"left start-stop"},
	},
	{
		"over before anything was observed",
		"[domain-name:value = 'a.org'] START t'1969-01-01T00:00:00Z' STOP t'1970-01-01T00:00:00Z'",
		[]string{"left start-stop"},
	},
	{
		"one value in two windows that meet",
		"[domain-name:value = 'a.org'] START t'2026-06-01T00:00:00Z' STOP t'2027-01-01T00:00:00Z' OR [domain-name:value = 'a.org'] START t'2026-01-01T00:00:00Z' STOP t'2026-06-01T00:00:00Z'",
		[]string{"domain a.org from 2026-01-01T00:00:00Z until 2027-01-01T00:00:00Z", "note start-stop"},
	},
	{
		"one value in a window and at any time",
		"[domain-name:value = 'a.org'] START t'2026-01-01T00:00:00Z' STOP t'2027-01-01T00:00:00Z' OR [domain-name:value = 'a.org']",
		[]string{"domain a.org", "note start-stop"},
	},
	{
		"one value in two windows with a gap: the later stays",
		"[domain-name:value = 'a.org'] START t'2026-06-01T00:00:00Z' STOP t'2027-01-01T00:00:00Z' OR [domain-name:value = 'a.org'] START t'2024-01-01T00:00:00Z' STOP t'2025-01-01T00:00:00Z'",
		[]string{"domain a.org from 2026-06-01T00:00:00Z until 2027-01-01T00:00:00Z", "left start-stop", "note start-stop"},
	},
	{
		"another direction in another window: the later stays",
		"[network-traffic:src_ref.value = '45.9.1.2'] START t'2026-01-01T00:00:00Z' STOP t'2026-06-01T00:00:00Z' OR [network-traffic:dst_ref.value = '45.9.1.2'] START t'2026-01-01T00:00:00Z' STOP t'2027-01-01T00:00:00Z'",
		[]string{"ip 45.9.1.2 to from 2026-01-01T00:00:00Z until 2027-01-01T00:00:00Z", "left start-stop", "note start-stop"},
	},
	{
		"exact in a window, widened at any time: the exact stays",
		"[ipv4-addr:value = '45.9.1.2'] START t'2026-01-01T00:00:00Z' STOP t'2027-01-01T00:00:00Z' OR [ipv4-addr:value = '45.9.1.2:443']",
		[]string{"ip 45.9.1.2 from 2026-01-01T00:00:00Z until 2027-01-01T00:00:00Z", "left start-stop", "note start-stop"},
	},
	{
		"exact at any time, widened in a window",
		"[ipv4-addr:value = '45.9.1.2:443'] START t'2026-01-01T00:00:00Z' STOP t'2027-01-01T00:00:00Z' OR [ipv4-addr:value = '45.9.1.2']",
		[]string{"ip 45.9.1.2", "note start-stop"},
	},
	{
		"seen once in a window",
		"[domain-name:value = 'a.org'] REPEATS 1 TIMES START t'2026-01-01T00:00:00Z' STOP t'2027-01-01T00:00:00Z'",
		[]string{"domain a.org from 2026-01-01T00:00:00Z until 2027-01-01T00:00:00Z", "note start-stop"},
	},
	{
		"more than once in a window: the parts keep it",
		"[domain-name:value = 'a.org'] REPEATS 2 TIMES START t'2026-01-01T00:00:00Z' STOP t'2027-01-01T00:00:00Z'",
		[]string{"domain a.org compound from 2026-01-01T00:00:00Z until 2027-01-01T00:00:00Z", "left repeats", "note start-stop"},
	},
}

func TestReduceInAWindow(t *testing.T) {
	for _, tt := range windowed {
		t.Run(tt.name, func(t *testing.T) {
			r := mustParse(t, tt.text).Reduce(Reduction{Widen: ShapeParts | ShapeAddressAndPort})
			if diff := cmp.Diff(tt.want, r.lines()); diff != "" {
				t.Errorf("%s (-want +got):\n%s", tt.text, diff)
			}
		})
	}
}
