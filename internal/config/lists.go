package config

import (
	"cmp"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"path/filepath"
	"slices"
	"time"

	"github.com/indicatord/indicatord/internal/listname"
	"github.com/indicatord/indicatord/internal/plugin"
	"github.com/indicatord/indicatord/internal/secret"
)

// Lists says how lists are served to the devices that fetch them.
type Lists struct {
	// Listen is the address of the port, such as 0.0.0.0:8443; "" opens none.
	Listen string `yaml:"listen"`
	// TLS is the server's certificate. Without it lists go in the clear.
	TLS ListsTLS `yaml:"tls"`
	// AllowPlainHTTP permits to listen without TLS beyond loopback.
	AllowPlainHTTP bool `yaml:"allow_plain_http"`
	// Directory is the absolute path of the directory of the lists; "" for "lists"
	// in the state directory.
	Directory string `yaml:"directory"`
	// MaxConnections is how many connections there are at once.
	MaxConnections int `yaml:"max_connections"`
	// MaxConnectionsPerAddress is how many of them one address has.
	MaxConnectionsPerAddress int `yaml:"max_connections_per_address"`
	// StaleAfter is how long a device may not have fetched a list before that is
	// an alarm, 0 for ever.
	StaleAfter time.Duration `yaml:"stale_after"`
	// Addresses are, by the names of lists, where a list may be fetched from. A
	// list that is missing may be fetched from anywhere.
	Addresses map[string][]netip.Prefix `yaml:"addresses"`
	// Clients are the devices. Their names differ.
	Clients []ListsClient `yaml:"clients"`
}

// ListsTLS is the certificate of the list server. It is read again when it has
// changed.
type ListsTLS struct {
	// Certificate is the path of the PEM file.
	Certificate string `yaml:"certificate"`
	// Key is where the key is, as PEM.
	Key *secret.Ref `yaml:"key"`
	// ClientCA is the path of a PEM file with the authorities of client
	// certificates.
	ClientCA string `yaml:"client_ca"`
}

// ListsClient is a device that fetches lists. It has one of Basic, Token and
// Certificate, or none of them and Addresses.
type ListsClient struct {
	// Name names the device in the log and the status.
	Name string `yaml:"name"`
	// Basic is a user name with a password.
	Basic *ListsBasic `yaml:"basic"`
	// Token is a bearer token.
	Token *secret.Ref `yaml:"token"`
	// Previous is the password or token that is being replaced, and is good too.
	Previous *secret.Ref `yaml:"previous"`
	// Certificate is the common name or a DNS name of a client certificate.
	Certificate string `yaml:"certificate"`
	// Addresses are where the device may fetch from, none for anywhere.
	Addresses []netip.Prefix `yaml:"addresses"`
	// Lists are the names of the lists that the device may fetch.
	Lists []string `yaml:"lists"`
}

// ListsBasic is HTTP Basic authentication.
type ListsBasic struct {
	Username string     `yaml:"username"`
	Password secret.Ref `yaml:"password"`
}

func defaultLists() Lists {
	return Lists{MaxConnections: 256, MaxConnectionsPerAddress: 64, StaleAfter: time.Hour}
}

// ListsDirectory returns the directory of the served lists.
func (c *Config) ListsDirectory() string {
	return cmp.Or(c.Lists.Directory, filepath.Join(c.State, "lists"))
}

// Validate reports what is wrong with the block, the names of lists apart.
func (s *Lists) Validate() error {
	problems := []error{s.checkListen(), s.TLS.check()}
	if s.Directory != "" && !filepath.IsAbs(s.Directory) {
		problems = append(problems, plugin.Fieldf("directory", "%q is not an absolute path", s.Directory))
	}
	if s.MaxConnections < 1 {
		problems = append(problems, plugin.Fieldf("max_connections", "%d is too few: devices need one at least", s.MaxConnections))
	}
	if s.MaxConnectionsPerAddress < 1 {
		problems = append(problems, plugin.Fieldf("max_connections_per_address", "%d is too few: a device needs one at least", s.MaxConnectionsPerAddress))
	}
	if s.Listen != "" && len(s.Clients) == 0 {
		problems = append(problems, plugin.Fieldf("listen", "there are no clients: nobody could fetch a list"))
	}
	names := map[string]bool{}
	for i := range s.Clients {
		if name := s.Clients[i].Name; name != "" && names[name] {
			problems = append(problems, plugin.Fieldf(fmt.Sprintf("clients[%d].name", i), "%q is taken by another client: give each its own name", name))
		}
		names[s.Clients[i].Name] = true
		if s.Clients[i].Certificate != "" && s.TLS.ClientCA == "" {
			problems = append(problems, plugin.Fieldf(fmt.Sprintf("clients[%d].certificate", i), "lists.tls.client_ca is needed to judge client certificates"))
		}
	}
	return errors.Join(problems...)
}

func (s *Lists) checkListen() error {
	if s.Listen == "" {
		return nil
	}
	host, port, err := net.SplitHostPort(s.Listen)
	if err != nil || port == "" {
		return plugin.Fieldf("listen", "%q is not an address with a port: write it like 0.0.0.0:8443", s.Listen)
	}
	address, err := netip.ParseAddr(host)
	loopback := host == "localhost" || err == nil && address.IsLoopback()
	if s.TLS.Certificate == "" && !s.AllowPlainHTTP && !loopback {
		return plugin.Fieldf("listen", "without lists.tls passwords would go in the clear: give a certificate, or say allow_plain_http: true")
	}
	return nil
}

func (t *ListsTLS) check() error {
	switch {
	case t.Certificate == "" && (t.Key != nil || t.ClientCA != ""):
		return plugin.Fieldf("tls", "the certificate is missing")
	case t.Certificate != "" && t.Key == nil:
		return plugin.Fieldf("tls", "the key of the certificate is missing")
	}
	return nil
}

// Validate reports what is wrong with the device, the names of its lists apart.
func (c *ListsClient) Validate() error {
	problems := []error{checkName(c.Name)}
	if c.Name == "" {
		problems = append(problems, plugin.Fieldf("name", "is required: the log and the status name the device so"))
	}
	if len(c.Lists) == 0 {
		problems = append(problems, plugin.Fieldf("lists", "is required: name the lists that the device fetches"))
	}
	return errors.Join(append(problems, c.checkCredentials())...)
}

func (c *ListsClient) checkCredentials() error {
	ways := 0
	for _, given := range []bool{c.Basic != nil, c.Token != nil, c.Certificate != ""} {
		if given {
			ways++
		}
	}
	switch {
	case ways > 1:
		return plugin.Fieldf("name", "want one of basic, token and certificate, not several: make a client of each")
	case ways == 0 && len(c.Addresses) == 0:
		return plugin.Fieldf("name", "want basic, token or certificate, or addresses for a device that can show none of them")
	case c.Previous != nil && c.Basic == nil && c.Token == nil:
		return plugin.Fieldf("previous", "there is no password and no token that it could precede")
	case c.Basic != nil && (c.Basic.Username == "" || c.Basic.Password.IsZero()):
		return plugin.Fieldf("basic", "want a username and a password")
	}
	return nil
}

// ServedList returns the name by which the output's list is served, "" where it
// is not.
func (o *Output) ServedList() string {
	if served, ok := o.Settings.(plugin.Served); ok {
		return served.ServedName()
	}
	return ""
}

// ServedParts returns how many numbered parts the served list has at most, 0 for
// as many as it takes.
func (o *Output) ServedParts() int {
	if served, ok := o.Settings.(plugin.Served); ok {
		return served.ServedParts()
	}
	return 0
}

// lists checks that devices and outputs mean the same lists.
func (l *loader) lists(root *node, c *Config) {
	var served []string
	for i := range c.Outputs {
		if name := c.Outputs[i].ServedList(); name != "" {
			l.invalid(root, plugin.Field(fmt.Sprintf("outputs[%d].settings.serve", i), overlapWith(served, name)))
			served = append(served, name)
		}
	}
	if len(served) > 0 && c.Lists.Listen == "" {
		l.invalid(root, plugin.Fieldf("outputs", "the list %q is to be served, and lists.listen names no address to serve it at", served[0]))
	}
	if len(served) > 0 {
		l.apart(root, c)
	}
	unknown := func(path, name string) {
		if !slices.Contains(served, name) {
			l.invalid(root, plugin.Field(path, unknownWord("served list", name, served)))
		}
	}
	for i := range c.Lists.Clients {
		for j, name := range c.Lists.Clients[i].Lists {
			unknown(fmt.Sprintf("lists.clients[%d].lists[%d]", i, j), name)
		}
	}
	for _, name := range keysOf(c.Lists.Addresses) {
		unknown("lists.addresses."+name, name)
	}
}

// apart reports files of outputs in the directory of the served lists: one could
// take the place of a list, or of the record of its versions.
func (l *loader) apart(root *node, c *Config) {
	for i := range c.Outputs {
		path := plugin.FileOf(c.Outputs[i].Settings)
		if path != "" && filepath.Dir(path) == filepath.Clean(c.ListsDirectory()) {
			l.invalid(root, plugin.Fieldf(fmt.Sprintf("outputs[%d].settings.path", i), "%s is the directory of the served lists: write this file elsewhere", filepath.Dir(path)))
		}
	}
}

// overlapWith reports a served list that has a file in common with another of its
// name: two outputs would replace each other's. That two have the same name is told
// elsewhere.
func overlapWith(others []string, name string) error {
	for _, other := range others {
		if file, both := listname.Overlap(other, name); both && other != name {
			return fmt.Errorf("%q and the served list %q both stand for the file %q: give one of them another name", name, other, file)
		}
	}
	return nil
}
