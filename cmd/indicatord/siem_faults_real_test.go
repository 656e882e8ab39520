//go:build real

package main

import (
	"maps"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/indicatord/indicatord/outputs/elasticsearch"
	"github.com/indicatord/indicatord/outputs/elasticsearch/realtest"
)

// through makes the program reach the node through a proxy that can spoil things.
func (s *siem) through(settings string) *realtest.Proxy {
	s.t.Helper()
	p := realtest.NewProxy(s.t, s.node.URL, s.node.Transport())
	s.configure(p.URL, settings)
	return p
}

// busy is what a node answers whose queues are full.
var busy = realtest.Answer(429, `{"error":{"type":"es_rejected_execution_exception","reason":"rejected execution of coordinating operation"},"status":429}`)

// documents returns the source of all documents of an index or a data stream.
func (s *siem) documents(name string) []map[string]any {
	s.t.Helper()
	s.node.Must(s.t, "POST", "/"+name+"/_refresh", nil)
	answer := s.node.Must(s.t, "POST", "/"+name+"/_search", map[string]any{"size": 10_000})
	var documents []map[string]any
	for _, hit := range answer["hits"].(map[string]any)["hits"].([]any) {
		documents = append(documents, hit.(map[string]any)["_source"].(map[string]any))
	}
	return documents
}

// field returns the text in a document at a path, "" where there is none.
func field(document map[string]any, path ...string) string {
	for _, name := range path[:len(path)-1] {
		document, _ = document[name].(map[string]any)
	}
	text, _ := document[path[len(path)-1]].(string)
	return text
}

// records counts what the history says, by action and value.
func (s *siem) records() map[string]int {
	s.t.Helper()
	counts := map[string]int{}
	for _, d := range s.documents(elasticsearch.DefaultHistory) {
		if action := field(d, "event", "action"); action != "begun" {
			counts[action+" "+field(d, "threat", "indicator", "name")]++
		}
	}
	return counts
}

// TestTheHistoryOutlastsKills: the history refuses everything, or its answers and
// those of the index are lost, and the agent is killed meanwhile, more than once. In
// the end every change of the index has its record, once.
func TestTheHistoryOutlastsKills(t *testing.T) {
	s := newSIEM(t)
	proxy := s.through(", history: true")
	s.put(addressObject(0, 0, ""), addressObject(1, 0, ""))
	s.round()
	wanted := map[string]int{"added " + addressOf(0): 1, "added " + addressOf(1): 1}
	next := 2
	killWhile := func(fault realtest.Fault, happened func(*process)) {
		t.Helper()
		proxy.Spoil(fault)
		for range 20 {
			s.put(addressObject(next, 0, ""))
			wanted["added "+addressOf(next)] = 1
			next++
		}
		p := start(t, nil, "run", "--config", s.path("site.yaml"))
		happened(p)
		p.signal(syscall.SIGKILL)
		p.end()
	}
	s.put(addressObject(0, 1, `,"revoked":true`))
	wanted["removed "+addressOf(0)] = 1
	for range 2 {
		killWhile(realtest.On("/"+elasticsearch.DefaultHistory+"/_bulk", busy), func(p *process) {
			p.says("in the index, and not yet in the history", 1)
			s.soonHolds(next - 1) // the index waits for nothing
		})
	}
	lost := func(p *process) { p.says("output=siem", 1) }
	killWhile(realtest.On("/"+elasticsearch.DefaultHistory+"/_bulk", realtest.Cut(0)), lost)
	killWhile(realtest.On("/_bulk", realtest.Cut(0)), lost)
	proxy.Mend()
	s.round()
	s.mustHold(next - 1)
	if got := s.records(); !maps.Equal(got, wanted) {
		t.Errorf("the history has %d kinds of records, want %d, each once: %v", len(got), len(wanted), got)
	}
}

// soonHolds waits until the index holds so many documents.
func (s *siem) soonHolds(n int) {
	s.t.Helper()
	for range 200 {
		if len(s.documents(siemIndex)) == n {
			return
		}
		time.Sleep(100 * time.Millisecond)
	}
	s.mustHold(n)
}

// TestAMinuteOfPressure: a node answers 429 to every bulk request for a minute, which
// is longer than any request is tried again. Meanwhile the list goes on as ever, and
// afterwards the index has everything, written once.
func TestAMinuteOfPressure(t *testing.T) {
	t.Parallel() // with whatever else takes long
	s := newSIEM(t)
	proxy := s.through("")
	s.put(addressObject(0, 0, ""))
	s.round()
	proxy.Spoil(realtest.On("/_bulk", busy))
	lifted := time.Now().Add(time.Minute)
	p := start(t, nil, "run", "--config", s.path("site.yaml"))
	n := 1
	for ; time.Now().Before(lifted); n++ {
		s.put(addressObject(n, 0, ""))
		asked := time.Now()
		for s.read("list.txt") != addresses(n+1) {
			if time.Since(asked) > 20*time.Second {
				t.Fatalf("the list waits for the index; the agent said:\n%s", &p.stderr)
			}
			time.Sleep(50 * time.Millisecond)
		}
		time.Sleep(2 * time.Second)
	}
	s.mustHold(1)
	said := p.stderr.String()
	if !strings.Contains(said, "rejected execution of coordinating operation") || !strings.Contains(said, "429") {
		t.Errorf("what the node answers is not told:\n%s", said)
	}
	if tries := strings.Count(said, "rejected execution"); tries > 12 {
		t.Errorf("%d failures are told in a minute: the agent does not back off", tries)
	}
	writes := s.written()
	proxy.Mend()
	p.says("output=siem", strings.Count(said, "output=siem")+1)
	p.signal(syscall.SIGTERM)
	p.end()
	s.mustHold(n)
	if got := s.written() - writes; got != n-1 {
		t.Errorf("%d documents were written after the pressure, want each of %d once", got, n-1)
	}
	values := map[string]bool{}
	for _, d := range s.documents(siemIndex) {
		values[field(d, "threat", "indicator", "name")] = true
	}
	if len(values) != n || !slices.Contains(slices.Collect(maps.Keys(values)), addressOf(n-1)) {
		t.Errorf("the index holds %d values, want %d", len(values), n)
	}
}

// written counts how many documents the node has ever written into the index.
func (s *siem) written() int {
	s.t.Helper()
	answer := s.node.Must(s.t, "GET", "/"+siemIndex+"/_stats/indexing", nil)
	total := answer["_all"].(map[string]any)["primaries"].(map[string]any)["indexing"].(map[string]any)["index_total"].(float64)
	return int(total)
}
