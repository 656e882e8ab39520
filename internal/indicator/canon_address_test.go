package indicator

import (
	"net/netip"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestCanonOfAddress(t *testing.T) {
	testCanon(t, Options{}, IP, []canonCase{
		{"IPv4", "8.8.8.8", "ip 8.8.8.8"},
		{"IPv6 is written as RFC 5952 says", "2A00:0450:4001:0:0:0:0:00AB", "ip 2a00:450:4001::ab"},
		{"an IPv4-mapped address is the IPv4 address", "::ffff:1.2.3.4", "ip 1.2.3.4 (unmapped)"},
		{"an IPv4-mapped address in hexadecimal", "::FFFF:0102:0304", "ip 1.2.3.4 (unmapped)"},
		{"6to4 stays IPv6", "2002:102:304::1", "ip 2002:102:304::1"},
		{"Teredo stays IPv6", "2001:0:4136:e378::1", "ip 2001:0:4136:e378::1"},
		{"NAT64 stays IPv6", "64:ff9b::1.2.3.4", "ip 64:ff9b::102:304"},

		{"a leading zero is octal to some", "012.0.0.1", "reject ambiguous-address"},
		{"a leading zero in the last number", "1.2.3.04", "reject ambiguous-address"},
		{"hexadecimal", "0x7f.1", "reject ambiguous-address"},
		{"hexadecimal in four parts", "0x8.0x8.0x8.0x8", "reject ambiguous-address"},
		{"an integer", "134744072", "reject ambiguous-address"},
		{"three numbers", "8.8.8", "reject ambiguous-address"},
		{"an ambiguous address with a port", "0x7f.1:80", "reject ambiguous-address"},
		{"an ambiguous prefix", "10.1/16", "reject ambiguous-address"},
		{"a broken IPv6 address whose first group has digits only", "2606:4700:::1", "reject not-an-address"},
		{"two of them with a dash of the typographer's", "2606:4700::1–2606:4700::2", "reject not-an-address"},
		{"a number too large", "256.1.1.1", "reject not-an-address"},
		{"five numbers", "1.2.3.4.5", "reject not-an-address"},
		{"a trailing dot", "8.8.8.8.", "reject not-an-address"},
		{"a name", "example.com", "reject not-an-address"},
		{"a name with a hyphen", "evil-example.com", "reject not-an-address"},
		{"a zone", "fe80::1%eth0", "reject zone-id"},
		{"a zone and a port", "[fe80::1%eth0]:443", "reject zone-id"},
		{"a zone and a prefix length", "fe80::1%eth0/64", "reject zone-id"},

		{"a port", "8.8.8.8:53", "ip 8.8.8.8 port=53 (port)"},
		{"port zero is no port", "8.8.8.8:0", "ip 8.8.8.8 (port)"},
		{"IPv6 with a port", "[2a00::1]:443", "ip 2a00::1 port=443 (port)"},
		{"a mapped address with a port", "[::ffff:1.2.3.4]:443", "ip 1.2.3.4 port=443 (unmapped,port)"},
		{"IPv6 in brackets", "[2a00::1]", "ip 2a00::1"},
		{"IPv4 in brackets", "[8.8.8.8]", "reject not-an-address"},
		{"a port too large", "8.8.8.8:65536", "reject not-an-address"},
		{"a reserved address with a port", "127.0.0.1:80", "reject reserved-address"},
	})
}

func TestCanonOfPrefix(t *testing.T) {
	testCanon(t, Options{}, IP, []canonCase{
		{"IPv4", "8.8.8.0/24", "ip 8.8.8.0/24"},
		{"IPv6", "2A00:450::/32", "ip 2a00:450::/32"},
		{"host bits are cleared", "1.2.3.5/24", "ip 1.2.3.0/24 (host-bits)"},
		{"host bits of IPv6 are cleared", "2a00::1/64", "ip 2a00::/64 (host-bits)"},
		{"/32 is an address", "1.2.3.4/32", "ip 1.2.3.4"},
		{"/128 is an address", "2a00::1/128", "ip 2a00::1"},
		{"a mapped prefix is an IPv4 prefix", "::ffff:1.2.3.5/120", "ip 1.2.3.0/24 (unmapped,host-bits)"},
		{"a mapped address with /128", "::ffff:1.2.3.4/128", "ip 1.2.3.4 (unmapped)"},
		{"all of the mapped space", "::ffff:0:0/96", "reject too-wide"},
		{"more than the mapped space", "::ffff:0:0/90", "reject too-wide"},
		{"far more than the mapped space", "::/80", "reject too-wide"},

		{"/8 is the widest of IPv4", "8.0.0.0/8", "ip 8.0.0.0/8"},
		{"/7 is too wide", "8.0.0.0/7", "reject too-wide"},
		{"/19 is the widest of IPv6", "2a00::/19", "ip 2a00::/19"},
		{"/18 is too wide", "2a00::/18", "reject too-wide"},
		{"every IPv4 address", "0.0.0.0/0", "reject too-wide"},
		{"every IPv6 address", "::/0", "reject too-wide"},
		{"every IPv4 address, carelessly", "8.8.8.8/0", "reject too-wide"},

		{"length too large", "1.2.3.4/33", "reject not-an-address"},
		{"length with a leading zero", "1.2.3.4/08", "reject not-an-address"},
		{"no length", "1.2.3.4/", "reject not-an-address"},
		{"a netmask", "1.2.3.0/255.255.255.0", "reject not-an-address"},
		{"a prefix with a port", "8.8.8.0/24:80", "reject not-an-address"},
	})
}

func TestCanonRefusesReservedSpace(t *testing.T) {
	for _, value := range []string{
		"0.0.0.0", "0.1.2.3", "10.1.2.3", "100.64.0.1", "127.0.0.1", "169.254.169.254", "172.16.0.1", "172.31.255.255",
		"192.0.0.8", "192.0.2.1", "192.88.99.1", "192.168.1.1", "198.18.0.1", "198.51.100.1", "203.0.113.1",
		"224.0.0.1", "239.255.255.255", "240.0.0.1", "255.255.255.255", "::ffff:10.0.0.1",
		"::", "::1", "::1.2.3.4", "64:ff9b:1::1", "100::1", "100:0:0:1::1", "2001:2::1", "2001:db8::1", "3fff::1", "5f00::1",
		"fc00::1", "fd12::1", "fe80::1", "fec0::1", "ff02::1",
		"10.0.0.0/8", "10.1.0.0/16", "0.0.0.0/8", "127.0.0.0/8", "240.0.0.0/4", "fc00::/7", "fd00::/8", "fe80::/64", "::/127",
		"64:ff9b::a00:1", "64:ff9b::192.168.1.1", "64:ff9b::127.0.0.1", "64:ff9b::a00:0/104", "64:ff9b::",
		"2002:a00:1::1", "2002:c0a8:101::", "2002:7f00:1::1", "2002:e000::/19", "2002:a00::/24", "2002:a01:203::/48",
	} {
		t.Run(value, func(t *testing.T) {
			if got := outcome(Canon(IP, value)); got != "reject reserved-address" {
				t.Errorf("Canon(ip, %q) = %s, want reserved-address", value, got)
			}
		})
	}
}

func TestCanonTakesTheNeighboursOfReservedSpace(t *testing.T) {
	for _, value := range []string{
		"1.0.0.0", "9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0", "126.255.255.255", "128.0.0.0",
		"169.253.255.255", "169.255.0.0", "172.15.255.255", "172.32.0.0", "192.0.1.0", "192.0.3.0", "192.167.255.255",
		"192.169.0.0", "198.17.255.255", "198.20.0.0", "203.0.112.255", "203.0.114.0", "223.255.255.255",
		"64:ff9b:2::1", "100:0:0:2::1", "2001:1::1", "2001:3::1", "2001:db7::1", "2001:db9::1", "3ffe::1", "5eff::1", "5f01::1",
		"64:ff9b::9ff:ffff", "64:ff9b::b00:0", "2002:9ff:ffff::1", "2002:b00::1", "2001:ffff::1", "2003::1",
	} {
		if got := outcome(Canon(IP, value)); got != "ip "+value {
			t.Errorf("Canon(ip, %q) = %s, want it taken", value, got)
		}
	}
}

func TestCanonRefusesAPrefixThatContainsReservedSpace(t *testing.T) {
	testCanon(t, Options{}, IP, []canonCase{
		{"192.168.0.0/16 is within", "192.0.0.0/8", "reject reserved-address"},
		{"172.16.0.0/12 is within", "172.0.0.0/8", "reject reserved-address"},
		{"two blocks at the border", "172.0.0.0/11", "reject reserved-address"},
		{"the half without them", "172.128.0.0/9", "ip 172.128.0.0/9"},
		{"the documentation prefix is within", "2001:d00::/24", "reject reserved-address"},
		{"the documentation prefix is far within", "2001::/19", "reject reserved-address"},
		{"all of NAT64", "64:ff9b::/96", "reject reserved-address"},
		{"more than NAT64", "64:ff9b::/64", "reject reserved-address"},
		{"a public part of NAT64", "64:ff9b::808:800/120", "ip 64:ff9b::808:800/120"},
		{"the first part of 6to4", "2002::/19", "reject reserved-address"},
		{"no block is within", "2000::/19", "ip 2000::/19"},
		{"a public part of 6to4", "2002:808::/32", "ip 2002:808::/32"},
		{"what is too wide anyhow", "2002::/16", "reject too-wide"},
	})
}

func TestAllowReserved(t *testing.T) {
	testCanon(t, Options{AllowReserved: true}, IP, []canonCase{
		{"private", "10.1.2.3", "ip 10.1.2.3"},
		{"a private prefix", "10.0.0.0/8", "ip 10.0.0.0/8"},
		{"loopback", "::1", "ip ::1"},
		{"a prefix that contains private space", "192.0.0.0/8", "ip 192.0.0.0/8"},
		{"a range that overlaps it", "192.167.255.255-192.168.0.0", "ip 192.167.255.255, ip 192.168.0.0 (range)"},
		{"private space behind NAT64", "64:ff9b::a00:1", "ip 64:ff9b::a00:1"},
		{"IPv4 unspecified is no machine's", "0.0.0.0", "reject reserved-address"},
		{"IPv6 unspecified is no machine's", "::", "reject reserved-address"},
		{"breadth still counts", "240.0.0.0/4", "reject too-wide"},
		{"everything is still too much", "0.0.0.0/0", "reject too-wide"},
	})
}

func TestWidestPrefixIsASetting(t *testing.T) {
	strict := Options{WidestIPv4: 16, WidestIPv6: 32}
	testCanon(t, strict, IP, []canonCase{
		{"/16", "8.8.0.0/16", "ip 8.8.0.0/16"},
		{"/15", "8.8.0.0/15", "reject too-wide"},
		{"a range as large as a /16", "8.8.0.1-8.9.0.0", "ip 8.8.0.1, ip 8.8.0.2/31, ip 8.8.0.4/30, ip 8.8.0.8/29, " +
			"ip 8.8.0.16/28, ip 8.8.0.32/27, ip 8.8.0.64/26, ip 8.8.0.128/25, ip 8.8.1.0/24, ip 8.8.2.0/23, ip 8.8.4.0/22, " +
			"ip 8.8.8.0/21, ip 8.8.16.0/20, ip 8.8.32.0/19, ip 8.8.64.0/18, ip 8.8.128.0/17, ip 8.9.0.0 (range)"},
		{"a range larger by one", "8.8.0.1-8.9.0.1", "reject too-wide"},
		{"IPv6 /32", "2a00:1::/32", "ip 2a00:1::/32"},
		{"IPv6 /31", "2a00::/31", "reject too-wide"},
	})
	testCanon(t, Options{WidestIPv4: 1, WidestIPv6: 1, AllowReserved: true}, IP, []canonCase{
		{"half of IPv4", "128.0.0.0/1", "ip 128.0.0.0/1"},
		{"all of IPv4", "0.0.0.0/0", "reject too-wide"},
		{"half of IPv6", "8000::/1", "ip 8000::/1"},
		{"all of IPv6", "::/0", "reject too-wide"},
	})
	testCanon(t, Options{WidestIPv4: -5}, IP, []canonCase{
		{"all of IPv4 whatever is set", "0.0.0.0/0", "reject too-wide"},
	})
}

// TestReservedInAgreesWithTheList proves the search against a plain walk
// through the list.
func TestReservedInAgreesWithTheList(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := anyPrefix().Draw(t, "prefix")
		want := slices.IndexFunc(reservedBlocks, func(b block) bool { return b.prefix.Overlaps(p) })
		got, overlaps := reservedIn(p)
		if overlaps != (want >= 0) || overlaps && got != reservedBlocks[want] {
			t.Fatalf("reservedIn(%s) = %v, %v, want that of index %d", p, got, overlaps, want)
		}
	})
}

// TestNoKeyOverlapsReservedSpace, whatever is written and however wide it may be.
func TestNoKeyOverlapsReservedSpace(t *testing.T) {
	o := Options{WidestIPv4: 1, WidestIPv6: 1}
	rapid.Check(t, func(t *rapid.T) {
		p := anyPrefix().Draw(t, "prefix")
		c, err := o.Canon(IP, p.String())
		if err != nil {
			t.Skip("refused: ", err)
		}
		for _, b := range reservedBlocks {
			if b.prefix.Overlaps(c.Key.Prefix()) {
				t.Fatalf("%s was taken, and overlaps %s", p, b.prefix)
			}
		}
	})
}

// TestEmbeddedAddressIsReservedAsItsIPv4Is for every form that embeds one.
func TestEmbeddedAddressIsReservedAsItsIPv4Is(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		v4 := anyPrefix().Filter(func(p netip.Prefix) bool { return p.Addr().Is4() }).Draw(t, "prefix").Addr()
		_, want := reservedIn(netip.PrefixFrom(v4, 32))
		b := v4.As4()
		for _, a := range []netip.Addr{
			netip.AddrFrom16([16]byte{0, 0x64, 0xff, 0x9b, 12: b[0], b[1], b[2], b[3]}),
			netip.AddrFrom16([16]byte{0x20, 0x02, b[0], b[1], b[2], b[3], 15: 1}),
		} {
			if _, got := reservedIn(netip.PrefixFrom(a, 128)); got != want {
				t.Fatalf("%s is reserved: %v, though of %s that is %v", a, got, v4, want)
			}
		}
	})
}

// TestReservedBlocksAreInOrderAndApart, on which the search relies.
func TestReservedBlocksAreInOrderAndApart(t *testing.T) {
	for i := range reservedBlocks[1:] {
		before, b := reservedBlocks[i].prefix, reservedBlocks[i+1].prefix
		if before.Overlaps(b) || !before.Addr().Less(b.Addr()) || b != b.Masked() {
			t.Errorf("%s does not follow %s, apart from it and without host bits", b, before)
		}
	}
}

// anyPrefix draws prefixes of both families, many of them near a reserved block.
func anyPrefix() *rapid.Generator[netip.Prefix] {
	return rapid.Custom(func(t *rapid.T) netip.Prefix {
		a := anyAddr(t, rapid.Bool().Draw(t, "IPv4"))
		if rapid.Bool().Draw(t, "near a reserved block") {
			a = rapid.SampledFrom(reservedBlocks).Draw(t, "block").prefix.Addr()
			if rapid.Bool().Draw(t, "before it") && a.Prev().IsValid() {
				a = a.Prev()
			}
		}
		return netip.PrefixFrom(a, rapid.IntRange(0, a.BitLen()).Draw(t, "bits")).Masked()
	})
}

func anyAddr(t *rapid.T, v4 bool) netip.Addr {
	if v4 {
		return netip.AddrFrom4([4]byte(rapid.SliceOfN(rapid.Byte(), 4, 4).Draw(t, "bytes")))
	}
	return netip.AddrFrom16([16]byte(rapid.SliceOfN(rapid.Byte(), 16, 16).Draw(t, "bytes")))
}

func TestReservedAddressDetailNamesTheBlock(t *testing.T) {
	for value, want := range map[string]string{
		"192.168.7.0/24": "192.168.7.0/24 is reserved for private use (RFC 1918)",
		"172.0.0.0/8":    "172.0.0.0/8 contains 172.16.0.0/12, which is reserved for private use (RFC 1918)",
		"2001::/19":      "2001::/19 contains 2001:2::/48, which is reserved for benchmarks (RFC 5180)",
		"64:ff9b::a00:1": "64:ff9b::a00:1 is reserved for private use (RFC 1918) behind the prefix of NAT64 (RFC 6052)",
		"2002:a00:1::1":  "2002:a00:1::1 is reserved for private use (RFC 1918) behind the prefix of 6to4 (RFC 3056)",
	} {
		if _, err := Canon(IP, value); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("the error of %s is %v, want %q", value, err, want)
		}
	}
}

func TestCanonOfAnAddressTakesNoMemory(t *testing.T) {
	for _, value := range []string{"45.9.1.2", "2a00:1450:4001::1b", "2002:808:808::1", "64:ff9b::808:808"} {
		if n := testing.AllocsPerRun(100, func() { _, _ = Canon(IP, value) }); n != 0 {
			t.Errorf("Canon(ip, %q) allocates %v times", value, n)
		}
	}
}
