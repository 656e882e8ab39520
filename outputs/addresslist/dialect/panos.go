package dialect

import (
	"strings"

	"github.com/indicatord/indicatord/internal/indicator"
)

const (
	panOSGuide = "PAN-OS Administrator's Guide, External Dynamic List and its formatting guidelines; limits as of PAN-OS 7.1"
	panOSNote  = "Higher models and later releases take more: `request system external-list show` tells. Beyond the limit the firewall skips what comes last."
)

var panOSAddresses = Dialect{
	Name:      "panos-ip",
	Reader:    "Palo Alto Networks PAN-OS, external dynamic list of addresses",
	Source:    panOSGuide,
	Note:      panOSNote,
	Kinds:     onlyIP,
	Addresses: AnyAddress,
	Limits:    Limits{Entries: 50_000},
	Line:      value,
}

var panOSDomains = Dialect{
	Name:   "panos-domain",
	Reader: "Palo Alto Networks PAN-OS, external dynamic list of domains",
	Source: panOSGuide,
	Note:   panOSNote + " A name with its subdomains takes two lines, each of which counts; leave the option of the firewall off that expands names.",
	Kinds:  onlyDomain,
	Names:  ByScope,
	Limits: Limits{Entries: 50_000, LineBytes: 255},
	Line:   starred,
}

// starred writes a name, and for its subdomains the same name after "*.".
func starred(line []byte, e *indicator.Entry, _ *List) ([]byte, Unsaid) {
	line = append(line, e.Key.Value...)
	if wide(e) {
		line = append(append(line, "\n*."...), e.Key.Value...)
	}
	return line, ""
}

var panOSURLs = Dialect{
	Name:   "panos-url",
	Reader: "Palo Alto Networks PAN-OS, external dynamic list of URLs",
	Source: panOSGuide,
	Note:   panOSNote,
	Kinds:  onlyURL,
	Limits: Limits{Entries: 50_000, LineBytes: 255},
	Lossy:  true,
	Line:   panOSURL,
}

// panOSURL ends a bare host with a slash: without it the entry would stand for
// every host that only begins so.
func panOSURL(line []byte, e *indicator.Entry, _ *List) ([]byte, Unsaid) {
	url, unsaid := withoutScheme(e.Key.Value)
	if unsaid != "" {
		return line, unsaid
	}
	if strings.ContainsAny(url, "*^") {
		return line, wildcard
	}
	line = append(line, url...)
	if !strings.Contains(url, "/") {
		line = append(line, '/')
	}
	return line, ""
}
