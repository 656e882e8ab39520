package outputtest

import (
	"context"
	"errors"
	"iter"
	"log/slog"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"go.uber.org/goleak"

	"github.com/indicatord/indicatord/internal/indicator"
	"github.com/indicatord/indicatord/internal/plugin"
	"github.com/indicatord/indicatord/outputs"
)

// patience bounds what has to happen soon, on a machine that is busy. The tests
// of the suite itself shorten it.
var patience = 10 * time.Second

// session is an output at work on a tool of its own.
type session struct {
	t      *testing.T
	spec   outputs.Spec
	tool   Tool
	state  string
	shapes map[string]bool // what the tool can hold
	output outputs.Output
	closed bool
	// ranged tells whether the last delivery ranged over the whole view.
	ranged bool
}

// newSession opens the output on a new tool, and sees to it at the end of the
// test that it closes and leaves no goroutine behind.
func newSession(t *testing.T, suite Suite, shapes map[string]bool) *session {
	t.Helper()
	before := goleak.IgnoreCurrent()
	s := &session{
		t:      t,
		spec:   suite.Spec,
		tool:   suite.New(t),
		state:  filepath.Join(t.TempDir(), "state"),
		shapes: shapes,
	}
	ofTool := goleak.IgnoreCurrent()
	s.open()
	t.Cleanup(func() {
		s.close()
		if err := leftBehind(before, ofTool); err != nil {
			t.Errorf("goroutines left after Close: %v", err)
		}
	})
	return s
}

// leftBehind waits for goroutines to end: also the tool has to read to its end
// what was sent.
func leftBehind(ignored ...goleak.Option) error {
	for deadline := time.Now().Add(patience); ; {
		err := goleak.Find(ignored...)
		if err == nil || time.Now().After(deadline) {
			return err
		}
	}
}

func (s *session) open() {
	s.t.Helper()
	if err := s.tool.Settings.Validate(); err != nil {
		s.t.Fatalf("the settings of the suite are not valid: %v", err)
	}
	output, err := s.tool.Settings.Open(environment(s.state, s.spec.Name))
	if err != nil {
		s.t.Fatalf("opening the output: %v", err)
	}
	s.output, s.closed = output, false
}

func environment(state, name string) plugin.Env {
	return plugin.Env{
		Site:  "plant-07",
		Name:  name,
		Agent: "indicatord/test",
		State: state,
		Log:   slog.New(slog.DiscardHandler),
	}
}

func (s *session) close() {
	s.t.Helper()
	closer, ok := s.output.(outputs.Closer)
	if !ok || s.closed {
		return
	}
	s.closed = true
	if err := closer.Close(); err != nil {
		s.t.Errorf("Close: %v", err)
	}
}

// deliver delivers and looks at what every delivery has to keep to.
func (s *session) deliver(ctx context.Context, d outputs.Delivery) (outputs.Receipt, error) {
	s.t.Helper()
	s.ranged = false
	all := d.All
	d.All = func(detail outputs.Detail) iter.Seq2[indicator.Entry, error] {
		s.ranged = true
		return all(detail)
	}
	receipt, err := s.output.Deliver(ctx, d)
	s.hidesSecret("receipt", receipt.Where)
	if err != nil {
		s.hidesSecret("error", err.Error())
	}
	return receipt, err
}

func (s *session) hidesSecret(where, text string) {
	s.t.Helper()
	if s.tool.Secret != "" && strings.Contains(text, s.tool.Secret) {
		s.t.Errorf("the %s shows the secret", where)
	}
}

// accept delivers what the view asks for, which the tool has to accept but for
// what it can never hold.
func (s *session) accept(v *View) outputs.Receipt {
	s.t.Helper()
	receipt, err := s.deliver(s.t.Context(), v.Delivery())
	if err != nil && len(s.refused(err)) == 0 {
		s.t.Fatalf("Deliver: %v", err)
	}
	v.Accept()
	return receipt
}

// refused returns the keys that the tool will never accept. Any other error
// fails the test.
func (s *session) refused(err error) []indicator.Key {
	s.t.Helper()
	var partial *outputs.PartialError
	if !errors.As(err, &partial) {
		return nil
	}
	var keys []indicator.Key
	for _, refusal := range partial.Refused {
		if !refusal.Final || refusal.Reason == "" || s.holds(refusal.Key) {
			s.t.Fatalf("Deliver refused %s (final: %t): %s", refusal.Key, refusal.Final, refusal.Reason)
		}
		keys = append(keys, refusal.Key)
	}
	return keys
}

// holds reports whether the tool can hold the key, as far as is known.
func (s *session) holds(k indicator.Key) bool {
	return s.shapes != nil && s.shapes[shape(k)]
}

// converged checks that the tool holds what the view wants and it can hold.
func (s *session) converged(v *View) {
	s.t.Helper()
	s.holdsKeys(slices.DeleteFunc(v.Keys(), func(k indicator.Key) bool { return !s.holds(k) }))
}

// holdsKeys checks that the tool holds exactly the keys. A tool that works in
// the background is given time.
func (s *session) holdsKeys(want []indicator.Key) {
	s.t.Helper()
	var diff string
	for deadline := time.Now().Add(patience); ; time.Sleep(20 * time.Millisecond) {
		if diff = cmp.Diff(want, s.tool.held(s.t), cmpopts.EquateEmpty()); diff == "" {
			return
		}
		if time.Now().After(deadline) {
			s.t.Fatalf("what the tool holds is not what it should (-want +got):\n%s", diff)
		}
	}
}

// held returns the keys that the tool holds, in order.
func (tool Tool) held(t *testing.T) []indicator.Key {
	t.Helper()
	if tool.Events == nil {
		keys := slices.Clone(tool.Read(t))
		slices.SortFunc(keys, indicator.Compare)
		return keys
	}
	last := map[indicator.Key]outputs.Op{}
	for _, event := range tool.Events(t) {
		last[event.Key] = event.Op
	}
	var keys []indicator.Key
	for k, op := range last {
		if op != outputs.Remove {
			keys = append(keys, k)
		}
	}
	slices.SortFunc(keys, indicator.Compare)
	return keys
}
