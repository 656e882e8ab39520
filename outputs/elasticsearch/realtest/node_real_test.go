//go:build real

package realtest

import (
	"testing"
)

// TestReleases: each release starts, keeps what it holds over a kill, and says
// what it is.
func TestReleases(t *testing.T) {
	for release, want := range map[Release]string{Elasticsearch9: "9.5.3", Elasticsearch8: "8.19.21", Elasticsearch7: "7.17.29", OpenSearch2: "2.19.1"} {
		t.Run(string(release), func(t *testing.T) {
			n := Start(t, Options{Release: release})
			if got := n.Must(t, "GET", "/", nil)["version"].(map[string]any)["number"]; got != want {
				t.Errorf("the version is %v, want %s", got, want)
			}
			n.Must(t, "PUT", "/kept/_doc/1?refresh=true", map[string]any{"a": 1})
			address := n.URL
			n.Kill()
			n.Resume()
			if n.URL != address {
				t.Errorf("after the restart the node is at %s, want %s", n.URL, address)
			}
			n.Must(t, "GET", "/kept/_doc/1", nil)
		})
	}
}

func TestSecuredNode(t *testing.T) {
	n := Start(t, Options{Secured: true})
	if got := n.Must(t, "GET", "/_security/_authenticate", nil)["username"]; got != Username {
		t.Errorf("we are %v, want %s", got, Username)
	}
}
