package dialect

import (
	"strings"

	"github.com/indicatord/indicatord/internal/indicator"
)

const ciscoGuide = "Firepower Management Center Configuration Guide, custom Security Intelligence lists and feeds, URL syntax and matching criteria"

var ciscoLimits = Limits{Bytes: 500_000_000}

var ciscoAddresses = Dialect{
	Name:      "cisco-ip",
	Reader:    "Cisco Secure Firewall (FMC, FTD), Security Intelligence network list",
	Source:    ciscoGuide,
	Note:      "Give the file a name that ends in `.txt`.",
	Kinds:     onlyIP,
	Addresses: AnyAddress,
	Limits:    ciscoLimits,
	Comment:   "#",
	Line:      ciscoAddress,
}

func ciscoAddress(line []byte, e *indicator.Entry, _ *List) ([]byte, Unsaid) {
	if strings.HasSuffix(e.Key.Value, "/0") {
		return line, "a prefix of the length 0"
	}
	return append(line, e.Key.Value...), ""
}

var ciscoDomains = Dialect{
	Name:    "cisco-domain",
	Reader:  "Cisco Secure Firewall (FMC, FTD), Security Intelligence DNS list",
	Source:  ciscoGuide,
	Note:    "Give the file a name that ends in `.txt`.",
	Kinds:   onlyDomain,
	Names:   WithSubdomains,
	Limits:  ciscoLimits,
	Comment: "#",
	Line:    value,
}

var ciscoURLs = Dialect{
	Name:    "cisco-url",
	Reader:  "Cisco Secure Firewall (FMC, FTD), Security Intelligence URL list",
	Source:  ciscoGuide,
	Note:    "Give the file a name that ends in `.txt`.",
	Kinds:   onlyURL,
	Limits:  ciscoLimits,
	Comment: "#",
	Lossy:   true,
	Line:    ciscoURL,
}

// ciscoURL leaves a slash at the end as it is: to the reader it means this URL
// alone.
func ciscoURL(line []byte, e *indicator.Entry, _ *List) ([]byte, Unsaid) {
	url, unsaid := withoutScheme(e.Key.Value)
	if unsaid == "" && strings.HasPrefix(url, "[") {
		return line, "a URL at an IPv6 address, which the reader takes in lists of addresses alone"
	}
	if unsaid == "" && strings.Contains(url, "*") {
		return line, wildcard
	}
	return append(line, url...), unsaid
}
