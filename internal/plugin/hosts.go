package plugin

import (
	"net"
	"net/url"
	"strings"
)

// Hosts returns the hosts of URLs and of addresses with ports, without the ports.
// What has none is left out.
func Hosts(addresses ...string) []string {
	var hosts []string
	for _, address := range addresses {
		if host := hostOf(address); host != "" {
			hosts = append(hosts, host)
		}
	}
	return hosts
}

func hostOf(address string) string {
	if strings.Contains(address, "://") {
		u, err := url.Parse(address)
		if err != nil {
			return ""
		}
		return u.Hostname()
	}
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return ""
	}
	return host
}
