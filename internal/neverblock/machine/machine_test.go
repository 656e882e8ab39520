package machine_test

import (
	"encoding/binary"
	"fmt"
	"net/netip"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/indicatord/indicatord/internal/neverblock/machine"
)

func words(addresses []netip.Addr) []string {
	var written []string
	for _, a := range addresses {
		written = append(written, a.String())
	}
	return written
}

// number writes an IPv4 address as /proc/net/route does on this machine.
func number(address string) string {
	b := netip.MustParseAddr(address).As4()
	return fmt.Sprintf("%08X", binary.NativeEndian.Uint32(b[:]))
}

func TestGateways(t *testing.T) {
	table := "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT\n" +
		"eth0\t00000000\t" + number("10.20.0.1") + "\t0003\t0\t0\t100\t00000000\t0\t0\t0\n" +
		"eth0\t0000140A\t00000000\t0001\t0\t0\t100\t00FFFFFF\t0\t0\t0\n" +
		"eth1\t0000A8C0\t" + number("192.168.0.254") + "\t0003\t0\t0\t0\t0000FFFF\t0\t0\t0\n"
	got, err := machine.Gateways(table)
	if diff := cmp.Diff([]string{"10.20.0.1", "192.168.0.254"}, words(got)); err != nil || diff != "" {
		t.Errorf("%v\n%s", err, diff)
	}
}

func TestGateways6(t *testing.T) {
	const table = "00000000000000000000000000000000 00 00000000000000000000000000000000 00 fe800000000000000000000000000001 00000400 00000001 00000000 00000003 eth0\n" +
		"fe800000000000000000000000000000 40 00000000000000000000000000000000 00 00000000000000000000000000000000 00000100 00000001 00000000 00000001 eth0\n"
	got, err := machine.Gateways6(table)
	if diff := cmp.Diff([]string{"fe80::1"}, words(got)); err != nil || diff != "" {
		t.Errorf("%v\n%s", err, diff)
	}
}

func TestGatewaysRefuseWhatIsNoTable(t *testing.T) {
	for _, table := range []string{"a b c d\n", "eth0 00000000 0102 0003\n", "eth0 00000000 01020304 flag\n"} {
		if got, err := machine.Gateways(table); err == nil {
			t.Errorf("%q gives %v", table, got)
		}
	}
	if got, err := machine.Gateways6("1 2 3 4 5 6 7 8 9 10\n"); err == nil {
		t.Errorf("it gives %v", got)
	}
}

func TestResolvers(t *testing.T) {
	const text = "# made by NetworkManager\nsearch plant.example\nnameserver 10.20.0.53\n nameserver fe80::1%eth0 \nnameserver ::ffff:10.20.0.54\n" +
		"nameserver 0.0.0.0\nnameserver nonsense\nnameserver\n#nameserver 192.0.2.1\noptions edns0\n"
	if diff := cmp.Diff([]string{"10.20.0.53", "fe80::1", "10.20.0.54"}, words(machine.Resolvers(text))); diff != "" {
		t.Error(diff)
	}
}

func TestTimeServers(t *testing.T) {
	const text = "# chrony\npool 2.cn.pool.ntp.org iburst maxsources 4\nserver -4 ntp.ntsc.ac.cn prefer\nServer 10.20.0.123\npeer clock.plant.example\n" +
		"server\n!server 192.0.2.1\ndriftfile /var/lib/chrony/drift\n"
	if diff := cmp.Diff([]string{"2.cn.pool.ntp.org", "ntp.ntsc.ac.cn", "10.20.0.123", "clock.plant.example"}, machine.TimeServers(text)); diff != "" {
		t.Error(diff)
	}
}

func TestTimesyncdServers(t *testing.T) {
	const text = "[Time]\nNTP=10.20.0.123 clock.plant.example\n#NTP=192.0.2.1\nFallbackNTP = ntp.aliyun.com\nRootDistanceMaxSec=5\n"
	if diff := cmp.Diff([]string{"10.20.0.123", "clock.plant.example", "ntp.aliyun.com"}, machine.TimesyncdServers(text)); diff != "" {
		t.Error(diff)
	}
}

// FuzzContents holds that nothing a file may hold makes a reader fail badly.
func FuzzContents(f *testing.F) {
	f.Add("nameserver 10.0.0.1\nserver -4 x\nNTP=y\neth0 0 01020304 0003\n")
	f.Fuzz(func(t *testing.T, text string) {
		fours, _ := machine.Gateways(text)
		sixes, _ := machine.Gateways6(text)
		for _, a := range append(append(fours, sixes...), machine.Resolvers(text)...) {
			if !a.IsValid() || a.IsUnspecified() || a.Zone() != "" {
				t.Errorf("%q gives %v", text, a)
			}
		}
		for _, name := range append(machine.TimeServers(text), machine.TimesyncdServers(text)...) {
			if name == "" {
				t.Errorf("%q gives an empty name", text)
			}
		}
	})
}
