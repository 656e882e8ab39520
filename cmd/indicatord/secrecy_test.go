package main

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"os"
	"strings"
	"testing"

	"github.com/indicatord/indicatord/internal/admin"
	"github.com/indicatord/indicatord/internal/agent"
	"github.com/indicatord/indicatord/internal/config"
	"github.com/indicatord/indicatord/internal/secret"
	"github.com/indicatord/indicatord/internal/taxiihub"
	"github.com/indicatord/indicatord/internal/taxiihub/hubtest"
)

const (
	secretWord = "correct-horse-battery-staple"
	// inBasic is the secret as Basic authentication sends it, for the user site.
	inBasic = "c2l0ZTpjb3JyZWN0LWhvcnNlLWJhdHRlcnktc3RhcGxl"
)

// guarded is a line whose hub wants credentials.
func guarded(t *testing.T) *line {
	hub := taxiihub.New(taxiihub.Options{MaxPage: 3, Credentials: taxiihub.Credentials{
		Username: "site", Password: secret.New(secretWord), Bearer: secret.New(secretWord),
	}})
	l := &line{t: t, dir: t.TempDir(), faults: hubtest.New(keyed(hub.Handler()))}
	l.collection = hub.Collection("91a7b528-80eb-42ed-a74d-c6fbd5a26116", "Power grid", "grid")
	l.url = hubtest.Start(t, l.faults)
	if err := os.WriteFile(l.path("secret"), []byte(secretWord+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	return l
}

// keyed takes the header X-Api-Key for the bearer token of the hub.
func keyed(hub http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if key := r.Header.Get("X-Api-Key"); key != "" {
			r.Header.Set("Authorization", "Bearer "+key)
		}
		hub.ServeHTTP(w, r)
	})
}

// echo repeats what the client has sent, as some servers and proxies do in their
// error pages.
const echo = `{"title":"you sent ${Authorization} ${X-Api-Key}","description":"${Authorization}","http_status":"400"}`

// TestNoSecretLeavesTheAgent runs the whole agent with every form of credentials,
// well and in every kind of trouble, and looks for the secret in all that it
// says.
func TestNoSecretLeavesTheAgent(t *testing.T) {
	t.Setenv("INDICATORD_TEST_SECRET", secretWord)
	for name, auth := range map[string]string{
		"basic from a file":             "auth: {basic: {username: site, password: {file: $DIR/secret}}}",
		"basic from the environment":    "auth: {basic: {username: site, password: {env: INDICATORD_TEST_SECRET}}}",
		"bearer from a file":            "auth: {bearer: {file: $DIR/secret}}",
		"a header from the environment": "auth: {header: {name: X-Api-Key, value: {env: INDICATORD_TEST_SECRET}}}",
	} {
		t.Run(name, func(t *testing.T) {
			l := guarded(t)
			l.put(addressObject(0, 0, ""))
			c := l.load(strings.ReplaceAll(auth, "$DIR", l.dir))
			if err := l.once(c); err != nil {
				t.Fatalf("the secret is not shown to the hub: %v", err)
			}
			said := []string{l.said(c)}
			for _, fault := range []hubtest.Fault{
				hubtest.Status(401), hubtest.Status(500), hubtest.CutMidPage(), hubtest.LoseAnswer(), hubtest.HTML(200),
				answers(400, "application/taxii+json;version=2.1", echo),
				answers(500, "text/html", "<title>${Authorization}${X-Api-Key}</title>"),
				answers(200, "application/taxii+json;version=2.1", "${Authorization}${X-Api-Key}"),
				answers(200, "text/plain; was=${Authorization}", "${Authorization}${X-Api-Key}"),
			} {
				l.faults.Always(fault)
				err := l.once(c)
				if err == nil {
					t.Error("a fault did not fail the round")
					continue
				}
				said = append(said, err.Error(), l.said(c))
			}
			mustNotTell(t, strings.Join(append(said, l.log.String()), "\n"))
		})
	}
}

// said is what the state says of itself to an operator.
func (l *line) said(c *config.Config) string {
	var text []byte
	l.inspect(c, func(i admin.Inspector) {
		status, err := i.Status(l.t.Context())
		why, whyErr := i.Why(l.t.Context(), addressOf(0))
		if err := errors.Join(err, whyErr); err != nil {
			l.t.Fatal(err)
		}
		text, _ = json.Marshal([]any{status, why})
	})
	return string(text)
}

func mustNotTell(t *testing.T, text string) {
	t.Helper()
	for _, hidden := range []string{secretWord, inBasic} {
		if i := strings.Index(text, hidden); i >= 0 {
			t.Errorf("the secret is told: …%s…", text[max(0, i-200):min(len(text), i+60)])
		}
	}
}

// TestWrongCredentialsAreToldWithoutThem lets the hub refuse, and secrets be
// missing.
func TestWrongCredentialsAreToldWithoutThem(t *testing.T) {
	l := guarded(t)
	l.put(addressObject(0, 0, ""))
	if err := os.WriteFile(l.path("wrong"), []byte("wrong-"+secretWord), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, tt := range map[string]struct{ auth, want string }{
		"wrong":   {"auth: {basic: {username: site, password: {file: $DIR/wrong}}}", "401"},
		"missing": {"auth: {bearer: {file: $DIR/nothing}}", "nothing"},
		"no key":  {"auth: {client_certificate: {cert: $DIR/secret, key: $DIR/secret}}", ""},
	} {
		err := l.once(l.load(strings.ReplaceAll(tt.auth, "$DIR", l.dir)))
		if err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: %v, want an error that says %q", name, err, tt.want)
			continue
		}
		mustNotTell(t, err.Error()+l.log.String())
	}
}

// TestAnInlineSecretIsNotLoggedByAReload writes a secret into the configuration
// of a running agent: it is refused, and the log does not repeat the line.
func TestAnInlineSecretIsNotLoggedByAReload(t *testing.T) {
	l := newLine(t)
	file := l.configure()
	c, found := config.Load(file, plugins())
	if err := found.Err(); err != nil {
		t.Fatal(err)
	}
	l.configure("auth: {bearer: " + secretWord + "}")
	reload, ready, done := make(chan struct{}), make(chan struct{}, 2), make(chan error, 1)
	ctx, stop := context.WithCancel(t.Context())
	go func() {
		done <- agent.Run(ctx, c, reload, agent.Options{
			Log: slog.New(slog.NewJSONHandler(&l.log, nil)), Ready: func() { ready <- struct{}{} },
			Load: func() (*config.Config, error) { return reloadConfig(file) },
		})
	}()
	<-ready
	reload <- struct{}{}
	<-ready
	stop()
	if err := <-done; err != nil {
		t.Error(err)
	}
	if !strings.Contains(l.log.String(), "the old one stays in force") {
		t.Errorf("the refusal is not told:\n%s", &l.log)
	}
	mustNotTell(t, l.log.String())
}
