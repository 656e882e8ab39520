package hubtest_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/indicatord/indicatord/internal/taxiihub"
	"github.com/indicatord/indicatord/internal/taxiihub/hubtest"
)

const objects = "/api/collections/grid/objects/"

// start serves a hub with five indicators through faults.
func start(t *testing.T) (*hubtest.Faults, string) {
	hub := taxiihub.New(taxiihub.Options{})
	grid := hub.Collection("grid", "Power grids", "")
	for i := range 5 {
		if err := grid.Add(json.RawMessage(fmt.Sprintf(`{"type":"indicator","id":"indicator--%d"}`, i))); err != nil {
			t.Fatal(err)
		}
	}
	faults := hubtest.New(hub.Handler())
	return faults, hubtest.Start(t, faults)
}

type answer struct {
	*http.Response
	text string
	err  error
}

func (a answer) page(t *testing.T) (more bool, next string, ids []string) {
	t.Helper()
	var page struct {
		More    bool
		Next    string
		Objects []struct{ ID string }
	}
	if err := json.Unmarshal([]byte(a.text), &page); err != nil {
		t.Fatalf("%v in %q", err, a.text)
	}
	for _, o := range page.Objects {
		ids = append(ids, o.ID)
	}
	return page.More, page.Next, ids
}

func get(t *testing.T, url string) answer {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Accept", taxiihub.MediaTypeTAXII)
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		return answer{err: err}
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	return answer{response, string(text), err}
}

var faultTests = []struct {
	name  string
	fault hubtest.Fault
	query string
	check func(t *testing.T, a answer)
}{
	{"status", hubtest.Status(503), "", func(t *testing.T, a answer) {
		if a.StatusCode != 503 || !strings.Contains(a.text, `"http_status":"503"`) {
			t.Error(a.Status, a.text)
		}
	}},
	{"too many requests", hubtest.TooManyRequests("7"), "", func(t *testing.T, a answer) {
		if a.StatusCode != 429 || a.Header.Get("Retry-After") != "7" {
			t.Error(a.Status, a.Header)
		}
	}},
	{"HTML", hubtest.HTML(200), "", func(t *testing.T, a answer) {
		if a.StatusCode != 200 || !strings.HasPrefix(a.text, "<!doctype html>") {
			t.Error(a.Status, a.text)
		}
	}},
	{"content type", hubtest.ContentType("application/json"), "", func(t *testing.T, a answer) {
		if a.Header.Get("Content-Type") != "application/json" {
			t.Error(a.Header)
		}
	}},
	{"no date headers", hubtest.NoDateHeaders(), "", func(t *testing.T, a answer) {
		if a.Header.Get("X-TAXII-Date-Added-Last") != "" || len(a.text) < 100 {
			t.Error(a.Header)
		}
	}},
	{"no next", hubtest.NoNext(), "?limit=2", func(t *testing.T, a answer) {
		if more, next, ids := a.page(t); !more || next != "" || len(ids) != 2 {
			t.Error(a.text)
		}
	}},
	{"more for ever", hubtest.MoreForEver(), "?next=again", func(t *testing.T, a answer) {
		if more, next, ids := a.page(t); !more || next != "again" || len(ids) != 5 {
			t.Error(a.text)
		}
	}},
	{"empty more", hubtest.EmptyMore(), "", func(t *testing.T, a answer) {
		if more, _, ids := a.page(t); !more || len(ids) != 0 {
			t.Error(a.text)
		}
	}},
	{"objects", hubtest.Objects("17"), "", func(t *testing.T, a answer) {
		if a.text != `{"objects":[17]}` {
			t.Error(a.text)
		}
	}},
	{"forgotten next", hubtest.ForgetNext(404), "?next=abc", func(t *testing.T, a answer) {
		if a.StatusCode != 404 {
			t.Error(a.Status)
		}
	}},
	{"forgotten next, none sent", hubtest.ForgetNext(404), "", func(t *testing.T, a answer) {
		if a.StatusCode != 200 {
			t.Error(a.Status)
		}
	}},
	{"slow", hubtest.Slow(time.Millisecond), "", func(t *testing.T, a answer) {
		if a.StatusCode != 200 {
			t.Error(a.Status)
		}
	}},
	{"half a page", hubtest.HalfPage(), "", func(t *testing.T, a answer) {
		if a.err != nil || json.Valid([]byte(a.text)) {
			t.Error(a.err, a.text)
		}
	}},
	{"cut in mid-page", hubtest.CutMidPage(), "", func(t *testing.T, a answer) {
		if a.err == nil || len(a.text) == 0 {
			t.Errorf("error %v after %q", a.err, a.text)
		}
	}},
}

func TestFaults(t *testing.T) {
	for _, test := range faultTests {
		t.Run(test.name, func(t *testing.T) {
			faults, url := start(t)
			faults.Next(test.fault)
			test.check(t, get(t, url+objects+test.query))
			if a := get(t, url+objects); a.err != nil || a.StatusCode != 200 {
				t.Errorf("the next request is not served: %v", a.err)
			}
		})
	}
}

func TestFaultsQueueAndStay(t *testing.T) {
	faults, url := start(t)
	faults.Always(hubtest.Status(500))
	faults.Next(nil, hubtest.Status(503))
	var got []int
	for range 4 {
		got = append(got, get(t, url+objects).StatusCode)
	}
	faults.Always(nil)
	got = append(got, get(t, url+objects).StatusCode, get(t, url+"/api/collections/").StatusCode)
	if want := []int{200, 503, 500, 500, 200, 200}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	if n := len(faults.Requests()); n != 5 {
		t.Errorf("%d requests for objects were seen, want 5", n)
	}
}

func TestLostAnswer(t *testing.T) {
	faults, url := start(t)
	// A client may repeat a GET by itself when a used connection breaks, so
	// more than one answer is lost.
	faults.Always(hubtest.LoseAnswer())
	if a := get(t, url+objects); a.err == nil {
		t.Errorf("got %s", a.Status)
	}
}

func TestSessionsSkipAPageWhenARequestIsRepeated(t *testing.T) {
	faults, url := start(t)
	faults.Always(hubtest.Sessions())
	read := func(query string) (bool, string, []string) { return get(t, url+objects+query).page(t) }
	_, next, first := read("?limit=2")
	_, again, second := read("?limit=2&next=" + next)
	more, _, third := read("?limit=2&next=" + next)
	if next != again || more {
		t.Errorf("tokens %q and %q, more %v", next, again, more)
	}
	got := slices.Concat(first, second, third)
	want := []string{"indicator--0", "indicator--1", "indicator--2", "indicator--3", "indicator--4"}
	if !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	if status := get(t, url+objects+"?limit=2&next="+next).StatusCode; status != 400 {
		t.Errorf("a spent token answers %d, want 400", status)
	}
}
