package dialect

import (
	"errors"
	"net/netip"

	"github.com/indicatord/indicatord/internal/indicator"
)

var hosts = Dialect{
	Name:    "hosts",
	Reader:  "hosts file, as /etc/hosts or for `hostsdir` of dnsmasq",
	Source:  "hosts(5)",
	Kinds:   onlyDomain,
	Names:   Alone,
	Options: []Option{{"address", "0.0.0.0", "The address that every name is given.", anAddress}},
	Comment: "#",
	Line: func(line []byte, e *indicator.Entry, l *List) ([]byte, Unsaid) {
		return append(append(append(line, l.Options["address"]...), ' '), e.Key.Value...), ""
	},
}

// hostsWindows differs in the ends of its lines.
var hostsWindows = Dialect{
	Name:    "hosts-windows",
	Reader:  "hosts file of Windows",
	Source:  "the comments in the file itself",
	Note:    "A long file slows the resolution of every name on the machine.",
	Kinds:   hosts.Kinds,
	Names:   hosts.Names,
	Options: hosts.Options,
	Comment: hosts.Comment,
	Line:    hosts.Line,
	Between: "\r\n",
	End:     "\r\n",
}

func anAddress(text string) error {
	if _, err := netip.ParseAddr(text); err != nil {
		return errors.New("want an address, such as 0.0.0.0")
	}
	return nil
}
