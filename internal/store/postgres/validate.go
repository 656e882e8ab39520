package postgres

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/indicatord/indicatord/internal/plugin"
)

const example = "postgres://indicatord@db.example/indicatord"

var machine = regexp.MustCompile(`^[A-Za-z0-9](?:[A-Za-z0-9._-]{0,61}[A-Za-z0-9])?$`)

// Validate reports everything that is wrong with the settings, each with
// [plugin.Field]. It opens nothing.
func (s *Settings) Validate() error {
	var named error
	if s.Machine != "" && !machine.MatchString(s.Machine) {
		named = plugin.Fieldf("machine", "%q is not a name: want 1 to 63 letters, digits, dots, hyphens and underscores, a letter or digit at both ends", s.Machine)
	}
	_, err := s.address()
	return errors.Join(plugin.Field("postgres", err), named)
}

// address returns the URL with its mode of encryption filled in. Its errors do
// not show the text, since it may hold a password.
func (s *Settings) address() (*url.URL, error) {
	u, err := url.Parse(s.URL)
	switch {
	case s.URL == "":
		return nil, errors.New("is missing: want a URL such as " + example)
	case err != nil:
		return nil, errors.New("is not a valid URL: want one such as " + example)
	case u.Scheme != "postgres" && u.Scheme != "postgresql":
		return nil, errors.New("is not the URL of a PostgreSQL server: want one such as " + example)
	}
	query := u.Query()
	if err := refuseSecrets(u, query); err != nil {
		return nil, err
	}
	hosts := hostsOf(u, query)
	if len(hosts) == 0 {
		return nil, errors.New("names no host: want one such as " + example + ", or postgres:///indicatord?host=/run/postgresql for a local socket")
	}
	remote := slices.IndexFunc(hosts, func(host string) bool { return !local(host) })
	if !query.Has("sslmode") {
		query.Set("sslmode", defaultMode(remote >= 0))
	}
	if remote >= 0 && !s.AllowPlain && !proven(query) {
		return nil, fmt.Errorf("has sslmode=%s, with which anybody on the way to %s could read or change everything: use sslmode=verify-full, with sslrootcert=FILE for a private authority, or set allow_plain: true", query.Get("sslmode"), hosts[remote])
	}
	u.RawQuery = query.Encode()
	return u, nil
}

// refuseSecrets refuses what libpq takes a secret from.
func refuseSecrets(u *url.URL, query url.Values) error {
	if _, inline := u.User.Password(); inline {
		return errors.New("holds a password: move it to password, where it comes from a file, a systemd credential or the environment")
	}
	for _, key := range []string{"password", "sslpassword", "passfile", "service", "servicefile"} {
		if query.Has(key) {
			return fmt.Errorf("has the parameter %s: the password belongs in password, where it comes from a file, a systemd credential or the environment", key)
		}
	}
	return nil
}

// hostsOf lists the machines and the directories of sockets that a URL names.
func hostsOf(u *url.URL, query url.Values) []string {
	var hosts []string
	for host := range strings.SplitSeq(u.Host, ",") {
		if name, _, err := net.SplitHostPort(host); err == nil {
			host = name
		}
		hosts = append(hosts, strings.Trim(host, "[]"))
	}
	if query.Has("host") { // it overrides what stands before the path
		hosts = strings.Split(query.Get("host"), ",")
	}
	return slices.DeleteFunc(hosts, func(host string) bool { return host == "" })
}

// local reports whether a host cannot be another machine: it is a directory with
// a socket, or loopback.
func local(host string) bool {
	if strings.HasPrefix(host, "/") || strings.HasPrefix(host, "@") || strings.EqualFold(host, "localhost") {
		return true
	}
	addr, err := netip.ParseAddr(host)
	return err == nil && addr.IsLoopback()
}

// defaultMode is stricter than that of libpq, which falls back to plain text.
func defaultMode(remote bool) string {
	if remote {
		return "verify-full"
	}
	return "prefer"
}

// proven reports whether the server has to show a certificate of a known
// authority.
func proven(query url.Values) bool {
	switch query.Get("sslmode") {
	case "verify-full", "verify-ca":
		return true
	case "require": // with an authority it is verify-ca
		return query.Get("sslrootcert") != ""
	}
	return false
}
