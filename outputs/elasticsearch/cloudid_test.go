package elasticsearch

import (
	"encoding/base64"
	"net/url"
	"strings"
	"testing"

	"github.com/indicatord/indicatord/internal/httpx"
)

func cloudID(decoded string) string {
	return "plant:" + base64.StdEncoding.EncodeToString([]byte(decoded))
}

func TestCloudAddress(t *testing.T) {
	for _, tt := range []struct {
		name, id string
		want     string // "" is refused
	}{
		{"a cluster and its Kibana", cloudID("eu-west-1.aws.example$abc123$def456"), "https://abc123.eu-west-1.aws.example:443"},
		{"without Kibana", cloudID("eu-west-1.aws.example$abc123"), "https://abc123.eu-west-1.aws.example:443"},
		{"a port of the region", cloudID("ece.example:9243$abc123$def456"), "https://abc123.ece.example:9243"},
		{"a port of the cluster", cloudID("ece.example:9243$abc123:9244$def456:9245"), "https://abc123.ece.example:9244"},
		{"without a label", strings.TrimPrefix(cloudID("aws.example$abc123"), "plant:"), "https://abc123.aws.example:443"},
		{"a label with a colon", "plant:07:" + strings.TrimPrefix(cloudID("aws.example$abc123"), "plant:"), "https://abc123.aws.example:443"},
		{"no cluster", cloudID("aws.example"), ""},
		{"an empty cluster", cloudID("aws.example$$def456"), ""},
		{"an empty region", cloudID("$abc123"), ""},
		{"not Base64", "plant:***", ""},
		{"an address", "https://es.example:9200", ""},
		{"a way out of the host", cloudID("aws.example/path$abc@evil.example"), ""},
		{"two ports", cloudID("aws.example$abc123:1:2"), ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, err := cloudAddress(tt.id)
			if got != tt.want || (err == nil) != (tt.want != "") {
				t.Errorf("cloudAddress(%q) = %q, %v, want %q", tt.id, got, err, tt.want)
			}
		})
	}
}

// FuzzCloudAddress: whatever is read as a cloud ID gives an address that the
// settings take, and with it nothing but a host and a port.
func FuzzCloudAddress(f *testing.F) {
	f.Add(cloudID("eu-west-1.aws.example:9243$abc123:443$def456"))
	f.Add(cloudID("a$b"))
	f.Add("plant:")
	f.Fuzz(func(t *testing.T, id string) {
		address, err := cloudAddress(id)
		if err != nil {
			return
		}
		u, err := url.Parse(address)
		if err != nil {
			return // such as a port that is none; the settings refuse it
		}
		if u.User != nil || u.Path != "" || u.RawQuery != "" || u.Scheme != "https" || u.Hostname() == "" {
			t.Errorf("cloudAddress(%q) = %q", id, address)
		}
		if err := httpx.Defaults().CheckConfigured(address); err != nil {
			t.Errorf("cloudAddress(%q) = %q: %v", id, address, err)
		}
	})
}
