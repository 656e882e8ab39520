package taxii

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/indicatord/indicatord/connectors"
	"github.com/indicatord/indicatord/connectors/connectortest"
	"github.com/indicatord/indicatord/internal/httpx"
	"github.com/indicatord/indicatord/internal/plugin"
	"github.com/indicatord/indicatord/internal/secret"
	"github.com/indicatord/indicatord/internal/taxiihub"
	"github.com/indicatord/indicatord/internal/taxiihub/hubtest"
)

const highID = "9cfa669c-ee94-4ece-afd2-f8edac37d8fd"

func TestConformance(t *testing.T) {
	const password = "correct-horse-battery"
	connectortest.Run(t, connectortest.Suite{
		Spec:    Spec(),
		Secrets: []string{password},
		New: func(t *testing.T) connectortest.Source {
			hub := taxiihub.New(taxiihub.Options{MaxPage: 4, Credentials: taxiihub.Credentials{
				Username: "site", Password: secret.New(password),
			}})
			collection := hub.Collection(highID, "High", "high")
			var broken atomic.Bool
			settings := settingsFor(hubtest.Start(t, breakable(hub.Handler(), &broken)) + "/taxii2/")
			settings.Auth.Basic = &httpx.Basic{Username: "site", Password: keep(t, password)}
			return connectortest.Source{
				Settings: settings,
				Put:      func(objects ...json.RawMessage) { add(t, collection, objects...) },
				Forget:   func(id string) { collection.Remove(id) },
				Break:    func() { broken.Store(true) },
				Mend:     func() { broken.Store(false) },
			}
		},
	})
}

// breakable answers every request with an error while broken is true.
func breakable(hub http.Handler, broken *atomic.Bool) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if broken.Load() {
			http.Error(w, "out of order", http.StatusInternalServerError)
			return
		}
		hub.ServeHTTP(w, r)
	})
}

// settingsFor returns settings with the defaults, for tests on loopback.
func settingsFor(url string) *Settings {
	s := defaults()
	s.URL = url
	s.Timeout = 5 * time.Second
	return s
}

// keep writes a secret to a file and returns its place.
func keep(t *testing.T, text string) secret.Ref {
	t.Helper()
	path := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return secret.Ref{File: path}
}

func add(t *testing.T, collection *taxiihub.Collection, objects ...json.RawMessage) {
	t.Helper()
	if err := collection.Add(objects...); err != nil {
		t.Fatal(err)
	}
}

// stand is a hub with one collection, and faults to inject.
type stand struct {
	*hubtest.Faults
	collection *taxiihub.Collection
	settings   *Settings
}

// newStand starts a hub whose one collection holds n objects.
func newStand(t *testing.T, options taxiihub.Options, n int) *stand {
	t.Helper()
	hub := taxiihub.New(options)
	s := &stand{Faults: hubtest.New(hub.Handler()), collection: hub.Collection(highID, "High", "high")}
	add(t, s.collection, connectortest.Objects(0, n, 0)...)
	s.settings = settingsFor(hubtest.Start(t, s.Faults) + "/taxii2/")
	return s
}

// connect opens a connector.
func connect(t *testing.T, s *Settings) *Connector {
	t.Helper()
	c, err := s.Open(plugin.Env{Site: "test", Name: "hub", Agent: "indicatord/test"})
	if err != nil {
		t.Fatal(err)
	}
	return c.(*Connector)
}

// result is what a pull brought.
type result struct {
	pages  []connectors.Page
	cursor []byte
	err    error
}

// fetch makes a pull.
func fetch(t *testing.T, c *Connector, from connectors.State) result {
	t.Helper()
	r := result{cursor: from.Cursor}
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	r.err = c.Fetch(ctx, from, func(_ context.Context, page connectors.Page) error {
		r.pages = append(r.pages, page)
		if page.Cursor != nil {
			r.cursor = page.Cursor
		}
		return nil
	})
	return r
}

// ids returns the ids of the objects in the order of their first arrival.
func (r *result) ids(t *testing.T) []string {
	t.Helper()
	var ids []string
	for _, page := range r.pages {
		for _, object := range page.Objects {
			var header struct{ ID string }
			if err := json.Unmarshal(object, &header); err != nil {
				t.Fatal(err)
			}
			if !slices.Contains(ids, header.ID) {
				ids = append(ids, header.ID)
			}
		}
	}
	return ids
}

// idsOf are the ids of the suite's objects.
func idsOf(first, n int) []string {
	ids := make([]string, n)
	for i := range ids {
		ids[i] = connectortest.ID(first + i)
	}
	return ids
}

// mustBring fails unless the pull ended well and brought exactly these objects.
func mustBring(t *testing.T, r result, want []string) {
	t.Helper()
	if r.err != nil {
		t.Fatalf("the pull failed: %v", r.err)
	}
	if got := r.ids(t); !slices.Equal(got, want) {
		t.Fatalf("the pull brought %d objects, want %d:\ngot  %v\nwant %v", len(got), len(want), got, want)
	}
}

// mustFail fails unless the pull ended with one line that holds every part.
func mustFail(t *testing.T, err error, parts ...string) {
	t.Helper()
	if err == nil {
		t.Fatalf("no error, want one with %q", parts)
	}
	for _, part := range parts {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("error %q, want %q in it", err, part)
		}
	}
	if strings.Contains(err.Error(), "\n") {
		t.Errorf("error %q is not one line", err)
	}
}

// handle starts a server of the test's own making.
func handle(t *testing.T, routes map[string]http.HandlerFunc) string {
	t.Helper()
	mux := http.NewServeMux()
	for pattern, handler := range routes {
		mux.HandleFunc(pattern, handler)
	}
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	return server.URL
}

// answer serves a JSON text.
func answer(text string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", mediaType)
		_, _ = w.Write([]byte(text))
	}
}
