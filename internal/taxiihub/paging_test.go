package taxiihub

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// pull pages through the objects as section 3.5 says, and calls between before
// each page but the first.
func pull(t *testing.T, hub *Hub, query string, between func()) []string {
	t.Helper()
	var ids []string
	next := ""
	for range 1000 {
		e := getEnvelope(t, hub, gridPath+"objects/?"+query+next)
		ids = append(ids, e.got()...)
		if !e.More {
			return ids
		}
		if e.Next == "" {
			t.Fatal("more without next")
		}
		next = "&next=" + url.QueryEscape(e.Next)
		between()
	}
	t.Fatal("paging does not end")
	return nil
}

func nothing() {}

func TestPagingBringsEverythingOnce(t *testing.T) {
	for _, shared := range []bool{false, true} {
		hub, grid, _ := newHub(Options{SharedDates: shared, MaxPage: 10})
		var want []string
		for i := range 25 {
			add(t, grid, object(fmt.Sprintf("indicator--%d", 2*i), 2), object(fmt.Sprintf("indicator--%d", 2*i+1), 2))
			want = append(want, fmt.Sprintf("indicator--%d@02", 2*i), fmt.Sprintf("indicator--%d@02", 2*i+1))
		}
		for _, limit := range []string{"limit=1", "limit=7", "limit=10", "limit=50", ""} {
			if got := pull(t, hub, limit, nothing); !slices.Equal(got, want) {
				t.Errorf("shared dates %v, %q: got %v", shared, limit, got)
			}
		}
	}
}

func TestLimitAboveTheHubsIsCut(t *testing.T) {
	hub, grid, _ := newHub(Options{MaxPage: 3})
	for i := range 5 {
		add(t, grid, object(fmt.Sprintf("indicator--%d", i), 2))
	}
	if e := getEnvelope(t, hub, gridPath+"objects/?limit=100"); len(e.Objects) != 3 || !e.More {
		t.Errorf("got %d objects, more %v", len(e.Objects), e.More)
	}
}

func TestMoreIsFalseOnAFullLastPage(t *testing.T) {
	hub, grid, _ := newHub(Options{})
	add(t, grid, object("indicator--a", 2), object("malware--b", 2), object("indicator--c", 2), object("malware--d", 2))
	if e := getEnvelope(t, hub, gridPath+"objects/?limit=2&match[type]=indicator"); e.More || e.Next != "" {
		t.Errorf("more %v, next %q", e.More, e.Next)
	}
}

func TestSameNextTwiceAnswersTheSame(t *testing.T) {
	hub, grid, _ := newHub(Options{})
	add(t, grid, object("indicator--a", 2), object("indicator--b", 2), object("indicator--c", 2))
	next := getEnvelope(t, hub, gridPath+"objects/?limit=1").Next
	for range 2 {
		if got := getEnvelope(t, hub, gridPath+"objects/?limit=1&next="+next).got(); !slices.Equal(got, []string{"indicator--b@02"}) {
			t.Errorf("got %v", got)
		}
	}
}

func TestNextBelongsToItsQuery(t *testing.T) {
	hub, grid, _ := newHub(Options{})
	other := hub.Collection("other", "Other", "")
	for _, c := range []*Collection{grid, other} {
		add(t, c, object("indicator--a", 2), object("indicator--b", 2))
	}
	const after = "&added_after=2026-10-01T00:00:00.000000Z"
	next := "&next=" + getEnvelope(t, hub, gridPath+"objects/?limit=1"+after).Next
	later, _, _ := newHub(Options{})
	tests := []struct {
		name, path string
		hub        *Hub
		want       int
	}{
		{"the same query", gridPath + "objects/?limit=1" + after + next, hub, 200},
		{"by alias", "/api/collections/grid/objects/?limit=1" + after + next, hub, 200},
		{"another limit", gridPath + "objects/?limit=9" + after + next, hub, 200},
		{"added_after left out", gridPath + "objects/?limit=1" + next, hub, 400},
		{"added_after moved", gridPath + "objects/?limit=1&added_after=2026-10-02T00:00:00.000000Z" + next, hub, 400},
		{"another filter", gridPath + "objects/?limit=1&match[type]=malware" + after + next, hub, 400},
		{"another collection", "/api/collections/other/objects/?limit=1" + after + next, hub, 400},
		{"a hub that was started later", gridPath + "objects/?limit=1" + after + next, later, 400},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if response := get(test.hub, test.path); response.StatusCode != test.want {
				t.Errorf("got %s, want %d", response.Status, test.want)
			}
		})
	}
}

func TestMoreMayBeFollowedByAnEmptyPage(t *testing.T) {
	hub, grid, _ := newHub(Options{})
	add(t, grid, object("indicator--a", 2), object("indicator--b", 2))
	got := pull(t, hub, "limit=1", func() { grid.Remove("indicator--b") })
	if !slices.Equal(got, []string{"indicator--a@02"}) {
		t.Errorf("got %v", got)
	}
}

func TestPagingByDateAloneWorksBecauseDatesRise(t *testing.T) {
	hub, grid, _ := newHub(Options{})
	for i := range 7 {
		add(t, grid, object(fmt.Sprintf("indicator--%d", i), 2))
	}
	after, seen := "", 0
	for range 10 {
		response := get(hub, gridPath+"manifest/?limit=2"+after)
		if response.StatusCode != http.StatusOK {
			t.Fatal(response.Status)
		}
		last := response.Header.Get("X-TAXII-Date-Added-Last")
		if last == "" {
			break
		}
		seen++
		after = "&added_after=" + last
	}
	if seen != 4 {
		t.Errorf("saw %d pages of a manifest of 7 records, want 4", seen)
	}
}

func TestSharedDatesAreOneDatePerAddition(t *testing.T) {
	hub, grid, _ := newHub(Options{SharedDates: true})
	add(t, grid, object("indicator--a", 2), object("indicator--b", 2))
	first := get(hub, gridPath+"objects/").Header
	if first.Get("X-TAXII-Date-Added-First") != first.Get("X-TAXII-Date-Added-Last") {
		t.Error("objects added together have two dates")
	}
	// The clock stands still and the first object is known already: what is
	// new must be later all the same.
	add(t, grid, object("indicator--a", 2), object("indicator--c", 2))
	after := "?added_after=" + first.Get("X-TAXII-Date-Added-Last")
	if got := getEnvelope(t, hub, gridPath+"objects/"+after).got(); !slices.Equal(got, []string{"indicator--c@02"}) {
		t.Errorf("got %v", got)
	}
}

func TestDatesRiseWhenTheClockFallsBack(t *testing.T) {
	_, grid, clock := newHub(Options{})
	add(t, grid, object("indicator--a", 2))
	clock.now = noon.Add(-time.Hour)
	add(t, grid, object("indicator--b", 2))
	s, _ := grid.Select(t.Context(), Query{Limit: 10})
	if got := s.Records[1].DateAdded.Sub(s.Records[0].DateAdded); got != time.Microsecond {
		t.Errorf("the second date is %s after the first", got)
	}
}

func TestIncrementalPullsSeeEachChangeOnce(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		hub, grid, clock := newHub(Options{SharedDates: rapid.Bool().Draw(rt, "shared")})
		held := map[string]string{}
		cursor := "2026-01-01T00:00:00.000000Z"
		for step := range rapid.IntRange(1, 8).Draw(rt, "steps") {
			for range rapid.IntRange(0, 5).Draw(rt, "objects") {
				add(t, grid, object(fmt.Sprintf("indicator--%d", rapid.IntRange(0, 6).Draw(rt, "id")), 2+step))
			}
			clock.now = clock.now.Add(time.Duration(rapid.IntRange(0, 2).Draw(rt, "pause")) * time.Second)
			limit := fmt.Sprintf("limit=%d", rapid.IntRange(1, 4).Draw(rt, "limit"))
			for _, id := range pull(t, hub, limit+"&added_after="+cursor, nothing) {
				if held[id[:12]] == id {
					rt.Fatalf("%s was sent twice", id)
				}
				held[id[:12]] = id
			}
			if s, _ := grid.Select(t.Context(), Query{Limit: 100}); len(s.Records) > 0 {
				cursor = formatDate(s.Records[len(s.Records)-1].DateAdded)
			}
		}
		for _, id := range pull(t, hub, "", nothing) {
			if held[id[:12]] != id {
				rt.Fatalf("%s never came: held %q", id, held[id[:12]])
			}
		}
	})
}
