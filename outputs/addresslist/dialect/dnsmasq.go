package dialect

import "github.com/indicatord/indicatord/internal/indicator"

var dnsmasq = Dialect{
	Name:   "dnsmasq",
	Reader: "dnsmasq, configuration file",
	Source: "dnsmasq(8), --local and --host-record",
	Note: "A name with its subdomains does not exist; a name alone has the address 0.0.0.0. " +
		"dnsmasq reads the file when it starts, so the command after a change restarts it.",
	Kinds:   onlyDomain,
	Names:   ByScope,
	Comment: "#",
	Line: func(line []byte, e *indicator.Entry, _ *List) ([]byte, Unsaid) {
		name := e.Key.Value
		if !isZoneName(name) {
			return line, "a character that the configuration cannot hold"
		}
		if wide(e) {
			return append(line, "local=/"+name+"/"...), ""
		}
		return append(line, "host-record="+name+",0.0.0.0,::"...), ""
	},
}
