package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"path/filepath"
	"strings"
	"sync"
	"text/tabwriter"
	"time"
	"unicode"

	"github.com/indicatord/indicatord/connectors"
	"github.com/indicatord/indicatord/internal/admin"
	"github.com/indicatord/indicatord/internal/config"
	"github.com/indicatord/indicatord/internal/plugin"
	"github.com/indicatord/indicatord/outputs"
)

// probeTimeout bounds how long "check --online" waits for all answers.
const probeTimeout = 30 * time.Second

// errNoProbe is the error of a plugin that has nothing to try.
var errNoProbe = errors.New("there is nothing to try without changing something")

// probe is one plugin of the configuration that is to be tried.
type probe struct {
	kind, name string
	// try opens the plugin and returns one line that says what was found.
	try func(context.Context) (string, error)
}

// probeResult is what became of a [probe].
type probeResult struct {
	Kind string `json:"kind"`
	Name string `json:"name"`
	// Result is "ok", "failed" or "skipped".
	Result string `json:"result"`
	// Detail is one line that says what was found, or what failed.
	Detail string `json:"detail"`
}

// The results of a probe.
const (
	probeOK      = "ok"
	probeFailed  = "failed"
	probeSkipped = "skipped"
)

// probesOf returns a probe for a shared store, each connector and each output.
func probesOf(c *config.Config, log *slog.Logger) []probe {
	var probes []probe
	if c.Store != nil {
		probes = append(probes, probe{"store", "postgres", admin.Location(c).Probe})
	}
	env := func(kind, name string) plugin.Env { return pluginEnv(c, log, kind, name) }
	for _, connector := range c.Connectors {
		probes = append(probes, probe{"connector", connector.Name, func(ctx context.Context) (string, error) {
			return probeConnector(ctx, connector, env("connector", connector.Name))
		}})
	}
	for _, output := range c.Outputs {
		probes = append(probes, probe{"output", output.Name, func(ctx context.Context) (string, error) {
			return probeOutput(ctx, output, env("output", output.Name))
		}})
	}
	return probes
}

// pluginEnv is what a plugin of the configuration is opened with.
func pluginEnv(c *config.Config, log *slog.Logger, kind, name string) plugin.Env {
	return plugin.Env{
		Site: c.Site, Name: name, Agent: currentBuild().agent(),
		State: filepath.Join(c.State, kind+"s", name), Lists: c.ListsDirectory(),
		Log: log.With(kind, name),
	}
}

func probeConnector(ctx context.Context, c config.Connector, env plugin.Env) (string, error) {
	connector, err := c.Settings.Open(env)
	if err != nil {
		return "", err
	}
	prober, ok := connector.(connectors.Prober)
	if !ok {
		return "", errNoProbe
	}
	return prober.Probe(ctx)
}

func probeOutput(ctx context.Context, c config.Output, env plugin.Env) (found string, err error) {
	output, err := c.Settings.Open(env)
	if err != nil {
		return "", err
	}
	if closer, ok := output.(outputs.Closer); ok {
		defer func() { err = errors.Join(err, closer.Close()) }()
	}
	prober, ok := output.(outputs.Prober)
	if !ok {
		return "", errNoProbe
	}
	return prober.Probe(ctx)
}

// probeAll makes all probes at once and returns their results in the same
// order. What has not answered after the timeout has failed.
func probeAll(ctx context.Context, probes []probe, timeout time.Duration) []probeResult {
	ctx, cancel := context.WithTimeoutCause(ctx, timeout, fmt.Errorf("no answer within %s", timeout))
	defer cancel()
	results := make([]probeResult, len(probes))
	var all sync.WaitGroup
	for i, p := range probes {
		all.Go(func() { results[i] = p.run(ctx) })
	}
	all.Wait()
	return results
}

// run waits for a probe no longer than until ctx ends, whatever the plugin does.
func (p probe) run(ctx context.Context) probeResult {
	done := make(chan probeResult, 1)
	go func() { done <- p.result(p.try(ctx)) }()
	select {
	case result := <-done:
		return result
	case <-ctx.Done():
		return p.result("", context.Cause(ctx))
	}
}

func (p probe) result(found string, err error) probeResult {
	result := probeResult{Kind: p.kind, Name: p.name, Result: probeOK, Detail: found}
	switch {
	case errors.Is(err, errNoProbe):
		result.Result, result.Detail = probeSkipped, err.Error()
	case err != nil:
		result.Result, result.Detail = probeFailed, err.Error()
	}
	result.Detail = oneLine(result.Detail)
	return result
}

// oneLine makes one line of a text, without what would move the cursor of a
// terminal: some of it comes from the other side.
func oneLine(text string) string {
	words := strings.FieldsFunc(text, func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) })
	return strings.Join(words, " ")
}

func failures(results []probeResult) int {
	failed := 0
	for _, r := range results {
		if r.Result == probeFailed {
			failed++
		}
	}
	return failed
}

func printProbes(w io.Writer, results []probeResult) error {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, r := range results {
		fmt.Fprintf(table, "%s %s\t%s\t%s\n", r.Kind, r.Name, strings.ToUpper(r.Result), r.Detail)
	}
	return table.Flush()
}
