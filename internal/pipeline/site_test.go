package pipeline_test

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"iter"
	"log/slog"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/indicatord/indicatord/connectors"
	memoryhub "github.com/indicatord/indicatord/connectors/memory"
	"github.com/indicatord/indicatord/internal/indicator"
	"github.com/indicatord/indicatord/internal/pipeline"
	"github.com/indicatord/indicatord/internal/plugin"
	"github.com/indicatord/indicatord/internal/policy"
	"github.com/indicatord/indicatord/internal/store"
	"github.com/indicatord/indicatord/outputs/memory"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// noon is the time at which the tests begin.
var noon = time.Date(2026, time.June, 1, 12, 0, 0, 0, time.UTC)

// site is one hub, one store and a clock. What fails a test is told to it.
type site struct {
	tb     testing.TB
	dir    string
	store  *store.Store
	hub    *memoryhub.Source
	puller *pipeline.Puller
	now    time.Time
}

// newSite returns a site whose hub hands over pages of two objects.
func newSite(tb testing.TB) *site {
	tb.Helper()
	s := &site{tb: tb, dir: tb.TempDir(), hub: new(memoryhub.Source), now: noon}
	s.open()
	tb.Cleanup(func() { _ = s.store.Close() })
	spec := memoryhub.Spec(map[string]*memoryhub.Source{"hub": s.hub})
	settings := spec.Settings().(*memoryhub.Settings)
	settings.PageSize = 2
	connector, err := settings.Open(plugin.Env{Name: "hub"})
	if err != nil {
		tb.Fatal(err)
	}
	s.puller = s.pullerOf(connector)
	return s
}

func (s *site) open() {
	s.tb.Helper()
	var err error
	if s.store, err = store.Open(context.Background(), s.dir); err != nil {
		s.tb.Fatal(err)
	}
}

// restart closes the store and opens it again, as a new process would.
func (s *site) restart() {
	s.tb.Helper()
	if err := s.store.Close(); err != nil {
		s.tb.Fatal(err)
	}
	s.open()
	s.puller.Store = s.store
}

func (s *site) clock() time.Time { return s.now }

// pullerOf pulls from another connector as the source "hub".
func (s *site) pullerOf(connector connectors.Connector) *pipeline.Puller {
	return &pipeline.Puller{
		Source: "hub", Connector: connector, Store: s.store, Now: s.clock,
		MostWithdrawn: func(live int) int { return live / 2 },
		Log:           slog.New(slog.DiscardHandler),
	}
}

// deliverer brings a tool to the view of a policy that selects so.
func (s *site) deliverer(tool *memory.Tool, takes memory.Takes, selection policy.Select) *pipeline.Deliverer {
	return &pipeline.Deliverer{
		Name: "tool", Output: memory.New(tool, takes), Store: s.store, Now: s.clock,
		Policy: policy.Policy{Connectors: []string{"hub"}, Select: selection},
	}
}

func (s *site) pull() pipeline.PullCounts {
	s.tb.Helper()
	counts, err := s.puller.Pull(context.Background(), false)
	if err != nil {
		s.tb.Fatal(err)
	}
	return counts
}

func (s *site) pullFully() pipeline.PullCounts {
	s.tb.Helper()
	counts, err := s.puller.Pull(context.Background(), true)
	if err != nil {
		s.tb.Fatal(err)
	}
	return counts
}

func (s *site) sweep() {
	s.tb.Helper()
	if _, _, err := s.store.Sweep(context.Background(), s.now); err != nil {
		s.tb.Fatal(err)
	}
}

func (s *site) deliver(d *pipeline.Deliverer) pipeline.DeliveryCounts {
	s.tb.Helper()
	counts, err := d.Deliver(context.Background())
	if err != nil {
		s.tb.Fatal(err)
	}
	return counts
}

// execute runs SQL behind the store's back.
func (s *site) execute(query string) {
	s.tb.Helper()
	db, err := sql.Open("sqlite", s.store.Path())
	if err == nil {
		_, err = db.ExecContext(context.Background(), query)
	}
	if err != nil {
		s.tb.Fatal(err)
	}
	if err := db.Close(); err != nil {
		s.tb.Fatal(err)
	}
}

// held is everything that is asserted and live, as "value id".
func (s *site) held() []string {
	s.tb.Helper()
	var lines []string
	for record, err := range s.store.Entries(context.Background(), store.Reading{InFull: true}) {
		if err != nil {
			s.tb.Fatal(err)
		}
		for i := range record.Entry.Assertions {
			if a := &record.Entry.Assertions[i]; a.State == indicator.Live {
				lines = append(lines, record.Entry.Key.Value+" "+strings.TrimPrefix(a.Object.ID, "indicator--"))
			}
		}
	}
	return lines
}

func (s *site) cursor() string {
	s.tb.Helper()
	cursor, err := s.store.Cursor(context.Background(), "hub")
	if err != nil {
		s.tb.Fatal(err)
	}
	return string(cursor)
}

// fact is an indicator of a hub.
type fact struct {
	id         string
	version    int
	names      []string // the domains that it names
	confidence int
	from       time.Time // zero is a day before noon
	until      time.Time
	revoked    bool
}

func indicatorOf(id string, version int, names ...string) json.RawMessage {
	return fact{id: id, version: version, names: names, confidence: 50}.object()
}

func (f fact) object() json.RawMessage {
	from := f.from
	if from.IsZero() {
		from = noon.AddDate(0, 0, -1)
	}
	members := map[string]any{
		"type": "indicator", "spec_version": "2.1", "id": "indicator--" + f.id,
		"created": noon.AddDate(-1, 0, 0), "modified": noon.AddDate(-1, 0, f.version),
		"valid_from": from, "pattern": patternOf(f.names), "pattern_type": "stix", "confidence": f.confidence,
	}
	if !f.until.IsZero() {
		members["valid_until"] = f.until
	}
	if f.revoked {
		members["revoked"] = true
	}
	text, err := json.Marshal(members)
	if err != nil {
		panic(err) // the members are all plain
	}
	return text
}

func patternOf(names []string) string {
	parts := make([]string, len(names))
	for i, name := range names {
		parts[i] = fmt.Sprintf("domain-name:value = '%s'", name)
	}
	return "[" + strings.Join(parts, " OR ") + "]"
}

// script is a connector that hands over pages and then returns an error.
type script struct {
	pages []connectors.Page
	err   error
}

func (s script) Fetch(ctx context.Context, _ connectors.State, sink connectors.Sink) error {
	for _, page := range s.pages {
		if err := sink(ctx, page); err != nil {
			return err
		}
	}
	return s.err
}

func values(tb testing.TB, entries iter.Seq2[indicator.Entry, error]) []string {
	tb.Helper()
	var all []string
	for e, err := range entries {
		if err != nil {
			tb.Fatal(err)
		}
		all = append(all, e.Key.Value)
	}
	return all
}

// toolValues are the values that a tool holds, in order.
func toolValues(tool *memory.Tool) []string {
	var all []string
	for _, k := range tool.Keys() {
		all = append(all, k.Value)
	}
	return all
}
