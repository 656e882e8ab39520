package httpx

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/indicatord/indicatord/internal/plugin"
	"github.com/indicatord/indicatord/internal/secret"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// serve starts a server on loopback and returns its address.
func serve(t *testing.T, handler http.HandlerFunc) string {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	return server.URL + "/"
}

// open makes a client for the addresses; it closes with the test.
func open(t *testing.T, s Settings, policy Policy, addresses ...string) *Client {
	t.Helper()
	client, err := s.Client(Options{Agent: "indicatord/test", Addresses: addresses, Policy: policy})
	if err != nil {
		t.Fatalf("Client: %v", err)
	}
	t.Cleanup(client.CloseIdleConnections)
	return client
}

// keep writes a secret to a file and returns its place.
func keep(t *testing.T, text string) secret.Ref {
	t.Helper()
	path := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return secret.Ref{File: path}
}

func echoAuth(w http.ResponseWriter, r *http.Request) {
	_, _ = io.WriteString(w, r.Header.Get("Authorization")+"|"+r.Header.Get("X-Api-Key"))
}

func TestCredentialsAreSent(t *testing.T) {
	ref := keep(t, "s3cret\n")
	tests := map[string]struct {
		auth Auth
		want string
	}{
		"none":    {Auth{}, "|"},
		"basic":   {Auth{Basic: &Basic{Username: "site", Password: ref}}, "Basic c2l0ZTpzM2NyZXQ=|"},
		"bearer":  {Auth{Bearer: &ref}, "Bearer s3cret|"},
		"header":  {Auth{Header: &Header{Name: "x-api-key", Value: ref}}, "|s3cret"},
		"api key": {Auth{APIKey: &ref}, "ApiKey s3cret|"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			address := serve(t, echoAuth)
			s := Defaults()
			s.Auth = tt.auth
			answer, err := open(t, s, RetryIdempotent, address).Get(t.Context(), address, nil)
			if err != nil {
				t.Fatal(err)
			}
			if got := string(answer.Body); got != tt.want {
				t.Errorf("the server saw %q, want %q", got, tt.want)
			}
		})
	}
}

func TestARotatedCredentialNeedsNoRestart(t *testing.T) {
	address := serve(t, echoAuth)
	ref := keep(t, "old")
	s := Defaults()
	s.Auth.Bearer = &ref
	client := open(t, s, RetryIdempotent, address)
	for _, want := range []string{"old", "new"} {
		if err := os.WriteFile(ref.File, []byte(want), 0o600); err != nil {
			t.Fatal(err)
		}
		answer, err := client.Get(t.Context(), address, nil)
		if err != nil {
			t.Fatal(err)
		}
		if got := string(answer.Body); got != "Bearer "+want+"|" {
			t.Errorf("the server saw %q, want the secret %q", got, want)
		}
	}
}

func TestCredentialsStayWithinTheConfiguredOrigins(t *testing.T) {
	configured, other := serve(t, echoAuth), serve(t, echoAuth)
	ref := keep(t, "s3cret")
	s := Defaults()
	s.Auth.Bearer = &ref
	answer, err := open(t, s, RetryIdempotent, configured).Get(t.Context(), other, nil)
	if err != nil {
		t.Fatal(err)
	}
	if got := string(answer.Body); got != "|" {
		t.Errorf("another origin saw %q, want no credentials", got)
	}
}

func TestRedirects(t *testing.T) {
	other := serve(t, echoAuth)
	address := serve(t, func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/here/":
			echoAuth(w, r)
		case "/moved":
			http.Redirect(w, r, "/here/", http.StatusMovedPermanently)
		case "/away":
			http.Redirect(w, r, other+"?token=s3cret", http.StatusFound)
		default:
			http.Redirect(w, r, r.URL.Path, http.StatusFound)
		}
	})
	ref := keep(t, "s3cret")
	s := Defaults()
	s.Auth.Bearer = &ref
	client := open(t, s, RetryIdempotent, address)

	t.Run("within the origin are followed", func(t *testing.T) {
		answer, err := client.Get(t.Context(), address+"moved", nil)
		if err != nil || string(answer.Body) != "Bearer s3cret|" {
			t.Errorf("got %v, %v; want the answer of the new place", answer, err)
		}
	})
	t.Run("to another origin are refused", func(t *testing.T) {
		_, err := client.Get(t.Context(), address+"away", nil)
		wantError(t, err, "redirects to another origin", other, "configuration")
	})
	t.Run("in a circle end", func(t *testing.T) {
		_, err := client.Get(t.Context(), address+"circle", nil)
		wantError(t, err, "redirects without end")
	})
}

func TestEveryRequestNamesTheAgentAndAsksForGzip(t *testing.T) {
	var agent, encoding string
	address := serve(t, func(_ http.ResponseWriter, r *http.Request) {
		agent, encoding = r.UserAgent(), r.Header.Get("Accept-Encoding")
	})
	if _, err := open(t, Defaults(), RetryIdempotent, address).Get(t.Context(), address, nil); err != nil {
		t.Fatal(err)
	}
	if agent != "indicatord/test" || encoding != "gzip" {
		t.Errorf("User-Agent %q, Accept-Encoding %q; want indicatord/test and gzip", agent, encoding)
	}
}

func TestPlainHTTPToAnotherMachineIsNotSent(t *testing.T) {
	client := open(t, Defaults(), RetryIdempotent, "https://hub.example/")
	_, err := client.Get(t.Context(), "http://192.0.2.1/", nil)
	wantError(t, err, "plain HTTP", "allow_plain_http")
	if !plugin.IsPermanent(err) {
		t.Error("want a permanent error: only a person can allow it")
	}
}

func TestACancelledRequestReturnsAtOnce(t *testing.T) {
	release := make(chan struct{})
	address := serve(t, func(_ http.ResponseWriter, r *http.Request) {
		select {
		case <-release:
		case <-r.Context().Done():
		}
	})
	defer close(release)
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	begin := time.Now()
	_, err := open(t, Defaults(), RetryIdempotent, address).Get(ctx, address, nil)
	if !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v, want the context's error", err)
	}
	if took := time.Since(begin); took > 5*time.Second {
		t.Errorf("it took %s", took)
	}
}

func TestTransportServesALibrary(t *testing.T) {
	var calls atomic.Int32
	address := serve(t, func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		if calls.Add(1) == 1 {
			w.Header().Set("Retry-After", "0")
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		w.WriteHeader(http.StatusTeapot)
		_, _ = w.Write(body)
	})
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, address, strings.NewReader("bulk"))
	if err != nil {
		t.Fatal(err)
	}
	resp, err := open(t, Defaults(), RetryUnserved, address).Transport().RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	body, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != http.StatusTeapot || string(body) != "bulk" {
		t.Errorf("got %d %q %v, want the answer to the second try, whatever its status", resp.StatusCode, body, err)
	}
}

// wantError fails unless err is one line that holds every part.
func wantError(t *testing.T, err error, parts ...string) {
	t.Helper()
	if err == nil {
		t.Fatalf("no error, want one with %q", parts)
	}
	for _, part := range parts {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("error %q, want %q in it", err, part)
		}
	}
	if strings.Contains(err.Error(), "\n") {
		t.Errorf("error %q is not one line", err)
	}
}
