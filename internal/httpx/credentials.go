package httpx

import (
	"encoding/base64"
	"encoding/json"
	"html"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"

	"github.com/indicatord/indicatord/internal/plugin"
	"github.com/indicatord/indicatord/internal/secret"
)

// credentials signs requests, and keeps what it used out of every text.
type credentials struct {
	auth Auth

	mu   sync.Mutex
	used map[string]bool
}

// sign reads the credentials and puts them into the request.
func (c *credentials) sign(req *http.Request) error {
	switch a := c.auth; {
	case a.Basic != nil:
		password, err := c.read("auth.basic.password", a.Basic.Password)
		if err != nil {
			return err
		}
		req.SetBasicAuth(a.Basic.Username, password)
		c.remember(strings.TrimPrefix(req.Header.Get("Authorization"), "Basic "))
	case a.Bearer != nil:
		return c.set(req, "auth.bearer", *a.Bearer, "Authorization", "Bearer ")
	case a.Header != nil:
		return c.set(req, "auth.header.value", a.Header.Value, a.Header.Name, "")
	case a.APIKey != nil:
		return c.set(req, "auth.api_key", *a.APIKey, "Authorization", "ApiKey ")
	}
	return nil
}

func (c *credentials) set(req *http.Request, path string, ref secret.Ref, header, prefix string) error {
	value, err := c.read(path, ref)
	if err != nil {
		return err
	}
	req.Header.Set(header, prefix+value)
	return nil
}

func (c *credentials) read(path string, ref secret.Ref) (string, error) {
	value, err := ref.Read()
	if err != nil {
		return "", plugin.Permanent(plugin.Field(path, err))
	}
	text := value.Reveal()
	c.remember(text)
	return text, nil
}

// remember adds a secret, and the forms that a server could give it back in.
func (c *credentials) remember(text string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.used[text] {
		return
	}
	if c.used == nil {
		c.used = map[string]bool{}
	}
	for _, form := range []string{
		text, url.QueryEscape(text), url.PathEscape(text), strings.Trim(strconv.Quote(text), `"`), inJSON(text), html.EscapeString(text),
		base64.StdEncoding.EncodeToString([]byte(text)),
	} {
		c.used[form] = true
	}
}

// inJSON writes a text as it stands in a JSON string.
func inJSON(text string) string {
	quoted, _ := json.Marshal(text)
	return strings.Trim(string(quoted), `"`)
}

// scrub removes every secret that was ever sent from a text. It is needed
// because a server may repeat in its answer what it was sent.
func (c *credentials) scrub(text string) string {
	if c == nil {
		return text
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	for form := range c.used {
		if form != "" {
			text = strings.ReplaceAll(text, form, "[redacted]")
		}
	}
	return text
}
