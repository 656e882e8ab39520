package elasticsearch

import (
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
