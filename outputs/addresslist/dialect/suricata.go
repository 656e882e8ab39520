package dialect

import (
	"encoding/base64"
	"strconv"

	"github.com/indicatord/indicatord/internal/indicator"
)

const (
	suricataGuide = "Suricata User Guide, Datasets"
	suricataNote  = "A dataset that a rule names with `load` alone is read anew with the rules; one of the configuration is not."
)

var suricataStrings = Dialect{
	Name:   "suricata-string",
	Reader: "Suricata, dataset of the type string",
	Source: suricataGuide,
	Note:   suricataNote + " Each line is a value in base64, to be compared with a whole buffer such as `dns.query` or `tls.sni`.",
	Kinds:  []indicator.Kind{indicator.Domain, indicator.URL, indicator.Email},
	Names:  Alone,
	Line: func(line []byte, e *indicator.Entry, _ *List) ([]byte, Unsaid) {
		return base64.StdEncoding.AppendEncode(line, []byte(e.Key.Value)), ""
	},
}

var suricataAddresses = Dialect{
	Name:      "suricata-ip",
	Reader:    "Suricata, dataset of the type ip",
	Source:    suricataGuide,
	Note:      suricataNote + " Prefixes go into `suricata-iprep`.",
	Kinds:     onlyIP,
	Addresses: IPv4 | IPv6,
	Line:      value,
}

// suricataHashes is a dataset of one algorithm.
func suricataHashes(kind indicator.Kind) Dialect {
	return Dialect{
		Name:   "suricata-" + kind.String(),
		Reader: "Suricata, dataset of the type " + kind.String(),
		Source: suricataGuide,
		Note:   suricataNote,
		Kinds:  []indicator.Kind{kind},
		Line:   value,
	}
}

var (
	suricataMD5    = suricataHashes(indicator.MD5)
	suricataSHA256 = suricataHashes(indicator.SHA256)
)

var suricataReputation = Dialect{
	Name:      "suricata-iprep",
	Reader:    "Suricata, list of the reputation of addresses (iprep)",
	Source:    "Suricata User Guide, IP Reputation",
	Note:      "The score is the confidence. The file of the categories is yours.",
	Kinds:     onlyIP,
	Addresses: AnyAddress,
	Options: []Option{
		{"category", "1", "The number of the category, from 1 to 60.", number(1, 60)},
		{"unstated_score", "50", "The score where no confidence is stated, from 1 to 127.", number(1, 127)},
	},
	Line: func(line []byte, e *indicator.Entry, l *List) ([]byte, Unsaid) {
		unstated, _ := strconv.Atoi(l.Options["unstated_score"]) // It was checked.
		line = append(append(append(line, e.Key.Value...), ','), l.Options["category"]...)
		return strconv.AppendInt(append(line, ','), int64(max(1, stated(e, unstated))), 10), ""
	},
}
