package dialect

import "github.com/indicatord/indicatord/internal/indicator"

const squidManual = "Squid configuration reference, `acl`"

var squidDomains = Dialect{
	Name:    "squid-domain",
	Reader:  "Squid, file of an ACL of the type dstdomain",
	Source:  squidManual,
	Note:    "A name that lies below one with its subdomains is left to that one, since Squid refuses to hold both.",
	Kinds:   onlyDomain,
	Names:   ByScope,
	Minimal: true,
	Comment: "#",
	Line: func(line []byte, e *indicator.Entry, _ *List) ([]byte, Unsaid) {
		if wide(e) {
			line = append(line, '.')
		}
		return append(line, e.Key.Value...), ""
	},
}

var squidAddresses = Dialect{
	Name:      "squid-ip",
	Reader:    "Squid, file of an ACL of the type dst",
	Source:    squidManual,
	Kinds:     onlyIP,
	Addresses: AnyAddress,
	Disjoint:  true,
	Comment:   "#",
	Line:      value,
}
