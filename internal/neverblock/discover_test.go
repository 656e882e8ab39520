package neverblock

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"testing"
	"testing/fstest"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

// plant is a machine of a site.
func plant() host {
	files := fstest.MapFS{
		"proc/net/ipv6_route":                    {Data: []byte("00000000000000000000000000000000 00 00000000000000000000000000000000 00 fd000000000000000000000000000001 00000400 00000001 00000000 00000003 eth0\n")},
		"etc/resolv.conf":                        {Data: []byte("nameserver 127.0.0.53\n")},
		"run/systemd/resolve/resolv.conf":        {Data: []byte("nameserver 10.20.0.53\n")},
		"etc/chrony.conf":                        {Data: []byte("pool 2.pool.ntp.example iburst\nserver 10.20.0.123\n")},
		"etc/chrony/conf.d/site.conf":            {Data: []byte("server ntp.plant.example\n")},
		"run/chrony-dhcp/eth0.sources":           {Data: []byte("server 10.20.0.124 iburst\n")},
		"etc/systemd/timesyncd.conf.d/site.conf": {Data: []byte("[Time]\nNTP=clock.plant.example\n")},
	}
	return host{
		files: files,
		addresses: func() ([]net.Addr, error) {
			return []net.Addr{&net.IPNet{IP: net.IPv4(10, 20, 0, 9), Mask: net.CIDRMask(24, 32)}, &net.IPNet{IP: net.ParseIP("fe80::9"), Mask: net.CIDRMask(64, 128)}}, nil
		},
		lookup: func(_ context.Context, _, name string) ([]netip.Addr, error) {
			switch name {
			case "hub.example":
				return []netip.Addr{netip.MustParseAddr("2001:db8::7"), netip.MustParseAddr("::ffff:192.0.2.7")}, nil
			case "10.20.0.30":
				return []netip.Addr{netip.MustParseAddr(name)}, nil
			}
			return nil, errors.New("no such host")
		},
	}
}

func discovered(ctx context.Context, h host, hosts ...string) (lines, problems []string) {
	var g gatherer
	g.discover(ctx, h, hosts)
	for _, r := range g.rules {
		lines = append(lines, r.String()+" # "+r.Reason)
	}
	for _, p := range g.problems {
		problems = append(problems, p.Error())
	}
	return lines, problems
}

func TestDiscover(t *testing.T) {
	got, problems := discovered(t.Context(), plant(), "hub.example", "10.20.0.30", "hub.example", "gone.example")
	want := []string{
		"10.20.0.9 # an address of this machine",
		"fe80::9 # an address of this machine",
		"fd00::1 # a gateway of this machine",
		"127.0.0.53 # a resolver of this machine",
		"10.20.0.53 # a resolver of this machine",
		"2.pool.ntp.example # a time server of this machine",
		"10.20.0.123 # a time server of this machine",
		"ntp.plant.example # a time server of this machine",
		"10.20.0.124 # a time server of this machine",
		"clock.plant.example # a time server of this machine",
		"10.20.0.30 # a host of the configuration",
		"gone.example # a host of the configuration",
		"hub.example # a host of the configuration",
		"192.0.2.7 # a host of the configuration, hub.example",
		"2001:db8::7 # a host of the configuration, hub.example",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"gone.example: its addresses are not protected, since its name cannot be resolved: no such host"}, problems); diff != "" {
		t.Error(diff)
	}
}

// TestDiscoverTellsWhatFails: the rest is protected all the same, and what is not
// there is no failure.
func TestDiscoverTellsWhatFails(t *testing.T) {
	h := host{
		files: fstest.MapFS{
			"proc/net/route":  {Data: []byte("eth0 0 nonsense 0003\n")},
			"etc/ntp.conf":    {Data: []byte("server what://ever\nserver 192.0.2.123\n")},
			"etc/resolv.conf": {Mode: 0o755 | 1<<31},
		},
		addresses: func() ([]net.Addr, error) { return nil, errors.New("not permitted") },
	}
	got, problems := discovered(t.Context(), h)
	if diff := cmp.Diff([]string{"192.0.2.123 # a time server of this machine"}, got); diff != "" {
		t.Error(diff)
	}
	if len(problems) != 4 {
		t.Errorf("the problems are %q", problems)
	}
}

func TestDiscoverDoesNotWaitForNames(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := host{
			files:     fstest.MapFS{},
			addresses: func() ([]net.Addr, error) { return nil, nil },
			lookup: func(ctx context.Context, _, _ string) ([]netip.Addr, error) {
				<-ctx.Done()
				return nil, ctx.Err()
			},
		}
		start := time.Now()
		got, problems := discovered(t.Context(), h, "a.example", "b.example")
		if took := time.Since(start); took != lookupTime || len(got) != 2 || len(problems) != 2 {
			t.Errorf("after %v: %q, %q", took, got, problems)
		}
	})
}

// TestThisHost asks the machine that runs the test: whatever it is, its own
// addresses are protected.
func TestThisHost(t *testing.T) {
	made, _, err := Rules(t.Context(), Default(), nil)
	if err != nil || made[0].List != machineList {
		t.Errorf("the first rule is %v: %v", made[0], err)
	}
}

// TestDiscoverDevices: the addresses from which lists are fetched are protected,
// unless they are so many that the site would be protected from its own lists.
func TestDiscoverDevices(t *testing.T) {
	var g gatherer
	g.hosts(t.Context(), plant(), []string{"203.0.113.9/32", "198.51.100.0/24", "0.0.0.0/0", "2001:db8:1::/48", "2001:db8:2::/64"})
	var got []string
	for _, r := range g.rules {
		got = append(got, r.String())
	}
	if diff := cmp.Diff([]string{"203.0.113.9", "198.51.100.0/24", "2001:db8:2::/64"}, got); diff != "" {
		t.Errorf("protected (-want +got):\n%s", diff)
	}
	if len(g.problems) != 2 || g.problems[0].About != "0.0.0.0/0" || g.problems[1].About != "2001:db8:1::/48" {
		t.Errorf("told: %v", g.problems)
	}
}
