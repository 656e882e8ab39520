package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/indicatord/indicatord/internal/config"
)

// Everything that is marked above green says this word, or this address, which
// nothing green says.
const (
	redWord    = "SECRETRED"
	redAddress = "45.9.148.203"
)

const (
	markedGreen = `"object_marking_refs": ["marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb"]`
	markedRed   = `"object_marking_refs": ["marking-definition--e828b379-4e03-4974-9ac4-e53a884c97c1"]`
	redGranular = `"granular_markings": [{"marking_ref": "marking-definition--e828b379-4e03-4974-9ac4-e53a884c97c1",
		"selectors": ["description", "labels.[0]", "external_references.[0].url"]}]`
)

// besideRed are objects of which some say green what others say red, of the same
// values: whole objects, single properties, names of malware and relationships.
func besideRed() []json.RawMessage {
	object := func(kind, id, more, marking string) json.RawMessage {
		return json.RawMessage(fmt.Sprintf(`{"type": %q, "spec_version": "2.1", "id": "%s--%s", "created": "2026-06-01T00:00:00Z",
			"modified": "2026-06-01T00:00:00Z", %s, %s}`, kind, kind, id, more, marking))
	}
	pattern := func(value string) string {
		return fmt.Sprintf(`"valid_from": "2026-06-01T00:00:00Z", "pattern_type": "stix", "pattern": "[ipv4-addr:value = '%s'] OR [domain-name:value = 'c2.example']"`, value)
	}
	relation := func(id, target, marking string) json.RawMessage {
		return object("relationship", id, fmt.Sprintf(`"relationship_type": "indicates", "source_ref": "indicator--green", "target_ref": %q`, target), marking)
	}
	return []json.RawMessage{
		object("indicator", "green", pattern("45.9.148.1")+`, "name": "open", "description": "`+redWord+`", "labels": ["`+redWord+`"], "confidence": 50,
			"external_references": [{"source_name": "open", "url": "https://`+redWord+`.example/"}], `+redGranular, markedGreen),
		object("indicator", redWord, pattern(redAddress)+`, "name": "`+redWord+`", "description": "`+redWord+`", "labels": ["`+redWord+`"], "confidence": 93,
			"indicator_types": ["malicious-activity"], "kill_chain_phases": [{"kill_chain_name": "x", "phase_name": "`+redWord+`"}],
			"created_by_ref": "identity--`+redWord+`", "valid_until": "2093-03-09T00:00:00Z"`, markedRed),
		object("malware", "1", `"is_family": true, "name": "open loader"`, markedGreen),
		object("malware", "2", `"is_family": true, "name": "`+redWord+`"`, markedRed),
		object("intrusion-set", "3", `"name": "`+redWord+` behind a red relationship"`, markedGreen),
		relation("1", "malware--1", markedGreen),
		relation("2", "malware--2", markedGreen),
		relation("3", "intrusion-set--3", markedRed),
	}
}

// wire keeps what the outputs send over the network.
type wire struct {
	mu   sync.Mutex
	sent bytes.Buffer
}

func (w *wire) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.sent.Write(p)
}

func (w *wire) String() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.sent.String()
}

// collector is a log server that keeps every byte.
func (w *wire) collector(t *testing.T) (address string) {
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go func() {
				_, _ = io.Copy(w, conn)
				_ = conn.Close()
			}()
		}
	}()
	return listener.Addr().String()
}

// cluster is a search cluster that keeps every byte and takes every document.
func (w *wire) cluster(t *testing.T) (url string) {
	var made atomic.Bool
	server := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		_, _ = w.Write(append([]byte(r.URL.String()+"\n"), body...))
		rw.Header().Set("X-Elastic-Product", "Elasticsearch")
		rw.Header().Set("Content-Type", "application/json")
		switch {
		case strings.HasSuffix(r.URL.Path, "/_bulk"):
			_, _ = io.WriteString(rw, acceptAll(body))
		case r.Method == http.MethodGet && made.Load():
			_, _ = io.WriteString(rw, `{"watchlist-000001":{}}`)
		case r.Method == http.MethodGet && r.URL.Path != "/":
			rw.WriteHeader(http.StatusNotFound)
			_, _ = io.WriteString(rw, `{"error":{"type":"index_not_found_exception","reason":"none"},"status":404}`)
		default:
			made.Store(strings.HasPrefix(r.URL.Path, "/watchlist"))
			_, _ = io.WriteString(rw, `{"acknowledged":true,"version":{"number":"8.19.0"}}`)
		}
	}))
	t.Cleanup(server.Close)
	return server.URL
}

// acceptAll answers a bulk request: it took each document.
func acceptAll(body []byte) string {
	var items []string
	for i, line := range strings.Split(strings.TrimSpace(string(body)), "\n") {
		if i%2 == 0 {
			var action struct {
				Index struct {
					ID string `json:"_id"`
				}
			}
			_ = json.Unmarshal([]byte(line), &action)
			items = append(items, fmt.Sprintf(`{"index":{"_id":%q,"status":201}}`, action.Index.ID))
		}
	}
	return `{"took":1,"errors":false,"items":[` + strings.Join(items, ",") + `]}`
}

// TestNothingRedIsInAGreenView runs the whole agent with every output that is
// built in, and searches every byte that they write and send.
func TestNothingRedIsInAGreenView(t *testing.T) {
	l, w := newLine(t), new(wire)
	if err := l.collection.Add(besideRed()...); err != nil {
		t.Fatal(err)
	}
	out := l.path("out")
	if err := os.Mkdir(out, 0o700); err != nil {
		t.Fatal(err)
	}
	c := l.loadText(strings.NewReplacer("$DIR", l.dir, "$HUB", l.url, "$OUT", out, "$LOGS", w.collector(t), "$CLUSTER", w.cluster(t)).Replace(`site: plant-07
state: $DIR/s
connectors:
  - {name: hub, type: taxii, schedule: "@never", lifetime: {}, settings: {url: $HUB/taxii2/}}
outputs:
  - {name: addresses, type: addresslist, select: {max_tlp: green, kinds: [ip]}, settings: {path: $OUT/addresses.txt}}
  - {name: domains, type: addresslist, select: {max_tlp: green, kinds: [domain]}, settings: {path: $OUT/domains.txt}}
  - {name: documents, type: file, select: {max_tlp: green}, settings: {path: $OUT/documents.ndjson}}
  - {name: logs, type: syslog, select: {max_tlp: green}, settings: {address: $LOGS, network: tcp}}
  - {name: siem, type: elasticsearch, select: {max_tlp: green}, settings: {addresses: ["$CLUSTER"], index: watchlist}}
`))
	if err := l.once(c); err != nil {
		t.Fatal(err)
	}
	said := map[string]string{"the wire": w.String()}
	err := filepath.WalkDir(out, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		text, err := os.ReadFile(path)
		said[filepath.Base(path)] = string(text)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for where, text := range said {
		if !strings.Contains(text, "c2.example") && !strings.Contains(text, "45.9.148.1") {
			t.Errorf("%s says nothing of what is green: %q", where, text)
		}
		for _, red := range []string{redWord, strings.ToLower(redWord), redAddress, "2093-03", `confidence":93`, `confidence="93"`} {
			if i := strings.Index(text, red); i >= 0 {
				t.Errorf("%s gives %q away: …%s…", where, red, text[max(0, i-120):min(len(text), i+40)])
			}
		}
	}
	if !strings.Contains(said["documents.ndjson"], "open loader") {
		t.Errorf("the open name is missing: %s", said["documents.ndjson"])
	}
}

// loadText loads a configuration as it is written here.
func (l *line) loadText(text string) *config.Config {
	l.t.Helper()
	if err := os.WriteFile(l.path("site.yaml"), []byte(text), 0o600); err != nil {
		l.t.Fatal(err)
	}
	c, found := config.Load(l.path("site.yaml"), plugins())
	if err := found.Err(); err != nil {
		l.t.Fatal(err)
	}
	return c
}
