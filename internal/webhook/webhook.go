// Package webhook posts what the agent has to say of itself to a URL, as JSON:
// to a chat, a pager or an incident tool that takes such requests.
package webhook

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"text/template"
	"time"

	"github.com/indicatord/indicatord/internal/httpx"
)

// Message is what is posted.
type Message struct {
	// Event is "alarm-raised" or "alarm-cleared".
	Event string    `json:"event"`
	At    time.Time `json:"at"`
	Site  string    `json:"site"`
	// Host is the machine that the agent runs on.
	Host string `json:"host,omitempty"`
	// Alarm is a stable word for the sort of trouble, and Subject what it is about,
	// such as "output/edge".
	Alarm   string    `json:"alarm"`
	Subject string    `json:"subject"`
	Since   time.Time `json:"since,omitzero"`
	// Text says what is wrong and what to do.
	Text string `json:"text"`
}

// Webhook posts messages. It is safe for concurrent use.
type Webhook struct {
	settings Settings
	body     *template.Template
	client   *httpx.Client
}

// Open makes a webhook; agent is the User-Agent. It touches nothing outside the
// process.
func (s Settings) Open(agent string) (*Webhook, error) {
	body, err := s.template()
	if err != nil {
		return nil, fmt.Errorf("the body %w", err)
	}
	client, err := s.Client(httpx.Options{Agent: agent, Addresses: []string{s.URL}, Policy: httpx.RetryUnserved})
	if err != nil {
		return nil, fmt.Errorf("making a client for the webhook: %w", err)
	}
	return &Webhook{settings: s, body: body, client: client}, nil
}

// enough is how much of an answer is of use: its end lets the connection live.
const enough = 64 << 10

// Post sends one message. A nil error says that the server has taken it: any
// status from 200 to 299. An error is one line and holds no secret.
func (w *Webhook) Post(ctx context.Context, m Message) error {
	request, err := w.request(ctx, &m)
	if err != nil {
		return err
	}
	response, err := w.client.Do(request)
	if err != nil {
		return err
	}
	defer func() { _ = response.Body.Close() }()
	_, _ = io.Copy(io.Discard, io.LimitReader(response.Body, enough))
	if response.StatusCode/100 != 2 {
		return &httpx.StatusError{Method: request.Method, URL: httpx.RedactURL(request.URL), Code: response.StatusCode}
	}
	return nil
}

func (w *Webhook) request(ctx context.Context, m *Message) (*http.Request, error) {
	body, err := render(w.body, m)
	if err != nil {
		return nil, fmt.Errorf("the body of the webhook %w", err)
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, w.settings.URL, bytes.NewReader(body))
	if err != nil {
		return nil, fmt.Errorf("making a request: %w", err)
	}
	request.Header.Set("Content-Type", "application/json")
	query := url.Values{}
	for name, ref := range w.settings.Query {
		value, err := ref.Read()
		if err != nil {
			return nil, fmt.Errorf("reading the query parameter %s of the webhook: %w", name, err)
		}
		query.Set(name, value.Reveal())
	}
	request.URL.RawQuery = query.Encode()
	return request, nil
}

// Close ends the connections that are kept open.
func (w *Webhook) Close() { w.client.CloseIdleConnections() }
