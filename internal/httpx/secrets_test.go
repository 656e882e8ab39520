package httpx

import (
	"encoding/base64"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/indicatord/indicatord/internal/plugin"
	"github.com/indicatord/indicatord/internal/secret"
)

// password holds what escapes differ over.
const password = `hunter2/"&+<pass>`

// leaks are the forms in which the password could be seen.
var leaks = []string{
	password, url.QueryEscape(password), url.PathEscape(password), "hunter2",
	base64.StdEncoding.EncodeToString([]byte(password)),
	base64.StdEncoding.EncodeToString([]byte("site:" + password)),
}

// TestNoErrorHoldsASecret goes through every way a request fails, with every
// form of credentials, at a server that repeats what it was sent.
func TestNoErrorHoldsASecret(t *testing.T) {
	ref := keep(t, password)
	auths := map[string]Auth{
		"basic":   {Basic: &Basic{Username: "site", Password: ref}},
		"bearer":  {Bearer: &ref},
		"header":  {Header: &Header{Name: "X-Api-Key", Value: ref}},
		"api key": {APIKey: &ref},
	}
	for name, auth := range auths {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := httptest.NewServer(http.HandlerFunc(repeat))
			t.Cleanup(server.Close)
			s := Defaults()
			s.Auth, s.Timeout, s.MaxResponse = auth, 100*time.Millisecond, 4096
			client := open(t, s, RetryUnserved, server.URL)
			for _, path := range []string{
				"/401", "/html", "/html-error", "/type", "/redirect", "/circle", "/large", "/cut", "/lost", "/silent", "/location", "/protocol",
			} {
				answer, err := client.Get(t.Context(), server.URL+path+"?token="+url.QueryEscape(password), nil)
				if err == nil {
					err = answer.CheckJSON()
				}
				if err == nil {
					t.Fatalf("%s is no error", path)
				}
				wantNoLeak(t, path, err.Error())
				wantError(t, err, path)
			}
		})
	}
}

// repeat fails in the way that the path says, and repeats the credentials.
func repeat(w http.ResponseWriter, r *http.Request) {
	_, given, _ := r.BasicAuth()
	words := r.Header.Get("Authorization") + " " + r.Header.Get("X-Api-Key") + " " + given
	switch r.URL.Path {
	case "/401":
		w.WriteHeader(http.StatusUnauthorized)
		_, _ = io.WriteString(w, `{"title":`+quoteJSON(strings.Repeat("x", 290)+words)+`}`)
	case "/html":
		w.Header().Set("Content-Type", "text/html")
		_, _ = io.WriteString(w, "<title>"+words+"</title>")
	case "/html-error":
		w.Header().Set("Content-Type", "text/html")
		w.WriteHeader(http.StatusInternalServerError)
		_, _ = io.WriteString(w, "<title>"+words+"</title>")
	case "/type":
		w.Header().Set("Content-Type", words)
	case "/redirect":
		http.Redirect(w, r, "https://u:"+url.PathEscape(given)+"@other.example/?p="+url.QueryEscape(words), http.StatusFound)
	case "/circle":
		http.Redirect(w, r, r.URL.String(), http.StatusFound)
	case "/large":
		_, _ = io.WriteString(w, strings.Repeat(words, 1000))
	case "/silent":
		time.Sleep(300 * time.Millisecond)
	case "/location":
		w.Header()["Location"] = []string{"http://[" + words}
		w.WriteHeader(http.StatusFound)
	default:
		hijack(w, r.URL.Path, words)
	}
}

// hijack breaks the protocol.
func hijack(w http.ResponseWriter, path, words string) {
	conn, _, err := w.(http.Hijacker).Hijack()
	if err != nil {
		return
	}
	defer func() { _ = conn.Close() }()
	switch path {
	case "/cut":
		_, _ = io.WriteString(conn, "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n"+words)
	case "/protocol":
		_, _ = io.WriteString(conn, words+"\r\n\r\n")
	}
}

func quoteJSON(text string) string { return `"` + strings.ReplaceAll(text, `"`, `\"`) + `"` }

func wantNoLeak(t *testing.T, what, text string) {
	t.Helper()
	for _, leak := range leaks {
		if strings.Contains(text, leak) {
			t.Errorf("%s: %q is shown in %s", what, leak, text)
		}
	}
}

func TestAMissingSecretNamesItsPlace(t *testing.T) {
	var asked bool
	address := serve(t, func(http.ResponseWriter, *http.Request) { asked = true })
	for path, auth := range map[string]Auth{
		"auth.basic.password": {Basic: &Basic{Username: "site", Password: secret.Ref{Env: "INDICATORD_TEST_UNSET"}}},
		"auth.bearer":         {Bearer: &secret.Ref{Env: "INDICATORD_TEST_UNSET"}},
		"auth.header.value":   {Header: &Header{Name: "X-Key", Value: secret.Ref{Env: "INDICATORD_TEST_UNSET"}}},
		"auth.api_key":        {APIKey: &secret.Ref{Env: "INDICATORD_TEST_UNSET"}},
	} {
		s := Defaults()
		s.Auth = auth
		_, err := open(t, s, RetryIdempotent, address).Get(t.Context(), address, nil)
		wantError(t, err, path, "INDICATORD_TEST_UNSET is not set")
		if !plugin.IsPermanent(err) {
			t.Errorf("%s: want a permanent error: a person has to mend it", path)
		}
	}
	if asked {
		t.Error("a request was sent without its credentials")
	}
}

func TestScrub(t *testing.T) {
	ref := keep(t, "hunter2")
	s := Defaults()
	s.Auth.Bearer = &ref
	address := serve(t, func(http.ResponseWriter, *http.Request) {})
	client := open(t, s, RetryIdempotent, address)
	if _, err := client.Get(t.Context(), address, nil); err != nil {
		t.Fatal(err)
	}
	if got := client.Scrub("it said hunter2 twice: hunter2"); got != "it said [redacted] twice: [redacted]" {
		t.Errorf("scrubbed: %q", got)
	}
	cause := plugin.Permanent(errors.New("no hunter2 here"))
	if err := client.ScrubError(cause); err.Error() != "no [redacted] here" || !plugin.IsPermanent(err) {
		t.Errorf("scrubbed: %v, permanent %t", err, plugin.IsPermanent(err))
	}
	clean := errors.New("nothing")
	if err := client.ScrubError(clean); !errors.Is(err, clean) || client.ScrubError(nil) != nil {
		t.Errorf("an error without a secret became %v", err)
	}
}
