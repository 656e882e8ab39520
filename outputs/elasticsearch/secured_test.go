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

// secured is a node with TLS, users and API keys.
type secured struct{ *node }

// apiKey makes an API key with the privileges and returns a file that holds it.
func (s *secured) apiKey(t *testing.T, cluster, index []string) *secret.Ref {
	t.Helper()
	answer := s.Must(t, "POST", "/_security/api_key", map[string]any{"name": t.Name(), "role_descriptors": map[string]any{"role": map[string]any{
		"cluster": cluster, "indices": []any{map[string]any{"names": []string{"logs-ti_*"}, "privileges": index}},
	}}})
	return inFile(t, answer["encoded"].(string))
}

// inFile writes a secret into a file.
func inFile(t *testing.T, text string) *secret.Ref {
	t.Helper()
	path := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(path, []byte(text+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	return &secret.Ref{File: path}
}

// as returns settings for a new index under an API key.
func (s *secured) as(key *secret.Ref) *Settings {
	settings := s.settings()
	settings.CA = s.Authority.Path
	settings.Auth = httpx.Auth{APIKey: key}
	return settings
}

// The privileges are those that the README lists.
func TestSecuredElasticsearch(t *testing.T) {
	s := &secured{&node{Node: realtest.Start(t, realtest.Options{Secured: true})}}
	all := s.apiKey(t, []string{"monitor", "manage_index_templates"}, []string{"view_index_metadata", "create_index", "manage", "index", "delete"})
	few := s.apiKey(t, nil, []string{"view_index_metadata", "index", "delete"})
	view := outputtest.NewView(outputtest.Entries(1, 20)...)

	t.Run("first with all privileges then with few", func(t *testing.T) {
		settings := s.as(all)
		o := openWith(t, settings)
		if _, err := o.Probe(t.Context()); err != nil {
			t.Error(err)
		}
		deliver(t, o, view.Delivery())
		settings.Auth = httpx.Auth{APIKey: few}
		deliver(t, openWith(t, settings), view.Delivery())
	})
	t.Run("basic authentication", func(t *testing.T) {
		settings := s.as(nil)
		settings.Auth = httpx.Auth{Basic: &httpx.Basic{Username: realtest.Username, Password: *inFile(t, realtest.Password)}}
		deliver(t, openWith(t, settings), view.Delivery())
	})
	for _, tt := range []struct {
		name   string
		change func(*testing.T, *Settings)
		want   string
	}{
		{"few privileges and no index", func(_ *testing.T, settings *Settings) {
			settings.Auth.APIKey = few
		}, "manage_index_templates"},
		{"an index outside the account's pattern", func(_ *testing.T, settings *Settings) {
			settings.Index = "elsewhere"
		}, "security_exception"},
		{"no right to write", func(t *testing.T, settings *Settings) {
			settings.Auth.APIKey = s.apiKey(t, []string{"manage_index_templates"}, []string{"view_index_metadata", "create_index", "manage"})
			deliver(t, openWith(t, settings), outputtest.NewView().Delivery())
			settings.Auth.APIKey = s.apiKey(t, nil, []string{"view_index_metadata"})
		}, "granted by the index privileges"},
		{"a wrong key", func(t *testing.T, settings *Settings) {
			settings.Auth.APIKey = inFile(t, "d3Jvbmc6d3Jvbmctc2VjcmV0")
		}, "401 Unauthorized"},
		{"no credentials", func(_ *testing.T, settings *Settings) {
			settings.Auth.APIKey = nil
		}, "401 Unauthorized"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			settings := s.as(all)
			tt.change(t, settings)
			_, err := openWith(t, settings).Deliver(t.Context(), view.Delivery())
			if err == nil || !plugin.IsPermanent(err) || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("err = %v, want a permanent one with %q", err, tt.want)
			}
			if err != nil && strings.Contains(err.Error(), "d3Jvbmc6d3Jvbmctc2VjcmV0") {
				t.Errorf("the error shows the key: %v", err)
			}
		})
	}
	t.Run("an authority that nobody told us of", func(t *testing.T) {
		settings := s.as(all)
		settings.CA = ""
		_, err := openWith(t, settings).Deliver(t.Context(), view.Delivery())
		if err == nil || !strings.Contains(err.Error(), "set ca") {
			t.Errorf("err = %v, want one that says to set ca", err)
		}
	})
}
