package httpx

import (
	"time"

	"github.com/indicatord/indicatord/internal/secret"
)

// Settings are the keys that every plugin with an HTTP client shares. A plugin
// embeds them in its own settings with `yaml:",inline"`.
type Settings struct {
	// Auth says who we are to the server.
	Auth Auth `yaml:"auth"`
	// CA is the path of a PEM file with the authorities to trust instead of
	// the system's.
	CA string `yaml:"ca"`
	// Proxy is the URL of a proxy. Empty leaves it to the environment
	// (HTTPS_PROXY, HTTP_PROXY, NO_PROXY).
	Proxy string `yaml:"proxy"`
	// AllowPlainHTTP permits http:// to hosts that are not loopback.
	AllowPlainHTTP bool `yaml:"allow_plain_http"`
	// Timeout is how long the server may be silent: before it answers, and
	// between two parts of an answer. A slow answer that moves is not cut,
	// unless it moves by less than 128 bytes a second.
	Timeout time.Duration `yaml:"timeout"`
	// MaxResponse is the largest answer that is read, in bytes after
	// decompression.
	MaxResponse int64 `yaml:"max_response"`
}

// Auth holds the ways to say who we are. At most one of Basic, Bearer, Header
// and APIKey is set; a client certificate may accompany it.
type Auth struct {
	Basic             *Basic             `yaml:"basic"`
	Bearer            *secret.Ref        `yaml:"bearer"`
	Header            *Header            `yaml:"header"`
	APIKey            *secret.Ref        `yaml:"api_key"`
	ClientCertificate *ClientCertificate `yaml:"client_certificate"`
}

// Basic is HTTP Basic authentication (RFC 7617).
type Basic struct {
	Username string     `yaml:"username"`
	Password secret.Ref `yaml:"password"`
}

// Header is a header of the server's own invention, such as X-Api-Key. The
// secret is the whole value, so "Token abc" is written into the secret.
type Header struct {
	Name  string     `yaml:"name"`
	Value secret.Ref `yaml:"value"`
}

// ClientCertificate is a certificate and its key, both paths of PEM files. They
// are read at each TLS handshake.
type ClientCertificate struct {
	Cert string `yaml:"cert"`
	Key  string `yaml:"key"`
}

// Defaults returns the settings of a plugin whose configuration names none of
// them: a minute of silence and 64 MiB for an answer.
func Defaults() Settings {
	return Settings{Timeout: time.Minute, MaxResponse: 64 << 20}
}
