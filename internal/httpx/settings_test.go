package httpx

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/indicatord/indicatord/internal/secret"
)

func TestDefaultsAreValid(t *testing.T) {
	if err := Defaults().Validate(); err != nil {
		t.Error(err)
	}
}

func TestWrongSettingsAreToldWithTheirPlace(t *testing.T) {
	ref := secret.Ref{Env: "TOKEN"}
	tests := map[string]struct {
		change func(*Settings)
		want   string // the beginning of each line
	}{
		"two credentials":       {func(s *Settings) { s.Auth = Auth{Bearer: &ref, APIKey: &ref} }, "auth: gives 2 credentials"},
		"basic without a name":  {func(s *Settings) { s.Auth.Basic = &Basic{Password: ref} }, "auth.basic.username: is missing"},
		"basic with a colon":    {func(s *Settings) { s.Auth.Basic = &Basic{Username: "a:b", Password: ref} }, "auth.basic.username: holds a colon"},
		"basic, no password":    {func(s *Settings) { s.Auth.Basic = &Basic{Username: "a"} }, "auth.basic.password: want exactly one"},
		"bearer from nowhere":   {func(s *Settings) { s.Auth.Bearer = &secret.Ref{} }, "auth.bearer: want exactly one"},
		"bearer from two":       {func(s *Settings) { s.Auth.Bearer = &secret.Ref{Env: "A", File: "/b"} }, "auth.bearer: want exactly one"},
		"api key from nowhere":  {func(s *Settings) { s.Auth.APIKey = &secret.Ref{} }, "auth.api_key: want exactly one"},
		"header that is none":   {func(s *Settings) { s.Auth.Header = &Header{Name: "X Key", Value: ref} }, `auth.header.name: "X Key"`},
		"header without value":  {func(s *Settings) { s.Auth.Header = &Header{Name: "X-Key"} }, "auth.header.value: want exactly one"},
		"certificate half":      {func(s *Settings) { s.Auth.ClientCertificate = &ClientCertificate{Cert: "/c"} }, "auth.client_certificate.key: is missing"},
		"key half":              {func(s *Settings) { s.Auth.ClientCertificate = &ClientCertificate{Key: "/k"} }, "auth.client_certificate.cert: is missing"},
		"proxy with a password": {func(s *Settings) { s.Proxy = "http://u:hunter2@p:1" }, "proxy: holds credentials"},
		"proxy that is none":    {func(s *Settings) { s.Proxy = "http://u:hunter2@[p:1" }, "proxy: is not a valid URL"},
		"proxy without a host":  {func(s *Settings) { s.Proxy = "http://" }, "proxy: names no host"},
		"proxy of a kind":       {func(s *Settings) { s.Proxy = "ftp://p:1" }, `proxy: has the scheme "ftp"`},
		"no timeout":            {func(s *Settings) { s.Timeout = 0 }, "timeout: must be more than 0"},
		"no size":               {func(s *Settings) { s.MaxResponse = -1 }, "max_response: must be more than 0"},
		"several things": {func(s *Settings) { s.Timeout, s.MaxResponse = 0, 0 },
			"timeout: must be more than 0\nmax_response: must be more than 0"},
		"a certificate beside a credential": {func(s *Settings) {
			s.Auth = Auth{Bearer: &ref, ClientCertificate: &ClientCertificate{Cert: "/c", Key: "/k"}}
		}, ""},
		"a SOCKS proxy": {func(s *Settings) { s.Proxy = "socks5://p:1080" }, ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			s := Defaults()
			tt.change(&s)
			err := s.Validate()
			got := ""
			if err != nil {
				got = err.Error()
			}
			if !strings.HasPrefix(got, tt.want) || tt.want == "" && got != "" {
				t.Errorf("got %q, want %q", got, tt.want)
			}
			if strings.Contains(got, "hunter2") {
				t.Errorf("the error shows the password: %s", got)
			}
			if _, err := s.Client(Options{}); (err != nil) != (tt.want != "") {
				t.Errorf("Client: %v", err)
			}
		})
	}
}

func TestAddresses(t *testing.T) {
	tests := map[string]string{
		"https://hub.example/taxii2/":         "",
		"http://127.0.0.1:8080/":              "",
		"http://[::1]:8080/":                  "",
		"http://localhost/":                   "",
		"http://LOCALHOST/":                   "",
		"http://hub.example/":                 "allow_plain_http",
		"http://127.0.0.1.hub.example/":       "allow_plain_http",
		"http://2130706433/":                  "allow_plain_http",
		"":                                    "is missing",
		"hub.example":                         `scheme ""`,
		"hub.example:443":                     "scheme",
		"ftp://hub.example/":                  `scheme "ftp"`,
		"file:///etc/passwd":                  `scheme "file"`,
		"https:///taxii2/":                    "no host",
		"https://site:hunter2@hub.example/":   "holds credentials",
		"https://hunter2@hub.example/":        "holds credentials",
		"https://site:hun ter2@hub.example/":  "not a valid URL",
		"https://site:hunter2@hub.example:x/": "not a valid URL",
	}
	for address, want := range tests {
		err := Defaults().CheckURL(address)
		switch {
		case want == "" && err != nil:
			t.Errorf("%s: %v", address, err)
		case want != "" && (err == nil || !strings.Contains(err.Error(), want)):
			t.Errorf("%s: got %v, want %q", address, err, want)
		case err != nil && (strings.Contains(err.Error(), "hunter2") || strings.Contains(err.Error(), "ter2")):
			t.Errorf("%s: the error shows the password: %v", address, err)
		}
	}
	s := Defaults()
	s.AllowPlainHTTP = true
	if err := s.CheckURL("http://hub.example/"); err != nil {
		t.Errorf("plain HTTP is allowed, and refused: %v", err)
	}
}

func TestOrigins(t *testing.T) {
	for _, same := range [][2]string{
		{"https://hub.example/a", "https://HUB.example:443/b?c"},
		{"http://127.0.0.1/", "http://127.0.0.1:80"},
	} {
		if a, b := originOf(t, same[0]), originOf(t, same[1]); a != b {
			t.Errorf("%s and %s are %s and %s, want one origin", same[0], same[1], a, b)
		}
	}
	for _, other := range []string{"http://hub.example/", "https://hub.example:8443/", "https://hub.example.net/", "https://x.hub.example/"} {
		if originOf(t, other) == originOf(t, "https://hub.example/") {
			t.Errorf("%s is taken for the origin of https://hub.example/", other)
		}
	}
}

func originOf(t *testing.T, address string) string {
	t.Helper()
	u, err := parse(address)
	if err != nil {
		t.Fatal(err)
	}
	return origin(u)
}

// TestSettingsPrintNoSecret prints settings in every way: they hold places of
// secrets, and never one.
func TestSettingsPrintNoSecret(t *testing.T) {
	ref := keep(t, "hunter2")
	s := Defaults()
	s.Auth = Auth{Basic: &Basic{Username: "site", Password: ref}, Bearer: &ref}
	client, err := Settings{Timeout: 1, MaxResponse: 1, Auth: Auth{Bearer: &ref}}.Client(Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q"} {
		for _, value := range []any{s, s.Auth, *s.Auth.Basic, client.creds.auth} {
			if text := fmt.Sprintf(verb, value); strings.Contains(text, "hunter2") {
				t.Errorf("%s prints %s", verb, text)
			}
		}
	}
	if diff := cmp.Diff(Defaults().Timeout, s.Timeout); diff != "" {
		t.Error(diff)
	}
}
