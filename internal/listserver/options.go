package listserver

import (
	"cmp"
	"log/slog"
	"net/netip"
	"time"

	"github.com/indicatord/indicatord/internal/secret"
)

// Options say what is served, and to whom.
type Options struct {
	// Dir is the directory of the lists.
	Dir string
	// Lists are what is served of it.
	Lists []List
	// Clients are the devices. Their names differ.
	Clients []Client
	// TLS is the server's certificate; nil for plain HTTP.
	TLS *TLS
	// MaxConnections is how many connections there are at once, 0 for 256. More of
	// them wait.
	MaxConnections int
	// MaxPerAddress is how many of them one address has, or one IPv6 network of /64;
	// 0 for 64. More of them are closed at once.
	MaxPerAddress int
	// Log gets a line for each answer.
	Log *slog.Logger
	// Now is the clock; nil for the system's.
	Now func() time.Time
}

// List is a list that is served.
type List struct {
	// Name is the list at /lists/NAME. With the marks of package servedlist it
	// stands for several files.
	Name string
	// Parts is how many numbered parts there are at most, 0 for as many as it takes.
	// A part that was not made yet is answered with 503 up to there, since a later
	// version may have it, and with 404 beyond.
	Parts int
	// Addresses are where the list may be fetched from, none for anywhere.
	Addresses []netip.Prefix
}

// Client is a device. It is known by one of a user name with a password, a token
// and a certificate, or, with none of them, by its address alone.
type Client struct {
	// Name names the device in the log and the status.
	Name string
	// Username and Password are those of HTTP Basic authentication (RFC 7617).
	Username string
	Password secret.Ref
	// Token is a bearer token (RFC 6750).
	Token secret.Ref
	// Previous is the password or token that is to be replaced, and is good as
	// well.
	Previous secret.Ref
	// Certificate is the common name, or a DNS name, of a client certificate.
	Certificate string
	// Addresses are where the device may fetch from, none for anywhere.
	Addresses []netip.Prefix
	// Lists are the names of the lists that the device may fetch.
	Lists []string
}

// byAddress reports whether the device is known by its address alone.
func (c *Client) byAddress() bool {
	return c.Username == "" && c.Token.IsZero() && c.Certificate == ""
}

// secrets returns the places of what the device may show.
func (c *Client) secrets() []secret.Ref {
	refs := []secret.Ref{c.Token}
	if c.Username != "" {
		refs[0] = c.Password
	}
	if !c.Previous.IsZero() {
		refs = append(refs, c.Previous)
	}
	return refs
}

// The defaults are far above what the devices of one site need.
const (
	defaultConnections = 256
	defaultPerAddress  = 64
)

func (o *Options) setDefaults() {
	o.MaxConnections = cmp.Or(o.MaxConnections, defaultConnections)
	o.MaxPerAddress = cmp.Or(o.MaxPerAddress, defaultPerAddress)
	if o.Now == nil {
		o.Now = time.Now
	}
}

// contains reports whether an address is in one of the prefixes. None of them
// means any address.
func contains(prefixes []netip.Prefix, address netip.Addr) bool {
	for _, p := range prefixes {
		if p.Contains(address) {
			return true
		}
	}
	return len(prefixes) == 0
}
