//go:build real && linux

package addresslist

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/indicatord/indicatord/internal/indicator"
)

// inNamespace runs a script in a network namespace of its own.
func inNamespace(t *testing.T, script string) string {
	t.Helper()
	if os.Getuid() != 0 {
		t.Skip("only root can make a network namespace")
	}
	unshare, sh := program(t, "unshare", "util-linux"), program(t, "sh", "dash")
	if printed, err := exec.CommandContext(t.Context(), unshare, "--net", "true").CombinedOutput(); err != nil {
		t.Skipf("no network namespace can be made: %v: %s", err, printed)
	}
	return run(t, unshare, "--net", sh, "-euc", script)
}

// blockedAddresses are single addresses and prefixes, next to and inside one
// another.
func blockedAddresses() []indicator.Entry {
	var all []indicator.Entry
	for _, value := range []string{
		"45.155.7.8", "45.155.7.9", "45.155.64.0/18", "45.155.80.0/24", "45.155.80.7", "192.0.2.7", "255.255.255.254", "255.255.255.255",
		"2a0e:b107::9", "2a0e:b107:40::/48", "2a0e:b107:40:0:1::2",
	} {
		all = append(all, about(indicator.IP, value, indicator.ScopeExact, indicator.DirectionTo))
	}
	return all
}

func TestRealNftables(t *testing.T) {
	nft, ip, ping := program(t, "nft", "nftables"), program(t, "ip", "iproute2"), program(t, "ping", "iputils-ping")
	list := newBlocklist(t, "nftables", nil)
	first := list.path + ".first"
	list.deliver(t, append(blockedAddresses(), about(indicator.IP, "45.155.1.1", indicator.ScopeExact, indicator.DirectionTo))...)
	if err := os.WriteFile(first, []byte(read(t, list.path)), 0o644); err != nil {
		t.Fatal(err)
	}
	list.deliver(t, blockedAddresses()...)
	printed := inNamespace(t, strings.NewReplacer("NFT", nft, "IP ", ip+" ", "PING", ping, "FIRST", first, "LIST", list.path).Replace(`
NFT -c -f LIST
NFT -f FIRST
NFT add chain inet indicatord out '{ type filter hook output priority 0; }'
NFT add rule inet indicatord out ip daddr @blocked4 drop
NFT add rule inet indicatord out ip6 daddr @blocked6 drop
IP link set lo up
for a in 45.155.7.9 45.155.7.10 45.155.80.7 45.155.127.255 45.155.128.0 45.155.1.1; do IP address add $a/32 dev lo; done
for a in 2a0e:b107::9 2a0e:b107::a 2a0e:b107:40:ffff::1 2a0e:b107:41::1; do IP address add $a/128 dev lo nodad; done
probe() { if PING -c 1 -W 1 -i 0.2 "$1" >/dev/null 2>&1; then echo "$1 open"; else echo "$1 blocked"; fi; }
probe 45.155.1.1
NFT -f LIST
NFT -f LIST
for a in 45.155.7.9 45.155.7.10 45.155.80.7 45.155.127.255 45.155.128.0 45.155.1.1 2a0e:b107::9 2a0e:b107::a 2a0e:b107:40:ffff::1 2a0e:b107:41::1; do probe $a; done
`))
	want := `45.155.1.1 blocked
45.155.7.9 blocked
45.155.7.10 open
45.155.80.7 blocked
45.155.127.255 blocked
45.155.128.0 open
45.155.1.1 open
2a0e:b107::9 blocked
2a0e:b107::a open
2a0e:b107:40:ffff::1 blocked
2a0e:b107:41::1 open
`
	if printed != want {
		t.Errorf("the packets went\n%swant\n%s", printed, want)
	}
}

// TestRealNftablesTakesALongList loads more entries than one command has.
func TestRealNftablesTakesALongList(t *testing.T) {
	nft := program(t, "nft", "nftables")
	list := newBlocklist(t, "nftables", nil)
	list.deliver(t, scattered(60_000)...)
	printed := inNamespace(t, fmt.Sprintf("%s -f %s; %s -j list set inet indicatord blocked4 | tr ',' '\\n' | grep -c 64.", nft, list.path, nft))
	if got := strings.TrimSpace(printed); got != "60000" {
		t.Errorf("the set holds %s elements, want 60000", got)
	}
}

// scattered returns n addresses that do not touch.
func scattered(n int) []indicator.Entry {
	all := make([]indicator.Entry, n)
	for i := range all {
		all[i] = about(indicator.IP, fmt.Sprintf("64.%d.%d.%d", i>>14, i>>6&0xff, i<<2&0xff|1), indicator.ScopeExact, indicator.DirectionTo)
	}
	return all
}

func TestRealIpset(t *testing.T) {
	ipset := program(t, "ipset", "ipset")
	list := newBlocklist(t, "ipset", nil)
	first := filepath.Join(filepath.Dir(list.path), "first")
	list.deliver(t, append(scattered(70_000), blockedAddresses()...)...)
	if err := os.WriteFile(first, []byte(read(t, list.path)), 0o644); err != nil {
		t.Fatal(err)
	}
	list.deliver(t, blockedAddresses()...)
	printed := inNamespace(t, strings.NewReplacer("IPSET", ipset, "FIRST", first, "LIST", list.path).Replace(`
IPSET restore -f FIRST
IPSET list -t indicatord4 | grep entries
IPSET restore -f LIST
IPSET restore -f LIST
IPSET list -n
IPSET list -t indicatord4 | grep entries
IPSET list -t indicatord6 | grep entries
for a in 45.155.7.9 45.155.80.7 192.0.2.7; do IPSET test indicatord4 $a 2>&1; done
IPSET test indicatord6 2a0e:b107:40:ffff::1 2>&1
IPSET test indicatord4 45.155.7.10 2>&1 || true
IPSET test indicatord4 64.0.0.1 2>&1 || true
IPSET test indicatord6 2a0e:b107:41::1 2>&1 || true
`))
	for _, want := range []string{
		"Number of entries: 70008\n", "indicatord4\nindicatord6\nNumber of entries: 8\nNumber of entries: 3\n",
		"45.155.7.9 is in", "45.155.80.7 is in", "192.0.2.7 is in", "2a0e:b107:40:ffff::1 is in",
		"45.155.7.10 is NOT in", "64.0.0.1 is NOT in", "2a0e:b107:41::1 is NOT in",
	} {
		if !strings.Contains(printed, want) {
			t.Errorf("ipset printed no %q:\n%s", want, printed)
		}
	}
}
