package taxiihub

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

const (
	gridID   = "6f0ad91c-5d3a-4dbb-9b7f-2f3b7d1c8a10"
	gridPath = "/api/collections/" + gridID + "/"
)

// noon is when the clock of the tests starts.
var noon = time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC)

// clock is a clock that stands still until it is moved.
type clock struct{ now time.Time }

func (c *clock) read() time.Time { return c.now }

// newHub returns a hub with one collection, "grid", and its clock.
func newHub(options Options) (*Hub, *Collection, *clock) {
	c := &clock{noon}
	options.Clock = c.read
	hub := New(options)
	return hub, hub.Collection(gridID, "Power grids", "grid"), c
}

// object is a STIX 2.1 object: name is its type and the end of its id, and day
// the day of November 2026 in which it was modified.
func object(name string, day int) json.RawMessage {
	return json.RawMessage(fmt.Sprintf(
		`{"type":%q,"spec_version":"2.1","id":%q,"created":"2026-11-01T00:00:00.000Z","modified":"2026-11-%02dT00:00:00.000Z"}`,
		strings.Split(name, "--")[0], name, day))
}

func add(t *testing.T, c *Collection, objects ...json.RawMessage) {
	t.Helper()
	if err := c.Add(objects...); err != nil {
		t.Fatal(err)
	}
}

// get asks as a good client does; header lines may be added or, with an empty
// value, taken away.
func get(hub *Hub, target string, headers ...string) *http.Response {
	return do(hub, http.MethodGet, target, headers...)
}

func do(hub *Hub, method, target string, headers ...string) *http.Response {
	r := httptest.NewRequest(method, target, nil)
	r.Header.Set("Accept", MediaTypeTAXII)
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
		if headers[i+1] == "" {
			r.Header.Del(headers[i])
		}
	}
	w := httptest.NewRecorder()
	hub.Handler().ServeHTTP(w, r)
	return w.Result()
}

func body(t *testing.T, response *http.Response) string {
	t.Helper()
	b, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// envelope is what a client makes of an answer with objects.
type envelope struct {
	More    bool
	Next    string
	Objects []struct{ ID, Modified string }
}

func getEnvelope(t *testing.T, hub *Hub, target string) envelope {
	t.Helper()
	response := get(hub, target)
	text := body(t, response)
	if response.StatusCode != http.StatusOK {
		t.Fatalf("GET %s: %s %s", target, response.Status, text)
	}
	var e envelope
	if err := json.Unmarshal([]byte(text), &e); err != nil {
		t.Fatalf("GET %s: %v in %s", target, err, text)
	}
	return e
}

// got writes the ids of an envelope, with the day of modification.
func (e envelope) got() []string {
	var ids []string
	for _, o := range e.Objects {
		ids = append(ids, o.ID+"@"+o.Modified[8:10])
	}
	return ids
}

func TestSection4And5Resources(t *testing.T) {
	hub, _, _ := newHub(Options{Title: "Sector hub", Contact: "soc@hub.example"})
	tests := []struct{ name, path, want string }{
		{"4.1 discovery", "/taxii2/",
			`{"title":"Sector hub","contact":"soc@hub.example","default":"/api/","api_roots":["/api/"]}`},
		{"4.2 api root", "/api/",
			`{"title":"Sector hub","versions":["application/taxii+json;version=2.1"],"max_content_length":1048576}`},
		{"5.1 collections", "/api/collections/",
			`{"collections":[{"id":"` + gridID + `","title":"Power grids","alias":"grid","can_read":true,"can_write":false,"media_types":["application/stix+json;version=2.1"]}]}`},
		{"5.2 collection", gridPath,
			`{"id":"` + gridID + `","title":"Power grids","alias":"grid","can_read":true,"can_write":false,"media_types":["application/stix+json;version=2.1"]}`},
		{"5.2 collection by alias", "/api/collections/grid/",
			`{"id":"` + gridID + `","title":"Power grids","alias":"grid","can_read":true,"can_write":false,"media_types":["application/stix+json;version=2.1"]}`},
		{"5.3 empty manifest", gridPath + "manifest/", `{}`},
		{"5.4 empty envelope", gridPath + "objects/", `{}`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			response := get(hub, test.path)
			if response.StatusCode != http.StatusOK {
				t.Fatalf("status %s", response.Status)
			}
			if got := response.Header.Get("Content-Type"); got != MediaTypeTAXII {
				t.Errorf("Content-Type %q, want exactly %q", got, MediaTypeTAXII)
			}
			if diff := cmp.Diff(test.want, body(t, response)); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

func TestHubWithoutCollectionsOmitsTheKey(t *testing.T) {
	if got := body(t, get(New(Options{}), "/api/collections/")); got != "{}" {
		t.Errorf("got %s, want {} (section 5.1.1)", got)
	}
}

func TestBaseURLMakesRootsAbsolute(t *testing.T) {
	hub := New(Options{Root: "/feeds/grid/", BaseURL: "https://hub.example"})
	got := body(t, get(hub, "/taxii2/"))
	want := `{"title":"TAXII hub","default":"https://hub.example/feeds/grid/","api_roots":["https://hub.example/feeds/grid/"]}`
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if response := get(hub, "/feeds/grid/collections/"); response.StatusCode != http.StatusOK {
		t.Errorf("the root's collections answer %s", response.Status)
	}
}

func TestObjectsAreServedByteForByte(t *testing.T) {
	hub, grid, _ := newHub(Options{})
	odd := json.RawMessage("{ \"type\":\"x-odd\", \"id\":\"x-odd--1\",\n \"name\":\"<\\u00e9é>\", \"n\": 1e2 }")
	add(t, grid, odd)
	if got, want := body(t, get(hub, gridPath+"objects/")), `{"objects":[`+string(odd)+`]}`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestDateHeadersHaveSixFractionDigits(t *testing.T) {
	hub, grid, clock := newHub(Options{})
	add(t, grid, object("indicator--a", 1))
	clock.now = noon.Add(1500 * time.Millisecond)
	add(t, grid, object("indicator--b", 1))
	for _, path := range []string{"objects/", "manifest/"} {
		h := get(hub, gridPath+path).Header
		first, last := h.Get("X-TAXII-Date-Added-First"), h.Get("X-TAXII-Date-Added-Last")
		if first != "2026-11-01T12:00:00.000000Z" || last != "2026-11-01T12:00:01.500000Z" {
			t.Errorf("%s: first %q, last %q", path, first, last)
		}
	}
}

func TestManifestAndVersions(t *testing.T) {
	hub, grid, _ := newHub(Options{})
	add(t, grid, object("indicator--a", 2), object("indicator--b", 2), object("indicator--a", 3))
	add(t, grid, json.RawMessage(`{"type":"ipv4-addr","id":"ipv4-addr--c","value":"195.16.88.6"}`))
	tests := []struct{ name, path, want string }{
		{"manifest tells the last version of each object, in order of addition", "manifest/",
			`{"objects":[` +
				`{"id":"indicator--b","date_added":"2026-11-01T12:00:00.000001Z","version":"2026-11-02T00:00:00.000Z","media_type":"application/stix+json;version=2.1"},` +
				`{"id":"indicator--a","date_added":"2026-11-01T12:00:00.000002Z","version":"2026-11-03T00:00:00.000Z","media_type":"application/stix+json;version=2.1"},` +
				`{"id":"ipv4-addr--c","date_added":"2026-11-01T12:00:00.000003Z","version":"2026-11-01T12:00:00.000003Z","media_type":"application/stix+json;version=2.1"}]}`},
		{"a manifest has more but no next", "manifest/?limit=1&match[version]=first",
			`{"more":true,"objects":[` +
				`{"id":"indicator--a","date_added":"2026-11-01T12:00:00.000000Z","version":"2026-11-02T00:00:00.000Z","media_type":"application/stix+json;version=2.1"}]}`},
		{"versions of one object", "objects/indicator--a/versions/",
			`{"versions":["2026-11-02T00:00:00.000Z","2026-11-03T00:00:00.000Z"]}`},
		{"versions one at a time", "objects/indicator--a/versions/?limit=1",
			`{"more":true,"versions":["2026-11-02T00:00:00.000Z"]}`},
		{"versions in a specification it is not written in", "objects/indicator--a/versions/?match[spec_version]=2.0",
			`{}`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if diff := cmp.Diff(test.want, body(t, get(hub, gridPath+test.path))); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

func TestSection34Filters(t *testing.T) {
	hub, grid, clock := newHub(Options{})
	add(t, grid, object("indicator--a", 2), object("malware--m", 2), object("indicator--a", 4))
	clock.now = noon.Add(time.Minute)
	add(t, grid, object("indicator--a", 3), object("indicator--b", 2))
	add(t, grid, json.RawMessage(
		`{"type":"indicator","id":"indicator--b","created":"2026-11-01T00:00:00.000Z","modified":"2026-11-09T00:00:00.000Z"}`))
	tests := []struct {
		name, query string
		want        []string
	}{
		{"none: the last version of each, oldest addition first", "",
			[]string{"malware--m@02", "indicator--a@04", "indicator--b@02"}},
		{"last is the newest, not the latest to arrive", "match[id]=indicator--a", []string{"indicator--a@04"}},
		{"version first", "match[version]=first", []string{"indicator--a@02", "malware--m@02", "indicator--b@02"}},
		{"version all, in order of addition", "match[id]=indicator--a&match[version]=all",
			[]string{"indicator--a@02", "indicator--a@04", "indicator--a@03"}},
		{"version by time", "match[version]=2026-11-03T00:00:00.000Z", []string{"indicator--a@03"}},
		{"the same time written otherwise", "match[version]=2026-11-03T00:00:00Z", []string{"indicator--a@03"}},
		{"first or last", "match[id]=indicator--a&match[version]=first,last", []string{"indicator--a@02", "indicator--a@04"}},
		{"type", "match[type]=malware", []string{"malware--m@02"}},
		{"types, comma is OR", "match[type]=malware,indicator",
			[]string{"malware--m@02", "indicator--a@04", "indicator--b@02"}},
		{"fields are AND", "match[type]=malware&match[id]=indicator--a", nil},
		{"ids in any order, one given twice", "match[id]=indicator--b,malware--m,indicator--b",
			[]string{"malware--m@02", "indicator--b@02"}},
		{"an id that is not there", "match[id]=indicator--z", nil},
		{"spec version 2.0", "match[spec_version]=2.0", []string{"indicator--b@09"}},
		{"spec version 2.0 or 2.1", "match[id]=indicator--b&match[spec_version]=2.0,2.1&match[version]=all",
			[]string{"indicator--b@02", "indicator--b@09"}},
		{"brackets percent-encoded", "match%5Btype%5D=malware", []string{"malware--m@02"}},
		{"added_after is strictly later", "added_after=2026-11-01T12:00:00.000002Z", []string{"indicator--b@02"}},
		{"added_after with ids", "match[id]=indicator--a&match[version]=all&added_after=2026-11-01T12:00:00.000000Z",
			[]string{"indicator--a@04", "indicator--a@03"}},
		{"added_after the newest", "added_after=2026-11-02T00:00:00.000000Z", nil},
		{"parameters unknown to the standard are ignored", "match[x_site]=plant&colour=green&match[type]=malware",
			[]string{"malware--m@02"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got := getEnvelope(t, hub, gridPath+"objects/?"+test.query)
			if diff := cmp.Diff(test.want, got.got()); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
			if got.More {
				t.Error("more is true")
			}
		})
	}
}

func TestObjectByID(t *testing.T) {
	hub, grid, _ := newHub(Options{})
	add(t, grid, object("indicator--a", 2), object("indicator--b", 2), object("indicator--a", 3))
	tests := []struct {
		name, path string
		want       []string
	}{
		{"last version", "indicator--a/", []string{"indicator--a@03"}},
		{"all versions", "indicator--a/?match[version]=all", []string{"indicator--a@02", "indicator--a@03"}},
		{"a version it never had is an empty envelope", "indicator--a/?match[version]=2026-01-01T00:00:00.000Z", nil},
		{"match[id] and match[type] have no place here", "indicator--a/?match[id]=indicator--b&match[type]=malware",
			[]string{"indicator--a@03"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got := getEnvelope(t, hub, gridPath+"objects/"+test.path)
			if diff := cmp.Diff(test.want, got.got()); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

func TestErrorsAreResources(t *testing.T) {
	hub, grid, _ := newHub(Options{})
	add(t, grid, object("indicator--a", 2))
	tests := []struct {
		name, method, path string
		headers            []string
		want               int
		says               string
	}{
		{"unknown collection", "GET", "/api/collections/nowhere/objects/", nil, 404, `no collection \"nowhere\"`},
		{"unknown object", "GET", gridPath + "objects/indicator--z/", nil, 404, `no object \"indicator--z\"`},
		{"versions of an unknown object", "GET", gridPath + "objects/indicator--z/versions/", nil, 404, "no object"},
		{"unknown path", "GET", "/api/channels/", nil, 404, "nothing at /api/channels/"},
		{"status of a request that never was", "GET", "/api/status/1/", nil, 404, "nothing at"},
		{"no last slash", "GET", gridPath + "objects", nil, 404, "paths end in a slash"},
		{"no Accept", "GET", "/taxii2/", []string{"Accept", ""}, 406, "does not name"},
		{"Accept anything", "GET", "/taxii2/", []string{"Accept", "*/*"}, 406, `\"*/*\"`},
		{"Accept TAXII 2.0", "GET", "/taxii2/", []string{"Accept", "application/vnd.oasis.taxii+json; version=2.0"}, 406, "does not name"},
		{"posting", "POST", gridPath + "objects/", nil, 403, "read-only"},
		{"posting to an unknown collection", "POST", "/api/collections/nowhere/objects/", nil, 404, "no collection"},
		{"deleting", "DELETE", gridPath + "objects/indicator--a/", nil, 403, "read-only"},
		{"a method that no endpoint has", "PUT", gridPath, nil, 405, "PUT is not served here"},
		{"limit of zero", "GET", gridPath + "objects/?limit=0", nil, 400, "limit"},
		{"limit that is no number", "GET", gridPath + "objects/?limit=ten", nil, 400, "limit"},
		{"added_after in seconds", "GET", gridPath + "objects/?added_after=2026-11-01T00:00:00Z", nil, 400, "added_after"},
		{"added_after in nanoseconds", "GET", gridPath + "objects/?added_after=2026-11-01T00:00:00.000000000Z", nil, 400, "added_after"},
		{"added_after with an offset", "GET", gridPath + "objects/?added_after=2026-11-01T00:00:00.000000%2B00:00", nil, 400, "added_after"},
		{"a field twice", "GET", gridPath + "objects/?match[type]=indicator&match[type]=malware", nil, 400, "2 times"},
		{"all with another version", "GET", gridPath + "objects/?match[version]=all,first", nil, 400, "stand alone"},
		{"a version twice", "GET", gridPath + "objects/?match[version]=first,first", nil, 400, "twice"},
		{"an empty item", "GET", gridPath + "objects/?match[id]=a,,b", nil, 400, "empty"},
		{"a version that is no time", "GET", gridPath + "objects/?match[version]=newest", nil, 400, "STIX timestamp"},
		{"a next that is not ours", "GET", gridPath + "objects/?next=abc", nil, 400, "not a token"},
		{"a query that cannot be decoded", "GET", gridPath + "objects/?limit=%zz", nil, 400, "cannot be read"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			response := do(hub, test.method, test.path, test.headers...)
			text := body(t, response)
			if response.StatusCode != test.want || !strings.Contains(text, test.says) {
				t.Fatalf("got %s %s, want %d and %q", response.Status, text, test.want, test.says)
			}
			var p problem
			if err := json.Unmarshal([]byte(text), &p); err != nil {
				t.Fatal(err)
			}
			if p.Title == "" || p.HTTPStatus != fmt.Sprint(test.want) {
				t.Errorf("title %q, http_status %q", p.Title, p.HTTPStatus)
			}
			if got := response.Header.Get("Content-Type"); got != MediaTypeTAXII {
				t.Errorf("Content-Type %q", got)
			}
		})
	}
}

func TestAcceptNegotiation(t *testing.T) {
	tests := []struct {
		accept string
		want   bool
	}{
		{"application/taxii+json;version=2.1", true},
		{"application/taxii+json; version=2.1", true},
		{`application/taxii+json; version="2.1"`, true},
		{"application/taxii+json", true},
		{"Application/TAXII+JSON;Version=2.1", true},
		{"application/taxii+json;version=2.1;charset=utf-8", true},
		{"application/vnd.oasis.stix+json, application/taxii+json;version=2.1;q=0.5", true},
		{"text/html, application/taxii+json", true},
		{"application/taxii+json;version=2.1;q=0", false},
		{"application/taxii+json;version=2.0", false},
		{"application/json", false},
		{"application/*", false},
		{"*/*", false},
		{"", false},
		{";;", false},
	}
	for _, test := range tests {
		if got := acceptsTAXII([]string{test.accept}); got != test.want {
			t.Errorf("Accept: %s: got %v, want %v", test.accept, got, test.want)
		}
	}
	if !acceptsTAXII([]string{"text/html", MediaTypeTAXII}) {
		t.Error("the second of two Accept headers does not count")
	}
}

func TestHeadAnswersWithoutBody(t *testing.T) {
	hub, grid, _ := newHub(Options{Uncompressed: true})
	add(t, grid, object("indicator--a", 2))
	server := httptest.NewServer(hub.Handler())
	defer server.Close()
	r, _ := http.NewRequest(http.MethodHead, server.URL+gridPath+"objects/", nil)
	r.Header.Set("Accept", MediaTypeTAXII)
	response, err := server.Client().Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK || response.ContentLength < 100 || body(t, response) != "" {
		t.Errorf("status %s, length %d", response.Status, response.ContentLength)
	}
	if response.Header.Get("X-TAXII-Date-Added-Last") == "" {
		t.Error("HEAD lacks the date headers of GET")
	}
}

func TestGzipWhenAsked(t *testing.T) {
	hub, grid, _ := newHub(Options{})
	for i := range 20 {
		add(t, grid, object(fmt.Sprintf("indicator--%d", i), 2))
	}
	if got := get(hub, gridPath+"objects/").Header.Get("Content-Encoding"); got != "" {
		t.Errorf("not asked for, yet Content-Encoding %q", got)
	}
	response := get(hub, gridPath+"objects/", "Accept-Encoding", "gzip")
	if got := response.Header.Get("Content-Encoding"); got != "gzip" {
		t.Errorf("asked for gzip, got Content-Encoding %q", got)
	}
	if got := response.Header.Get("Content-Type"); got != MediaTypeTAXII {
		t.Errorf("Content-Type %q", got)
	}
}

func TestErrorOfHoldingsIsNotShown(t *testing.T) {
	hub := New(Options{})
	if err := hub.Attach(Info{ID: "broken", Title: "Broken"}, brokenHoldings{}); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{"objects/", "manifest/", "objects/indicator--a/", "objects/indicator--a/versions/"} {
		response := get(hub, "/api/collections/broken/"+path)
		if text := body(t, response); response.StatusCode != 500 || strings.Contains(text, "disk") {
			t.Errorf("%s: %s %s", path, response.Status, text)
		}
	}
}

type brokenHoldings struct{}

func (brokenHoldings) Select(context.Context, Query) (Selection, error) {
	return Selection{}, fmt.Errorf("disk of the hub is broken")
}

func TestAttachRefuses(t *testing.T) {
	hub, grid, _ := newHub(Options{})
	for _, info := range []Info{
		{ID: gridID}, {ID: "grid"}, {ID: "other", Alias: "grid"}, {ID: "other", Alias: gridID},
		{ID: ""}, {ID: "a/b"}, {ID: "other", Alias: "a/b"},
	} {
		if err := hub.Attach(info, grid); err == nil {
			t.Errorf("%+v was attached", info)
		}
	}
	defer func() {
		if recover() == nil {
			t.Error("Collection did not panic at an id in use")
		}
	}()
	hub.Collection(gridID, "Again", "")
}

func TestIDsInPathsAreUnescaped(t *testing.T) {
	hub := New(Options{})
	hub.Collection("real time feeds", "Feeds", "")
	if response := get(hub, "/api/collections/"+url.PathEscape("real time feeds")+"/"); response.StatusCode != 200 {
		t.Errorf("got %s", response.Status)
	}
}
