//go:build real

package elasticsearch

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/indicatord/indicatord/internal/ecs"
	"github.com/indicatord/indicatord/internal/indicator"
	"github.com/indicatord/indicatord/internal/plugin"
	"github.com/indicatord/indicatord/outputs"
	"github.com/indicatord/indicatord/outputs/elasticsearch/realtest"
	"github.com/indicatord/indicatord/outputs/outputtest"
)

// node is a running node of Elasticsearch or OpenSearch.
type node struct {
	*realtest.Node
	flavor  Flavor
	indices atomic.Int64
}

// settings lead to an index that nobody has used yet.
func (n *node) settings() *Settings {
	s := Defaults()
	s.Addresses = []string{n.URL}
	if n.flavor != "" {
		s.Flavor = n.flavor
	}
	s.Index = fmt.Sprintf("logs-ti_test%d", n.indices.Add(1))
	return s
}

// keys reads all documents of an index back.
func (n *node) keys(t *testing.T, index string) []indicator.Key {
	t.Helper()
	if status, _ := n.Call(t, "POST", "/"+index+"/_refresh", nil); status == http.StatusNotFound {
		return nil
	}
	answer := n.Must(t, "POST", "/"+index+"/_search", map[string]any{"size": 10_000, "track_total_hits": true})
	var keys []indicator.Key
	for _, hit := range answer["hits"].(map[string]any)["hits"].([]any) {
		source, err := json.Marshal(hit.(map[string]any)["_source"])
		if err != nil {
			t.Fatal(err)
		}
		keys = append(keys, keyOf(t, source))
	}
	return keys
}

// count returns how many documents a query finds.
func (n *node) count(t *testing.T, index string, query map[string]any) int {
	t.Helper()
	n.Must(t, "POST", "/"+index+"/_refresh", nil)
	return int(n.Must(t, "POST", "/"+index+"/_count", map[string]any{"query": query})["count"].(float64))
}

func term(field, value string) map[string]any {
	return map[string]any{"term": map[string]any{field: value}}
}

func TestRealElasticsearch(t *testing.T) {
	n := &node{Node: realtest.Start(t, realtest.Options{})}
	t.Run("Conformance", n.testConformance)
	t.Run("TenThousandDocuments", n.testTenThousandDocuments)
	t.Run("Versions", n.testVersions)
	t.Run("Refusals", n.testRefusals)
	t.Run("DeletedIndex", n.testDeletedIndex)
	t.Run("ReplacedIndex", n.testReplacedIndex)
	t.Run("Rollover", n.testRollover)
	t.Run("AliasBesideOthers", n.testAliasBesideOthers)
	t.Run("ContradictingMappings", n.testContradictingMappings)
	t.Run("OlderMappings", n.testOlderMappings)
	t.Run("DataStream", n.testDataStream)
	t.Run("Alias", n.testAlias)
	t.Run("PlainIndex", n.testPlainIndex)
	t.Run("Templates", n.testTemplatesOfASite)
	t.Run("Compression", n.testCompression)
	t.Run("AnotherFlavor", n.testAnotherFlavor)
	t.Run("Probe", n.testProbe)
}

func (n *node) testConformance(t *testing.T) {
	outputtest.Run(t, outputtest.Suite{
		Spec: Spec(),
		New: func(t *testing.T) outputtest.Tool {
			settings := n.settings()
			return outputtest.Tool{
				Settings: settings,
				Read:     func(t *testing.T) []indicator.Key { return n.keys(t, settings.Index) },
				Break:    func(t *testing.T) func() { return n.block(t, settings.Index, "write") },
			}
		},
	})
}

// block sets a block of an index, as a full disk or an operator does.
func (n *node) block(t *testing.T, index, kind string) (lift func()) {
	t.Helper()
	set := func(value any) {
		n.Must(t, "PUT", "/"+index+"/_settings", map[string]any{"index.blocks." + kind: value})
	}
	set(true)
	return func() { set(nil) }
}

func (n *node) testTenThousandDocuments(t *testing.T) {
	s := n.settings()
	o := openWith(t, s)
	entries := outputtest.Entries(1, 9_998)
	entries = append(entries, outputtest.NewEntry(indicator.IP, "198.18.64.0/18"), outputtest.NewEntry(indicator.IP, "2a0e:b107:40::/48"))
	start := time.Now()
	receipt := deliver(t, o, adds(entries...))
	t.Logf("%d documents in %s", receipt.Written, time.Since(start).Round(time.Millisecond))
	if receipt.Written != len(entries) {
		t.Errorf("receipt = %+v", receipt)
	}
	addresses := 0
	for _, e := range entries {
		if e.Key.Kind == indicator.IP && e.Key.Prefix().IsSingleIP() && e.Key.Prefix().Addr().Is4() {
			addresses++
		}
	}
	for _, tt := range []struct {
		name  string
		query map[string]any
		want  int
	}{
		{"all", map[string]any{"match_all": map[string]any{}}, len(entries)},
		{"an address", term("threat.indicator.ip", ipv4Of(entries)), 1},
		{"addresses by prefix", term("threat.indicator.ip", "0.0.0.0/0"), addresses},
		{"an address within a range", term("indicatord.range", "198.18.70.1"), 1},
		{"an address beside the range", term("indicatord.range", "198.18.128.1"), 0},
		{"an IPv6 address within a range", term("indicatord.range", "2a0e:b107:40:7::1"), 1},
		{"what Elastic's rules ask for", map[string]any{"query_string": map[string]any{
			"query": `event.module:ti_* AND event.category:threat AND event.kind:enrichment AND event.type:indicator AND threat.indicator.ip:*`,
		}}, addresses + countIPv6(entries)},
	} {
		if got := n.count(t, s.Index, tt.query); got != tt.want {
			t.Errorf("%s: %d documents, want %d", tt.name, got, tt.want)
		}
	}
	var removals []outputs.Change
	for _, e := range entries[:5_000] {
		removals = append(removals, outputs.Change{Op: outputs.Remove, Entry: indicator.Entry{Key: e.Key, Sequence: e.Sequence}, Reason: "expired"})
	}
	deliver(t, o, outputtest.NewDelivery(nil, removals))
	if got := n.count(t, s.Index, map[string]any{"match_all": map[string]any{}}); got != 5_000 {
		t.Errorf("%d documents after 5,000 removals, want 5,000", got)
	}
}

// ipv4Of returns one of the single addresses.
func ipv4Of(entries []indicator.Entry) string {
	for _, e := range entries {
		if p := e.Key.Prefix(); e.Key.Kind == indicator.IP && p.IsSingleIP() && p.Addr().Is4() {
			return e.Key.Value
		}
	}
	return ""
}

func countIPv6(entries []indicator.Entry) (n int) {
	for _, e := range entries {
		if p := e.Key.Prefix(); e.Key.Kind == indicator.IP && p.IsSingleIP() && p.Addr().Is6() {
			n++
		}
	}
	return n
}

func (n *node) testVersions(t *testing.T) {
	e := outputtest.NewEntry(indicator.IP, "198.18.7.9")
	for _, tt := range []struct {
		name  string
		offer []outputs.Delivery
		held  bool
		newer bool
	}{
		{"an older update after a newer one", []outputs.Delivery{offer(outputs.Add, e, 5), offer(outputs.Update, e, 4)}, true, true},
		{"an older update after a removal", []outputs.Delivery{offer(outputs.Remove, e, 5), offer(outputs.Add, e, 4)}, false, true},
		{"an older removal after an update", []outputs.Delivery{offer(outputs.Add, e, 5), offer(outputs.Remove, e, 4)}, true, true},
		{"out of the view and in again without a change", []outputs.Delivery{offer(outputs.Add, e, 5), offer(outputs.Remove, e, 5), offer(outputs.Add, e, 5)}, true, false},
		{"the same again", []outputs.Delivery{offer(outputs.Add, e, 5), offer(outputs.Add, e, 5)}, true, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := n.settings()
			o := openWith(t, s)
			receipt := deliver(t, o, adds())
			for _, d := range tt.offer {
				receipt = deliver(t, o, d)
			}
			if held := len(n.keys(t, s.Index)) == 1; held != tt.held {
				t.Errorf("held = %t, want %t", held, tt.held)
			}
			if newer := receipt.Skipped[newerInIndex] == 1; newer != tt.newer {
				t.Errorf("the last receipt is %+v, want a newer version counted: %t", receipt, tt.newer)
			}
		})
	}
}

// testRefusals sees to it that a real cluster's words are understood.
func (n *node) testRefusals(t *testing.T) {
	s := n.settings()
	o := openWith(t, s)
	deliver(t, o, adds(outputtest.Entries(1, 5)...))

	long := outputtest.NewEntry(indicator.URL, "http://grid-portal.net/"+strings.Repeat("a", 100_000))
	deliver(t, o, adds(long))

	// The output never writes a prefix here, so the document is made by hand.
	bad := item{
		key: indicator.Key{Kind: indicator.IP, Value: "bad"}, op: outputs.Add, version: 1,
		id:   ecs.DocumentID("plant-07", indicator.Key{Kind: indicator.IP, Value: "bad"}),
		body: []byte(`{"threat":{"indicator":{"ip":"198.18.0.0/15"}}}`),
	}
	results, err := o.cluster.bulk(t.Context(), target{name: s.Index}, []item{bad})
	if err != nil {
		t.Fatal(err)
	}
	if v := judge(&bad, &results[0]); v != unfit || !strings.Contains(reason(&results[0]), "threat.indicator.ip") {
		t.Errorf("a prefix in an address field: verdict %d, %s", v, reason(&results[0]))
	}
	for _, kind := range []string{"write", "read_only", "read_only_allow_delete"} {
		lift := n.block(t, s.Index, kind)
		_, err := o.Deliver(t.Context(), adds(outputtest.Entries(2, 5)...))
		var partial *outputs.PartialError
		if err == nil || errors.As(err, &partial) || plugin.IsPermanent(err) || !strings.Contains(err.Error(), "cluster_block_exception") {
			t.Errorf("block %s: err = %v, want a whole failure that is worth a retry", kind, err)
		}
		lift()
	}
	deliver(t, o, adds(outputtest.Entries(2, 5)...))
}

func (n *node) testDeletedIndex(t *testing.T) {
	s := n.settings()
	o := openWith(t, s)
	deliver(t, o, adds(outputtest.NewEntry(indicator.IP, "198.18.7.9")))
	n.Must(t, "DELETE", "/"+firstIndex(s.Index), nil)
	second := outputtest.NewEntry(indicator.IP, "198.18.7.10")
	d := outputtest.NewDelivery([]indicator.Entry{outputtest.NewEntry(indicator.IP, "198.18.7.9"), second}, outputtest.Additions([]indicator.Entry{second}))
	deliver(t, o, d)
	if got := n.count(t, s.Index, term("threat.indicator.ip", "198.18.7.0/24")); got != 2 {
		t.Errorf("%d documents by prefix, want both, with the mappings", got)
	}
}

// testReplacedIndex: whatever takes the place of the index while nobody looks is
// filled by the next delivery.
func (n *node) testReplacedIndex(t *testing.T) {
	entries := numbered(outputtest.Entries(1, 20))
	for name, replace := range map[string]func(index string){
		"deleted and made again by another": func(index string) {
			n.Must(t, "DELETE", "/"+firstIndex(index), nil)
			s := n.settings()
			s.Index = index
			deliver(t, openWith(t, s), adds())
		},
		"the alias moved": func(index string) {
			n.Must(t, "PUT", "/"+index+"-000002", nil)
			n.Must(t, "POST", "/_aliases", map[string]any{"actions": []any{
				map[string]any{"remove": map[string]any{"index": firstIndex(index), "alias": index}},
				map[string]any{"add": map[string]any{"index": index + "-000002", "alias": index, "is_write_index": true}},
			}})
		},
		"restored with more and less": func(index string) {
			n.Must(t, "PUT", "/kept-"+index, map[string]any{"mappings": n.Must(t, "GET", "/"+index+"/_mapping", nil)[firstIndex(index)].(map[string]any)["mappings"]})
			left := outputtest.NewEntry(indicator.IP, "198.18.7.9")
			for _, e := range append(slices.Clone(entries[:12]), left) {
				n.Must(t, "PUT", fmt.Sprintf("/kept-%s/_doc/%s?version=%d&version_type=external", index, ecs.DocumentID("plant-07", e.Key), e.Sequence),
					ecs.Document("plant-07", &e, outputtest.Now))
			}
			n.Must(t, "DELETE", "/"+firstIndex(index), nil)
			n.Must(t, "POST", "/_aliases", map[string]any{"actions": []any{
				map[string]any{"add": map[string]any{"index": "kept-" + index, "alias": index, "is_write_index": true}},
			}})
		},
	} {
		s := n.settings()
		o := openWith(t, s)
		deliver(t, o, adds(entries...))
		replace(s.Index)
		deliver(t, o, outputtest.NewDelivery(entries, nil))
		want, got := keysOf(entries), n.keys(t, s.Index)
		slices.SortFunc(want, indicator.Compare)
		slices.SortFunc(got, indicator.Compare)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: the documents (-want +got):\n%s", name, diff)
		}
	}
}

// testUnseenIsNotNothing: an agent that starts a moment after the last delivery finds
// the index as it was left, though no search sees it yet.
func (n *node) testUnseenIsNotNothing(t *testing.T) {
	s := n.settings()
	entries := numbered(outputtest.Entries(1, 20))
	deliver(t, openWith(t, s), adds())
	n.Must(t, "PUT", "/"+s.Index+"/_settings", map[string]any{"index": map[string]any{"refresh_interval": "-1"}})
	deliver(t, openWith(t, s), adds(entries...))
	deliver(t, openWith(t, s), outputtest.NewDelivery(entries, nil))
	if got := n.actions(t, s.Index); got != len(entries) {
		t.Errorf("%d writes, want %d", got, len(entries))
	}
}

// testRollover: an alias that spans two indices of ours is refused, since what is in
// the older one would never leave it.
func (n *node) testRollover(t *testing.T) {
	s := n.settings()
	o := openWith(t, s)
	deliver(t, o, adds(outputtest.Entries(1, 2)...))
	n.Must(t, "POST", "/"+s.Index+"/_rollover", nil)
	if _, err := o.Deliver(t.Context(), adds(outputtest.Entries(1, 2)...)); !plugin.IsPermanent(err) || !strings.Contains(err.Error(), firstIndex(s.Index)) {
		t.Errorf("err = %v, want a permanent one that names the indices", err)
	}
}

// testAliasBesideOthers: what stands behind the alias beside the write index is
// somebody else's, and stays as it is.
func (n *node) testAliasBesideOthers(t *testing.T) {
	s := n.settings()
	theirs := s.Index + "_theirs"
	n.Must(t, "PUT", "/"+theirs, map[string]any{"aliases": map[string]any{s.Index: map[string]any{}}})
	n.Must(t, "PUT", "/"+s.Index+"_ours", map[string]any{"aliases": map[string]any{s.Index: map[string]any{"is_write_index": true}}})
	o := openWith(t, s)
	deliver(t, o, adds(outputtest.NewEntry(indicator.IP, "198.18.7.9")))
	deliver(t, o, adds(outputtest.NewEntry(indicator.IP, "198.18.7.9")))
	found := n.Must(t, "GET", "/"+theirs+"/_mapping", nil)[theirs].(map[string]any)["mappings"].(map[string]any)
	if len(found) != 0 {
		t.Errorf("the mappings of another index behind the alias became %v", found)
	}
	if got := n.count(t, s.Index+"_ours", term("threat.indicator.ip", "198.18.7.0/24")); got != 1 {
		t.Errorf("%d documents in the write index, want 1", got)
	}
}

func (n *node) testContradictingMappings(t *testing.T) {
	s := n.settings()
	n.Must(t, "PUT", "/"+s.Index, map[string]any{"mappings": map[string]any{"properties": map[string]any{
		"threat.indicator.ip": map[string]any{"type": "keyword"},
	}}})
	_, err := openWith(t, s).Deliver(t.Context(), adds(outputtest.Entries(1, 2)...))
	if !plugin.IsPermanent(err) || !strings.Contains(err.Error(), "threat.indicator.ip") {
		t.Errorf("err = %v, want a permanent one that names the field", err)
	}
}

func (n *node) testOlderMappings(t *testing.T) {
	s := n.settings()
	n.Must(t, "PUT", "/"+s.Index, map[string]any{"mappings": map[string]any{"properties": map[string]any{
		"threat.indicator.ip": map[string]any{"type": "ip"},
	}}})
	deliver(t, openWith(t, s), adds(outputtest.NewEntry(indicator.IP, "198.18.64.0/18")))
	if got := n.count(t, s.Index, term("indicatord.range", "198.18.64.1")); got != 1 {
		t.Errorf("%d documents by range, want 1", got)
	}
	found, err := openWith(t, s).cluster.lookUp(t.Context(), s.Index)
	if err != nil || found.version(s.Index) != schemaVersion {
		t.Errorf("version %d, %v", found.version(s.Index), err)
	}
}

func (n *node) testDataStream(t *testing.T) {
	s := n.settings()
	n.Must(t, "PUT", "/_index_template/stream", map[string]any{
		"index_patterns": []string{s.Index}, "data_stream": map[string]any{}, "priority": 900,
	})
	n.Must(t, "PUT", "/"+s.Index+"/_create/1", map[string]any{"@timestamp": "2026-06-01T12:00:00Z"})
	o := openWith(t, s)
	_, delivered := o.Deliver(t.Context(), adds(outputtest.Entries(1, 2)...))
	_, probed := o.Probe(t.Context())
	for _, err := range []error{delivered, probed} {
		if !plugin.IsPermanent(err) || !strings.Contains(err.Error(), "data stream") {
			t.Errorf("err = %v, want a permanent one that says data stream", err)
		}
	}
}

// testPlainIndex: an index of the name itself, as older releases made it, is used
// as it is.
func (n *node) testPlainIndex(t *testing.T) {
	s := n.settings()
	n.Must(t, "PUT", "/"+s.Index, map[string]any{"mappings": mappings})
	deliver(t, openWith(t, s), adds(outputtest.NewEntry(indicator.IP, "198.18.7.9")))
	if got := n.count(t, s.Index, term("threat.indicator.ip", "198.18.7.0/24")); got != 1 {
		t.Errorf("%d documents, want 1", got)
	}
	if status, _ := n.Call(t, "HEAD", "/"+firstIndex(s.Index), nil); status != http.StatusNotFound {
		t.Errorf("an index behind an alias: status %d, want none", status)
	}
}

func (n *node) testAlias(t *testing.T) {
	s := n.settings()
	n.Must(t, "PUT", "/"+s.Index+"_a", map[string]any{"aliases": map[string]any{s.Index: map[string]any{"is_write_index": true}}})
	deliver(t, openWith(t, s), adds(outputtest.NewEntry(indicator.IP, "198.18.7.9")))
	if got := n.count(t, s.Index+"_a", term("threat.indicator.ip", "198.18.7.0/24")); got != 1 {
		t.Errorf("%d documents behind the alias, want 1", got)
	}
	if status, _ := n.Call(t, "HEAD", "/_index_template/"+s.Index, nil); status != http.StatusOK {
		t.Errorf("the index template is not there: status %d", status)
	}
}

func (n *node) testProbe(t *testing.T) {
	s := n.settings()
	got, err := openWith(t, s).Probe(t.Context())
	if err != nil || !strings.Contains(got, "Elasticsearch ") || !strings.Contains(got, "will be made") {
		t.Errorf("Probe = %q, %v", got, err)
	}
}
