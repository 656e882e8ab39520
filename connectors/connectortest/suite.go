// Package connectortest is the suite that every connector passes. It says in
// tests what the contract in package connectors says in words: pages in order,
// cursors that are true at their page, full pulls that bring everything, and
// failures that are returned and lose nothing.
//
// A connector runs it from a test of its own:
//
//	connectortest.Run(t, connectortest.Suite{
//		Spec: taxii.Spec(),
//		New:  newHub,
//	})
package connectortest

import (
	"context"
	"encoding/json"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/indicatord/indicatord/connectors"
	"github.com/indicatord/indicatord/internal/plugin"
)

// Suite says what is tested.
type Suite struct {
	// Spec is the connector's.
	Spec connectors.Spec
	// New prepares an empty source of the connector's kind. It is called once
	// for each test, and cleans up with t.Cleanup.
	New func(t *testing.T) Source
	// Secrets are texts that the settings of New refer to, which no error may
	// show.
	Secrets []string
}

// Source is a source that a test fills.
type Source struct {
	// Settings point at the source. Their pages are small, so that the suite's
	// objects fill several.
	Settings connectors.Settings
	// Put adds objects, or revises those whose id the source has.
	Put func(objects ...json.RawMessage)
	// Forget removes an object without notice. It is nil where a source cannot.
	Forget func(id string)
	// Break makes the source fail from now on.
	Break func()
	// Mend takes back Break.
	Mend func()
}

// Run runs the suite.
func Run(t *testing.T, s Suite) {
	t.Run("settings", s.settings)
	for name, test := range map[string]func(*testing.T, *bench){
		"a pull brings every object in order":                   bringsEverything,
		"a pull of an empty source is no error":                 emptySource,
		"a cursor resumes after any page":                       resumes,
		"a second pull brings nothing unknown":                  secondPull,
		"a later pull brings what is new":                       laterPull,
		"a full pull brings everything and says so":             fullPull,
		"a full pull does not bring what is gone":               fullPullAfterForget,
		"a full pull that is cut never claims to be complete":   fullPullCut,
		"a full pull leaves a cursor that misses nothing":       fullPullThenNew,
		"an error of the sink ends the pull":                    sinkError,
		"the end of the context ends the pull":                  contextEnds,
		"a context that has ended brings nothing":               contextEnded,
		"a failing source is an error and loses nothing":        failingSource,
		"a cursor that cannot be read is a pull from the start": strangeCursor,
		"a probe is one line":                                   probe,
	} {
		t.Run(name, func(t *testing.T) { s.run(t, test) })
	}
}

// bench is what one test works on.
type bench struct {
	Source
	suite     Suite
	connector connectors.Connector
	log       *failures
}

// run opens the connector on a new source and checks afterwards that it left
// nothing running.
func (s Suite) run(t *testing.T, test func(*testing.T, *bench)) {
	b := &bench{Source: s.New(t), suite: s, log: new(failures)}
	running := goleak.IgnoreCurrent()
	connector, err := b.Settings.Open(plugin.Env{
		Site: "test", Name: s.Spec.Name, Agent: "indicatord/test", State: t.TempDir(), Log: b.log.logger(),
	})
	if err != nil {
		t.Fatalf("opening the connector: %v", err)
	}
	b.connector = connector
	test(t, b)
	b.log.check(t)
	if t.Failed() {
		return
	}
	goleak.VerifyNone(t, running, goleak.IgnoreTopFunction("net/http/httptest.(*Server).goServe.func1"))
}

// pull makes a pull that must succeed.
func (b *bench) pull(t *testing.T, from connectors.State) *pulled {
	t.Helper()
	p := new(pulled)
	if err := b.fetch(t, from, p.take); err != nil {
		t.Fatalf("the pull failed: %v", err)
	}
	return p
}

// fetch makes a pull and checks what holds for every error.
func (b *bench) fetch(t *testing.T, from connectors.State, sink connectors.Sink) error {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	err := b.connector.Fetch(ctx, from, sink)
	b.checkError(t, err)
	return err
}
