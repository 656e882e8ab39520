//go:build real

package elasticsearch

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/indicatord/indicatord/internal/httpx"
	"github.com/indicatord/indicatord/internal/indicator"
	"github.com/indicatord/indicatord/internal/plugin"
	"github.com/indicatord/indicatord/internal/secret"
	"github.com/indicatord/indicatord/outputs"
	"github.com/indicatord/indicatord/outputs/elasticsearch/realtest"
	"github.com/indicatord/indicatord/outputs/outputtest"
)

// keyRequest returns the body of the request for an API key that a set-up prints.
func keyRequest(t *testing.T, said string) json.RawMessage {
	t.Helper()
	_, after, found := strings.Cut(said, "POST /_security/api_key\n")
	if !found {
		t.Fatalf("no request for an API key in:\n%s", said)
	}
	var body json.RawMessage
	if err := json.NewDecoder(strings.NewReader(after)).Decode(&body); err != nil {
		t.Fatal(err)
	}
	return body
}

// TestRealSetup: somebody who may sets up a cluster with the one command, makes the
// API key that it prints, and with that the daemon does all that it does.
func TestRealSetup(t *testing.T) {
	n := &node{Node: realtest.Start(t, realtest.Options{Secured: true})}
	folder := t.TempDir()
	password, key := filepath.Join(folder, "password"), filepath.Join(folder, "key")
	if err := os.WriteFile(password, []byte(realtest.Password), 0o600); err != nil {
		t.Fatal(err)
	}
	s := n.settings()
	withRetention(s)
	s.CA, s.Auth = n.Authority.Path, httpx.Auth{APIKey: &secret.Ref{File: key}}
	o := openWith(t, s)
	var said string
	for range 2 { // the second time changes nothing
		var err error
		if said, err = setUp(t, o, outputs.Installation{Username: realtest.Username, PasswordFile: password}); err != nil {
			t.Fatal(err)
		}
	}
	t.Log(said)
	made := n.Must(t, "POST", "/_security/api_key", keyRequest(t, said))
	if err := os.WriteFile(key, []byte(made["encoded"].(string)), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := o.Probe(t.Context()); err != nil {
		t.Errorf("Probe: %v", err)
	}
	v := outputtest.NewView(numbered(outputtest.Entries(1, 50))...)
	bring(t, o, v)
	v.Remove("revoked", v.Keys()[:5]...)
	bring(t, o, v)
	if _, err := o.Refresh(t.Context(), v.Delivery()); err != nil {
		t.Errorf("Refresh: %v", err)
	}
	n.equal(t, o, v)
	if err := o.Clean(t.Context(), v.Keys()[:1]); err != nil {
		t.Errorf("Clean: %v", err)
	}
	for action, want := range map[string]int{"begun": 1, "added": 50, "removed": 6} {
		if got := n.count(t, s.History.Stream, term("event.action", action)); got != want {
			t.Errorf("%d records say %s, want %d", got, action, want)
		}
	}

	s.Index = "logs-ti_elsewhere"
	_, err := openWith(t, s).Deliver(t.Context(), v.Delivery())
	if !plugin.IsPermanent(err) || !strings.Contains(err.Error(), "indicatord setup siem") {
		t.Errorf("err = %v, want a permanent one that says what to run", err)
	}
}

// TestRealHistory: a data stream takes each change once.
func TestRealHistory(t *testing.T) {
	for _, tt := range []struct {
		release realtest.Release
		flavor  Flavor
	}{{realtest.Elasticsearch8, Elasticsearch}, {realtest.OpenSearch2, OpenSearch}} {
		t.Run(string(tt.release), func(t *testing.T) {
			n := &node{Node: realtest.Start(t, realtest.Options{Release: tt.release}), flavor: tt.flavor}
			s := n.settings()
			withHistory(s)
			o := openWith(t, s)
			e := outputtest.NewEntry(indicator.IP, "198.18.7.9")
			for _, d := range []outputs.Delivery{
				offer(outputs.Add, e, 5), offer(outputs.Add, e, 5), offer(outputs.Remove, e, 5), offer(outputs.Add, e, 5), offer(outputs.Update, e, 6),
			} {
				if receipt := deliver(t, o, d); len(receipt.Skipped) != 0 {
					t.Errorf("receipt = %+v", receipt)
				}
			}
			for action, want := range map[string]int{"begun": 1, "added": 2, "removed": 1, "updated": 1} {
				if got := n.count(t, s.History.Stream, term("event.action", action)); got != want {
					t.Errorf("%d records say %s, want %d", got, action, want)
				}
			}
			found, err := o.cluster.lookUp(t.Context(), s.History.Stream)
			if err != nil || !found.stream() || found.lowestVersion() != schemaVersion {
				t.Errorf("the history is no data stream of ours: %+v, %v", found, err)
			}
			if rules := n.count(t, "logs-ti_*", term("event.kind", "event")); rules != 0 {
				t.Errorf("rules see %d records of the history", rules)
			}
		})
	}
}

// TestRealSetupTellsTheField: an index of other mappings is refused.
func TestRealSetupTellsTheField(t *testing.T) {
	n := &node{Node: realtest.Start(t, realtest.Options{})}
	s := n.settings()
	n.Must(t, "PUT", "/"+s.Index, map[string]any{"mappings": map[string]any{"properties": map[string]any{
		"threat.indicator.ip": map[string]any{"type": "keyword"},
	}}})
	said, err := setUp(t, openWith(t, s), outputs.Installation{})
	if !plugin.IsPermanent(err) || !strings.Contains(err.Error(), "[threat.indicator.ip]") {
		t.Errorf("err = %v, want a permanent one that names the field; it said:\n%s", err, said)
	}
	if lines := slices.Collect(strings.Lines(said)); slices.ContainsFunc(lines, func(l string) bool { return strings.Contains(l, "_security") }) {
		t.Error("it prints a role for what cannot be used")
	}
}
