package indicator

import (
	"net/netip"
	"strconv"
	"strings"
	"unicode/utf8"

	"golang.org/x/net/idna"
	"golang.org/x/net/publicsuffix"
)

// The limits of the domain name system (RFC 1035, section 2.3.4).
const (
	maxLabel = 63
	maxName  = 253
)

// maxWritten is the length beyond which no name in UTF-8 fits into maxName
// octets of A-labels; it spares the work of mapping one.
const maxWritten = maxName * utf8.UTFMax

// names maps names as UTS 46 says, without the transitional mapping of ß, ς and
// the joiners. The rules of STD 3 are off, because names with underscores and
// odd hyphens exist and do harm; checkName has the rules instead.
var names = idna.New(
	idna.MapForLookup(),
	idna.BidiRule(),
	idna.Transitional(false),
	idna.StrictDomainName(false),
	idna.CheckHyphens(false),
	idna.VerifyDNSLength(false),
)

// DisplayDomain returns a canonical domain name as people read it, with U-labels
// in place of A-labels. A name that cannot be shown so comes back unchanged.
func DisplayDomain(name string) string {
	if !hasACE(name) {
		return name
	}
	shown, err := names.ToUnicode(name)
	if err != nil {
		return name
	}
	return shown
}

// canonDomain takes a name, and what else is found in fields for names.
func (o Options) canonDomain(value string) (Canonical, *Reject) {
	if isPlainName(value) {
		return domainKey(value, ScopeExact)
	}
	switch {
	case strings.Contains(value, "/"):
		return retyped(o.canonNetworkOrURL(value))
	case strings.Contains(value, "@"):
		return retyped(canonEmail(value))
	case strings.Contains(value, ":"):
		return o.canonNamePort(value)
	}
	name, scope := cutWildcard(value)
	name, reject := mapName(name)
	if reject != nil {
		return Canonical{}, reject
	}
	if endsInNumber(name) && scope == ScopeExact {
		return retyped(o.canonAddress(name))
	}
	if reject := checkName(name); reject != nil {
		return Canonical{}, reject
	}
	return domainKey(name, scope)
}

func domainKey(name string, scope Scope) (Canonical, *Reject) {
	if suffix, _ := publicsuffix.PublicSuffix(name); suffix == name {
		return Canonical{}, rejectf(CodePublicSuffix, "anybody can register names below %s", quote(name))
	}
	return Canonical{Key: Key{Domain, name}, Scope: scope}, nil
}

// canonNetworkOrURL takes a value with a slash: a prefix, or a URL.
func (o Options) canonNetworkOrURL(value string) (Canonical, *Reject) {
	if _, err := netip.ParsePrefix(value); err == nil {
		return o.canonPrefix(value)
	}
	return o.canonURL(value)
}

// canonNamePort takes a value with a colon: an IPv6 address, or a name or an
// IPv4 address with a port.
func (o Options) canonNamePort(value string) (Canonical, *Reject) {
	host, port, _ := strings.Cut(value, ":")
	if host == "" || strings.ContainsAny(port, ":") || strings.HasPrefix(host, "[") {
		return retyped(o.canonAddress(value))
	}
	number, err := strconv.ParseUint(port, 10, 16)
	if err != nil {
		return Canonical{}, rejectf(CodeNotDomain, "%s is not a name, and what follows its colon is not a port", quote(value))
	}
	c, reject := o.canonDomain(host)
	c.Port = uint16(number)
	c.Notes |= NotePort
	return c, reject
}

// cutWildcard reads "*.name" and ".name", which both stand for the name and
// every name below it.
func cutWildcard(value string) (string, Scope) {
	if name, ok := strings.CutPrefix(value, "*."); ok {
		return name, ScopeSubdomains
	}
	if name, ok := strings.CutPrefix(value, "."); ok {
		return name, ScopeSubdomains
	}
	return value, ScopeExact
}

// mapName writes a name in lower-case ASCII without its trailing dot. What
// comes back need not be a name: checkName tells.
func mapName(name string) (string, *Reject) {
	if len(name) > maxWritten {
		return "", nameTooLong(name)
	}
	mapped := strings.ToLower(name)
	if !isASCII(name) || hasACE(mapped) {
		ascii, err := names.ToASCII(name)
		if err != nil {
			return "", rejectf(CodeNotDomain, "%s is not an internationalised name: %v", quote(name), err)
		}
		mapped = ascii
	}
	return strings.TrimSuffix(mapped, "."), nil
}

// isPlainName reports whether the value is its own canonical form beyond doubt.
// Nearly every name that a hub sends is, and this costs no memory.
func isPlainName(value string) bool {
	if len(value) > maxName || endsInNumber(value) || hasACE(value) {
		return false
	}
	labels, start := 1, 0
	for i := range len(value) {
		if value[i] == '.' {
			if i == start || i-start > maxLabel {
				return false
			}
			labels, start = labels+1, i+1
		} else if !nameByte[value[i]] {
			return false
		}
	}
	last := len(value) - start
	return labels > 1 && last > 0 && last <= maxLabel
}

// checkName says why a mapped name is not a domain name.
func checkName(name string) *Reject {
	if len(name) > maxName {
		return nameTooLong(name)
	}
	labels := 0
	for label := range strings.SplitSeq(name, ".") {
		if reject := checkLabel(name, label); reject != nil {
			return reject
		}
		labels++
	}
	if labels < 2 {
		return rejectf(CodeNotDomain, "%s is a single label; a domain name has at least two", quote(name))
	}
	if endsInNumber(name) {
		return rejectf(CodeNotDomain, "%s ends in a number, as only an address does", quote(name))
	}
	return nil
}

func nameTooLong(name string) *Reject {
	return rejectf(CodeNameTooLong, "%s has %d octets; a name has at most %d", quote(name), len(name), maxName)
}

func checkLabel(name, label string) *Reject {
	if label == "" {
		return rejectf(CodeNotDomain, "%s has an empty label", quote(name))
	}
	if len(label) > maxLabel {
		return rejectf(CodeLabelTooLong, "%s has a label of %d octets; a label has at most %d", quote(name), len(label), maxLabel)
	}
	for i := range len(label) {
		if !nameByte[label[i]] {
			return rejectf(CodeNotDomain, "%s holds %q, which no domain name does", quote(name), label[i])
		}
	}
	return nil
}

// nameByte holds the bytes of canonical names.
var nameByte = byteSet("abcdefghijklmnopqrstuvwxyz0123456789-_")

func byteSet(members string) (set [256]bool) {
	for i := range len(members) {
		set[members[i]] = true
	}
	return set
}

// endsInNumber reports whether the last label is a number, decimal or
// hexadecimal: then a browser reads the whole as an IPv4 address or refuses it.
func endsInNumber(name string) bool {
	last := name[strings.LastIndexByte(name, '.')+1:]
	return last != "" && '0' <= last[0] && last[0] <= '9' && isCNumber(last)
}

// hasACE reports whether a label may be an A-label, which is to be decoded
// before it can be trusted.
func hasACE(name string) bool {
	return strings.HasPrefix(name, "xn--") || strings.Contains(name, ".xn--")
}

func isASCII(text string) bool {
	for i := range len(text) {
		if text[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}
