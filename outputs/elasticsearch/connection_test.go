package elasticsearch

import (
	"bytes"
	"compress/gzip"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/indicatord/indicatord/internal/httpx"
	"github.com/indicatord/indicatord/internal/secret"
	"github.com/indicatord/indicatord/outputs/outputtest"
)

// TestCompression: every body is sent in gzip when that is asked for, and so is
// every answer, and none otherwise.
func TestCompression(t *testing.T) {
	for _, compress := range []bool{false, true} {
		f := newFake(t)
		plain, packed := 0, 0
		f.answer = func(_ http.ResponseWriter, r *http.Request) bool {
			var err error
			var body io.Reader = r.Body
			if got := r.Header.Get("Accept-Encoding"); (got == "gzip") != compress {
				t.Errorf("compress: %t: Accept-Encoding: %s", compress, got)
			}
			if r.Header.Get("Content-Encoding") == "gzip" {
				packed++
				if body, err = gzip.NewReader(r.Body); err != nil {
					t.Error(err)
				}
			}
			text, err := io.ReadAll(body)
			if err != nil {
				t.Error(err)
			}
			if r.Header.Get("Content-Encoding") == "" && len(text) > 0 {
				plain++
			}
			r.Body = io.NopCloser(bytes.NewReader(text))
			return false
		}
		o := f.open(t, func(s *Settings) { s.Compress = compress })
		deliver(t, o, adds(outputtest.Entries(1, 50)...))
		if n := len(f.keys(t)); n != 50 {
			t.Errorf("compress: %t: %d documents, want 50", compress, n)
		}
		if compress != (packed > 0) || compress != (plain == 0) {
			t.Errorf("compress: %t: %d bodies in gzip, %d plain", compress, packed, plain)
		}
	}
}

// TestTheProxyIsAsked: every request goes through a proxy that is named.
func TestTheProxyIsAsked(t *testing.T) {
	f := newFake(t)
	target, err := url.Parse(f.URL)
	if err != nil {
		t.Fatal(err)
	}
	var asked []string
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked = append(asked, r.URL.Host)
		(&httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) { r.SetURL(target) }}).ServeHTTP(w, r)
	}))
	t.Cleanup(proxy.Close)
	o := f.open(t, func(s *Settings) {
		s.Addresses, s.Proxy, s.AllowPlainHTTP = []string{"http://es.invalid:9200"}, proxy.URL, true
	})
	deliver(t, o, adds(outputtest.Entries(1, 2)...))
	if len(f.keys(t)) != 2 || len(asked) != len(f.served()) || slices.ContainsFunc(asked, func(host string) bool { return host != "es.invalid:9200" }) {
		t.Errorf("the proxy was asked for %q, and the cluster served %d requests", asked, len(f.served()))
	}
}

// TestCredentials: each of the ways to say who we are comes to the cluster, with
// every request.
func TestCredentials(t *testing.T) {
	ref := keep(t, "c2VjcmV0")
	for _, tt := range []struct {
		name string
		auth httpx.Auth
		want string
	}{
		{"an API key", httpx.Auth{APIKey: ref}, "ApiKey c2VjcmV0"},
		{"a bearer token", httpx.Auth{Bearer: ref}, "Bearer c2VjcmV0"},
		{"a user", httpx.Auth{Basic: &httpx.Basic{Username: "writer", Password: *ref}}, "Basic d3JpdGVyOmMyVmpjbVYw"},
		{"nobody", httpx.Auth{}, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			f := newFake(t)
			f.answer = func(_ http.ResponseWriter, r *http.Request) bool {
				if got := r.Header.Get("Authorization"); got != tt.want {
					t.Errorf("%s %s with %q, want %q", r.Method, r.URL.Path, got, tt.want)
				}
				return false
			}
			deliver(t, f.open(t, func(s *Settings) { s.Auth = tt.auth }), adds(outputtest.Entries(1, 2)...))
		})
	}
}

// TestNoFormOfOneRelease: a cluster of an older release, or of OpenSearch,
// refuses media types that name a version of Elasticsearch.
func TestNoFormOfOneRelease(t *testing.T) {
	f := newFake(t)
	f.answer = func(_ http.ResponseWriter, r *http.Request) bool {
		for _, name := range []string{"Accept", "Content-Type"} {
			if strings.Contains(r.Header.Get(name), "compatible-with") {
				t.Errorf("%s %s with %s: %s", r.Method, r.URL.Path, name, r.Header.Get(name))
			}
		}
		return false
	}
	t.Setenv("ELASTIC_CLIENT_APIVERSIONING", "true") // which makes Elastic's client name one
	deliver(t, f.open(t, nil), adds(outputtest.Entries(1, 2)...))
}

// TestOlderReleases do not know a field of index templates; the component
// template that it speaks of has to be there then, and one that is there stays.
func TestOlderReleases(t *testing.T) {
	for _, there := range []bool{false, true} {
		f := newFake(t)
		var made []string
		f.answer = func(w http.ResponseWriter, r *http.Request) bool {
			switch path := r.Method + " " + r.URL.Path; {
			case path == "GET /_component_template/"+customName(index) && there:
				f.write(w, 200, map[string]any{})
				return true
			case path == "GET /_component_template/"+customName(index):
				f.fail(w, 404, "resource_not_found_exception", "component template matching ["+customName(index)+"] not found")
				return true
			case path == "PUT /_component_template/"+customName(index):
				made = append(made, r.URL.RawQuery)
			case path == "PUT /_index_template/"+index:
				body, _ := io.ReadAll(r.Body)
				r.Body = io.NopCloser(strings.NewReader(string(body)))
				if strings.Contains(string(body), ignoreMissing) {
					f.fail(w, 400, "x_content_parse_exception", "[1:148] [index_template] unknown field ["+ignoreMissing+"]")
					return true
				}
			}
			return false
		}
		deliver(t, f.open(t, nil), adds(outputtest.Entries(1, 2)...))
		if want := map[bool][]string{false: {"create=true"}, true: nil}[there]; !slices.Equal(made, want) {
			t.Errorf("the site's template is there: %t; made with %q, want %q", there, made, want)
		}
		if f.templates["_index_template/"+index] == nil || len(f.keys(t)) != 2 {
			t.Errorf("the site's template is there: %t; the index template is %s, and %d documents are there", there, f.templates["_index_template/"+index], len(f.keys(t)))
		}
	}
}

// keep writes a secret into a file and returns its place.
func keep(t *testing.T, text string) *secret.Ref {
	t.Helper()
	path := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(path, []byte(text+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	return &secret.Ref{File: path}
}

// A node that serves HTTPS closes a connection in plain text without a word, so
// that is what an address of http:// is told with.
func TestPlainTextToANodeOfTLSIsExplained(t *testing.T) {
	f := newFake(t)
	f.answer = func(http.ResponseWriter, *http.Request) bool { panic(http.ErrAbortHandler) }
	if _, err := f.open(t, nil).Probe(t.Context()); err == nil || !strings.Contains(err.Error(), "begins with https://") {
		t.Errorf("err = %v, want one that speaks of https", err)
	}
}
