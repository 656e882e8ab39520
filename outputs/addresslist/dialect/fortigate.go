package dialect

import "github.com/indicatord/indicatord/internal/indicator"

const (
	fortiGateGuide = "FortiOS Administration Guide, external resources (threat feeds); limits of releases before 7.4.4"
	fortiGateNote  = "From 7.4.4 on the limits depend on the class of the model: 300,000 addresses, 1 to 5 million domains, 150,000 to 2 million URLs, files of 32 to 128 MB. " +
		"Beyond them the firewall cuts the list off. Switch `server-identity-check` on, which is off by default."
)

var fortiGateLimits = Limits{Entries: 131_072, Bytes: 10_000_000, LineBytes: 4_000}

var fortiGateAddresses = Dialect{
	Name:      "fortigate-address",
	Reader:    "Fortinet FortiGate, external resource of type address",
	Source:    fortiGateGuide,
	Note:      fortiGateNote,
	Kinds:     onlyIP,
	Addresses: AnyAddress,
	Limits:    fortiGateLimits,
	Comment:   "#",
	Line:      value,
}

var fortiGateDomains = Dialect{
	Name:    "fortigate-domain",
	Reader:  "Fortinet FortiGate, external resource of type domain",
	Source:  fortiGateGuide,
	Note:    fortiGateNote + " A name with its subdomains takes two lines, each of which counts.",
	Kinds:   onlyDomain,
	Names:   ByScope,
	Limits:  fortiGateLimits,
	Comment: "#",
	Line:    starred,
}

var fortiGateURLs = Dialect{
	Name:    "fortigate-category",
	Reader:  "Fortinet FortiGate, external resource of type category",
	Source:  fortiGateGuide,
	Note:    fortiGateNote,
	Kinds:   onlyURL,
	Limits:  fortiGateLimits,
	Comment: "#",
	Line:    withoutStar,
}

var fortiGateHashes = Dialect{
	Name:    "fortigate-malware",
	Reader:  "Fortinet FortiGate, external resource of type malware",
	Source:  fortiGateGuide,
	Note:    fortiGateNote + " A file holds one type of hash: select one kind, or write `{kind}` into the path.",
	Kinds:   []indicator.Kind{indicator.MD5, indicator.SHA1, indicator.SHA256},
	Limits:  fortiGateLimits,
	Comment: "#",
	OneKind: true,
	Line:    value,
}
