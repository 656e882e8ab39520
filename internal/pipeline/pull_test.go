package pipeline_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/indicatord/indicatord/connectors"
	"github.com/indicatord/indicatord/internal/indicator"
	"github.com/indicatord/indicatord/internal/pipeline"
	"github.com/indicatord/indicatord/internal/store"
)

func wantHeld(t *testing.T, s *site, want ...string) {
	t.Helper()
	if diff := cmp.Diff(want, s.held()); diff != "" {
		t.Errorf("the store holds (-want +got):\n%s", diff)
	}
}

func TestPull(t *testing.T) {
	s := newSite(t)
	calls := 0
	s.puller.Stored = func() { calls++ }
	s.hub.Put(indicatorOf("1", 1, "a.example", "b.example"), indicatorOf("2", 1, "b.example"), indicatorOf("3", 1, "c.example"))
	counts := s.pull()
	want := pipeline.PullCounts{Pages: 2, Objects: 3, Applied: store.Applied{New: 3, EntriesNew: 3}}
	if counts != want || s.cursor() != "3" || calls != 1 {
		t.Errorf("counted %+v, cursor %q, %d calls, want %+v", counts, s.cursor(), calls, want)
	}
	wantHeld(t, s, "a.example 1", "b.example 1", "b.example 2", "c.example 3")

	if counts := s.pull(); counts.Objects != 0 || counts.Pages != 1 || calls != 1 {
		t.Errorf("with nothing new it counted %+v, %d calls", counts, calls)
	}
	s.hub.Put(indicatorOf("3", 2, "d.example"), fact{id: "1", version: 2, revoked: true}.object())
	s.hub.Withdraw("indicator--2")
	counts = s.pull()
	want = pipeline.PullCounts{Pages: 2, Objects: 2, Applied: store.Applied{Updated: 1, Revoked: 1, Withdrawn: 1, EntriesNew: 1, EntriesChange: 3}}
	if counts != want || calls != 2 {
		t.Errorf("counted %+v, %d calls, want %+v", counts, calls, want)
	}
	wantHeld(t, s, "d.example 3")
}

// TestPullCountsWhatItSkips: what the store has already is not decoded, and is
// counted as what it is.
func TestPullCountsWhatItSkips(t *testing.T) {
	s := newSite(t)
	s.hub.Put(indicatorOf("same", 2, "a.example"), indicatorOf("other", 2, "b.example"), indicatorOf("older", 2, "c.example"),
		fact{id: "revoked", version: 2, revoked: true}.object())
	s.pull()
	page := connectors.Page{Objects: []json.RawMessage{
		indicatorOf("same", 2, "a.example"), indicatorOf("other", 2, "x.example"), indicatorOf("older", 1, "c.example"),
		indicatorOf("revoked", 3, "d.example"), fact{id: "revoked", version: 2, revoked: true}.object(),
	}}
	counts, err := s.pullerOf(script{pages: []connectors.Page{page}}).Pull(t.Context(), false)
	want := pipeline.PullCounts{Pages: 1, Objects: 5, Applied: store.Applied{Repeated: 2, Conflicting: 1, Older: 1, AfterRevoked: 1}}
	if counts != want || err != nil {
		t.Errorf("counted %+v, %v, want %+v", counts, err, want)
	}
}

// TestPullFailsInTheMiddle: the pages before the failure stay, with the cursor
// that is true for them, and the next pull goes on from there.
func TestPullFailsInTheMiddle(t *testing.T) {
	s := newSite(t)
	for i := range 7 {
		s.hub.Put(indicatorOf(fmt.Sprint(i), 1, fmt.Sprintf("d%d.example", i)))
	}
	away := errors.New("the hub is away")
	for _, c := range []struct {
		pages  int
		cursor string
		held   int
	}{{0, "", 0}, {2, "4", 4}, {0, "4", 4}, {1, "6", 6}} {
		s.hub.Fail(c.pages, away)
		counts, err := s.puller.Pull(t.Context(), false)
		if !errors.Is(err, away) || counts.Pages != c.pages || s.cursor() != c.cursor || len(s.held()) != c.held {
			t.Errorf("after %d pages: %+v, %v, cursor %q, %d held", c.pages, counts, err, s.cursor(), len(s.held()))
		}
		s.restart()
	}
	s.hub.Mend()
	if counts := s.pull(); counts.Objects != 1 || len(s.held()) != 7 {
		t.Errorf("mended: %+v, %d held", counts, len(s.held()))
	}
}

func TestFullPullWithdrawsWhatVanished(t *testing.T) {
	s := newSite(t)
	s.hub.Put(indicatorOf("1", 1, "a.example"), indicatorOf("2", 1, "b.example"), indicatorOf("3", 1, "c.example"))
	s.pull()
	s.hub.Forget("indicator--2")
	s.hub.Put(indicatorOf("4", 1, "d.example"))
	s.pull()
	wantHeld(t, s, "a.example 1", "b.example 2", "c.example 3", "d.example 4")
	if counts := s.pullFully(); counts.Withdrawn != 1 || !counts.Full || counts.Repeated != 3 {
		t.Errorf("counted %+v", counts)
	}
	wantHeld(t, s, "a.example 1", "c.example 3", "d.example 4")
	if at, err := s.store.LastComplete(t.Context(), "hub"); !at.Equal(noon) || err != nil {
		t.Errorf("complete at %s, %v", at, err)
	}
	s.hub.Put(indicatorOf("2", 1, "b.example"))
	s.pull()
	wantHeld(t, s, "a.example 1", "b.example 2", "c.example 3", "d.example 4")
}

// TestNothingIsWithdrawnOnASuspicion: not after an error, not by a pull that
// does not say that it is complete, and never too much at once.
func TestNothingIsWithdrawnOnASuspicion(t *testing.T) {
	away := errors.New("the hub is away")
	one := connectors.Page{Objects: []json.RawMessage{indicatorOf("1", 1, "a.example")}}
	complete := one
	complete.Complete = true
	var missing *store.MissingError
	for _, c := range []struct {
		name   string
		script script
		is     func(error) bool
	}{
		{"an error at the end", script{pages: []connectors.Page{complete}, err: away}, func(err error) bool { return errors.Is(err, away) }},
		{"not complete", script{pages: []connectors.Page{one}}, func(err error) bool { return err != nil && strings.Contains(err.Error(), "complete") }},
		{"complete before the end", script{pages: []connectors.Page{complete, one}}, func(err error) bool { return err != nil && strings.Contains(err.Error(), "complete") }},
		{"nothing at all", script{}, func(err error) bool { return err != nil && strings.Contains(err.Error(), "complete") }},
		{"too much", script{pages: []connectors.Page{complete}}, func(err error) bool { return errors.As(err, &missing) }},
		{"an empty hub", script{pages: []connectors.Page{{Complete: true}}}, func(err error) bool { return errors.As(err, &missing) }},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newSite(t)
			s.hub.Put(indicatorOf("1", 1, "a.example"), indicatorOf("2", 1, "b.example"), indicatorOf("3", 1, "c.example"))
			s.pull()
			s.now = s.now.Add(time.Hour)
			counts, err := s.pullerOf(c.script).Pull(t.Context(), true)
			if !c.is(err) || counts.Withdrawn != 0 {
				t.Errorf("counted %+v, %v", counts, err)
			}
			wantHeld(t, s, "a.example 1", "b.example 2", "c.example 3")
			if at, err := s.store.LastComplete(t.Context(), "hub"); !at.Equal(noon) || err != nil {
				t.Errorf("complete at %s, %v, want the end of the first pull", at, err)
			}
		})
	}
}

// TestBrokenObjectsAreRejects, and the rest of their page goes on.
func TestBrokenObjectsAreRejects(t *testing.T) {
	s := newSite(t)
	s.hub.Put(json.RawMessage(`5`), json.RawMessage(`{"type":"indicator"}`), json.RawMessage(`{"type":"indicator","id":"indicator--broken",`),
		indicatorOf("1", 1, "a.example"), indicatorOf("2", 1, "not a domain"),
		json.RawMessage(`{"type":"indicator","id":"indicator--3","modified":"2026-01-01T00:00:00Z","valid_from":"2026-01-01T00:00:00Z","pattern":"[oops","pattern_type":"stix"}`),
		json.RawMessage(`{"type":"malware","id":"malware--1","name":"An implant","modified":"2026-01-01T00:00:00Z"}`))
	counts := s.pull()
	wantHeld(t, s, "a.example 1")
	rejects, err := s.store.Rejects(t.Context(), "hub", 100)
	if err != nil || counts.Rejects != len(rejects) || counts.Objects != 7 || counts.New != 5 {
		t.Errorf("counted %+v, %d rejects, %v", counts, len(rejects), err)
	}
	rejected := map[string]bool{}
	for _, r := range rejects {
		rejected[r.ObjectID] = true
		if r.Code == "" || r.Source != "hub" {
			t.Errorf("a reject says %+v", r)
		}
	}
	if diff := cmp.Diff(map[string]bool{"": true, "indicator--broken": true, "indicator--2": true, "indicator--3": true}, rejected); diff != "" {
		t.Errorf("rejected (-want +got):\n%s", diff)
	}
	s.hub.Put(indicatorOf("3", 400, "c.example"))
	s.pull()
	wantHeld(t, s, "a.example 1", "c.example 3")
}

// TestWithdrawalsKeepTheirPlace among the objects of a pull, in whatever pages
// they come.
func TestWithdrawalsKeepTheirPlace(t *testing.T) {
	brings := func(version int) connectors.Page {
		return connectors.Page{Objects: []json.RawMessage{indicatorOf("1", version, "a.example")}}
	}
	takes := connectors.Page{Withdrawn: []string{"indicator--1"}}
	for _, known := range []bool{false, true} {
		for _, c := range []struct {
			name  string
			pages []connectors.Page
			held  bool
		}{
			{"taken", []connectors.Page{takes}, false},
			{"brought and taken", []connectors.Page{brings(1), takes}, false},
			{"revised and taken", []connectors.Page{brings(2), takes}, false},
			{"taken and brought", []connectors.Page{takes, brings(1)}, true},
			{"taken, brought and taken", []connectors.Page{takes, brings(1), takes}, false},
			{"revised, taken, and brought as it was before", []connectors.Page{brings(2), takes, brings(1)}, false},
			{"brought, taken and revised", []connectors.Page{brings(1), takes, brings(2)}, true},
			{"taken, and another brought", []connectors.Page{takes, {Objects: []json.RawMessage{indicatorOf("2", 1)}}}, false},
		} {
			t.Run(fmt.Sprintf("%s, known %v", c.name, known), func(t *testing.T) {
				s := newSite(t)
				if known {
					s.hub.Put(indicatorOf("1", 1, "a.example"))
					s.pull()
				}
				if _, err := s.pullerOf(script{pages: c.pages}).Pull(t.Context(), false); err != nil {
					t.Fatal(err)
				}
				if held := len(s.held()) > 0; held != c.held {
					t.Errorf("the store holds it is %v, want %v", held, c.held)
				}
			})
		}
	}
}

// timed is a connector that hands over a page at each time after its start.
type timed struct {
	after []time.Duration
	end   time.Duration
}

func (c timed) Fetch(ctx context.Context, _ connectors.State, sink connectors.Sink) error {
	start := time.Now()
	for i, after := range c.after {
		time.Sleep(after - time.Since(start))
		page := connectors.Page{
			Objects: []json.RawMessage{indicatorOf(fmt.Sprint(i), 1, fmt.Sprintf("d%d.example", i))},
			Cursor:  fmt.Append(nil, i),
		}
		if err := sink(ctx, page); err != nil {
			return err
		}
	}
	time.Sleep(c.end - time.Since(start))
	return nil
}

// TestSmallPagesAreGathered for a second, and then stored while the pull goes on.
func TestSmallPagesAreGathered(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSite(t)
		start := time.Now()
		var stored []string
		p := s.pullerOf(timed{
			after: []time.Duration{0, 300 * time.Millisecond, 900 * time.Millisecond, 5 * time.Second, 5500 * time.Millisecond},
			end:   5600 * time.Millisecond,
		})
		p.Stored = func() { stored = append(stored, fmt.Sprint(time.Since(start), " ", len(s.held()))) }
		counts, err := p.Pull(t.Context(), false)
		if err != nil || counts.Pages != 5 {
			t.Errorf("counted %+v, %v", counts, err)
		}
		if diff := cmp.Diff([]string{"1s 3", "5.6s 5"}, stored); diff != "" {
			t.Errorf("stored (-want +got):\n%s", diff)
		}
	})
}

// TestManyObjectsAreManyBatches, each with the cursor that is true for it.
func TestManyObjectsAreManyBatches(t *testing.T) {
	s := newSite(t)
	var pages []connectors.Page
	for i := range 25 {
		page := connectors.Page{Cursor: fmt.Append(nil, i)}
		for j := range 1000 {
			page.Objects = append(page.Objects, indicatorOf(fmt.Sprint(i, "-", j), 1, fmt.Sprintf("d%d-%d.example", i, j)))
		}
		pages = append(pages, page)
	}
	var cursors []string
	p := s.pullerOf(script{pages: pages})
	p.Stored = func() { cursors = append(cursors, s.cursor()) }
	counts, err := p.Pull(t.Context(), false)
	if err != nil || counts.New != 25_000 || counts.Pages != 25 {
		t.Errorf("counted %+v, %v", counts, err)
	}
	if len(cursors) < 3 || cursors[len(cursors)-1] != "24" {
		t.Errorf("the cursors were %q", cursors)
	}
}

func TestCanceledPull(t *testing.T) {
	s := newSite(t)
	s.hub.Put(indicatorOf("1", 1, "a.example"))
	s.hub.Block()
	defer s.hub.Mend()
	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(20*time.Millisecond, cancel)
	if _, err := s.puller.Pull(ctx, true); !errors.Is(err, context.Canceled) {
		t.Errorf("the error is %v", err)
	}
	if s.cursor() != "" || len(s.held()) != 0 {
		t.Errorf("cursor %q, held %q", s.cursor(), s.held())
	}
}

// TestStoreFailsInAPull: the fetch ends too, and the error is that of the store.
func TestStoreFailsInAPull(t *testing.T) {
	s := newSite(t)
	s.execute("CREATE TRIGGER refuse BEFORE INSERT ON texts BEGIN SELECT raise(ABORT, 'the disk is gone'); END")
	var pages []connectors.Page
	for i := range 3000 {
		pages = append(pages, connectors.Page{Objects: []json.RawMessage{
			indicatorOf(fmt.Sprint(i), 1, fmt.Sprintf("%s.example", strings.Repeat("d", i%60+1))), make(json.RawMessage, 40_000),
		}, Cursor: fmt.Append(nil, i)})
	}
	_, err := s.pullerOf(script{pages: pages}).Pull(t.Context(), false)
	if err == nil || !strings.Contains(err.Error(), "the disk is gone") || errors.Is(err, context.Canceled) {
		t.Errorf("the error is %v", err)
	}
	if s.cursor() != "" {
		t.Errorf("the cursor is %q", s.cursor())
	}
	s.execute("DROP TRIGGER refuse")
	if _, err := s.pullerOf(script{pages: pages[:3]}).Pull(t.Context(), false); err != nil || s.cursor() != "2" {
		t.Errorf("mended: %v, cursor %q", err, s.cursor())
	}
}

// TestLongPullsTellHowFarTheyAre, every ten seconds and not every page.
func TestLongPullsTellHowFarTheyAre(t *testing.T) {
	s := newSite(t)
	var log bytes.Buffer
	pages := make([]connectors.Page, 30)
	for i := range pages {
		pages[i].Objects = []json.RawMessage{indicatorOf(fmt.Sprint(i), 1, "a.example"), indicatorOf(fmt.Sprint(i, "b"), 1, "b.example")}
	}
	p := s.pullerOf(script{pages: pages})
	p.Log = slog.New(slog.NewTextHandler(&log, nil))
	ticks := 0
	p.Now = func() time.Time { ticks++; return noon.Add(time.Duration(ticks) * time.Second) }
	if _, err := p.Pull(t.Context(), false); err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(log.String()), "\n")
	if len(lines) < 2 || len(lines) > 3 || !strings.Contains(lines[0], "connector=hub pages=9 objects=18 objects_per_second=1") {
		t.Errorf("it logged:\n%s", &log)
	}
}

func TestDeriveAgain(t *testing.T) {
	s := newSite(t)
	s.hub.Put(indicatorOf("1", 1, "a.example"), fact{id: "2", version: 1, names: []string{"b.example"}, until: noon.AddDate(0, 0, 1)}.object())
	s.pull()
	calls := 0
	s.puller.Stored = func() { calls++ }
	if counts, err := s.puller.DeriveAgain(t.Context()); err != nil || counts != (store.Applied{}) || calls != 0 {
		t.Errorf("by the same rules: %+v, %v, %d calls", counts, err, calls)
	}
	s.puller.Options.Lifetime = map[indicator.Kind]time.Duration{indicator.Domain: 400 * 24 * time.Hour}
	counts, err := s.puller.DeriveAgain(t.Context())
	if err != nil || counts.Updated != 2 || counts.EntriesChange != 1 || calls != 1 {
		t.Errorf("with a lifetime: %+v, %v, %d calls, want one entry changed", counts, err, calls)
	}
	found, err := s.store.Find(t.Context(), []indicator.Key{{Kind: indicator.Domain, Value: "a.example"}})
	if err != nil || found[0].Entry.Assertions[0].End != indicator.EndLifetime {
		t.Errorf("found %+v, %v, want an end by the lifetime", found, err)
	}
	if counts := s.pullFully(); counts.Repeated != 2 || counts.Changed() {
		t.Errorf("a pull afterwards counted %+v", counts)
	}
}

// TestALifetimeIsCountedFromNowAtTheLatest, whatever the hub says of its version.
func TestALifetimeIsCountedFromNowAtTheLatest(t *testing.T) {
	s := newSite(t)
	lifetime := func(d time.Duration) {
		s.puller.Options.Lifetime = map[indicator.Kind]time.Duration{indicator.Domain: d}
	}
	wantEnd := func(when string, want time.Time) {
		t.Helper()
		found, err := s.store.Find(t.Context(), []indicator.Key{{Kind: indicator.Domain, Value: "a.example"}})
		if err != nil || len(found) != 1 || !found[0].Entry.Assertions[0].ValidUntil.Equal(want) {
			t.Errorf("%s: found %+v, %v, want an end at %v", when, found, err, want)
		}
	}
	const day = 24 * time.Hour
	lifetime(10 * day)
	s.hub.Put(indicatorOf("1", 1_000_000, "a.example"))
	s.pull()
	wantEnd("after the pull", noon.AddDate(0, 0, 10))
	s.now = noon.AddDate(0, 0, 1)
	lifetime(20 * day)
	if _, err := s.puller.DeriveAgain(t.Context()); err != nil {
		t.Fatal(err)
	}
	wantEnd("derived again", s.now.AddDate(0, 0, 20))
}

func TestAPullCountsItsLeniencies(t *testing.T) {
	s := newSite(t)
	lenient := strings.Replace(string(indicatorOf("1", 1, "a.example")), "[domain-name:value = 'a.example']",
		"[file:hashes.md5 = '79054025255fb1a26e4bc422aef54eb4']", 1)
	s.hub.Put(json.RawMessage(lenient), indicatorOf("2", 1, "b.example"))
	text, err := json.Marshal(s.pull().Lenient)
	if want := `{"hash-key-case":1}`; err != nil || string(text) != want {
		t.Errorf("counted %s (%v), want %s", text, err, want)
	}
	if text, err := json.Marshal(s.pull()); err != nil || strings.Contains(string(text), "lenient") {
		t.Errorf("with nothing new it counted %s (%v)", text, err)
	}
}
