package taxiihub

import (
	"crypto/subtle"
	"net/http"
	"strings"

	"github.com/indicatord/indicatord/internal/secret"
)

// Credentials are what a client must show. The zero value lets everyone in; if
// both a user and a bearer token are set, either will do.
type Credentials struct {
	Username string
	Password secret.Value
	Bearer   secret.Value
}

func (c *Credentials) required() bool { return c.Username != "" || c.Bearer.Reveal() != "" }

// allow reports whether r shows the credentials.
func (c *Credentials) allow(r *http.Request) bool {
	if !c.required() {
		return true
	}
	if user, password, ok := r.BasicAuth(); ok {
		return c.Username != "" && same(user, c.Username) && same(password, c.Password.Reveal())
	}
	scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	return strings.EqualFold(scheme, "Bearer") && c.Bearer.Reveal() != "" && same(token, c.Bearer.Reveal())
}

func same(a, b string) bool { return subtle.ConstantTimeCompare([]byte(a), []byte(b)) == 1 }

// challenge names the schemes that a client may use (RFC 9110, section 11.6.1).
func (c *Credentials) challenge(h http.Header) {
	if c.Username != "" {
		h.Add("WWW-Authenticate", `Basic realm="taxii", charset="UTF-8"`)
	}
	if c.Bearer.Reveal() != "" {
		h.Add("WWW-Authenticate", `Bearer realm="taxii"`)
	}
}
