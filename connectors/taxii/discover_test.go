package taxii

import (
	"context"
	"maps"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/indicatord/indicatord/connectors"
	"github.com/indicatord/indicatord/connectors/connectortest"
	"github.com/indicatord/indicatord/internal/plugin"
	"github.com/indicatord/indicatord/internal/taxiihub"
	"github.com/indicatord/indicatord/internal/taxiihub/hubtest"
)

// discovered returns the addresses of the collections that settings lead to.
func discovered(t *testing.T, s *Settings) ([]string, error) {
	t.Helper()
	c := connect(t, s)
	h, err := c.open(s.URL)
	if err != nil {
		t.Fatal(err)
	}
	defer h.close()
	f, err := c.discover(t.Context(), h)
	if err != nil {
		return nil, err
	}
	defer f.hub.close()
	var addresses []string
	for i := range f.collections {
		addresses = append(addresses, f.collections[i].address())
	}
	return addresses, nil
}

func TestAnyAddressOfTheHubWillDo(t *testing.T) {
	hub := taxiihub.New(taxiihub.Options{Root: "sector/feed"})
	hub.Collection(highID, "High", "high")
	hub.Collection("second", "Second", "")
	base := hubtest.Start(t, hub.Handler())
	first, second := base+"/sector/feed/collections/"+highID+"/", base+"/sector/feed/collections/second/"
	for path, want := range map[string][]string{
		"":                                 {first, second},
		"/":                                {first, second},
		"/taxii2/":                         {first, second},
		"/taxii2":                          {first, second},
		"/sector/feed/":                    {first, second},
		"/sector/feed":                     {first, second},
		"/sector/feed/collections/":        {first, second},
		"/sector/feed/collections":         {first, second},
		"/sector/feed/collections/second/": {second},
		"/sector/feed/collections/second":  {second},
		"/sector/feed/collections/second/objects/":         {second},
		"/sector/feed/collections/high/":                   {first},
		"/sector/feed/collections/" + highID + "/manifest": {first},
	} {
		t.Run("path "+path, func(t *testing.T) {
			got, err := discovered(t, settingsFor(base+path))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestAWrongAddressSaysWhatCame(t *testing.T) {
	base := handle(t, map[string]http.HandlerFunc{
		"/json/":  answer(`{"hello":"world"}`),
		"/array/": answer(`[]`),
		"/old/":   answer(`{"title":"old","versions":["taxii-2.0"],"max_content_length":1}`),
		"/login/": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/html")
			_, _ = w.Write([]byte("<html><title>Sign in</title>"))
		},
		"/text/": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/csv")
			_, _ = w.Write([]byte("a,b"))
		},
	})
	for path, want := range map[string]string{
		"/json/":    "neither a TAXII discovery",
		"/array/":   "not the JSON of a TAXII resource",
		"/old/":     "speaks taxii-2.0, and not TAXII 2.1",
		"/login/":   `HTML page, not JSON (titled "Sign in")`,
		"/text/":    `is "text/csv", not JSON`,
		"/nothing/": "404 Not Found",
	} {
		t.Run(path, func(t *testing.T) {
			_, err := discovered(t, settingsFor(base+path))
			mustFail(t, err, base+path, want)
		})
	}
}

func TestCollectionsAreChosen(t *testing.T) {
	yes, no := true, false
	listed := []collection{
		{ID: "id-1", Title: "Banks", Alias: "fin", CanRead: &yes, root: "r/"},
		{ID: "id-2", DisplayName: "Power", root: "r/"},
		{ID: "id-3", Title: "Secret", CanRead: &no, root: "r/"},
		{ID: "id-4", Title: "Twins", root: "r/"},
		{ID: "id-5", Title: "twins", root: "r/"},
		{ID: "fin", Title: "An id goes before an alias", root: "r/"},
	}
	tests := map[string]struct {
		want Collections
		ids  string
		err  string
	}{
		"all that may be read":  {Collections{All: true}, "id-1 id-2 id-4 id-5 fin", ""},
		"by id":                 {Collections{Names: []string{"id-2"}}, "id-2", ""},
		"by title, any case":    {Collections{Names: []string{"BANKS"}}, "id-1", ""},
		"by display_name":       {Collections{Names: []string{"Power"}}, "id-2", ""},
		"an id before an alias": {Collections{Names: []string{"fin"}}, "fin", ""},
		"each once":             {Collections{Names: []string{"id-1", "Banks", "id-2"}}, "id-1 id-2", ""},
		"unknown":               {Collections{Names: []string{"Water"}}, "", `no collection "Water": it lists "Banks" (id-1), "Power" (id-2)`},
		"two of one title":      {Collections{Names: []string{"Twins"}}, "", "2 collections \"Twins\": name one by its id (id-4, id-5)"},
		"not readable":          {Collections{Names: []string{"Secret"}}, "", "may not be read"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			chosen, err := choose(listed, tt.want)
			if tt.err != "" {
				mustFail(t, err, tt.err)
				if !plugin.IsPermanent(err) {
					t.Error("want a permanent error: a person has to mend it")
				}
				return
			}
			var ids []string
			for _, c := range chosen {
				ids = append(ids, c.ID)
			}
			if got := strings.Join(ids, " "); err != nil || got != tt.ids {
				t.Errorf("chose %q (%v), want %q", got, err, tt.ids)
			}
		})
	}
}

func TestAHubWithoutReadableCollectionsIsAnError(t *testing.T) {
	for _, listing := range []string{`{}`, `{"collections":[{"id":"a","title":"A","can_read":false}]}`} {
		base := handle(t, map[string]http.HandlerFunc{"/api/collections/": answer(listing)})
		_, err := discovered(t, settingsFor(base+"/api/collections/"))
		mustFail(t, err, "none that may be read")
	}
}

func TestACollectionThatIsNotListedIsTakenAtItsWord(t *testing.T) {
	base := handle(t, map[string]http.HandlerFunc{
		"/api/collections/":           func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusForbidden) },
		"/other/collections/":         answer(`{}`),
		"/login/collections/":         func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("<html>")) },
		"/api/collections/c/objects/": answer(envelope(false, "", 0)),
	})
	for _, path := range []string{"/api/collections/real-time-feeds/", "/other/collections/x-mitre-collection--1/"} {
		got, err := discovered(t, settingsFor(base+path))
		if diff := cmp.Diff([]string{base + path}, got); err != nil || diff != "" {
			t.Errorf("%v (-want +got):\n%s", err, diff)
		}
	}
	s := settingsFor(base + "/api/collections/c/")
	s.Collections = Collections{Names: []string{"other"}}
	_, err := discovered(t, s)
	mustFail(t, err, `collections names "other"`, "one or the other")
	_, err = discovered(t, settingsFor(base+"/login/collections/c/"))
	mustFail(t, err, "HTML page")
}

func TestAPIRoots(t *testing.T) {
	list := `{"collections":[{"id":"c","title":"C","can_read":true}]}`
	forbidden := func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusForbidden) }
	broken := func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusInternalServerError) }
	routes := map[string]http.HandlerFunc{
		"/a/collections/": answer(list), "/b/collections/": answer(list),
		"/secret/collections/": forbidden, "/broken/collections/": broken, "/sub/a/collections/": answer(list),
	}
	tests := map[string]struct {
		discovery string
		want      []string
		err       string
	}{
		"absolute":                     {`{"title":"T","api_roots":["BASE/a/"]}`, []string{"/a/collections/c/"}, ""},
		"relative to the host":         {`{"title":"T","api_roots":["/a/"]}`, []string{"/a/collections/c/"}, ""},
		"relative to the discovery":    {`{"title":"T","api_roots":["a/"]}`, []string{"/taxii2/a/collections/c/"}, "404"},
		"without the slash at the end": {`{"title":"T","api_roots":["/a"]}`, []string{"/a/collections/c/"}, ""},
		"several, the default first":   {`{"title":"T","default":"/b/","api_roots":["/a/","/b/"]}`, []string{"/b/collections/c/", "/a/collections/c/"}, ""},
		"a default outside the list":   {`{"title":"T","default":"/b/","api_roots":["/a/"]}`, []string{"/b/collections/c/", "/a/collections/c/"}, ""},
		"a default alone":              {`{"title":"T","default":"/b/"}`, []string{"/b/collections/c/"}, ""},
		"one of several is secret":     {`{"title":"T","api_roots":["/secret/","/a/"]}`, []string{"/a/collections/c/"}, ""},
		"all are secret":               {`{"title":"T","api_roots":["/secret/","/secret/x/../"]}`, nil, "403"},
		"one of several is broken":     {`{"title":"T","api_roots":["/broken/","/a/"]}`, nil, "500"},
		"not a URL":                    {`{"title":"T","api_roots":["http://[::1/"]}`, nil, "not a valid URL"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			mux := map[string]http.HandlerFunc{}
			maps.Copy(mux, routes)
			var base string
			mux["/taxii2/"] = func(w http.ResponseWriter, r *http.Request) {
				if r.URL.Path != "/taxii2/" {
					http.NotFound(w, r)
					return
				}
				answer(strings.ReplaceAll(tt.discovery, "BASE", base))(w, r)
			}
			base = handle(t, mux)
			got, err := discovered(t, settingsFor(base+"/taxii2/"))
			if tt.err != "" {
				mustFail(t, err, tt.err)
				return
			}
			for i := range tt.want {
				tt.want[i] = base + tt.want[i]
			}
			if diff := cmp.Diff(tt.want, got); err != nil || diff != "" {
				t.Errorf("%v (-want +got):\n%s", err, diff)
			}
		})
	}
}

// TestCredentialsStayOnTheConfiguredHost has a discovery that names an API root
// on another host, as hubs behind a proxy do, or a hostile one.
func TestCredentialsStayOnTheConfiguredHost(t *testing.T) {
	var seen []string
	other := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		seen = append(seen, r.Header.Get("Authorization"))
		answer(`{"collections":[{"id":"there","title":"There"}]}`)(w, r)
	}))
	t.Cleanup(other.Close)
	discovery := answer(`{"title":"T","api_roots":["` + other.URL + `/api/"]}`)
	newSettings := func(routes map[string]http.HandlerFunc) *Settings {
		routes["/taxii2/"] = discovery
		s := settingsFor(handle(t, routes) + "/taxii2/")
		token := keep(t, "s3cret")
		s.Auth.Bearer = &token
		return s
	}

	t.Run("the API root is looked for there", func(t *testing.T) {
		s := newSettings(map[string]http.HandlerFunc{"/api/collections/": answer(`{"collections":[{"id":"here","title":"Here"}]}`)})
		got, err := discovered(t, s)
		if err != nil || len(got) != 1 || !strings.HasSuffix(got[0], "/api/collections/here/") {
			t.Errorf("found %v (%v)", got, err)
		}
	})
	t.Run("and an error says how to follow", func(t *testing.T) {
		_, err := discovered(t, newSettings(map[string]http.HandlerFunc{}))
		mustFail(t, err, "404", other.URL+"/api/", "follow_hosts: true")
	})
	if len(seen) > 0 {
		t.Fatalf("the other host was asked, with %q", seen)
	}
	t.Run("follow_hosts goes to the other host, with the credentials", func(t *testing.T) {
		s := newSettings(map[string]http.HandlerFunc{})
		s.FollowHosts = true
		got, err := discovered(t, s)
		if diff := cmp.Diff([]string{other.URL + "/api/collections/there/"}, got); err != nil || diff != "" {
			t.Errorf("%v (-want +got):\n%s", err, diff)
		}
		if diff := cmp.Diff([]string{"Bearer s3cret"}, seen); diff != "" {
			t.Errorf("the other host saw (-want +got):\n%s", diff)
		}
	})
}

func TestProbe(t *testing.T) {
	hub := taxiihub.New(taxiihub.Options{Title: "Sector\nhub"})
	hub.Collection(highID, "High", "high")
	s := settingsFor(hubtest.Start(t, hub.Handler()) + "/taxii2/")
	for range 2 {
		line, err := connect(t, s).Probe(t.Context())
		if want := `Sector hub: collection "High" (` + highID + `)`; err != nil || line != want {
			t.Errorf("Probe: %q, %v; want %q", line, err, want)
		}
	}
	hub.Collection("second", "Second", "")
	line, err := connect(t, s).Probe(t.Context())
	if err != nil || !strings.Contains(line, "2 collections to pull: \"High\"") {
		t.Errorf("Probe: %q, %v", line, err)
	}
}

func TestTwoCollectionsHaveTheirOwnQuery(t *testing.T) {
	hub := taxiihub.New(taxiihub.Options{MaxPage: 2})
	add(t, hub.Collection("a", "A", ""), connectortest.Objects(0, 5, 0)...)
	add(t, hub.Collection("b", "B", ""), connectortest.Objects(5, 5, 0)...)
	faults := hubtest.New(hub.Handler())
	c := connect(t, settingsFor(hubtest.Start(t, faults)+"/taxii2/"))
	mustBring(t, fetch(t, c, connectors.State{}), idsOf(0, 10))
	for _, r := range faults.Requests() {
		if r.URL.Path == "/api/collections/b/objects/" {
			if r.URL.Query().Has("next") {
				t.Error("the second collection was first asked with the token of the first")
			}
			return
		}
	}
	t.Error("the second collection was not asked")
}

func TestTheContextEndsADiscovery(t *testing.T) {
	base := handle(t, map[string]http.HandlerFunc{"/taxii2/": func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }})
	ctx, cancel := context.WithCancel(t.Context())
	c := connect(t, settingsFor(base+"/taxii2/"))
	cancel()
	if _, err := c.Probe(ctx); err == nil {
		t.Error("no error")
	}
}
