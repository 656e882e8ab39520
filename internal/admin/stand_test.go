package admin

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/indicatord/indicatord/connectors"
	memorysource "github.com/indicatord/indicatord/connectors/memory"
	"github.com/indicatord/indicatord/internal/config"
	"github.com/indicatord/indicatord/internal/indicator"
	"github.com/indicatord/indicatord/internal/pipeline"
	"github.com/indicatord/indicatord/internal/plugin"
	"github.com/indicatord/indicatord/internal/stix"
	"github.com/indicatord/indicatord/internal/store"
	"github.com/indicatord/indicatord/outputs"
	memorytool "github.com/indicatord/indicatord/outputs/memory"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var noon = time.Date(2026, 6, 1, 12, 0, 0, 0, time.UTC)

// stand is a state with what one source brought and one tool accepted.
type stand struct {
	Inspector
	t      *testing.T
	source *memorysource.Source
	tool   *memorytool.Tool
}

const twoOutputs = `
connectors:
  - {name: hub, type: memory, schedule: "@hourly", lifetime: {}}
outputs:
  - {name: siem, type: memory}
  - {name: green, type: memory, select: {max_tlp: green, min_confidence: 60}}
`

func newStand(t *testing.T, text string) *stand {
	t.Helper()
	s := &stand{t: t, source: &memorysource.Source{}, tool: &memorytool.Tool{}}
	dir := t.TempDir() + "/s"
	c, found := config.Parse("test.yaml", []byte("site: plant-07\nstate: "+dir+"\n"+text), config.Plugins{
		Connectors: []connectors.Spec{memorysource.Spec(nil)}, Outputs: []outputs.Spec{memorytool.Spec(nil)},
	})
	if err := found.Err(); err != nil {
		t.Fatal(err)
	}
	db, err := store.Open(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	s.Inspector = Inspector{Config: c, Store: db, Version: "test", Now: func() time.Time { return noon }}
	return s
}

// pull brings objects into the store, as the connector hub.
func (s *stand) pull(objects ...json.RawMessage) {
	s.t.Helper()
	s.source.Put(objects...)
	settings := memorysource.Spec(map[string]*memorysource.Source{"hub": s.source}).Settings()
	connector, err := settings.Open(plugin.Env{Name: "hub"})
	if err != nil {
		s.t.Fatal(err)
	}
	puller := &pipeline.Puller{Source: "hub", Connector: connector, Store: s.Store, Options: stix.Options{UnmarkedTLP: indicator.TLPAmber}, Now: s.Now}
	if _, err := puller.Pull(s.t.Context(), false); err != nil {
		s.t.Fatal(err)
	}
}

// deliver brings the view of an output to the tool.
func (s *stand) deliver(output string) error {
	o := s.findOutput(output)
	deliverer := &pipeline.Deliverer{
		Name: output, Output: memorytool.New(s.tool, memorytool.Changes), Policy: PolicyOf(s.Config, o), Store: s.Store, Now: s.Now,
	}
	_, err := deliverer.Deliver(context.Background())
	return err
}

func (s *stand) why(value string) Explanation {
	s.t.Helper()
	x, err := s.Why(s.t.Context(), value)
	if err != nil {
		s.t.Fatal(err)
	}
	return x
}

// indicatorOf is an indicator with a pattern. Further fields replace those it has.
func indicatorOf(n int, pattern string, fields map[string]any) json.RawMessage {
	object := map[string]any{
		"type": "indicator", "spec_version": "2.1", "id": idOf(n), "pattern": pattern, "pattern_type": "stix",
		"created": "2026-01-01T00:00:00.000Z", "modified": "2026-01-01T00:00:00.000Z", "valid_from": "2026-01-01T00:00:00Z",
	}
	maps.Copy(object, fields)
	text, err := json.Marshal(object)
	if err != nil {
		panic(err)
	}
	return text
}

func idOf(n int) string { return fmt.Sprintf("indicator--00000000-0000-4000-8000-%012d", n) }

func mustFail(t *testing.T, err error, words ...string) {
	t.Helper()
	if err == nil {
		t.Fatalf("no error, want one with %q", words)
	}
	for _, w := range words {
		if !strings.Contains(err.Error(), w) {
			t.Errorf("the error %q does not say %q", err, w)
		}
	}
}

// fakeDaemon answers from a stand.
type fakeDaemon struct {
	*stand
	round Round
	err   error
	asked chan struct{} // closed when a round waits
	rung  int
}

func (d *fakeDaemon) Ring() { d.rung++ }

func (d *fakeDaemon) Inspector() Inspector { return d.stand.Inspector }

func (d *fakeDaemon) Once(ctx context.Context, r Round) error {
	d.round = r
	if errors.Is(d.err, errWait) {
		close(d.asked)
		<-ctx.Done()
		return context.Cause(ctx)
	}
	return d.err
}

// errWait makes a fake daemon wait for the end of the request.
var errWait = errors.New("wait")

func listen(t *testing.T, d *fakeDaemon) *Client {
	t.Helper()
	server, err := Listen(d.Config.State, d)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := server.Close(); err != nil {
			t.Error(err)
		}
	})
	return NewClient(d.Config.State)
}
