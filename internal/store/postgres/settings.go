package postgres

import (
	"cmp"
	"os"

	"github.com/indicatord/indicatord/internal/secret"
)

// Settings say where the shared store of several agents is. They are the block
// "store:" of the configuration.
type Settings struct {
	// URL is the address of the database, without a password:
	// postgres://USER@HOST[:PORT][,HOST…]/DATABASE?sslmode=…, with the
	// parameters of libpq. A local socket is given as host=/run/postgresql.
	URL string `yaml:"postgres"`
	// Password is where the password is; the zero value for a server that knows
	// us by other means, such as the user of a local socket or a certificate.
	Password secret.Ref `yaml:"password"`
	// Machine names this machine among those that share the store; "" for its
	// host name. See [Settings.MachineName].
	Machine string `yaml:"machine"`
	// AllowPlain permits a connection to another machine that is not encrypted,
	// or whose server proves nothing.
	AllowPlain bool `yaml:"allow_plain"`
}

// MachineName names this machine in the store, where each has a ledger of its
// own for what it writes to its own disk.
func (s *Settings) MachineName() string {
	host, _ := os.Hostname() // without a name of its own it is local like any other
	return cmp.Or(s.Machine, host, "localhost")
}
