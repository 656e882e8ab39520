package indicator

import (
	"net/netip"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// day returns midnight of a day in January 2026.
func day(n int) time.Time { return time.Date(2026, 1, n, 0, 0, 0, 0, time.UTC) }

// entryOf is an entry about one name with the given assertions.
func entryOf(assertions ...Assertion) *Entry {
	return &Entry{Key: Key{Domain, "example.com"}, Assertions: assertions}
}

func TestEntryConfidenceIsTheHighest(t *testing.T) {
	for _, c := range []struct {
		name   string
		stated []Confidence
		want   Confidence
	}{
		{"none is stated", []Confidence{Unstated, Unstated}, Unstated},
		{"zero is more than none", []Confidence{Unstated, 0}, 0},
		{"the highest of several", []Confidence{15, 85, Unstated}, 85},
		{"no assertion", nil, Unstated},
	} {
		t.Run(c.name, func(t *testing.T) {
			e := entryOf()
			for _, stated := range c.stated {
				e.Assertions = append(e.Assertions, Assertion{Confidence: stated})
			}
			if got := e.Confidence(); got != c.want {
				t.Errorf("the confidence is %d, want %d", got, c.want)
			}
		})
	}
}

func TestEntryTLPIsTheStrictest(t *testing.T) {
	if got := entryOf(Assertion{TLP: TLPGreen}, Assertion{TLP: TLPAmberStrict}, Assertion{TLP: TLPClear}).TLP(); got != TLPAmberStrict {
		t.Errorf("the level is %s, want amber+strict", got)
	}
	named := &Object{Threats: []Threat{{Name: "Sandworm", TLP: TLPAmber}}}
	if got := entryOf(Assertion{TLP: TLPGreen, Object: named}).TLP(); got != TLPAmber {
		t.Errorf("the level with an amber name is %s, want amber", got)
	}
	if got := entryOf(Assertion{}).TLP(); got != TLPUnmarked {
		t.Errorf("the level of an unmarked assertion is %s, want none", got)
	}
}

func TestEntryScopeIsTheWidest(t *testing.T) {
	if got := entryOf(Assertion{}, Assertion{Scope: ScopeSubdomains}, Assertion{}).Scope(); got != ScopeSubdomains {
		t.Errorf("the scope is %s, want subdomains", got)
	}
	if got := entryOf(Assertion{}).Scope(); got != ScopeExact {
		t.Errorf("the scope is %s, want exact", got)
	}
}

func TestEntryDirectionJoinsAll(t *testing.T) {
	for _, c := range []struct{ a, b, want Direction }{
		{DirectionUnknown, DirectionUnknown, DirectionUnknown},
		{DirectionUnknown, DirectionTo, DirectionTo},
		{DirectionTo, DirectionTo, DirectionTo},
		{DirectionTo, DirectionFrom, DirectionBoth},
		{DirectionFrom, DirectionBoth, DirectionBoth},
	} {
		if got := entryOf(Assertion{Direction: c.a}, Assertion{Direction: c.b}).Direction(); got != c.want {
			t.Errorf("%s with %s is %s, want %s", c.a, c.b, got, c.want)
		}
	}
}

func TestEntryExactnessIsTheBest(t *testing.T) {
	if got := entryOf(Assertion{Exactness: Compound}, Assertion{Exactness: Widened}).Exactness(); got != Widened {
		t.Errorf("the exactness is %s, want widened", got)
	}
	if got := entryOf(Assertion{Exactness: Compound}, Assertion{Exactness: Exact}).Exactness(); got != Exact {
		t.Errorf("the exactness is %s, want exact", got)
	}
}

func TestEntryHoldsFromTheFirstStartToTheLastEnd(t *testing.T) {
	for _, c := range []struct {
		name       string
		assertions []Assertion
		from, end  time.Time
		why        End
	}{
		{
			"one assertion",
			[]Assertion{{ValidFrom: day(1), ValidUntil: day(9), End: EndHub}},
			day(1), day(9), EndHub,
		}, {
			"the one that holds longest says why",
			[]Assertion{
				{ValidFrom: day(3), ValidUntil: day(9), End: EndHub},
				{ValidFrom: day(2), ValidUntil: day(12), End: EndLifetime},
				{ValidFrom: day(4), ValidUntil: day(5), End: EndCeiling},
			},
			day(2), day(12), EndLifetime,
		}, {
			"one without an end outlives all",
			[]Assertion{{ValidFrom: day(3), ValidUntil: day(9), End: EndHub}, {ValidFrom: day(4)}},
			day(3), time.Time{}, EndNone,
		}, {
			"no assertion",
			nil,
			time.Time{}, time.Time{}, EndNone,
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			e := entryOf(c.assertions...)
			end, why := e.ValidUntil()
			if from := e.ValidFrom(); !from.Equal(c.from) || !end.Equal(c.end) || why != c.why {
				t.Errorf("holds from %s to %s (%s), want %s to %s (%s)", from, end, why, c.from, c.end, c.why)
			}
		})
	}
}

func TestEntryVersionIsTheNewest(t *testing.T) {
	if got := entryOf(Assertion{Version: day(2)}, Assertion{Version: day(7)}, Assertion{Version: day(5)}).Version(); !got.Equal(day(7)) {
		t.Errorf("the version is %s, want that of the newest object", got)
	}
}

func TestEntryCollectsWordsSortedAndOnce(t *testing.T) {
	campaign := &Object{
		ID: "indicator--2", Name: "Loader", Labels: []string{"power", "ics"}, Types: []string{"malicious-activity"},
		Threats: []Threat{{Name: "Sandworm", Type: "intrusion-set"}, {Name: "Industroyer"}}, References: []Reference{{Source: "cert", URL: "https://cert.example.org/1"}},
	}
	report := &Object{
		ID: "indicator--1", Labels: []string{"ics", ""}, Types: []string{"malicious-activity", "anonymization"},
		Threats:    []Threat{{Name: "Sandworm"}},
		References: []Reference{{Source: "blog"}, {Source: "cert", URL: "https://cert.example.org/1"}},
	}
	e := entryOf(
		Assertion{Source: "sector-hub", Object: campaign},
		Assertion{Source: "misp", Object: report},
		Assertion{Source: "sector-hub", Object: report},
		Assertion{Source: "keys-only"},
	)
	for _, c := range []struct {
		name      string
		got, want []string
	}{
		{"sources", e.Sources(), []string{"keys-only", "misp", "sector-hub"}},
		{"object ids", e.ObjectIDs(), []string{"indicator--1", "indicator--2"}},
		{"names", e.Names(), []string{"Loader"}},
		{"labels", e.Labels(), []string{"ics", "power"}},
		{"threats", e.Threats(), []string{"Industroyer", "Sandworm"}},
		{"types", e.IndicatorTypes(), []string{"anonymization", "malicious-activity"}},
	} {
		if diff := cmp.Diff(c.want, c.got); diff != "" {
			t.Errorf("the %s differ (-want +got):\n%s", c.name, diff)
		}
	}
	wantRefs := []Reference{{Source: "cert", URL: "https://cert.example.org/1"}, {Source: "blog"}}
	if diff := cmp.Diff(wantRefs, e.References()); diff != "" {
		t.Errorf("the references differ (-want +got):\n%s", diff)
	}
}

// TestWordsAreAppendedBehindOthers: what stands before them is neither sorted with
// them nor dropped as a repetition of one.
func TestWordsAreAppendedBehindOthers(t *testing.T) {
	e := entryOf(
		Assertion{Source: "misp", Object: &Object{ID: "indicator--2", Types: []string{"b", "a"}, Threats: []Threat{{}}}},
		Assertion{Source: "hub", Object: &Object{ID: "indicator--1", Types: []string{"a"}}},
	)
	for name, c := range map[string]struct {
		appendTo func([]string) []string
		want     []string
	}{
		"sources": {e.AppendSources, []string{"misp", "a", "hub", "misp"}},
		"objects": {e.AppendObjectIDs, []string{"misp", "a", "indicator--1", "indicator--2"}},
		"types":   {e.AppendIndicatorTypes, []string{"misp", "a", "a", "b"}},
		"threats": {e.AppendThreats, []string{"misp", "a"}},
		"names":   {e.AppendNames, []string{"misp", "a"}},
	} {
		if diff := cmp.Diff(c.want, c.appendTo([]string{"misp", "a"})); diff != "" {
			t.Errorf("the %s differ (-want +got):\n%s", name, diff)
		}
	}
}

func TestAssertionHoldsFromItsStartUpToItsEnd(t *testing.T) {
	bounded := Assertion{ValidFrom: day(5), ValidUntil: day(9)}
	endless := Assertion{ValidFrom: day(5)}
	for _, c := range []struct {
		at               time.Time
		bounded, endless bool
	}{
		{day(5).Add(-time.Nanosecond), false, false},
		{day(5), true, true},
		{day(9).Add(-time.Nanosecond), true, true},
		{day(9), false, true},
	} {
		if got := bounded.LiveAt(c.at); got != c.bounded {
			t.Errorf("from the 5th to the 9th holds at %s: %v", c.at, got)
		}
		if got := endless.LiveAt(c.at); got != c.endless {
			t.Errorf("from the 5th on holds at %s: %v", c.at, got)
		}
	}
}

func TestEntryRemainderIsThatOfAllObjects(t *testing.T) {
	e := entryOf(
		Assertion{Object: &Object{Remainder: []string{"like", "within"}}},
		Assertion{}, Assertion{Object: &Object{}},
		Assertion{Object: &Object{Remainder: []string{"like"}}},
	)
	if diff := cmp.Diff([]string{"like", "within"}, e.Remainder()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestEntryRevisionMarksWhatItShows(t *testing.T) {
	first, second := Assertion{Revision: 1}, Assertion{Revision: 2}
	base := entryOf(first, second)
	for _, c := range []struct {
		name  string
		entry *Entry
		same  bool
	}{
		{"in another order", entryOf(second, first), true},
		{"with one less", entryOf(first), false},
		{"with another in its place", entryOf(first, Assertion{Revision: 3}), false},
		{"with none", entryOf(), false},
		{"where it is protected", &Entry{Assertions: base.Assertions, Protected: "it is the site's own"}, false},
		{"where a part may be enforced", &Entry{Assertions: base.Assertions, Pieces: []netip.Prefix{netip.MustParsePrefix("198.18.0.0/16")}}, false},
		{"changed later", &Entry{Assertions: base.Assertions, Sequence: 7, Changed: day(1)}, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			if same := c.entry.Revision() == base.Revision(); same != c.same {
				t.Errorf("the same mark: %t, want %t", same, c.same)
			}
		})
	}
}
