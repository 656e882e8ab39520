package webhook

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/indicatord/indicatord/internal/httpx"
	"github.com/indicatord/indicatord/internal/secret"
)

var message = Message{
	Event: "alarm-raised", At: time.Date(2026, 6, 1, 12, 0, 0, 0, time.UTC), Site: "plant-07", Alarm: "held", Subject: "output/edge",
	Text: "a change is held: \"approve\" lets it through\nor not",
}

// receiver answers with a status and keeps the last request.
type receiver struct {
	*httptest.Server
	status int
	query  string
	kind   string
	body   []byte
}

func newReceiver(t *testing.T, status int) *receiver {
	r := &receiver{status: status}
	r.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		r.query, r.kind = req.URL.RawQuery, req.Header.Get("Content-Type")
		r.body, _ = io.ReadAll(req.Body)
		w.WriteHeader(r.status)
	}))
	t.Cleanup(r.Close)
	return r
}

func post(t *testing.T, s Settings) error {
	t.Helper()
	if err := s.Validate(); err != nil {
		t.Fatal(err)
	}
	w, err := s.Open("indicatord/test")
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	return w.Post(t.Context(), message)
}

func TestPost(t *testing.T) {
	r := newReceiver(t, http.StatusNoContent)
	s := Defaults()
	s.URL = r.URL + "/hook"
	if err := post(t, s); err != nil {
		t.Fatal(err)
	}
	var got Message
	if err := json.Unmarshal(r.body, &got); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(message, got); diff != "" || r.kind != "application/json" {
		t.Errorf("as %q (-want +got):\n%s", r.kind, diff)
	}
}

// TestPostInWordsOfTheReceiver is how chats of many makers take messages: a body
// of their own, and a key in the query.
func TestPostInWordsOfTheReceiver(t *testing.T) {
	r := newReceiver(t, http.StatusOK)
	key := filepath.Join(t.TempDir(), "key")
	if err := os.WriteFile(key, []byte("s3cret/key\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	s := Defaults()
	s.URL = r.URL
	s.Query = map[string]secret.Ref{"key": {File: key}}
	s.Body = `{"msgtype": "text", "text": {"content": {{json (printf "[%s] %s: %s" .Site .Subject .Text)}}}}`
	if err := post(t, s); err != nil {
		t.Fatal(err)
	}
	var got struct {
		Text struct{ Content string }
	}
	if err := json.Unmarshal(r.body, &got); err != nil {
		t.Fatal(err)
	}
	if want := "[plant-07] output/edge: " + message.Text; got.Text.Content != want || r.query != "key=s3cret%2Fkey" {
		t.Errorf("%q with %q", got.Text.Content, r.query)
	}
}

// TestPostThatFails tells the status, and neither the key nor the answer.
func TestPostThatFails(t *testing.T) {
	r := newReceiver(t, http.StatusForbidden)
	t.Setenv("WEBHOOK_KEY", "s3cret")
	s := Defaults()
	s.URL = r.URL
	s.Query = map[string]secret.Ref{"key": {Env: "WEBHOOK_KEY"}}
	err := post(t, s)
	if err == nil || !strings.Contains(err.Error(), "403") || strings.Contains(err.Error(), "s3cret") {
		t.Errorf("refused: %v", err)
	}
	r.Close()
	if err := post(t, s); err == nil || strings.Contains(err.Error(), "s3cret") {
		t.Errorf("unreachable: %v", err)
	}
	s.Query["key"] = secret.Ref{Env: "WEBHOOK_KEY_THAT_IS_NOT_SET"}
	if err := post(t, s); err == nil || !strings.Contains(err.Error(), "query parameter key") {
		t.Errorf("without the key: %v", err)
	}
}

func TestValidate(t *testing.T) {
	for name, test := range map[string]struct {
		change func(*Settings)
		want   string
	}{
		"nothing":           {func(s *Settings) { s.URL = "" }, ""},
		"right":             {func(*Settings) {}, ""},
		"a body for nobody": {func(s *Settings) { s.URL, s.Body = "", "{}" }, "url: is missing"},
		"plain HTTP":        {func(s *Settings) { s.URL = "http://chat.example/hook" }, "url: "},
		"a key in the URL":  {func(s *Settings) { s.URL += "?key=1" }, "has a query"},
		"no template":       {func(s *Settings) { s.Body = "{{" }, "body: is no template"},
		"no such field":     {func(s *Settings) { s.Body = "{{json .Txt}}" }, "cannot be filled in"},
		"a value as it is":  {func(s *Settings) { s.Body = `{"text": "{{.Text}}"}` }, "does not give JSON"},
		"two ways to identify": {func(s *Settings) {
			s.Auth.Bearer, s.Auth.Basic = &secret.Ref{Env: "X"}, &httpx.Basic{Username: "u", Password: secret.Ref{Env: "X"}}
		}, "auth"},
	} {
		t.Run(name, func(t *testing.T) {
			s := Defaults()
			s.URL = "https://chat.example/hook"
			test.change(&s)
			err := s.Validate()
			if test.want == "" && err != nil || test.want != "" && (err == nil || !strings.Contains(err.Error(), test.want)) {
				t.Errorf("%v, want %q", err, test.want)
			}
		})
	}
}
