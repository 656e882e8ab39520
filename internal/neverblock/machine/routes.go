package machine

import (
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"net/netip"
	"strconv"
	"strings"
)

// gatewayFlag is RTF_GATEWAY of Linux: the route goes through a gateway.
const gatewayFlag = 0x2

// Gateways returns the gateways of /proc/net/route, in the order of the table.
// Numbers stand there in the byte order of the machine.
func Gateways(table string) ([]netip.Addr, error) {
	var found []netip.Addr
	for line := range strings.Lines(table) {
		fields := strings.Fields(line)
		if len(fields) < 4 || fields[0] == "Iface" {
			continue
		}
		a, err := gateway(fields[2], fields[3], 4)
		if err != nil {
			return nil, err
		}
		found = appendAddress(found, a)
	}
	return found, nil
}

// Gateways6 returns the gateways of /proc/net/ipv6_route, in the order of the
// table.
func Gateways6(table string) ([]netip.Addr, error) {
	var found []netip.Addr
	for line := range strings.Lines(table) {
		fields := strings.Fields(line)
		if len(fields) < 10 {
			continue
		}
		a, err := gateway(fields[4], fields[8], 16)
		if err != nil {
			return nil, err
		}
		found = appendAddress(found, a)
	}
	return found, nil
}

// gateway reads an address of so many bytes, and returns the zero address where
// the flags say that there is no gateway.
func gateway(number, flags string, size int) (netip.Addr, error) {
	set, err := strconv.ParseUint(flags, 16, 32)
	if err != nil {
		return netip.Addr{}, fmt.Errorf("the flags %q of a route are no number", flags)
	}
	bytes, err := hex.DecodeString(number)
	if err != nil || len(bytes) != size {
		return netip.Addr{}, fmt.Errorf("the gateway %q of a route is no address", number)
	}
	if set&gatewayFlag == 0 {
		return netip.Addr{}, nil
	}
	if size == 4 {
		binary.BigEndian.PutUint32(bytes, binary.NativeEndian.Uint32(bytes))
	}
	a, _ := netip.AddrFromSlice(bytes)
	return a, nil
}

// appendAddress adds an address that can be one of another machine.
func appendAddress(found []netip.Addr, a netip.Addr) []netip.Addr {
	if !a.IsValid() || a.IsUnspecified() {
		return found
	}
	return append(found, a)
}
