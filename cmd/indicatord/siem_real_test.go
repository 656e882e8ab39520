//go:build real

package main

import (
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/indicatord/indicatord/internal/ecs"
	"github.com/indicatord/indicatord/internal/indicator"
	"github.com/indicatord/indicatord/outputs/elasticsearch/realtest"
)

// siem is a site with a hub and a real Elasticsearch node.
type siem struct {
	*line
	node *realtest.Node
}

const siemIndex = "logs-ti_indicatord"

func newSIEM(t *testing.T) *siem {
	t.Helper()
	s := &siem{line: newLineOf(t, 50), node: realtest.Start(t, realtest.Options{})}
	s.configure(s.node.URL, "")
	return s
}

// configure writes the configuration of an output that reaches the node at an
// address, with further settings, beside a list.
func (s *siem) configure(address, settings string) {
	s.t.Helper()
	text := fmt.Sprintf(`site: plant-07
state: %[1]s/s
log: {format: text}
connectors:
  - name: hub
    type: taxii
    schedule: "@every 1s"
    lifetime: {}
    settings: {url: "%[2]s/taxii2/"}
outputs:
  - name: siem
    type: elasticsearch
    settings: {addresses: ["%[3]s"], index: %[4]s%[5]s}
  - name: list
    type: addresslist
    settings: {path: %[1]s/list.txt}
`, s.dir, s.url, address, siemIndex, settings)
	if err := os.WriteFile(s.path("site.yaml"), []byte(text), 0o600); err != nil {
		s.t.Fatal(err)
	}
}

// round makes one round with the program and returns what it said.
func (s *siem) round(flags ...string) string {
	s.t.Helper()
	out, err := exec.Command("indicatord", append([]string{"once", "--config", s.path("site.yaml")}, flags...)...).CombinedOutput()
	if err != nil {
		s.t.Fatalf("once %v: %v\n%s", flags, err, out)
	}
	return string(out)
}

func (s *siem) mustHold(n int) {
	s.t.Helper()
	s.node.Must(s.t, "POST", "/"+siemIndex+"/_refresh", nil)
	if got := s.node.Must(s.t, "GET", "/"+siemIndex+"/_count", nil)["count"].(float64); int(got) != n {
		s.t.Errorf("the index holds %d documents, want %d", int(got), n)
	}
}

// TestOnceRepairsAnIndex: documents are deleted and added by hand, then the whole
// store is lost, and each time one command makes the index right again.
func TestOnceRepairsAnIndex(t *testing.T) {
	s := newSIEM(t)
	for i := range 40 {
		s.put(addressObject(i, 0, ""))
	}
	s.round()
	s.mustHold(40)
	if said := s.round("--output", "siem", "--repair"); !strings.Contains(said, "msg=verified output=siem wanted=40 verified=40") {
		t.Errorf("with nothing to repair it said:\n%s", said)
	}

	stranger := indicator.Entry{Key: indicator.Key{Kind: indicator.Domain, Value: "unheard-of.example"}, Sequence: 1}
	s.node.Must(t, "PUT", "/"+siemIndex+"/_doc/"+ecs.DocumentID("plant-07", stranger.Key), ecs.Document("plant-07", &stranger, stranger.FirstSeen))
	for i := range 10 {
		key := indicator.Key{Kind: indicator.IP, Value: addressOf(i)}
		s.node.Must(t, "DELETE", "/"+siemIndex+"/_doc/"+ecs.DocumentID("plant-07", key), nil)
	}
	if said := s.round("--output", "siem", "--repair"); !strings.Contains(said, "missing=10 extra=1 changed=0 repaired=true") {
		t.Errorf("of documents that were deleted and added by hand it said:\n%s", said)
	}
	s.mustHold(40)

	if err := os.RemoveAll(s.path("s")); err != nil {
		t.Fatal(err)
	}
	s.round()
	if said := s.round("--repair"); !strings.Contains(said, "msg=verified output=siem wanted=40 verified=40") {
		t.Errorf("after the store was lost it said:\n%s", said)
	}
	s.mustHold(40)
}
