package taxii

import (
	"encoding/json"
	"net/http"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

var noon = time.Date(2026, time.May, 1, 12, 0, 0, 123456000, time.UTC)

func TestWhereAPullBegins(t *testing.T) {
	const overlap = 5 * time.Minute
	early, hour := noon.Add(-30*24*time.Hour), time.Hour
	tests := map[string]struct {
		stands     position
		earliest   time.Time
		base, from time.Time
	}{
		"the first pull reads everything": {},
		"or what the operator wants":      {earliest: early, base: early, from: early},
		"the next reaches behind the cursor": {
			stands: position{Cursor: noon}, base: noon.Add(-overlap), from: noon.Add(-overlap)},
		"but not behind what the operator wants": {
			stands: position{Cursor: noon}, earliest: noon.Add(-time.Minute),
			base: noon.Add(-time.Minute), from: noon.Add(-time.Minute)},
		"a cut cycle goes on strictly before its last date": {
			stands: position{Cycle: &cycle{Base: noon, Last: noon.Add(hour)}},
			base:   noon, from: noon.Add(hour - overlap)},
		"but not behind its base": {
			stands: position{Cycle: &cycle{Base: noon, Last: noon.Add(time.Minute)}},
			base:   noon, from: noon},
		"a cut first cycle": {
			stands: position{Cycle: &cycle{Last: noon}}, from: noon.Add(-overlap)},
		"a cut cycle without dates begins again": {
			stands: position{Cursor: noon, Cycle: &cycle{Base: early, Pages: 3}}, base: early, from: early},
		"a cut cycle without order begins again": {
			stands: position{Cycle: &cycle{Base: early, Last: noon, Unordered: true}}, base: early, from: early},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			base, from := tt.stands.begin(tt.earliest, overlap)
			if !base.Equal(tt.base) || !from.Equal(tt.from) {
				t.Errorf("base %s, from %s; want %s and %s", base, from, tt.base, tt.from)
			}
		})
	}
}

func TestWithoutOverlapACutCycleStillGoesOnBeforeItsLastDate(t *testing.T) {
	_, from := position{Cycle: &cycle{Last: noon}}.begin(time.Time{}, 0)
	if !from.Equal(noon.Add(-tick)) {
		t.Errorf("from %s, want one tick before %s", from, noon)
	}
}

func TestAnotherFilterIsAnotherPosition(t *testing.T) {
	c := &collection{ID: "a b", root: "https://hub.example/api/"}
	keys := map[string]bool{}
	for _, s := range []*Settings{
		{}, {Types: []string{"indicator"}}, {Types: []string{"indicator", "malware"}}, {IDs: []string{"indicator--1"}},
		{SpecVersions: []string{"2.1"}}, {AddedAfter: noon},
	} {
		key := c.key(s.filter())
		if !sameFilter(key, s.filter()) {
			t.Errorf("%s is not recognised", key)
		}
		keys[key] = true
	}
	if len(keys) != 6 {
		t.Errorf("6 filters make %d positions: %v", len(keys), keys)
	}
	plain := (&Settings{PageSize: 7, Overlap: time.Hour}).filter()
	if got := c.key(plain); got != "https://hub.example/api/collections/a%20b/" {
		t.Errorf("without a filter the key is %s", got)
	}
}

func TestStateSurvivesTheStore(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		when := rapid.Custom(func(t *rapid.T) time.Time {
			return time.UnixMicro(rapid.Int64Range(0, 4e15).Draw(t, "µs")).UTC()
		})
		want := &state{Format: 1, Collections: map[string]position{
			rapid.String().Draw(t, "key"): {Cursor: when.Draw(t, "cursor")},
			"cut":                         {Cycle: &cycle{Base: when.Draw(t, "base"), Last: when.Draw(t, "last"), Pages: 3, Unordered: true}},
		}}
		cursor, err := want.encode()
		if err != nil {
			t.Fatal(err)
		}
		got, err := decodeState(cursor)
		if diff := cmp.Diff(want, got); err != nil || diff != "" {
			t.Errorf("%v (-want +got):\n%s", err, diff)
		}
	})
}

func TestAStateOfANewerProgramIsNotGuessedAt(t *testing.T) {
	s, err := decodeState([]byte(`{"format":2,"collections":{"a":{"cursor":"2026-01-01T00:00:00Z"}}}`))
	mustFail(t, err, "format is 2")
	if len(s.Collections) != 0 {
		t.Errorf("the positions %v were taken over", s.Collections)
	}
}

func FuzzState(f *testing.F) {
	f.Add([]byte(`{"format":1,"collections":{"https://h/collections/c/":{"cursor":"2026-05-01T12:00:00.123456Z","cycle":{"base":"2026-05-01T12:00:00Z","last":"2026-05-01T12:00:00Z","pages":2}}}}`))
	f.Add([]byte(`{"format":1,"collections":null}`))
	f.Add([]byte(`{"format":1,"collections":{"a":{"cycle":{"last":"9999-12-31T23:59:59Z"}}}}`))
	f.Add([]byte(``))
	f.Fuzz(func(t *testing.T, cursor []byte) {
		s, err := decodeState(cursor)
		if s == nil || s.Collections == nil {
			t.Fatal("no state to go on from")
		}
		if err != nil && len(s.Collections) > 0 {
			t.Error("a state that cannot be read left positions")
		}
		for _, stands := range s.Collections {
			if base, from := stands.begin(time.Time{}, time.Minute); from.Before(base) {
				t.Errorf("%+v begins at %s, before its base %s", stands, from, base)
			}
		}
		if _, err := s.encode(); err != nil {
			t.Errorf("what was read cannot be written: %v", err)
		}
	})
}

func TestDatesAreWrittenInTheOneFormThatAllServersTake(t *testing.T) {
	for _, tt := range []struct {
		time time.Time
		want string
	}{
		{noon, "2026-05-01T12:00:00.123456Z"},
		{noon.Truncate(time.Second), "2026-05-01T12:00:00.000000Z"},
		{noon.Add(999), "2026-05-01T12:00:00.123456Z"},
		{noon.In(time.FixedZone("", 7200)), "2026-05-01T12:00:00.123456Z"},
	} {
		if got := formatTime(tt.time); got != tt.want {
			t.Errorf("%v is written %s, want %s", tt.time, got, tt.want)
		}
	}
}

func TestDatesAreReadAsServersWriteThem(t *testing.T) {
	for text, want := range map[string]time.Time{
		"2026-05-01T12:00:00.123456Z":      noon,
		" 2026-05-01T12:00:00.123456Z ":    noon,
		"2026-05-01T14:00:00.123456+02:00": noon,
		"2026-05-01T12:00:00.123456":       noon,
		"2026-05-01 12:00:00.123456+00:00": noon,
		"2026-05-01T12:00:00Z":             noon.Truncate(time.Second),
		"undefined":                        {},
		"":                                 {},
		"2026-13-01T12:00:00Z":             {},
		"0000-01-01T00:00:00Z":             {},
	} {
		if got := parseTime(text); !got.Equal(want) {
			t.Errorf("%q is read as %s, want %s", text, got, want)
		}
	}
}

func FuzzDates(f *testing.F) {
	for _, text := range []string{"2026-05-01T12:00:00.123456Z", "undefined", "2026-05-01 12:00:00+00:00", "9999-12-31T23:59:59.999999999-23:59"} {
		f.Add(text, text)
	}
	f.Fuzz(func(t *testing.T, first, last string) {
		for _, date := range []string{first, last} {
			read := parseTime(date)
			if again := parseTime(formatTime(read)); !read.IsZero() && read.Year() < 9999 && !again.Equal(read.Truncate(tick)) {
				t.Errorf("%q is %s, and then %s", date, read, again)
			}
		}
		header := http.Header{}
		header.Set(firstHeader, first)
		header.Set(lastHeader, last)
		w := &walk{watch: watch{}, guards: patience}
		p := page{more: true, next: "n", objects: []json.RawMessage{[]byte(`{"id":"a"}`)}}
		p.first, p.last = addedBetween(header)
		w.note(p)
		if resume := w.cycle.resume(tick); !w.cycle.Last.IsZero() && !resume.Before(w.cycle.Last) {
			t.Errorf("the walk would go on at %s, which is not before %s", resume, w.cycle.Last)
		}
	})
}

// TestTheOverlapIsReadAgainOnlyUntilItHasBeenLookedFor: a hub that was filled at
// once must not send everything at every pull.
func TestTheOverlapIsReadAgainOnlyUntilItHasBeenLookedFor(t *testing.T) {
	const overlap = 5 * time.Minute
	added := time.Date(2026, time.June, 1, 12, 0, 0, 0, time.UTC)
	start := added.Add(time.Hour)
	var p position
	for _, step := range []struct {
		name  string
		began time.Duration // since start
		date  time.Time     // of the last object when the cycle ends
		from  time.Time     // where the next cycle begins
	}{
		{"the first cycle", 0, added, added.Add(-overlap)},
		{"soon after, what is late may still come", 4 * time.Minute, added, added.Add(-overlap)},
		{"after the overlap, it has been looked for", 5 * time.Minute, added, added},
		{"and stays so", 20 * time.Minute, added, added},
		{"something new begins it again", 30 * time.Minute, added.Add(time.Hour), added.Add(time.Hour - overlap)},
		{"a full pull that ends earlier too", 40 * time.Minute, added, added.Add(-overlap)},
		{"a clock that went back only waits", -time.Hour, added, added.Add(-overlap)},
	} {
		p = p.finish(step.date, start.Add(step.began), overlap)
		if _, from := p.begin(time.Time{}, overlap); !from.Equal(step.from) {
			t.Errorf("%s: the next cycle begins at %s, want %s", step.name, formatTime(from), formatTime(step.from))
		}
	}
}
