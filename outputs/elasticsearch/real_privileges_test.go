//go:build real

package elasticsearch

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/indicatord/indicatord/internal/httpx"
	"github.com/indicatord/indicatord/internal/plugin"
	"github.com/indicatord/indicatord/internal/secret"
	"github.com/indicatord/indicatord/outputs/elasticsearch/realtest"
	"github.com/indicatord/indicatord/outputs/outputtest"
)

// asRole returns an output that acts under an API key with the privileges on
// indices.
func (n *node) asRole(t *testing.T, index string, cluster []string, privileges ...string) *output {
	t.Helper()
	key := n.Must(t, "POST", "/_security/api_key", map[string]any{"name": t.Name(), "role_descriptors": map[string]any{"role": map[string]any{
		"cluster": cluster, "indices": []any{map[string]any{"names": []string{"logs-ti_*"}, "privileges": privileges}},
	}}})["encoded"].(string)
	path := filepath.Join(t.TempDir(), "key")
	if err := os.WriteFile(path, []byte(key), 0o600); err != nil {
		t.Fatal(err)
	}
	s := n.settings()
	s.Index, s.CA = index, n.Authority.Path
	s.Auth = httpx.Auth{APIKey: &secret.Ref{File: path}}
	return openWith(t, s)
}

// TestRealPrivileges: everything but the first delivery is done with the few
// privileges that the README lists, and what one of them is missing for says so.
func TestRealPrivileges(t *testing.T) {
	n := &node{Node: realtest.Start(t, realtest.Options{Secured: true})}
	const index = "logs-ti_privileges"
	v := outputtest.NewView(numbered(outputtest.Entries(1, 20))...)
	bring(t, n.asRole(t, index, []string{"manage_index_templates"}, "view_index_metadata", "create_index", "manage", "index", "delete"), v)

	o := n.asRole(t, index, nil, "view_index_metadata", "index", "delete", "read", "maintenance")
	first := v.Delivery()
	first.First = true
	deliver(t, o, first)
	if _, err := o.Refresh(t.Context(), v.Delivery()); err != nil {
		t.Error(err)
	}
	if err := o.Clean(t.Context(), v.Keys()[:1]); err != nil {
		t.Error(err)
	}
	if got, err := o.Verify(t.Context(), v.Delivery()); err != nil || got.Present != 19 || len(got.Missing) != 1 {
		t.Errorf("present %d, missing %v, %v", got.Present, got.Missing, err)
	}
	for lacking, o := range map[string]*output{
		"the index privilege read":        n.asRole(t, index, nil, "view_index_metadata", "index", "delete", "maintenance"),
		"the index privilege maintenance": n.asRole(t, index, nil, "view_index_metadata", "index", "delete", "read"),
	} {
		if _, err := o.Verify(t.Context(), v.Delivery()); err == nil || !plugin.IsPermanent(err) || !strings.Contains(err.Error(), lacking) {
			t.Errorf("err = %v, want a permanent one with %q", err, lacking)
		}
	}
}
