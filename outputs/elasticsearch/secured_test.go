//go:build real

package elasticsearch

import (
	"strings"
	"testing"

	"github.com/indicatord/indicatord/internal/httpx"
	"github.com/indicatord/indicatord/internal/plugin"
	"github.com/indicatord/indicatord/internal/secret"
	"github.com/indicatord/indicatord/outputs/elasticsearch/realtest"
	"github.com/indicatord/indicatord/outputs/outputtest"
)

// secured is a node with TLS, users and API keys.
type secured struct {
	*node
	// all and few are API keys with all the privileges that the README lists,
	// and with those that are enough once the index is there.
	all, few *secret.Ref
}

// The privileges are those that the README lists.
func TestSecuredElasticsearch(t *testing.T) {
	s := &secured{node: &node{Node: realtest.Start(t, realtest.Options{Secured: true})}}
	s.all = s.apiKey(t, []string{"monitor", "manage_index_templates"}, []string{"view_index_metadata", "create_index", "manage", "index", "delete"})
	s.few = s.apiKey(t, nil, []string{"view_index_metadata", "index", "delete"})
	t.Run("Credentials", s.testCredentials)
	t.Run("Privileges", s.testPrivileges)
	t.Run("Trust", s.testTrust)
}

// apiKey makes an API key with the privileges and returns where it is kept.
func (s *secured) apiKey(t *testing.T, cluster, index []string) *secret.Ref {
	t.Helper()
	answer := s.Must(t, "POST", "/_security/api_key", map[string]any{"name": t.Name(), "role_descriptors": map[string]any{"role": map[string]any{
		"cluster": cluster, "indices": []any{map[string]any{"names": []string{"logs-ti_*"}, "privileges": index}},
	}}})
	return keep(t, answer["encoded"].(string))
}

// as returns settings for a new index under credentials.
func (s *secured) as(auth httpx.Auth) *Settings {
	settings := s.settings()
	settings.CA = s.Authority.Path
	settings.Auth = auth
	return settings
}

// withPair shows a client certificate.
func withPair(pair realtest.Pair) httpx.Auth {
	return httpx.Auth{ClientCertificate: &httpx.ClientCertificate{Cert: pair.Cert, Key: pair.Key}}
}

// testCredentials: each of the ways to say who we are is understood.
func (s *secured) testCredentials(t *testing.T) {
	s.Must(t, "POST", "/_license/start_trial?acknowledge=true", nil) // tokens and PKI take more than a basic licence
	token := s.Must(t, "POST", "/_security/oauth2/token", map[string]any{
		"grant_type": "password", "username": realtest.Username, "password": realtest.Password,
	})["access_token"].(string)
	s.Must(t, "PUT", "/_security/role_mapping/writers", map[string]any{
		"enabled": true, "roles": []string{"superuser"}, "rules": map[string]any{"field": map[string]any{"username": "plant-07"}},
	})
	for _, tt := range []struct {
		name string
		auth httpx.Auth
	}{
		{"an API key", httpx.Auth{APIKey: s.all}},
		{"a user", httpx.Auth{Basic: &httpx.Basic{Username: realtest.Username, Password: *keep(t, realtest.Password)}}},
		{"a bearer token", httpx.Auth{Bearer: keep(t, token)}},
		{"a client certificate", withPair(s.Authority.Issue(t, "plant-07"))},
	} {
		t.Run(tt.name, func(t *testing.T) {
			settings := s.as(tt.auth)
			o := openWith(t, settings)
			if _, err := o.Probe(t.Context()); err != nil {
				t.Error(err)
			}
			deliver(t, o, adds(outputtest.Entries(1, 20)...))
			if got := len(s.keys(t, settings.Index)); got != 20 {
				t.Errorf("%d documents, want 20", got)
			}
		})
	}
}

// testPrivileges: what is not enough is said, for good.
func (s *secured) testPrivileges(t *testing.T) {
	view := outputtest.NewView(outputtest.Entries(1, 20)...)
	t.Run("first with all then with few", func(t *testing.T) {
		settings := s.as(httpx.Auth{APIKey: s.all})
		deliver(t, openWith(t, settings), view.Delivery())
		settings.Auth.APIKey = s.few
		deliver(t, openWith(t, settings), view.Delivery())
	})
	t.Run("few, and the index is deleted and set up again", func(t *testing.T) {
		settings := s.as(httpx.Auth{APIKey: s.all})
		setup := openWith(t, settings)
		deliver(t, setup, outputtest.NewView().Delivery())
		settings.Auth.APIKey = s.few
		o := openWith(t, settings)
		deliver(t, o, view.Delivery())
		s.Must(t, "DELETE", "/"+firstIndex(settings.Index), nil)
		if _, err := o.Deliver(t.Context(), adds(outputtest.Entries(1, 2)...)); err == nil || !strings.Contains(err.Error(), "run: indicatord setup siem") {
			t.Errorf("err = %v, want one that names the command", err)
		}
		deliver(t, setup, outputtest.NewView().Delivery())
		deliver(t, o, outputtest.NewDelivery(outputtest.Entries(1, 20), nil))
		if got := len(s.keys(t, settings.Index)); got != 20 {
			t.Errorf("%d documents, want all 20", got)
		}
	})
	for _, tt := range []struct {
		name   string
		change func(*testing.T, *Settings)
		want   string
	}{
		{"few privileges and no index", func(_ *testing.T, settings *Settings) {
			settings.Auth.APIKey = s.few
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
			settings.Auth.APIKey = keep(t, "d3Jvbmc6d3Jvbmctc2VjcmV0")
		}, "401 Unauthorized"},
		{"a wrong password", func(t *testing.T, settings *Settings) {
			settings.Auth = httpx.Auth{Basic: &httpx.Basic{Username: realtest.Username, Password: *keep(t, "d3Jvbmc6d3Jvbmctc2VjcmV0")}}
		}, "check auth"},
		{"no credentials", func(_ *testing.T, settings *Settings) {
			settings.Auth.APIKey = nil
		}, "401 Unauthorized"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			settings := s.as(httpx.Auth{APIKey: s.all})
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
}

// testTrust: nothing is said to a node that cannot prove itself, and the message
// says what to set.
func (s *secured) testTrust(t *testing.T) {
	other := realtest.NewAuthority(t)
	for _, tt := range []struct {
		name            string
		ca, fingerprint string
		want            string // "" is trusted
	}{
		{"a fingerprint in place of the authority", "", s.Authority.Fingerprint(), ""},
		{"an authority that nobody told us of", "", "", "set ca"},
		{"the wrong authority", other.Path, "", "is not in " + other.Path},
		{"the wrong fingerprint", "", other.Fingerprint(), "no certificate of the server has the fingerprint"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			settings := s.as(httpx.Auth{APIKey: s.all})
			settings.CA, settings.Fingerprint = tt.ca, tt.fingerprint
			_, err := openWith(t, settings).Deliver(t.Context(), adds(outputtest.Entries(1, 20)...))
			if tt.want == "" && err != nil {
				t.Errorf("not trusted: %v", err)
			}
			if tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want)) {
				t.Errorf("err = %v, want one with %q", err, tt.want)
			}
		})
	}
	t.Run("a certificate that the node does not trust", func(t *testing.T) {
		settings := s.as(withPair(other.Issue(t, "plant-07")))
		_, err := openWith(t, settings).Deliver(t.Context(), adds(outputtest.Entries(1, 20)...))
		if err == nil || !strings.Contains(err.Error(), "check auth.client_certificate") {
			t.Errorf("err = %v, want one that says to check the certificate", err)
		}
	})
}
