package httpx

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"strings"

	"golang.org/x/net/http/httpguts"

	"github.com/indicatord/indicatord/internal/plugin"
	"github.com/indicatord/indicatord/internal/secret"
)

// Validate reports everything that is wrong with the settings, each with
// [plugin.Field]. It opens nothing: whether a file can be read shows at its
// first use.
func (s Settings) Validate() error {
	return errors.Join(
		s.Auth.validate(),
		plugin.Field("proxy", checkProxy(s.Proxy)),
		positive("timeout", int64(s.Timeout)),
		positive("max_response", s.MaxResponse),
	)
}

// CheckURL reports what is wrong with an address that the configuration gives:
// it must be an absolute http or https URL without credentials, and plain http
// needs allow_plain_http unless the host is loopback. The caller places the
// error with [plugin.Field].
func (s Settings) CheckURL(address string) error {
	u, err := parse(address)
	if err != nil {
		return err
	}
	if u.Scheme == "http" && !s.AllowPlainHTTP && !loopback(u.Hostname()) {
		return fmt.Errorf("is plain HTTP to %s, which shows the traffic and the credentials to everybody on the way: use https, or set allow_plain_http: true", u.Host)
	}
	return nil
}

// CheckConfigured checks an address of the configuration: as [Settings.CheckURL]
// does, and that it has no query. What stands in a query is seen in logs on the
// way, and a key would be an inline secret.
func (s Settings) CheckConfigured(address string) error {
	if _, _, query := strings.Cut(address, "?"); query {
		return errors.New("has a query, where credentials would be seen: move them to auth, and write the URL up to the question mark")
	}
	return s.CheckURL(address)
}

// parse reads an absolute http or https URL without credentials. Its errors do
// not show the text, since it may hold some.
func parse(address string) (*url.URL, error) {
	u, err := url.Parse(address)
	switch {
	case address == "":
		return nil, errors.New("is missing: want a URL such as https://hub.example/taxii2/")
	case err != nil:
		return nil, errors.New("is not a valid URL: want one such as https://hub.example/taxii2/")
	case u.User != nil:
		return nil, errors.New("holds credentials: move them to auth, where they come from a file, a systemd credential or the environment")
	case u.Scheme != "http" && u.Scheme != "https":
		return nil, fmt.Errorf("has the scheme %q: want https (or http)", u.Scheme)
	case u.Hostname() == "":
		return nil, errors.New("names no host: want a URL such as https://hub.example/taxii2/")
	}
	return u, nil
}

func checkProxy(proxy string) error {
	if proxy == "" {
		return nil
	}
	u, err := url.Parse(proxy)
	switch {
	case err != nil:
		return errors.New("is not a valid URL: want one such as http://proxy.example:3128")
	case u.User != nil:
		return errors.New("holds credentials: give them in the environment variable HTTPS_PROXY instead, and leave proxy empty")
	case u.Scheme != "http" && u.Scheme != "https" && u.Scheme != "socks5":
		return fmt.Errorf("has the scheme %q: want http, https or socks5", u.Scheme)
	case u.Hostname() == "":
		return errors.New("names no host: want a URL such as http://proxy.example:3128")
	}
	return nil
}

func positive(path string, n int64) error {
	if n > 0 {
		return nil
	}
	return plugin.Fieldf(path, "must be more than 0")
}

func (a Auth) validate() error {
	return errors.Join(
		a.validateForms(),
		a.Basic.validate(),
		checkRef("auth.bearer", a.Bearer),
		a.Header.validate(),
		checkRef("auth.api_key", a.APIKey),
		a.ClientCertificate.validate(),
	)
}

// validateForms reports credentials that would contradict each other.
func (a Auth) validateForms() error {
	forms := 0
	for _, given := range []bool{a.Basic != nil, a.Bearer != nil, a.Header != nil, a.APIKey != nil} {
		if given {
			forms++
		}
	}
	if forms < 2 {
		return nil
	}
	return plugin.Fieldf("auth", "gives %d credentials: want at most one of basic, bearer, header and api_key (client_certificate may accompany it)", forms)
}

func (b *Basic) validate() error {
	if b == nil {
		return nil
	}
	var name error
	switch {
	case b.Username == "":
		name = plugin.Fieldf("auth.basic.username", "is missing")
	case strings.Contains(b.Username, ":"):
		name = plugin.Fieldf("auth.basic.username", "holds a colon, which HTTP Basic cannot carry")
	}
	return errors.Join(name, plugin.Field("auth.basic.password", b.Password.Validate()))
}

func (h *Header) validate() error {
	if h == nil {
		return nil
	}
	var name error
	if !httpguts.ValidHeaderFieldName(h.Name) {
		name = plugin.Fieldf("auth.header.name", "%q is not a header's name", h.Name)
	}
	return errors.Join(name, plugin.Field("auth.header.value", h.Value.Validate()))
}

func (c *ClientCertificate) validate() error {
	if c == nil {
		return nil
	}
	var cert, key error
	if c.Cert == "" {
		cert = plugin.Fieldf("auth.client_certificate.cert", "is missing: want the path of a PEM file")
	}
	if c.Key == "" {
		key = plugin.Fieldf("auth.client_certificate.key", "is missing: want the path of a PEM file")
	}
	return errors.Join(cert, key)
}

func checkRef(path string, ref *secret.Ref) error {
	if ref == nil {
		return nil
	}
	return plugin.Field(path, ref.Validate())
}

// loopback reports whether a host cannot be another machine.
func loopback(host string) bool {
	if strings.EqualFold(host, "localhost") {
		return true
	}
	addr, err := netip.ParseAddr(host)
	return err == nil && addr.IsLoopback()
}

// origin is what credentials are bound to: scheme, host and port.
func origin(u *url.URL) string {
	port := u.Port()
	if port == "" {
		port = map[string]string{"http": "80", "https": "443"}[u.Scheme]
	}
	return u.Scheme + "://" + net.JoinHostPort(strings.ToLower(u.Hostname()), port)
}
