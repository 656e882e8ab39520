package connectortest

import (
	"bytes"
	"log/slog"
	"strings"
	"sync"
	"testing"

	"github.com/indicatord/indicatord/connectors"
)

func failingSource(t *testing.T, b *bench) {
	b.Put(Objects(0, many, 0)...)
	cursor := b.pull(t, connectors.State{}).cursor
	b.Put(Objects(many, many, 0)...)
	b.Break()
	for _, full := range []bool{false, true} {
		p := new(pulled)
		if err := b.fetch(t, connectors.State{Cursor: cursor, Full: full}, p.take); err == nil {
			t.Errorf("the source fails, and a pull (full: %t) ended without an error", full)
		}
		if p.complete() > 0 {
			t.Errorf("the source fails, and a pull (full: %t) claims to be complete", full)
		}
	}
	b.Mend()
	p := b.pull(t, connectors.State{Cursor: cursor})
	wantAll(t, p.versions(t), versionsOf(many, many, 0))
}

func probe(t *testing.T, b *bench) {
	prober, ok := b.connector.(connectors.Prober)
	if !ok {
		t.Skip("the connector has no probe")
	}
	line, err := prober.Probe(t.Context())
	if err != nil || line == "" || strings.ContainsAny(line, "\r\n") {
		t.Errorf("Probe returned %q, %v; want one line", line, err)
	}
	b.Break()
	_, err = prober.Probe(t.Context())
	b.checkError(t, err)
	if err == nil {
		t.Error("the source fails, and the probe found nothing wrong")
	}
}

// checkError checks what holds for every error: one line, without a secret.
func (b *bench) checkError(t *testing.T, err error) {
	t.Helper()
	if err == nil {
		return
	}
	if strings.ContainsAny(err.Error(), "\r\n") {
		t.Errorf("the error %q is not one line", err)
	}
	for _, secret := range b.suite.Secrets {
		if strings.Contains(err.Error(), secret) {
			t.Errorf("the error shows the secret %q: %v", secret, err)
		}
	}
}

// failures keeps what a connector logs.
type failures struct {
	mu   sync.Mutex
	text bytes.Buffer
}

// Write keeps a log line.
func (f *failures) Write(p []byte) (int, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.text.Write(p)
}

func (f *failures) logger() *slog.Logger { return slog.New(slog.NewTextHandler(f, nil)) }

// check fails the test if the connector has logged an error: failures are
// returned, and logged once, by the core.
func (f *failures) check(t *testing.T) {
	t.Helper()
	f.mu.Lock()
	defer f.mu.Unlock()
	if strings.Contains(f.text.String(), "level=ERROR") {
		t.Errorf("the connector logs failures, which are to be returned:\n%s", &f.text)
	}
}
