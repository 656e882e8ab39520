package dialect

import (
	"strings"

	"github.com/indicatord/indicatord/internal/indicator"
)

var f5 = Dialect{
	Name:      "f5",
	Reader:    "F5 BIG-IP AFM, feed list of IP intelligence",
	Source:    "BIG-IP AFM, feed lists: address, mask, list and category",
	Kinds:     onlyIP,
	Addresses: AnyAddress,
	Options: []Option{
		{"list", "bl", "`bl` for a blacklist, `wl` for a whitelist.", oneOf("bl", "wl")},
		{"category", "indicatord", "The category of all entries.", word(63)},
	},
	Line: f5Record,
}

func f5Record(line []byte, e *indicator.Entry, l *List) ([]byte, Unsaid) {
	start := len(line)
	line = appendPrefix(line, e.Key.Value)
	slash := start + strings.IndexByte(string(line[start:]), '/')
	line[slash] = ','
	line = append(append(line, ','), l.Options["list"]...)
	return append(append(line, ','), l.Options["category"]...), ""
}
