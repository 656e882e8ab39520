package dialect

import "github.com/indicatord/indicatord/internal/indicator"

var unbound = Dialect{
	Name:   "unbound",
	Reader: "Unbound, file to include in its configuration",
	Source: "unbound.conf(5), local-zone and local-data",
	Note: "A name with its subdomains does not exist; a name alone has the address 0.0.0.0, since a zone would take its subdomains too. " +
		"For hundreds of thousands of names take `rpz`.",
	Kinds:   onlyDomain,
	Names:   ByScope,
	Comment: "#",
	Header:  func(*List) string { return "server:\n" },
	Line: func(line []byte, e *indicator.Entry, _ *List) ([]byte, Unsaid) {
		name := e.Key.Value
		if !isZoneName(name) {
			return line, "a character that the configuration needs quoted"
		}
		if wide(e) {
			return append(line, `local-zone: "`+name+`." always_nxdomain`...), ""
		}
		return append(line, `local-data: "`+name+`. A 0.0.0.0"`+"\n"+`local-data: "`+name+`. AAAA ::"`...), ""
	},
}
