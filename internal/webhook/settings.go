package webhook

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"text/template"
	"time"

	"github.com/indicatord/indicatord/internal/httpx"
	"github.com/indicatord/indicatord/internal/plugin"
	"github.com/indicatord/indicatord/internal/secret"
)

// Settings say where to post and what. They are the keys of "alarms.webhook".
type Settings struct {
	httpx.Settings `yaml:",inline"`
	// URL takes the requests; "" posts nothing.
	URL string `yaml:"url"`
	// Query are parameters that the URL takes beside, such as a key: their values
	// are secrets.
	Query map[string]secret.Ref `yaml:"query"`
	// Body is a text/template that makes a [Message] into what the receiver takes,
	// which has to be JSON; its function json quotes a value. "" posts the message
	// itself.
	Body string `yaml:"body"`
}

// Defaults returns the settings of a configuration that names none: nothing is
// posted, and a server may be silent for ten seconds.
func Defaults() Settings {
	s := Settings{Settings: httpx.Defaults()}
	s.Timeout, s.MaxResponse = 10*time.Second, 1<<20
	return s
}

// Validate reports everything that is wrong with the settings.
func (s *Settings) Validate() error {
	if s.URL == "" {
		if s.Body != "" || len(s.Query) > 0 {
			return plugin.Fieldf("url", "is missing: nothing would be posted")
		}
		return nil
	}
	_, bodyErr := s.template()
	return errors.Join(
		plugin.Field("url", s.CheckConfigured(s.URL)),
		plugin.Field("body", bodyErr),
		s.Settings.Validate(),
	)
}

var functions = template.FuncMap{"json": quote}

// quote writes any value as JSON.
func quote(v any) (string, error) {
	text, err := json.Marshal(v)
	return string(text), err
}

// template returns the template of the body, nil for the message itself. It is
// tried with a message that is hard to quote.
func (s *Settings) template() (*template.Template, error) {
	if s.Body == "" {
		return nil, nil
	}
	t, err := template.New("body").Funcs(functions).Option("missingkey=error").Parse(s.Body)
	if err != nil {
		return nil, fmt.Errorf("is no template: %w", err)
	}
	hard := Message{Event: "alarm-raised", Site: `"`, Alarm: `"`, Subject: `\`, Text: "\"\n", Since: time.Now(), At: time.Now()}
	if _, err := render(t, &hard); err != nil {
		return nil, fmt.Errorf("%w; write values with json, as in {\"text\": {{json .Text}}}", err)
	}
	return t, nil
}

// render writes the body of a message. What is not JSON is an error.
func render(t *template.Template, m *Message) ([]byte, error) {
	if t == nil {
		return json.Marshal(m)
	}
	var text bytes.Buffer
	if err := t.Execute(&text, m); err != nil {
		return nil, fmt.Errorf("cannot be filled in: %w", err)
	}
	if !json.Valid(text.Bytes()) {
		return nil, errors.New("does not give JSON")
	}
	return text.Bytes(), nil
}
