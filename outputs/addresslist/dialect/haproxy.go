package dialect

import "github.com/indicatord/indicatord/internal/indicator"

var haProxy = Dialect{
	Name:   "haproxy",
	Reader: "HAProxy, file of an ACL (`-f FILE`)",
	Source: "HAProxy Configuration Manual, section 7.1, ACL basics",
	Note: "Match addresses with `src -f FILE`, and names with `req.hdr(host),host_only,lower -m str -f FILE`. " +
		"An ACL takes one of the two: select one kind for each list.",
	Kinds:     []indicator.Kind{indicator.IP, indicator.Domain},
	Addresses: AnyAddress,
	Names:     Alone,
	OneKind:   true,
	Comment:   "#",
	Line:      value,
}
