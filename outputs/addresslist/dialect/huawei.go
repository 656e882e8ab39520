package dialect

import "github.com/indicatord/indicatord/internal/indicator"

var huawei = Dialect{
	Name:   "huawei",
	Reader: "Huawei USG, commands for the blacklist",
	Source: "Huawei USG command reference, `firewall blacklist item`",
	Note: "The commands only add: what is not listed any more runs out with `timeout`, so load the list more often than that. " +
		"Prefixes are left out, since the command has none.",
	Kinds:     onlyIP,
	Addresses: IPv4,
	Options: []Option{
		{"timeout", "2880", "How long an entry stays, in minutes; empty for ever.", orEmpty(number(1, 1_000_000))},
		{
			"unknown_direction", "both", "What is blocked where nothing is said of the direction: `source-ip`, `destination-ip` or `both`.",
			oneOf("source-ip", "destination-ip", "both"),
		},
	},
	Header: func(*List) string { return "firewall blacklist enable\n" },
	Line:   huaweiItem,
}

func huaweiItem(line []byte, e *indicator.Entry, l *List) ([]byte, Unsaid) {
	for i, side := range huaweiSides(e.Direction(), l.Options["unknown_direction"]) {
		if i > 0 {
			line = append(line, '\n')
		}
		line = append(append(append(line, "firewall blacklist item "...), side...), ' ')
		line = append(line, e.Key.Value...)
		if timeout := l.Options["timeout"]; timeout != "" {
			line = append(append(line, " timeout "...), timeout...)
		}
	}
	return line, ""
}

// huaweiSides are the ends of a connection at which an address is blocked.
func huaweiSides(direction indicator.Direction, unknown string) []string {
	switch {
	case direction == indicator.DirectionFrom:
		return []string{"source-ip"}
	case direction == indicator.DirectionTo:
		return []string{"destination-ip"}
	case direction == indicator.DirectionUnknown && unknown != "both":
		return []string{unknown}
	}
	return []string{"source-ip", "destination-ip"}
}
