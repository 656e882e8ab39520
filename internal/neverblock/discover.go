package neverblock

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/netip"
	"os"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/indicatord/indicatord/internal/neverblock/machine"
	"github.com/indicatord/indicatord/internal/policy/guard"
)

// The bounds of asking for the addresses of hosts.
const (
	lookupTime = 2 * time.Second
	lookups    = 8 // at once
)

// machineList is where the rules stand that the machine gives.
var machineList = &guard.List{
	Name: "machine", Source: "what the machine and its configuration say of themselves",
	Purpose: "The machine, and what it talks to, must stay reachable.",
}

// host is a machine as far as it is asked of itself.
type host struct {
	files     fs.FS
	addresses func() ([]net.Addr, error)
	lookup    func(ctx context.Context, network, host string) ([]netip.Addr, error)
}

// thisHost asks the machine that runs the daemon.
func thisHost() host {
	return host{files: os.DirFS("/"), addresses: net.InterfaceAddrs, lookup: net.DefaultResolver.LookupNetIP}
}

func (g *gatherer) machine(ctx context.Context, hosts []string) { g.discover(ctx, thisHost(), hosts) }

// discover adds what a machine cannot do without. What it does not find out, it
// tells.
func (g *gatherer) discover(ctx context.Context, h host, hosts []string) {
	g.interfaces(h)
	g.network(h)
	g.timeServers(h)
	g.hosts(ctx, h, hosts)
}

func (g *gatherer) interfaces(h host) {
	found, err := h.addresses()
	if err != nil {
		g.tell("the interfaces of the machine", err)
	}
	for _, a := range found {
		if p, err := netip.ParsePrefix(a.String()); err == nil {
			g.protect(p.Addr().String(), "an address of this machine")
		}
	}
}

// protect adds a rule for a value that the machine names.
func (g *gatherer) protect(value, reason string) {
	made, err := rulesOf(value, reason, machineList)
	if err != nil {
		g.tell(reason, err)
		return
	}
	g.rules = append(g.rules, made...)
}

func (g *gatherer) network(h host) {
	for _, source := range []struct {
		path, reason string
		read         func(string) ([]netip.Addr, error)
	}{
		{"proc/net/route", "a gateway of this machine", machine.Gateways},
		{"proc/net/ipv6_route", "a gateway of this machine", machine.Gateways6},
		{"etc/resolv.conf", "a resolver of this machine", resolvers},
		// With systemd-resolved the file above names the machine itself.
		{"run/systemd/resolve/resolv.conf", "a resolver of this machine", resolvers},
	} {
		text, ok := g.contents(h, source.path)
		if !ok {
			continue
		}
		found, err := source.read(text)
		if err != nil {
			g.tell("/"+source.path, err)
		}
		for _, a := range found {
			g.protect(a.String(), source.reason)
		}
	}
}

func resolvers(text string) ([]netip.Addr, error) { return machine.Resolvers(text), nil }

// contents reads a file of the machine. That there is none is nothing to tell.
func (g *gatherer) contents(h host, path string) (string, bool) {
	text, err := fs.ReadFile(h.files, path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		g.tell("/"+path, err)
	}
	return string(text), err == nil
}

// timeServers protects the names that the configuration of the clock gives. They
// are not resolved: a pool has other addresses each time.
func (g *gatherer) timeServers(h host) {
	for _, source := range []struct {
		form string
		read func(string) []string
	}{
		{"etc/chrony.conf", machine.TimeServers},
		{"etc/chrony/chrony.conf", machine.TimeServers},
		{"etc/chrony.d/*.conf", machine.TimeServers},
		{"etc/chrony/conf.d/*.conf", machine.TimeServers},
		{"etc/chrony/sources.d/*.sources", machine.TimeServers},
		{"run/chrony-dhcp/*.sources", machine.TimeServers},
		{"etc/ntp.conf", machine.TimeServers},
		{"etc/ntpsec/ntp.conf", machine.TimeServers},
		{"etc/systemd/timesyncd.conf", machine.TimesyncdServers},
		{"etc/systemd/timesyncd.conf.d/*.conf", machine.TimesyncdServers},
	} {
		paths, _ := fs.Glob(h.files, source.form) // the forms above are right
		for _, path := range paths {
			text, _ := g.contents(h, path)
			for _, server := range source.read(text) {
				g.protect(server, "a time server of this machine")
			}
		}
	}
}

// The widest prefixes that are believed to hold nothing but hosts that the daemon
// talks to.
const (
	widestOfHosts4 = 24
	widestOfHosts6 = 56
)

// networks protects the prefixes among the hosts, and returns the others.
func (g *gatherer) networks(hosts []string) []string {
	return slices.DeleteFunc(slices.Clone(hosts), func(host string) bool {
		prefix, err := netip.ParsePrefix(host)
		if err != nil {
			return false
		}
		widest := widestOfHosts6
		if prefix.Addr().Is4() {
			widest = widestOfHosts4
		}
		if prefix.Bits() < widest {
			g.tell(host, fmt.Errorf("it is not protected, since it is wider than /%d and so not only of devices that fetch lists: name it below prefixes if it must be", widest))
			return true
		}
		g.protect(host, "a device of the configuration that fetches lists")
		return true
	})
}

// hosts protects what the daemon talks to, by names and by addresses.
func (g *gatherer) hosts(ctx context.Context, h host, hosts []string) {
	hosts = g.networks(hosts)
	ctx, cancel := context.WithTimeout(ctx, lookupTime)
	defer cancel()
	hosts = slices.Compact(slices.Sorted(slices.Values(hosts)))
	found, errs := make([][]netip.Addr, len(hosts)), make([]error, len(hosts))
	var group errgroup.Group
	group.SetLimit(lookups)
	for i, name := range hosts {
		group.Go(func() error {
			found[i], errs[i] = h.lookup(ctx, "ip", name)
			return nil
		})
	}
	_ = group.Wait() // every host has its own error
	for i, name := range hosts {
		g.host(name, found[i], errs[i])
	}
}

func (g *gatherer) host(name string, addresses []netip.Addr, err error) {
	const reason = "a host of the configuration"
	g.protect(name, reason)
	if err != nil {
		g.tell(name, fmt.Errorf("its addresses are not protected, since its name cannot be resolved: %w", err))
	}
	slices.SortFunc(addresses, netip.Addr.Compare)
	for _, a := range addresses {
		if address := a.WithZone("").Unmap().String(); address != name {
			g.protect(address, reason+", "+name)
		}
	}
}
