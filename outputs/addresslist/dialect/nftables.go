package dialect

import (
	"fmt"
	"strings"

	"github.com/indicatord/indicatord/internal/indicator"
)

var nftables = Dialect{
	Name:   "nftables",
	Reader: "nftables, file for `nft -f`",
	Source: "nft(8)",
	Note: "The file replaces the whole content of two sets in one transaction, and makes the table and the sets if need be; the rules that use them are yours. " +
		"The sets have neither `auto-merge` nor time-outs, since ranges are joined here.",
	Kinds:     onlyIP,
	Addresses: AnyAddress,
	Options: []Option{
		{"family", "inet", "The family of the table: `inet`, `ip`, `ip6`, `bridge` or `netdev`.", oneOf("inet", "ip", "ip6", "bridge", "netdev")},
		{"table", "indicatord", "The name of the table.", word(127)},
		{"set", "blocked", "The name of the sets, to which `4` and `6` are added.", word(14)},
	},
	Comment:  "#",
	Disjoint: true,
	Header:   nftablesHeader,
	Open: func(l *List, ipv6 bool) string {
		return "add element " + nftablesSet(l, ipv6) + " {\n"
	},
	Line:    value,
	Between: ",\n",
	End:     "\n}\n",
	// One command for each element is quadratic, and one for all of them makes
	// messages that are too long for the kernel's buffers.
	Together: 5_000,
}

func nftablesHeader(l *List) string {
	var text strings.Builder
	fmt.Fprintf(&text, "add table %s %s\n", l.Options["family"], l.Options["table"])
	for _, ipv6 := range []bool{false, true} {
		kind := "ipv4_addr"
		if ipv6 {
			kind = "ipv6_addr"
		}
		set := nftablesSet(l, ipv6)
		fmt.Fprintf(&text, "add set %s { type %s; flags interval; }\nflush set %s\n", set, kind, set)
	}
	return text.String()
}

func nftablesSet(l *List, ipv6 bool) string {
	return l.Options["family"] + " " + l.Options["table"] + " " + l.Options["set"] + familyDigit(ipv6)
}

func familyDigit(ipv6 bool) string {
	if ipv6 {
		return "6"
	}
	return "4"
}

var ipset = Dialect{
	Name:   "ipset",
	Reader: "ipset, file for `ipset restore`",
	Source: "ipset(8)",
	Note: "The file fills two new sets and swaps them with those in use, which are made if need be. It leaves the reader no moment without the list. " +
		"The sets have room for any number of entries.",
	Kinds:     onlyIP,
	Addresses: AnyAddress,
	Options:   []Option{{"set", "indicatord", "The name of the sets, to which `4` and `6` are added.", word(26)}},
	Header:    func(l *List) string { return ipsetBoth(l, ipsetCreate) },
	Footer:    func(l *List) string { return ipsetBoth(l, ipsetSwap) },
	Line:      ipsetAdd,
}

func ipsetBoth(l *List, of func(set string, ipv6 bool) string) string {
	return of(l.Options["set"]+"4", false) + of(l.Options["set"]+"6", true)
}

// ipsetCreate makes the sets with room for as many entries as there can be: the
// default is 65,536, and a set that exists must be described as it is.
func ipsetCreate(set string, ipv6 bool) string {
	family := "inet"
	if ipv6 {
		family = "inet6"
	}
	const create = "create %s hash:net family %s maxelem 4294967295 -exist\n"
	return fmt.Sprintf(create+create+"flush %s\n", set, family, set+"-new", family, set+"-new")
}

func ipsetSwap(set string, _ bool) string {
	return fmt.Sprintf("swap %s-new %s\ndestroy %s-new\n", set, set, set)
}

func ipsetAdd(line []byte, e *indicator.Entry, l *List) ([]byte, Unsaid) {
	line = append(append(line, "add "...), l.Options["set"]...)
	line = append(append(line, familyDigit(isIPv6(e.Key.Value))...), "-new "...)
	return append(append(line, e.Key.Value...), " -exist"...), ""
}
