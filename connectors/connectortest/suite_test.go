package connectortest_test

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/indicatord/indicatord/connectors"
	"github.com/indicatord/indicatord/connectors/connectortest"
	"github.com/indicatord/indicatord/connectors/memory"
	"github.com/indicatord/indicatord/internal/plugin"
)

// fetch is the verb of a connector.
type fetch func(context.Context, connectors.State, connectors.Sink) error

// mistakes are connectors that break the contract, each in one way, and the test
// of the suite that must notice. Each wraps the fetch of a right one.
var mistakes = map[string]struct {
	noticed string
	wrap    func(fetch) fetch
}{
	"loses the second page": {"a pull brings every object in order", func(right fetch) fetch {
		return throughSink(right, func(n int, page connectors.Page, sink connectors.Sink, ctx context.Context) error {
			if n == 1 {
				return nil
			}
			return sink(ctx, page)
		})
	}},
	"puts the cursor of the end on every page": {"a cursor resumes after any page", func(right fetch) fetch {
		return throughSink(right, func(_ int, page connectors.Page, sink connectors.Sink, ctx context.Context) error {
			page.Cursor = []byte("1000")
			return sink(ctx, page)
		})
	}},
	"claims that every pull is complete": {"a full pull that is cut never claims to be complete", func(right fetch) fetch {
		return throughSink(right, func(_ int, page connectors.Page, sink connectors.Sink, ctx context.Context) error {
			page.Complete = true
			return sink(ctx, page)
		})
	}},
	"never completes": {"a full pull brings everything and says so", func(right fetch) fetch {
		return throughSink(right, func(_ int, page connectors.Page, sink connectors.Sink, ctx context.Context) error {
			page.Complete = false
			return sink(ctx, page)
		})
	}},
	"goes on after the sink's error": {"an error of the sink ends the pull", func(right fetch) fetch {
		return throughSink(right, func(_ int, page connectors.Page, sink connectors.Sink, ctx context.Context) error {
			_ = sink(ctx, page)
			return nil
		})
	}},
	"ignores the context": {"a context that has ended brings nothing", func(right fetch) fetch {
		return func(ctx context.Context, from connectors.State, sink connectors.Sink) error {
			return right(context.WithoutCancel(ctx), from, sink)
		}
	}},
	"takes a failure for the end": {"a failing source is an error and loses nothing", func(right fetch) fetch {
		return func(ctx context.Context, from connectors.State, sink connectors.Sink) error {
			if err := right(ctx, from, sink); !errors.Is(err, errAway) {
				return err
			}
			return nil
		}
	}},
	"shows the password": {"a failing source is an error and loses nothing", func(right fetch) fetch {
		return func(ctx context.Context, from connectors.State, sink connectors.Sink) error {
			err := right(ctx, from, sink)
			if errors.Is(err, errAway) {
				return errors.New("away, with hunter2")
			}
			return err
		}
	}},
	"leaves a goroutine behind": {"a pull of an empty source is no error", func(right fetch) fetch {
		return func(ctx context.Context, from connectors.State, sink connectors.Sink) error {
			go func() { select {} }()
			return right(ctx, from, sink)
		}
	}},
}

var errAway = errors.New("the source is away")

// throughSink lets each page, numbered, pass through a function.
func throughSink(right fetch, pass func(int, connectors.Page, connectors.Sink, context.Context) error) fetch {
	return func(ctx context.Context, from connectors.State, sink connectors.Sink) error {
		n := 0
		return right(ctx, from, func(ctx context.Context, page connectors.Page) error {
			n++
			return pass(n-1, page, sink, ctx)
		})
	}
}

// wrapped are settings whose connector makes a mistake.
type wrapped struct {
	*memory.Settings
	wrap func(fetch) fetch
}

// Open makes the connector.
func (w wrapped) Open(env plugin.Env) (connectors.Connector, error) {
	right, err := w.Settings.Open(env)
	if err != nil {
		return nil, err
	}
	return connector{w.wrap(right.Fetch)}, nil
}

type connector struct{ fetch fetch }

// Fetch calls the function.
func (c connector) Fetch(ctx context.Context, from connectors.State, sink connectors.Sink) error {
	return c.fetch(ctx, from, sink)
}

// mistakeEnv names the mistake that a child process of this test makes.
const mistakeEnv = "INDICATORD_TEST_MISTAKE"

// TestTheSuiteNoticesEveryMistake runs the suite over a wrong connector in a
// process of its own, and wants the right test to fail there.
func TestTheSuiteNoticesEveryMistake(t *testing.T) {
	if name := os.Getenv(mistakeEnv); name != "" {
		connectortest.Run(t, suite(mistakes[name].wrap))
		return
	}
	for name, mistake := range mistakes {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			child := exec.CommandContext(ctx, os.Args[0], "-test.run=^TestTheSuiteNoticesEveryMistake$")
			child.Env = append(os.Environ(), mistakeEnv+"="+name)
			out, err := child.CombinedOutput()
			want := "--- FAIL: TestTheSuiteNoticesEveryMistake/" + strings.ReplaceAll(mistake.noticed, " ", "_")
			if err == nil || !strings.Contains(string(out), want) {
				t.Errorf("the suite does not notice it (%v):\n%s", err, out)
			}
		})
	}
}

func suite(wrap func(fetch) fetch) connectortest.Suite {
	return connectortest.Suite{
		Spec:    memory.Spec(nil),
		Secrets: []string{"hunter2"},
		New: func(*testing.T) connectortest.Source {
			source := new(memory.Source)
			settings := memory.Spec(map[string]*memory.Source{"memory": source}).Settings().(*memory.Settings)
			settings.PageSize = 4
			return connectortest.Source{
				Settings: wrapped{settings, wrap},
				Put:      source.Put,
				Forget:   func(id string) { source.Forget(id) },
				Break:    func() { source.Fail(0, errAway) },
				Mend:     source.Mend,
			}
		},
	}
}
