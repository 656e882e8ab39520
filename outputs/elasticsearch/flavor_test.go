package elasticsearch

import (
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/indicatord/indicatord/internal/plugin"
	"github.com/indicatord/indicatord/outputs/outputtest"
)

// The answers of products to GET /, as far as they differ.
const (
	isElasticsearch = `{"cluster_name":"plant","version":{"number":"8.19.0"}}`
	isOpenSearch    = `{"cluster_name":"plant","version":{"distribution":"opensearch","number":"2.19.1"}}`
)

// TestTheFlavorIsTheProduct: what answers has to be what the configuration says,
// and whoever reads the message knows what to set.
func TestTheFlavorIsTheProduct(t *testing.T) {
	for _, tt := range []struct {
		name    string
		flavor  Flavor
		header  bool // whether the answers name Elasticsearch
		info    string
		want    []string
		mayLast bool // whether another try may mend it
	}{
		{"OpenSearch by default", Elasticsearch, false, isOpenSearch, []string{"is OpenSearch 2.19.1", "flavor: opensearch"}, false},
		{"Elasticsearch as OpenSearch", OpenSearch, true, isElasticsearch, []string{"is Elasticsearch 8.19.0", "flavor: elasticsearch"}, false},
		{"a proxy that takes the header away", Elasticsearch, false, isElasticsearch, []string{"not as Elasticsearch", "X-Elastic-Product is missing", "flavor: opensearch"}, false},
		{"a web server by default", Elasticsearch, false, `{}`, []string{"not as Elasticsearch"}, false},
		{"a web server as OpenSearch", OpenSearch, false, `<html>`, []string{"neither Elasticsearch nor OpenSearch"}, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var written []string
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if tt.header {
					w.Header().Set(productHeader, "Elasticsearch")
				}
				if r.Method != http.MethodGet {
					written = append(written, r.Method+" "+r.URL.Path)
				}
				if r.URL.Path != "/" {
					w.WriteHeader(http.StatusNotFound)
				}
				_, _ = w.Write([]byte(tt.info))
			}))
			defer server.Close()
			s := Defaults()
			s.Addresses, s.Flavor = []string{server.URL}, tt.flavor
			o := openWith(t, s)
			_, probed := o.Probe(t.Context())
			_, delivered := o.Deliver(t.Context(), adds(outputtest.Entries(1, 2)...))
			for _, err := range []error{probed, delivered} {
				if err == nil || plugin.IsPermanent(err) == tt.mayLast {
					t.Fatalf("err = %v, permanent: %t", err, plugin.IsPermanent(err))
				}
				for _, want := range tt.want {
					if !strings.Contains(err.Error(), want) {
						t.Errorf("err = %v, want %q in it", err, want)
					}
				}
			}
			if len(written) > 0 {
				t.Errorf("the wrong product was written to: %q", written)
			}
		})
	}
}

// TestOpenSearchIsAskedOnce: the question takes a permission and a moment.
func TestOpenSearchIsAskedOnce(t *testing.T) {
	f := newFake(t)
	f.answer = func(w http.ResponseWriter, r *http.Request) bool {
		w.Header().Del(productHeader)
		if r.URL.Path != "/" {
			return false
		}
		_, _ = w.Write([]byte(isOpenSearch))
		return true
	}
	o := f.open(t, func(s *Settings) { s.Flavor = OpenSearch })
	for range 3 {
		deliver(t, o, adds(outputtest.Entries(1, 2)...))
	}
	asked := slices.DeleteFunc(f.served(), func(r string) bool { return r != "GET /" })
	if len(asked) != 1 || len(f.keys(t)) != 2 {
		t.Errorf("asked %d times, and %d documents are there", len(asked), len(f.keys(t)))
	}
	got, err := o.Probe(t.Context())
	if want := `cluster "plant" with OpenSearch 2.19.1; index logs-ti_indicatord is there`; err != nil || got != want {
		t.Errorf("Probe = %q, %v; want %q", got, err, want)
	}
}

// TestOpenSearchWithoutThePermission: an account that may not ask is told which
// permission it lacks.
func TestOpenSearchWithoutThePermission(t *testing.T) {
	f := newFake(t)
	f.answer = failing(f, "GET /", 403, "security_exception", "no permissions for [cluster:monitor/main]")
	o := f.open(t, func(s *Settings) { s.Flavor = OpenSearch })
	_, err := o.Deliver(t.Context(), adds())
	if !plugin.IsPermanent(err) || !strings.Contains(err.Error(), "takes the permission cluster:monitor/main") {
		t.Errorf("err = %v", err)
	}
}
