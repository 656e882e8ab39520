package agent

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"github.com/indicatord/indicatord/connectors"
	memorysource "github.com/indicatord/indicatord/connectors/memory"
	"github.com/indicatord/indicatord/internal/config"
	"github.com/indicatord/indicatord/internal/store"
	"github.com/indicatord/indicatord/outputs"
	memorytool "github.com/indicatord/indicatord/outputs/memory"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// shareEncoder makes the encoder that all stores of a process share, which must
// not belong to a bubble.
var shareEncoder = sync.OnceFunc(func() {
	packer := store.NewPacker()
	packer.Add(make([]byte, 100_000))
	packer.Add([]byte("what no longer fits: the first pack is compressed"))
})

// stand is an agent's surroundings in memory: the sources it pulls from, the
// tools it delivers to, and what it logs.
type stand struct {
	t       *testing.T
	dir     string
	sources map[string]*memorysource.Source
	tools   map[string]*memorytool.Tool
	log     *journal

	// In a bubble:
	generated   *generation
	store       *store.Store
	begin, stop func()
}

// oneLine is a configuration of one source and one tool.
const oneLine = `
connectors:
  - {name: hub, type: memory, schedule: "@every 1m", lifetime: {}}
outputs:
  - {name: tool, type: memory}
`

func newStand(t *testing.T) *stand {
	return &stand{
		t: t, dir: t.TempDir(), log: &journal{},
		sources: map[string]*memorysource.Source{"hub": {}, "second": {}},
		tools:   map[string]*memorytool.Tool{"tool": {}, "other": {}},
	}
}

// parse reads the connectors and outputs of a configuration.
func (s *stand) parse(text string) (*config.Config, error) {
	c, found := config.Parse("test.yaml", []byte("site: plant-07\nstate: "+s.dir+"/s\n"+text), config.Plugins{
		Connectors: []connectors.Spec{memorysource.Spec(s.sources)}, Outputs: []outputs.Spec{memorytool.Spec(s.tools)},
	})
	return c, found.Err()
}

func (s *stand) config(text string) *config.Config {
	s.t.Helper()
	c, err := s.parse(text)
	if err != nil {
		s.t.Fatal(err)
	}
	return c
}

func (s *stand) options() Options {
	return Options{Version: "test", Log: slog.New(slog.NewTextHandler(s.log, nil)), Now: time.Now}
}

// generation opens the state and the plugins. Both are closed at the end of the
// test, unless the generation has run.
func (s *stand) generation(text string) (*generation, *store.Store) {
	s.t.Helper()
	c := s.config(text)
	db, err := store.Open(s.t.Context(), c.State)
	if err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() {
		if err := db.Close(); err != nil {
			s.t.Error(err)
		}
	})
	g, err := newGeneration(c, db, s.options())
	if err != nil {
		s.t.Fatal(err)
	}
	return g, db
}

// inBubble plays with a generation in fake time. The generation begins to work
// with begin and ends with stop, or with the play.
func inBubble(t *testing.T, text string, play func(t *testing.T, s *stand)) {
	t.Helper()
	shareEncoder()
	synctest.Test(t, func(t *testing.T) {
		s := newStand(t)
		g, db := s.generation(text)
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		done := make(chan error, 1)
		s.generated, s.store = g, db
		s.begin = func() { go func() { done <- g.run(ctx) }() }
		s.stop = sync.OnceFunc(func() {
			cancel()
			if err := <-done; err != nil {
				t.Error(err)
			}
		})
		play(t, s)
		s.stop()
	})
}

// settle lets time pass, and everything happen that happens in it.
func settle(d time.Duration) {
	time.Sleep(d)
	synctest.Wait()
}

// running runs an agent in real time, and returns what reloads it and what
// stops it.
func (s *stand) running(text string, load func() (*config.Config, error)) (reload chan<- struct{}, stop func()) {
	s.t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	reloads, ready, done := make(chan struct{}), make(chan struct{}, 8), make(chan error, 1)
	options := s.options()
	options.Load = load
	options.Ready = func() { ready <- struct{}{} }
	c := s.config(text)
	go func() { done <- Run(ctx, c, reloads, options) }()
	select {
	case <-ready:
	case err := <-done:
		s.t.Fatalf("the agent ended: %v", err)
	}
	stop = sync.OnceFunc(func() {
		cancel()
		if err := <-done; err != nil {
			s.t.Errorf("the agent ended with %v", err)
		}
	})
	s.t.Cleanup(stop)
	return reloads, stop
}

// object is an indicator for an address that nobody has.
func object(n int, more ...string) json.RawMessage {
	fields := append([]string{
		`"type":"indicator","spec_version":"2.1"`, fmt.Sprintf(`"id":"indicator--00000000-0000-4000-8000-%012d"`, n),
		`"created":"1999-01-01T00:00:00.000Z","pattern_type":"stix","valid_from":"1999-01-01T00:00:00Z"`,
		fmt.Sprintf(`"pattern":"[ipv4-addr:value = '%s']"`, address(n)),
	}, more...)
	if !strings.Contains(strings.Join(more, ""), `"modified"`) {
		fields = append(fields, `"modified":"1999-01-01T00:00:00.000Z"`)
	}
	return json.RawMessage("{" + strings.Join(fields, ",") + "}")
}

func idOf(n int) string { return fmt.Sprintf("indicator--00000000-0000-4000-8000-%012d", n) }

func address(n int) string { return fmt.Sprintf("5.6.%d.%d", n/256, n%256) }

// held is what a tool holds, as a list of addresses.
func (s *stand) held(tool string) string {
	values := []string{}
	for _, k := range s.tools[tool].Keys() {
		values = append(values, k.Value)
	}
	return strings.Join(values, " ")
}

func (s *stand) mustHold(tool, want string) {
	s.t.Helper()
	if got := s.held(tool); got != want {
		s.t.Errorf("%s holds %q, want %q; log:\n%s", tool, got, want, s.log)
	}
}

func (s *stand) eventually(what string, is func() bool) {
	s.t.Helper()
	for range 1000 {
		if is() {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	s.t.Fatalf("%s did not come about; log:\n%s", what, s.log)
}

// journal keeps a log for tests.
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

// count counts the lines that hold all the words.
func (j *journal) count(words ...string) int {
	n := 0
	for line := range strings.Lines(j.String()) {
		has := true
		for _, w := range words {
			has = has && strings.Contains(line, w)
		}
		if has {
			n++
		}
	}
	return n
}
