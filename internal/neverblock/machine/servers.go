package machine

import (
	"net/netip"
	"strings"
)

// Resolvers returns the addresses of the resolvers that resolv.conf(5) names,
// without their zones.
func Resolvers(text string) []netip.Addr {
	var found []netip.Addr
	for line := range strings.Lines(text) {
		fields := strings.Fields(line)
		if len(fields) < 2 || fields[0] != "nameserver" {
			continue
		}
		if a, err := netip.ParseAddr(fields[1]); err == nil {
			found = appendAddress(found, a.WithZone("").Unmap())
		}
	}
	return found
}

// TimeServers returns the names and addresses of the servers that a
// configuration of chrony or ntpd names, in the order of the file: what follows
// server, pool and peer. Options between the word and the name, such as -4, are
// passed over.
func TimeServers(text string) []string {
	var found []string
	for line := range strings.Lines(text) {
		fields := strings.Fields(line)
		if len(fields) == 0 {
			continue
		}
		switch strings.ToLower(fields[0]) {
		case "server", "pool", "peer":
			found = append(found, firstName(fields[1:])...)
		}
	}
	return found
}

// firstName returns the first word that is no option, if there is one.
func firstName(words []string) []string {
	for i, word := range words {
		if !strings.HasPrefix(word, "-") {
			return words[i : i+1]
		}
	}
	return nil
}

// TimesyncdServers returns the names and addresses that timesyncd.conf(5) gives
// with NTP= and FallbackNTP=, in the order of the file.
func TimesyncdServers(text string) []string {
	var found []string
	for line := range strings.Lines(text) {
		key, value, _ := strings.Cut(strings.TrimSpace(line), "=")
		if key = strings.TrimSpace(key); key == "NTP" || key == "FallbackNTP" {
			found = append(found, strings.Fields(value)...)
		}
	}
	return found
}
