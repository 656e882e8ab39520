package guard

import (
	"net/netip"
	"strings"

	"github.com/indicatord/indicatord/internal/indicator"
)

// checkURL holds the root of a protected host. Any other URL is about one page
// or file, and to block it does not block the host.
func (s *Set) checkURL(url string) Finding {
	host, ok := rootHost(url)
	if !ok {
		return Finding{}
	}
	if a, err := netip.ParseAddr(host); err == nil {
		return s.checkRootOf(url, a)
	}
	if rule := s.names.find(host, indicator.ScopeExact); rule != none {
		return s.protected(url, rule)
	}
	if isSuffix(host, indicator.ScopeExact) {
		return Finding{Verdict: TooBroad, value: url, broad: url + " is about a public suffix: anybody can register names below it"}
	}
	return Finding{}
}

func (s *Set) checkRootOf(url string, a netip.Addr) Finding {
	inside := s.blocks.overlapping(blockOf(netip.PrefixFrom(a, a.BitLen())))
	if len(inside) == 0 {
		return Finding{}
	}
	return s.protected(url, inside[0].rule)
}

// rootHost returns the host of a canonical URL that names no more than a host:
// its path is empty or nothing but slashes, and its query is empty. Servers answer
// all of these with the same page, and readers of lists cut them down to it.
func rootHost(url string) (string, bool) {
	if _, rest, ok := strings.Cut(url, "://"); ok {
		url = rest
	}
	authority := strings.TrimRight(strings.TrimSuffix(url, "?"), "/")
	if strings.ContainsAny(authority, "/?#") {
		return "", false
	}
	if bracketed, ok := strings.CutPrefix(authority, "["); ok {
		host, _, closed := strings.Cut(bracketed, "]")
		return host, closed
	}
	host, _, _ := strings.Cut(authority, ":")
	return host, host != ""
}
