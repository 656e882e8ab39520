package elasticsearch

import (
	"slices"
	"strings"
	"testing"
)

func TestValidate(t *testing.T) {
	for _, tt := range []struct {
		name   string
		change func(*Settings)
		want   string // "" is valid
	}{
		{"one node", func(*Settings) {}, ""},
		{"a path below the host", func(s *Settings) { s.Addresses = []string{"https://proxy.example/es"} }, ""},
		{"plain HTTP to this machine", func(s *Settings) { s.Addresses = []string{"http://127.0.0.1:9200"} }, ""},
		{"plain HTTP to another", func(s *Settings) { s.Addresses = []string{"http://es.example:9200"} }, "plain HTTP to es.example:9200"},
		{"no address", func(s *Settings) { s.Addresses = nil }, "addresses: is missing"},
		{"credentials in an address", func(s *Settings) {
			s.Addresses = append(s.Addresses, "https://elastic:changeme@es.example")
		}, "addresses[1]: holds credentials"},
		{"a cloud ID", func(s *Settings) { s.Addresses, s.CloudID = nil, cloudID("eu-west-1.aws.example$abc$def") }, ""},
		{"a cloud ID beside addresses", func(s *Settings) { s.CloudID = cloudID("eu-west-1.aws.example$abc$def") }, "cloud_id: is given beside addresses"},
		{"an address as a cloud ID", func(s *Settings) { s.Addresses, s.CloudID = nil, "https://es.example" }, "cloud_id: is not a cloud ID"},
		{"a cloud ID with a port that is none", func(s *Settings) { s.Addresses, s.CloudID = nil, cloudID("aws.example:a$abc$def") }, "cloud_id: is not a valid URL"},
		{"OpenSearch", func(s *Settings) { s.Flavor = OpenSearch }, ""},
		{"another product", func(s *Settings) { s.Flavor = "solr" }, `flavor: "solr" is unknown`},
		{"a fingerprint", func(s *Settings) { s.Fingerprint = strings.Repeat("A5:", 31) + "A5" }, ""},
		{"half a fingerprint", func(s *Settings) { s.Fingerprint = strings.Repeat("a5", 16) }, "fingerprint: is not the SHA-256"},
		{"a fingerprint beside an authority", func(s *Settings) { s.Fingerprint, s.CA = strings.Repeat("a5", 32), "/ca.pem" }, "fingerprint: is given beside ca"},
		{"another index", func(s *Settings) { s.Index = "logs-ti_plant@7.x+y" }, ""},
		{"no index", func(s *Settings) { s.Index = "" }, "index: is missing"},
		{"upper case", func(s *Settings) { s.Index = "Indicators" }, "index: "},
		{"a pattern", func(s *Settings) { s.Index = "logs-*" }, "index: "},
		{"several indices", func(s *Settings) { s.Index = "a,b" }, "index: "},
		{"a path", func(s *Settings) { s.Index = "a/b" }, "index: "},
		{"date math", func(s *Settings) { s.Index = "<logs-{now/d}>" }, "index: "},
		{"a hidden index", func(s *Settings) { s.Index = ".indicators" }, "index: "},
		{"an API's name", func(s *Settings) { s.Index = "_all" }, "index: "},
		{"a long name", func(s *Settings) { s.Index = strings.Repeat("a", 201) }, "index: "},
		{"tiny batches", func(s *Settings) { s.BatchBytes = 1 }, "batch_bytes: "},
		{"no batches", func(s *Settings) { s.BatchEntries = 0 }, "batch_entries: "},
		{"no time", func(s *Settings) { s.Timeout = 0 }, "timeout: "},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := Defaults()
			s.Addresses = []string{"https://es.example:9200"}
			tt.change(s)
			err := s.Validate()
			if tt.want == "" && err != nil {
				t.Fatalf("Validate = %v, want nil", err)
			}
			if tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want)) {
				t.Fatalf("Validate = %v, want %q", err, tt.want)
			}
			if err != nil && strings.Contains(err.Error(), "changeme") {
				t.Errorf("the error shows a secret: %v", err)
			}
		})
	}
}

// TestACloudIDNamesTheCluster wherever addresses would.
func TestACloudIDNamesTheCluster(t *testing.T) {
	s := Defaults()
	s.CloudID = cloudID("aws.example$abc$def")
	if got, want := s.Place(), "index logs-ti_indicatord at https://abc.aws.example:443"; got != want {
		t.Errorf("Place = %q, want %q", got, want)
	}
	if got := s.Peers(); !slices.Equal(got, []string{"abc.aws.example"}) {
		t.Errorf("Peers = %q", got)
	}
	s.CloudID = "plant:***"
	if s.Place() != "" || s.Peers() != nil {
		t.Errorf("Place = %q, Peers = %q, want nothing of what is no cloud ID", s.Place(), s.Peers())
	}
}
