package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/indicatord/indicatord/internal/admin"
	"github.com/indicatord/indicatord/internal/agent"
	"github.com/indicatord/indicatord/internal/config"
	"github.com/indicatord/indicatord/internal/store"
	"github.com/indicatord/indicatord/internal/taxiihub"
	"github.com/indicatord/indicatord/internal/taxiihub/hubtest"
)

// line is the whole line on one machine: a hub that can misbehave, the ordinary
// agent with an ordinary configuration, and a list.
type line struct {
	t          *testing.T
	dir        string
	faults     *hubtest.Faults
	collection *taxiihub.Collection
	url        string
	log        journal
}

// newLine starts a hub. Each page holds three objects.
func newLine(t *testing.T) *line { return newLineOf(t, 3) }

// newLineOf starts a hub with so many objects on each page.
func newLineOf(t *testing.T, maxPage int) *line {
	hub := taxiihub.New(taxiihub.Options{MaxPage: maxPage})
	l := &line{t: t, dir: t.TempDir(), faults: hubtest.New(hub.Handler())}
	l.collection = hub.Collection("91a7b528-80eb-42ed-a74d-c6fbd5a26116", "Power grid", "grid")
	l.url = hubtest.Start(t, l.faults)
	return l
}

// path is a file of the line's directory.
func (l *line) path(name string) string { return filepath.Join(l.dir, name) }

// configure writes the configuration and returns its path. The settings are
// further lines of the connector's.
func (l *line) configure(settings ...string) string {
	l.t.Helper()
	text := fmt.Sprintf(`site: plant-07
state: %[1]s/s
log: {format: text}
connectors:
  - name: hub
    type: taxii
    schedule: "@every 1s"
    lifetime: {}
    settings:
      url: %[2]s/taxii2/
      timeout: 2s
      %[3]s
outputs:
  - name: list
    type: addresslist
    settings: {path: %[1]s/list.txt}
  - name: documents
    type: file
    settings: {path: %[1]s/documents.ndjson}
`, l.dir, l.url, strings.Join(settings, "\n      "))
	if err := os.WriteFile(l.path("site.yaml"), []byte(text), 0o600); err != nil {
		l.t.Fatal(err)
	}
	return l.path("site.yaml")
}

// load writes and loads the configuration.
func (l *line) load(settings ...string) *config.Config {
	l.t.Helper()
	c, found := config.Load(l.configure(settings...), plugins())
	if err := found.Err(); err != nil {
		l.t.Fatal(err)
	}
	return c
}

// reload loads the configuration that is written.
func (l *line) reload() *config.Config {
	l.t.Helper()
	c, found := config.Load(l.path("site.yaml"), plugins())
	if err := found.Err(); err != nil {
		l.t.Fatal(err)
	}
	return c
}

// once makes one round as the command does where no daemon runs.
func (l *line) once(c *config.Config) error {
	return agent.Once(l.t.Context(), c, admin.Round{}, agent.Options{Version: "test", Log: slog.New(slog.NewTextHandler(&l.log, nil))})
}

func (l *line) put(objects ...json.RawMessage) {
	l.t.Helper()
	if err := l.collection.Add(objects...); err != nil {
		l.t.Fatal(err)
	}
}

func (l *line) read(name string) string {
	l.t.Helper()
	text, err := os.ReadFile(l.path(name))
	if err != nil {
		l.t.Fatal(err)
	}
	return string(text)
}

// inspect asks the state where no daemon runs.
func (l *line) inspect(c *config.Config, ask func(admin.Inspector)) {
	l.t.Helper()
	s, err := store.OpenReadOnly(l.t.Context(), c.State)
	if err != nil {
		l.t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	ask(admin.Inspector{Config: c, Store: s, Version: "test", Now: time.Now})
}

// addressObject is an indicator for the nth address, in its nth version.
func addressObject(n, version int, more string) json.RawMessage {
	return fmt.Appendf(nil, `{"type":"indicator","spec_version":"2.1","id":"indicator--00000000-0000-4000-8000-%012d",
		"created":"2024-01-01T00:00:00.000Z","modified":"2024-01-01T00:00:%02d.000Z","valid_from":"2024-01-01T00:00:00Z",
		"pattern_type":"stix","pattern":"[ipv4-addr:value = '%s']"%s}`, n, version, addressOf(n), more)
}

func addressOf(n int) string { return fmt.Sprintf("5.%d.%d.%d", n>>16, n>>8&255, n&255) }

// addresses writes the first n addresses, a line each.
func addresses(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintln(&b, addressOf(i))
	}
	return b.String()
}

// journal keeps a log. It may be used by any number of goroutines.
type journal struct {
	mu   sync.Mutex
	text bytes.Buffer
}

// Write implements io.Writer.
func (j *journal) Write(p []byte) (int, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.text.Write(p)
}

func (j *journal) String() string {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.text.String()
}

// answers serves a fixed answer to every request for objects.
func answers(status int, header, body string) hubtest.Fault {
	return func(http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", header)
			w.WriteHeader(status)
			fmt.Fprint(w, os.Expand(body, func(name string) string { return r.Header.Get(name) }))
		})
	}
}
