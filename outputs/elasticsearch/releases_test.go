//go:build real

package elasticsearch

import (
	"strings"
	"testing"

	"github.com/indicatord/indicatord/internal/ecs"
	"github.com/indicatord/indicatord/internal/indicator"
	"github.com/indicatord/indicatord/outputs/elasticsearch/realtest"
	"github.com/indicatord/indicatord/outputs/outputtest"
)

// TestReleases: what is true of Elasticsearch 8 is true of the releases beside it,
// and of OpenSearch.
func TestReleases(t *testing.T) {
	for _, tt := range []struct {
		release realtest.Release
		flavor  Flavor
		probe   string
	}{
		{realtest.Elasticsearch9, Elasticsearch, "with Elasticsearch 9.5.3"},
		{realtest.Elasticsearch7, Elasticsearch, "with Elasticsearch 7.17.29"},
		{realtest.OpenSearch2, OpenSearch, "with OpenSearch 2.19.1"},
	} {
		t.Run(string(tt.release), func(t *testing.T) {
			n := &node{Node: realtest.Start(t, realtest.Options{Release: tt.release}), flavor: tt.flavor}
			if tt.release == realtest.Elasticsearch9 {
				n.compressLess(t)
			}
			t.Run("Conformance", n.testConformance)
			t.Run("TenThousandDocuments", n.testTenThousandDocuments)
			t.Run("Versions", n.testVersions)
			t.Run("Refusals", n.testRefusals)
			t.Run("DeletedIndex", n.testDeletedIndex)
			t.Run("ReplacedIndex", n.testReplacedIndex)
			t.Run("UnseenIsNotNothing", n.testUnseenIsNotNothing)
			t.Run("Rollover", n.testRollover)
			t.Run("AliasBesideOthers", n.testAliasBesideOthers)
			t.Run("ContradictingMappings", n.testContradictingMappings)
			t.Run("OlderMappings", n.testOlderMappings)
			t.Run("Alias", n.testAlias)
			t.Run("Templates", n.testTemplatesOfASite)
			t.Run("Compression", n.testCompression)
			t.Run("ReadBack", n.testReadBack)
			t.Run("AnotherFlavor", n.testAnotherFlavor)
			t.Run("Matches", n.testMatches)
			if tt.release != realtest.Elasticsearch9 { // where it would undo compressLess
				t.Run("OddValues", n.testOddValues)
			}
			t.Run("Repair", n.testRepair)
			t.Run("Refresh", n.testRefresh)
			t.Run("Probe", func(t *testing.T) {
				got, err := openWith(t, n.settings()).Probe(t.Context())
				if err != nil || !strings.Contains(got, tt.probe) {
					t.Errorf("Probe = %q, %v, want %q in it", got, err, tt.probe)
				}
			})
		})
	}
}

// compressLess keeps the indices of the tests to a codec of Lucene's own. That of
// best_compression needs a native library, which is not published, since version
// 9. A site would say so in the same component template.
func (n *node) compressLess(t *testing.T) {
	t.Helper()
	less := map[string]any{"template": map[string]any{"settings": map[string]any{"index": map[string]any{"codec": "default"}}}}
	next := &node{Node: n.Node}
	for range 100 { // more than the tests use
		n.Must(t, "PUT", "/_component_template/"+customName(next.settings().Index), less)
	}
}

// testTemplatesOfASite: a site's own component template takes part, whether it
// was there before ours or not, and is never replaced.
func (n *node) testTemplatesOfASite(t *testing.T) {
	s := n.settings()
	custom := map[string]any{"template": map[string]any{"settings": map[string]any{"index": map[string]any{"refresh_interval": "7s"}}}}
	n.Must(t, "PUT", "/_component_template/"+customName(s.Index), custom)
	deliver(t, openWith(t, s), adds())
	settings := n.Must(t, "GET", "/"+s.Index+"/_settings?flat_settings=true", nil)[firstIndex(s.Index)].(map[string]any)["settings"].(map[string]any)
	if settings["index.refresh_interval"] != "7s" || settings["index.codec"] != "best_compression" {
		t.Errorf("the settings of the index are %v", settings)
	}
}

// testCompression: the cluster reads what was sent in gzip.
func (n *node) testCompression(t *testing.T) {
	s := n.settings()
	s.Compress = true
	deliver(t, openWith(t, s), adds(outputtest.NewEntry(indicator.IP, "198.18.7.9")))
	if got := n.count(t, s.Index, term("threat.indicator.ip", "198.18.7.9")); got != 1 {
		t.Errorf("%d documents, want 1", got)
	}
}

// testReadBack: more documents than one page has are read back, and what was
// deleted behind our back is found missing.
func (n *node) testReadBack(t *testing.T) {
	s := n.settings()
	o := openWith(t, s)
	v := outputtest.NewView(outputtest.Entries(11, 2*pageSize+7)...)
	deliver(t, o, v.Delivery())
	if got, err := o.Verify(t.Context(), v.Delivery()); err != nil || got.Present != 2*pageSize+7 || len(got.Missing)+len(got.Extra)+len(got.Changed) > 0 {
		t.Fatalf("read back %d, missing %d, extra %d, changed %d, %v", got.Present, len(got.Missing), len(got.Extra), len(got.Changed), err)
	}
	gone := v.Keys()[pageSize]
	n.Must(t, "DELETE", "/"+s.Index+"/_doc/"+ecs.DocumentID("plant-07", gone), nil)
	if got, err := o.Verify(t.Context(), v.Delivery()); err != nil || len(got.Missing) != 1 || got.Missing[0] != gone {
		t.Errorf("missing %v, %v, want %s", got.Missing, err, gone)
	}
}

// testAnotherFlavor: a real cluster of the other product is told apart, and
// nothing is written to it.
func (n *node) testAnotherFlavor(t *testing.T) {
	s := n.settings()
	right := s.Flavor
	s.Flavor = map[Flavor]Flavor{Elasticsearch: OpenSearch, OpenSearch: Elasticsearch}[right]
	_, err := openWith(t, s).Deliver(t.Context(), adds(outputtest.Entries(1, 2)...))
	if err == nil || !strings.Contains(err.Error(), "flavor: "+string(right)) {
		t.Errorf("err = %v, want one that says to set flavor: %s", err, right)
	}
	for _, template := range []string{"/_component_template/" + componentName(s.Index), "/_index_template/" + s.Index, "/" + s.Index} {
		if status, _ := n.Call(t, "GET", template, nil); status != 404 {
			t.Errorf("GET %s: %d, want 404", template, status)
		}
	}
}
