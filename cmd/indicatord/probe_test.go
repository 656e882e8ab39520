package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/indicatord/indicatord/connectors"
	"github.com/indicatord/indicatord/internal/config"
	"github.com/indicatord/indicatord/internal/plugin"
	"github.com/indicatord/indicatord/outputs"
)

// sleeping answers after a time, whatever the context says.
func sleeping(d time.Duration, found string, err error) func(context.Context) (string, error) {
	return func(context.Context) (string, error) {
		time.Sleep(d)
		return found, err
	}
}

func TestProbesRunAtOnceAndWithinTheirTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		begin := time.Now()
		got := probeAll(t.Context(), []probe{
			{"connector", "slow", sleeping(29*time.Second, "a hub", nil)},
			{"connector", "stuck", sleeping(time.Hour, "", nil)},
			{"output", "fast", sleeping(0, "a list", nil)},
			{"output", "silent", func(ctx context.Context) (string, error) { <-ctx.Done(); return "", context.Cause(ctx) }},
		}, probeTimeout)
		if took := time.Since(begin); took != probeTimeout {
			t.Errorf("the probes took %s, want %s", took, probeTimeout)
		}
		want := []probeResult{
			{"connector", "slow", probeOK, "a hub"},
			{"connector", "stuck", probeFailed, "no answer within 30s"},
			{"output", "fast", probeOK, "a list"},
			{"output", "silent", probeFailed, "no answer within 30s"},
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
		time.Sleep(time.Hour) // for the one that is stuck
	})
}

func TestProbeResult(t *testing.T) {
	p := probe{kind: "output", name: "list"}
	for _, tt := range []struct {
		found  string
		err    error
		result string
		detail string
	}{
		{"12 lines", nil, probeOK, "12 lines"},
		{"", errors.Join(errors.New("no list"), errors.New("no directory")), probeFailed, "no list no directory"},
		{"", fmt.Errorf("%w", errNoProbe), probeSkipped, errNoProbe.Error()},
		{"a title\n\x1b[31mwith\tcontrols", nil, probeOK, "a title [31mwith controls"},
	} {
		want := probeResult{"output", "list", tt.result, tt.detail}
		if diff := cmp.Diff(want, p.result(tt.found, tt.err)); diff != "" {
			t.Errorf("%q, %v (-want +got):\n%s", tt.found, tt.err, diff)
		}
	}
}

// probed is a connector and an output that can be probed.
type probed struct {
	answer string
	closed error
}

func (probed) Fetch(context.Context, connectors.State, connectors.Sink) error { return nil }
func (probed) Deliver(context.Context, outputs.Delivery) (outputs.Receipt, error) {
	return outputs.Receipt{}, nil
}
func (p probed) Probe(context.Context) (string, error) { return p.answer, nil }
func (p probed) Close() error                          { return p.closed }

// mute has no probe.
type mute struct{}

func (mute) Fetch(context.Context, connectors.State, connectors.Sink) error { return nil }

// opening are settings that open a given plugin.
type opening[T any] struct {
	plugin T
	err    error
	env    *plugin.Env
}

func (opening[T]) Validate() error { return nil }

func (o opening[T]) Open(env plugin.Env) (T, error) {
	if o.env != nil {
		*o.env = env
	}
	return o.plugin, o.err
}

func TestProbesOfAConfiguration(t *testing.T) {
	var env plugin.Env
	away := errors.New("away")
	loaded := &config.Config{
		Site: "plant-07", State: "/state",
		Connectors: []config.Connector{
			{Name: "hub", Settings: opening[connectors.Connector]{plugin: probed{answer: "a hub"}, env: &env}},
			{Name: "mute", Settings: opening[connectors.Connector]{plugin: mute{}}},
			{Name: "shut", Settings: opening[connectors.Connector]{err: away}},
		},
		Outputs: []config.Output{
			{Name: "list", Settings: opening[outputs.Output]{plugin: probed{answer: "a list"}}},
			{Name: "torn", Settings: opening[outputs.Output]{plugin: probed{answer: "a list", closed: away}}},
		},
	}
	got := probeAll(t.Context(), probesOf(loaded, slog.New(slog.DiscardHandler)), time.Minute)
	want := []probeResult{
		{"connector", "hub", probeOK, "a hub"},
		{"connector", "mute", probeSkipped, errNoProbe.Error()},
		{"connector", "shut", probeFailed, "away"},
		{"output", "list", probeOK, "a list"},
		{"output", "torn", probeFailed, "away"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if env.Site != "plant-07" || env.Name != "hub" || env.State != "/state/connectors/hub" || !strings.HasPrefix(env.Agent, "indicatord/") || env.Log == nil {
		t.Errorf("a plugin is opened with %+v", env)
	}
}

func TestPrintProbes(t *testing.T) {
	var out strings.Builder
	if err := printProbes(&out, []probeResult{{"connector", "hub", probeOK, "a hub"}, {"output", "edge-firewall", probeFailed, "away"}}); err != nil {
		t.Fatal(err)
	}
	want := "connector hub         OK      a hub\noutput edge-firewall  FAILED  away\n"
	if out.String() != want {
		t.Errorf("printed\n%swant\n%s", out.String(), want)
	}
}
