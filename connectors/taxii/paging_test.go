package taxii

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/indicatord/indicatord/connectors"
	"github.com/indicatord/indicatord/connectors/connectortest"
	"github.com/indicatord/indicatord/internal/taxiihub"
	"github.com/indicatord/indicatord/internal/taxiihub/hubtest"
)

// script is a hub whose answers are written down: one for each request for
// objects, the last one for ever.
type script struct {
	answers  []string // "FIRST LAST JSON", where - is no date, or a bare status
	queries  []url.Values
	manifest string
}

// play starts the scripted hub and returns a connector to it.
func (s *script) play(t *testing.T) *Connector {
	t.Helper()
	base := handle(t, map[string]http.HandlerFunc{
		"/api/collections/":            answer(`{"collections":[{"id":"c","title":"C","can_read":true}]}`),
		"/api/collections/c/objects/":  s.objects,
		"/api/collections/c/manifest/": answer(s.manifest),
	})
	settings := settingsFor(base + "/api/collections/")
	settings.PageSize = 2
	return connect(t, settings)
}

func (s *script) objects(w http.ResponseWriter, r *http.Request) {
	s.queries = append(s.queries, r.URL.Query())
	line := s.answers[min(len(s.queries), len(s.answers))-1]
	var status int
	if _, err := fmt.Sscanf(line, "%d", &status); err == nil && len(line) == 3 {
		w.WriteHeader(status)
		return
	}
	parts := strings.SplitN(line, " ", 3)
	for i, name := range []string{firstHeader, lastHeader} {
		if parts[i] != "-" {
			w.Header().Set(name, at(parts[i]))
		}
	}
	answer(parts[2])(w, r)
}

// at makes a timestamp of "minute" or "minute.fraction".
func at(text string) string {
	minute, fraction, _ := strings.Cut(text, ".")
	return fmt.Sprintf("2026-05-01T00:%02s:00.%-06sZ", minute, (fraction + "000000")[:6])
}

// envelope writes an envelope with the given objects of the suite.
func envelope(more bool, next string, numbers ...int) string {
	e := map[string]any{}
	if more {
		e["more"] = true
	}
	if next != "" {
		e["next"] = next
	}
	var objects []json.RawMessage
	for _, number := range numbers {
		objects = append(objects, connectortest.Objects(number, 1, 0)...)
	}
	if objects != nil {
		e["objects"] = objects
	}
	text, _ := json.Marshal(e)
	return string(text)
}

// wantQueries compares what was asked for; each query is written as in a URL,
// without escapes and without limit=2.
func (s *script) wantQueries(t *testing.T, want ...string) {
	t.Helper()
	var got []string
	for _, query := range s.queries {
		if query.Get("limit") == "2" {
			query.Del("limit")
		}
		text, _ := url.QueryUnescape(query.Encode())
		got = append(got, text)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("the queries (-want +got):\n%s", diff)
	}
}

func TestNextIsFollowedWithTheOriginalQuery(t *testing.T) {
	s := &script{answers: []string{
		"1 2 " + envelope(true, "token=1", 0, 1),
		"3 4 " + envelope(true, "token=2", 2, 3),
		"5 5 " + envelope(false, "", 4),
	}}
	c := s.play(t)
	c.settings.Types = []string{"indicator", "identity"}
	first := fetch(t, c, connectors.State{})
	mustBring(t, first, idsOf(0, 5))
	s.wantQueries(t,
		"match[type]=indicator,identity",
		"match[type]=indicator,identity&next=token=1",
		"match[type]=indicator,identity&next=token=2",
	)
	s.queries, s.answers = nil, []string{"- - {}"}
	mustBring(t, fetch(t, c, connectors.State{Cursor: first.cursor}), nil)
	s.wantQueries(t, "added_after="+at("0")+"&match[type]=indicator,identity")
}

func TestBracketsAndCommasAreEscaped(t *testing.T) {
	f := (&Settings{Types: []string{"indicator", "malware"}}).filter()
	if got := url.Values(f).Encode(); got != "match%5Btype%5D=indicator%2Cmalware" {
		t.Errorf("the query is %s", got)
	}
}

func TestNextIsIgnoredWhereThereIsNoMore(t *testing.T) {
	s := &script{answers: []string{"1 2 " + envelope(false, "stale", 0, 1)}}
	mustBring(t, fetch(t, s.play(t), connectors.State{}), idsOf(0, 2))
	s.wantQueries(t, "")
}

func TestAnEmptyNextIsNone(t *testing.T) {
	s := &script{answers: []string{
		`1 2 {"more":true,"next":"","objects":[{"id":"a"},{"id":"b"}]}`,
		`2 3 {"more":false,"next":"","objects":[{"id":"b"},{"id":"c"}]}`,
	}}
	mustBring(t, fetch(t, s.play(t), connectors.State{}), []string{"a", "b", "c"})
}

func TestARepeatedTokenIsNoLoop(t *testing.T) {
	s := &script{answers: []string{
		"1 2 " + envelope(true, "same", 0, 1),
		"3 4 " + envelope(true, "same", 2, 3),
		"5 6 " + envelope(false, "same", 4, 5),
	}}
	mustBring(t, fetch(t, s.play(t), connectors.State{}), idsOf(0, 6))
}

func TestAnEmptyAnswerIsTheEnd(t *testing.T) {
	s := &script{answers: []string{"- - {}"}}
	r := fetch(t, s.play(t), connectors.State{})
	mustBring(t, r, nil)
	state, err := decodeState(r.cursor)
	if err != nil || len(state.Collections) != 1 {
		t.Fatalf("the cursor is %s (%v)", r.cursor, err)
	}
	for _, stands := range state.Collections {
		if !stands.Cursor.IsZero() || stands.Cycle != nil {
			t.Errorf("an empty collection left the position %+v: nobody's clock but the hub's may make one", stands)
		}
	}
}

func TestEmptyPagesWithMoreAreLegal(t *testing.T) {
	s := &script{answers: []string{
		"1 2 " + envelope(true, "a", 0, 1),
		"- - " + envelope(true, "b"),
		"- - " + envelope(true, "c"),
		"3 3 " + envelope(false, "", 2),
	}}
	mustBring(t, fetch(t, s.play(t), connectors.State{}), idsOf(0, 3))
}

func TestWithoutNextTheDateOfTheLastObjectLeadsOn(t *testing.T) {
	t.Run("strictly before it, since equal dates straddle pages", func(t *testing.T) {
		s := &script{answers: []string{
			"1 2.5 " + envelope(true, "", 0, 1),
			"2.5 4 " + envelope(true, "", 1, 2),
			"4 4 " + envelope(false, "", 2),
		}}
		mustBring(t, fetch(t, s.play(t), connectors.State{}), idsOf(0, 3))
		s.wantQueries(t, "", "added_after="+at("2.499999"), "added_after=2026-05-01T00:03:59.999999Z")
	})
	t.Run("and from the manifest where the page gives none", func(t *testing.T) {
		s := &script{
			manifest: fmt.Sprintf(`{"objects":[{"id":%q,"date_added":%q,"version":"x"}]}`, connectortest.ID(1), at("7.5")),
			answers:  []string{"- - " + envelope(true, "", 0, 1), "- - " + envelope(false, "", 2)},
		}
		r := fetch(t, s.play(t), connectors.State{})
		mustBring(t, r, idsOf(0, 3))
		s.wantQueries(t, "", "added_after="+at("7.499999"))
	})
	t.Run("and nowhere where there is no date at all", func(t *testing.T) {
		s := &script{answers: []string{"- - " + envelope(true, "", 0, 1)}}
		mustFail(t, fetch(t, s.play(t), connectors.State{}).err, `collection "C" (c)`, "neither a next nor a date")
	})
}

func TestAPageOfOneDateIsAskedForLarger(t *testing.T) {
	t.Run("until it ends", func(t *testing.T) {
		s := &script{answers: []string{
			"1 1 " + envelope(true, "", 0, 1),
			"1 1 " + envelope(true, "", 0, 1),
			"1 2 " + envelope(false, "", 0, 1, 2, 3),
		}}
		mustBring(t, fetch(t, s.play(t), connectors.State{}), idsOf(0, 4))
		before := "added_after=2026-05-01T00:00:59.999999Z"
		s.wantQueries(t, "", before, before+"&limit=4")
	})
	t.Run("and is an error where the hub will not", func(t *testing.T) {
		s := &script{answers: []string{"1 1 " + envelope(true, "", 0, 1)}}
		mustFail(t, fetch(t, s.play(t), connectors.State{}).err, "added more than 2 objects at "+at("1"), "larger page")
	})
}

func TestLoopsAreBroken(t *testing.T) {
	tests := map[string]struct {
		answers []string
		want    string
	}{
		"the same page again":              {[]string{"1 2 " + envelope(true, "n", 0, 1)}, "same page again"},
		"empty pages without end":          {[]string{"- - " + envelope(true, "n")}, "20 empty pages"},
		"empty pages without next":         {[]string{"- - " + envelope(true, "")}, "20 empty pages"},
		"pages without end":                {[]string{"1 2 " + envelope(true, "n", 0, 1), "1 3 " + envelope(true, "n", 1, 2), "1 2 " + envelope(true, "n", 0, 1), "1 3 " + envelope(true, "n", 1, 2), "1 4 " + envelope(true, "n", 3)}, "seems to have no end"},
		"dates that do not rise, no next":  {[]string{"3 4 " + envelope(true, "n", 0, 1), "1 2 " + envelope(true, "", 2, 3)}, "do not rise"},
		"a next that is always forgotten":  {[]string{"1 2 " + envelope(true, "n", 0, 1), "410", "1 2 " + envelope(true, "n", 0, 1), "410", "1 2 " + envelope(true, "n", 0, 1), "410", "1 2 " + envelope(true, "n", 0, 1), "410"}, "forgot its place 4 times"},
		"a hub that forgets, without date": {[]string{"- - " + envelope(true, "n", 0, 1), "404", "- - " + envelope(true, "n", 0, 1), "404", "- - " + envelope(true, "n", 0, 1), "404", "- - " + envelope(true, "n", 0, 1), "404"}, "forgot its place"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			s := &script{answers: tt.answers}
			c := s.play(t)
			c.guards.pages = 5
			if strings.Contains(tt.want, "20 empty") {
				c.guards.pages = 100
			}
			mustFail(t, fetch(t, c, connectors.State{}).err, tt.want)
		})
	}
}

func TestAWalkThatLastsTooLongIsBroken(t *testing.T) {
	w := watch{begun: time.Now().Add(-25 * time.Hour)}
	mustFail(t, w.see(patience, page{more: true, objects: []json.RawMessage{nil}}), "no end", "25h")
	if err := w.see(patience, page{}); err != nil {
		t.Errorf("its last page is an error: %v", err)
	}
}

func TestAForgottenNextStartsAgainWhereNothingIsLost(t *testing.T) {
	for _, status := range []string{"400", "404", "410"} {
		t.Run(status, func(t *testing.T) {
			s := &script{answers: []string{
				"1 2 " + envelope(true, "n", 0, 1),
				"2 3 " + envelope(true, "n", 2, 3),
				status,
				"3 4 " + envelope(false, "", 3, 4),
			}}
			mustBring(t, fetch(t, s.play(t), connectors.State{}), idsOf(0, 5))
			s.wantQueries(t, "", "next=n", "next=n", "added_after=2026-05-01T00:02:59.999999Z")
		})
	}
	t.Run("from the beginning of the cycle where the dates do not rise", func(t *testing.T) {
		s := &script{answers: []string{
			"5 6 " + envelope(true, "n", 0, 1),
			"2 3 " + envelope(true, "n", 2, 3),
			"410",
			"2 6 " + envelope(false, "", 0, 1, 2, 3),
		}}
		mustBring(t, fetch(t, s.play(t), connectors.State{}), []string{
			connectortest.ID(0), connectortest.ID(1), connectortest.ID(2), connectortest.ID(3),
		})
		s.wantQueries(t, "", "next=n", "next=n", "")
	})
}

func TestARefusalWithoutNextIsTheHubsAnswer(t *testing.T) {
	s := &script{answers: []string{"404"}}
	mustFail(t, fetch(t, s.play(t), connectors.State{}).err, "404 Not Found")
	s.wantQueries(t, "")
}

func TestTheCursorIsTheLatestDateOfACompleteCycle(t *testing.T) {
	s := &script{answers: []string{
		"1 5 " + envelope(true, "n", 0, 1),
		"2 3 " + envelope(true, "n", 2, 3),
		"500",
	}}
	c := s.play(t)
	r := fetch(t, c, connectors.State{})
	mustFail(t, r.err, "500")
	if stands := only(t, r.cursor); !stands.Cursor.IsZero() || stands.Cycle == nil || stands.Cycle.Pages != 2 {
		t.Errorf("in the middle of a cycle the position is %+v", stands)
	}
	s.answers = []string{"1 5 " + envelope(true, "n", 0, 1), "2 3 " + envelope(false, "", 2, 3)}
	s.queries = nil
	r = fetch(t, c, connectors.State{Cursor: r.cursor})
	mustBring(t, r, idsOf(0, 4))
	if stands := only(t, r.cursor); formatTime(stands.Cursor) != at("5") || stands.Cycle != nil {
		t.Errorf("after the cycle the position is %+v, want the latest date", stands)
	}
	s.answers, s.queries = []string{"- - {}"}, nil
	r = fetch(t, c, connectors.State{Cursor: r.cursor})
	if stands := only(t, r.cursor); formatTime(stands.Cursor) != at("5") {
		t.Errorf("after an empty pull the position is %+v, want what it was", stands)
	}
}

// only returns the one position of a cursor.
func only(t *testing.T, cursor []byte) position {
	t.Helper()
	s, err := decodeState(cursor)
	if err != nil || len(s.Collections) != 1 {
		t.Fatalf("the cursor is %s (%v), want one position", cursor, err)
	}
	for _, stands := range s.Collections {
		return stands
	}
	return position{}
}

func TestWithoutDatesTheManifestKnowsTheLast(t *testing.T) {
	s := &script{
		manifest: fmt.Sprintf(`{"objects":[{"id":%q,"date_added":%q}]}`, connectortest.ID(1), at("9")),
		answers:  []string{"- - " + envelope(false, "", 0, 1)},
	}
	r := fetch(t, s.play(t), connectors.State{})
	mustBring(t, r, idsOf(0, 2))
	if got := formatTime(only(t, r.cursor).Cursor); got != at("9") {
		t.Errorf("the cursor is %s, want the manifest's date", got)
	}
}

func TestWithoutAnyDateEveryPullReadsEverything(t *testing.T) {
	s := &script{answers: []string{"- - " + envelope(false, "", 0, 1)}}
	c := s.play(t)
	r := fetch(t, c, connectors.State{})
	mustBring(t, r, idsOf(0, 2))
	mustBring(t, fetch(t, c, connectors.State{Cursor: r.cursor}), idsOf(0, 2))
	s.wantQueries(t, "", "")
}

func TestATokenIsNeverSentTwice(t *testing.T) {
	for name, fault := range map[string]hubtest.Fault{
		"the answer was lost": hubtest.LoseAnswer(),
		"the answer was cut":  hubtest.CutMidPage(),
		"half an answer came": hubtest.HalfPage(),
		"the hub failed":      hubtest.Status(http.StatusInternalServerError),
		"the gateway failed":  hubtest.Status(http.StatusBadGateway),
		"HTML came":           hubtest.HTML(http.StatusOK),
	} {
		t.Run(name, func(t *testing.T) {
			s := newStand(t, taxiihub.Options{MaxPage: 3}, 12)
			sessions := hubtest.Sessions()
			s.Always(sessions)
			c := connect(t, s.settings)
			s.Next(sessions, sessions, func(hub http.Handler) http.Handler { return fault(sessions(hub)) })

			first := fetch(t, c, connectors.State{})
			if first.err == nil {
				t.Fatal("the pull did not notice")
			}
			if n := len(s.Requests()); n != 3 {
				t.Errorf("%d requests, want none after the third, whose answer is unknown", n)
			}
			second := fetch(t, c, connectors.State{Cursor: first.cursor})
			if second.err != nil {
				t.Fatal(second.err)
			}
			both := result{pages: append(first.pages, second.pages...)}
			mustBring(t, both, idsOf(0, 12))
			if again := s.Requests()[3].URL.Query(); again.Has("next") {
				t.Errorf("the next pull began with the token %q", again.Get("next"))
			}
		})
	}
}

func TestEqualDatesThatStraddlePagesAllArrive(t *testing.T) {
	for _, fault := range []hubtest.Fault{nil, hubtest.NoNext(), hubtest.Sessions()} {
		s := newStand(t, taxiihub.Options{SharedDates: true, MaxPage: 64}, 30)
		add(t, s.collection, connectortest.Objects(30, 30, 0)...)
		s.settings.PageSize = 10
		s.Always(fault)
		mustBring(t, fetch(t, connect(t, s.settings), connectors.State{}), idsOf(0, 60))
	}
}

// TestCutAnywhereNothingIsLost stops the store after every page, with hubs of
// every kind, and lets a new process go on from the cursor.
func TestCutAnywhereNothingIsLost(t *testing.T) {
	errFull := errors.New("the store is full")
	for name, options := range map[string]taxiihub.Options{
		"rising dates": {MaxPage: 4}, "shared dates": {MaxPage: 4, SharedDates: true},
	} {
		t.Run(name, func(t *testing.T) {
			s := newStand(t, options, 10)
			add(t, s.collection, connectortest.Objects(10, 13, 0)...)
			for keep := range 6 {
				var all result
				err := connect(t, s.settings).Fetch(t.Context(), connectors.State{}, func(_ context.Context, page connectors.Page) error {
					if len(all.pages) == keep {
						return errFull
					}
					all.pages, all.cursor = append(all.pages, page), page.Cursor
					return nil
				})
				if !errors.Is(err, errFull) {
					t.Fatalf("the store stopped after %d pages, and the pull returned %v", keep, err)
				}
				rest := fetch(t, connect(t, s.settings), connectors.State{Cursor: all.cursor})
				all.pages, all.err = append(all.pages, rest.pages...), rest.err
				mustBring(t, all, idsOf(0, 23))
			}
		})
	}
}

func TestTheNextPageIsFetchedWhileTheStoreIsBusy(t *testing.T) {
	s := newStand(t, taxiihub.Options{MaxPage: 2}, 20)
	busy := make(chan struct{})
	var asked int
	err := connect(t, s.settings).Fetch(t.Context(), connectors.State{}, func(context.Context, connectors.Page) error {
		if asked == 0 {
			time.AfterFunc(200*time.Millisecond, func() { close(busy) })
			<-busy
			asked = len(s.Requests())
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if asked < 2 || asked > 2+waiting {
		t.Errorf("%d pages were asked for while the store had the first, want some and no more than %d", asked, 2+waiting)
	}
}

func TestAFullPullReadsEveryCollection(t *testing.T) {
	hub := taxiihub.New(taxiihub.Options{MaxPage: 3})
	add(t, hub.Collection("a", "A", ""), connectortest.Objects(0, 7, 0)...)
	add(t, hub.Collection("b", "B", ""), connectortest.Objects(7, 7, 0)...)
	c := connect(t, settingsFor(hubtest.Start(t, hub.Handler())+"/taxii2/"))
	incremental := fetch(t, c, connectors.State{})
	mustBring(t, incremental, idsOf(0, 14))
	full := fetch(t, c, connectors.State{Cursor: incremental.cursor, Full: true})
	mustBring(t, full, idsOf(0, 14))
	for i, page := range full.pages {
		if last := i == len(full.pages)-1; page.Complete != last || (page.Cursor != nil) != last {
			t.Errorf("page %d of %d: complete %t, cursor %s", i, len(full.pages), page.Complete, page.Cursor)
		}
	}
	if diff := cmp.Diff(string(incremental.cursor), string(full.cursor)); diff != "" {
		t.Errorf("the full pull left another cursor (-incremental +full):\n%s", diff)
	}
}

func TestAFullPullIsIncompleteWhereACollectionIsHidden(t *testing.T) {
	listed := `{"collections":[{"id":"a","title":"A"},{"id":"b","title":"B"}]}`
	objects := func(w http.ResponseWriter, r *http.Request) { answer(envelope(false, "", 0))(w, r) }
	base := handle(t, map[string]http.HandlerFunc{
		"/api/collections/":           func(w http.ResponseWriter, r *http.Request) { answer(listed)(w, r) },
		"/api/collections/a/objects/": objects,
		"/api/collections/b/objects/": objects,
	})
	s := settingsFor(base + "/api/collections/")
	c := connect(t, s)
	before := fetch(t, c, connectors.State{})
	listed = `{"collections":[{"id":"a","title":"A"},{"id":"b","title":"B","can_read":false}]}`

	full := fetch(t, c, connectors.State{Cursor: before.cursor, Full: true})
	mustBring(t, full, idsOf(0, 1))
	if slices.ContainsFunc(full.pages, func(p connectors.Page) bool { return p.Complete }) {
		t.Error("the pull claims to be complete, though a collection is hidden")
	}
	s.Collections = Collections{Names: []string{"A"}}
	full = fetch(t, connect(t, s), connectors.State{Cursor: before.cursor, Full: true})
	if n := len(full.pages); n == 0 || !full.pages[n-1].Complete {
		t.Error("the pull is not complete, though every collection that is named was read")
	}
}
