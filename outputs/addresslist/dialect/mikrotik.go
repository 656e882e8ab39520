package dialect

import (
	"errors"
	"regexp"

	"github.com/indicatord/indicatord/internal/indicator"
)

var mikroTik = Dialect{
	Name:   "mikrotik",
	Reader: "MikroTik RouterOS, script of address lists",
	Source: "RouterOS documentation, `/ip/firewall/address-list`",
	Note: "Import the script more often than the time of `timeout`: what is listed again is renewed, and what is not runs out. " +
		"Entries with a time-out are not written to the flash memory, and are gone after a restart of the router.",
	Kinds:     onlyIP,
	Addresses: AnyAddress,
	Options: []Option{
		{"list", "indicatord", "The name of the address list.", word(63)},
		{"timeout", "2d", "How long an entry stays: weeks, days, hours, minutes and seconds, such as `1w2d3h`.", routerTime},
	},
	Comment: "#",
	Open: func(_ *List, ipv6 bool) string {
		if ipv6 {
			return "/ipv6 firewall address-list\n"
		}
		return "/ip firewall address-list\n"
	},
	Line: mikroTikLine,
}

// mikroTikLine adds an entry. One that is there already is an error, which would
// end the import; its time is set anew instead.
func mikroTikLine(line []byte, e *indicator.Entry, l *List) ([]byte, Unsaid) {
	address := e.Key.Value
	if isIPv6(address) {
		// The router writes every IPv6 entry with its length, and finds it by that.
		address = string(appendPrefix(nil, address))
	}
	list, timeout := l.Options["list"], l.Options["timeout"]
	line = append(line, ":do { add list="+list+" address="+address+" timeout="+timeout+" comment=indicatord }"...)
	return append(line, " on-error={ set [find list="+list+" address="+address+"] timeout="+timeout+" }"...), ""
}

var routerTimePattern = regexp.MustCompile(`^(\d+w)?(\d+d)?(\d+h)?(\d+m)?(\d+s)?$`)

func routerTime(text string) error {
	if text == "" || !routerTimePattern.MatchString(text) {
		return errors.New(`want a time of the router, such as "2d" or "1w12h"`)
	}
	return nil
}
