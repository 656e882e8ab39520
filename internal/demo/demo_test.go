package demo

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	connectors "github.com/indicatord/indicatord/connectors/all"
	"github.com/indicatord/indicatord/internal/config"
	outputs "github.com/indicatord/indicatord/outputs/all"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func load(path string) (*config.Config, error) {
	c, found := config.Load(path, config.Plugins{Connectors: connectors.Specs(), Outputs: outputs.Specs()})
	return c, found.Err()
}

// screen is what the demo shows.
type screen struct {
	mu   sync.Mutex
	text bytes.Buffer
}

// Write implements io.Writer.
func (s *screen) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.Write(p)
}

func (s *screen) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.String()
}

func (s *screen) options(dir string) Options {
	return Options{Dir: dir, Command: "indicatord", Load: load, Out: s, Version: "test", Log: slog.New(slog.NewTextHandler(s, nil))}
}

func TestOneRoundShowsTheMainJob(t *testing.T) {
	var shown screen
	o := shown.options(filepath.Join(t.TempDir(), "new"))
	o.Once = true
	if err := Run(t.Context(), o); err != nil {
		t.Fatal(err)
	}
	written, err := os.ReadFile(filepath.Join(o.Dir, "indicatord.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		string(written), "sector-hub: objects pulled: ", "live-history: objects pulled: ", "blocklist: ", " domain, in ", "documents: ",
		"indicatord --config " + o.Dir + "/indicatord.yaml why 5.149.248.77",
	} {
		if !strings.Contains(shown.String(), want) {
			t.Errorf("it does not show %q, but:\n%s", want, &shown)
		}
	}
	if strings.Contains(shown.String(), "level=ERROR") || strings.Contains(shown.String(), "$") {
		t.Errorf("it shows an error, or a variable:\n%s", &shown)
	}
}

func TestTheDemoGoesOnUntilItIsInterrupted(t *testing.T) {
	var shown screen
	ctx, interrupt := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- Run(ctx, shown.options(t.TempDir())) }()
	deadline := time.Now().Add(30 * time.Second)
	for strings.Count(shown.String(), "msg=pulled connector=live-history") < 2 && time.Now().Before(deadline) {
		time.Sleep(10 * time.Millisecond)
	}
	interrupt()
	if err := <-done; err != nil {
		t.Errorf("it ended with %v", err)
	}
	if !strings.Contains(shown.String(), "The agent goes on until you interrupt it") || !strings.Contains(shown.String(), "msg=started") {
		t.Errorf("the agent did not go on:\n%s", &shown)
	}
}

func TestTheHistoryGoesOnAtTheHub(t *testing.T) {
	now := time.Now()
	h, err := newHub(now)
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	served := make(chan error, 1)
	go func() { served <- h.serve(ctx) }()
	response, err := http.Get(strings.TrimSuffix(h.url, "/taxii2/"))
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	http.DefaultClient.CloseIdleConnections()
	for n := range 100 {
		story, err := h.step(now.Add(time.Duration(n+1) * stepEvery))
		if err != nil || story == "" {
			t.Fatalf("step %d: %q, %v", n, story, err)
		}
	}
	if h.live.Len() == 0 {
		t.Error("the history leaves nothing at the hub")
	}
	stop()
	if err := <-served; err != nil {
		t.Error(err)
	}
}

func TestADirectoryThatCannotBeMadeIsTold(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	var shown screen
	if err := Run(t.Context(), shown.options(filepath.Join(file, "below"))); err == nil || !strings.Contains(err.Error(), "making the demo's directory") {
		t.Errorf("Run: %v", err)
	}
}

func TestAConfigurationThatIsRefusedEndsTheDemo(t *testing.T) {
	var shown screen
	o := shown.options(t.TempDir())
	refused := errors.New("refused")
	o.Load = func(string) (*config.Config, error) { return nil, refused }
	if err := Run(t.Context(), o); !errors.Is(err, refused) {
		t.Errorf("Run: %v", err)
	}
}

func TestLongLinesAreCut(t *testing.T) {
	path := filepath.Join(t.TempDir(), "lines")
	if err := os.WriteFile(path, []byte("one\n"+strings.Repeat("ü", 80)+"\nthree\nfour\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	got := firstLines(path, 3)
	if len(got) != 3 || got[0] != "one" || got[1] != strings.Repeat("ü", 50)+"…" || got[2] != "three" {
		t.Errorf("the first lines are %q", got)
	}
	if got := firstLines(path+"2", 3); len(got) != 0 {
		t.Errorf("a file that is not there has the lines %q", got)
	}
}
