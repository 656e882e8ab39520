package indicator

import (
	"net/netip"
	"net/url"
	"strconv"
	"strings"
)

// defaultPorts are the ports that a URL need not write.
var defaultPorts = map[string]uint16{"http": 80, "https": 443, "ws": 80, "wss": 443, "ftp": 21}

// canonURL takes a URL in the generic syntax of RFC 3986, with a scheme or
// without one, and normalises it as section 6.2.2 and 6.2.3 say. Where browsers
// would read an authority in another way than section 3.2, it is refused.
func (o Options) canonURL(value string) (Canonical, *Reject) {
	scheme, rest := cutScheme(value)
	authority, tail := rest, ""
	if i := strings.IndexAny(rest, "/?#"); i >= 0 {
		authority, tail = rest[:i], rest[i:]
	}
	var buf [512]byte
	text := buf[:0]
	if scheme != "" {
		text = append(append(text, scheme...), "://"...)
	}
	text, notes, reject := o.appendAuthority(text, scheme, authority)
	if reject != nil {
		return Canonical{}, reject
	}
	tail, _, fragment := strings.Cut(tail, "#")
	if fragment {
		notes |= NoteFragment
	}
	text = appendTail(text, tail)
	if len(text) > MaxValue {
		return Canonical{}, rejectf(CodeTooLong, "the canonical URL has %d bytes; at most %d are taken", len(text), MaxValue)
	}
	return Canonical{Key: Key{URL, textOf(text, value)}, Notes: notes}, nil
}

// cutScheme returns the scheme in lower case, "" where the URL has none.
func cutScheme(value string) (scheme, rest string) {
	if rest, ok := strings.CutPrefix(value, "//"); ok {
		return "", rest
	}
	scheme, rest, found := strings.Cut(value, "://")
	if !found || !isScheme(scheme) {
		return "", value
	}
	return strings.ToLower(scheme), rest
}

func isScheme(text string) bool {
	if text == "" || !isLetter(text[0]) {
		return false
	}
	for i := range len(text) {
		if b := text[i]; !isLetter(b) && (b < '0' || b > '9') && b != '+' && b != '-' && b != '.' {
			return false
		}
	}
	return true
}

func isLetter(b byte) bool { return 'a' <= b|0x20 && b|0x20 <= 'z' }

func (o Options) appendAuthority(text []byte, scheme, authority string) ([]byte, Notes, *Reject) {
	if strings.IndexByte(authority, '\\') >= 0 {
		return nil, 0, rejectf(CodeNotURL, "%s has a backslash before its path; programs disagree on which host that means", quote(authority))
	}
	if fangs[scheme] != "" {
		return nil, 0, rejectf(CodeNotURL, "%s is the defanged form of %s", quote(scheme), fangs[scheme])
	}
	hostPort, notes := authority, Notes(0)
	if i := strings.LastIndexByte(authority, '@'); i >= 0 {
		hostPort, notes = authority[i+1:], NoteUserinfo
	}
	if notes != 0 && scheme == "" {
		return nil, 0, rejectf(CodeNotURL, "%s has a user and no scheme; it may be an e-mail address", quote(authority))
	}
	host, port := cutPort(hostPort)
	text, mapped, reject := o.appendHost(text, host)
	if reject != nil {
		return nil, 0, reject.as(CodeNotURL)
	}
	if port != "" {
		text, reject = appendPort(text, scheme, port)
	}
	return text, notes | mapped, reject
}

func cutPort(hostPort string) (host, port string) {
	i := strings.LastIndexByte(hostPort, ':')
	if i < 0 || strings.IndexByte(hostPort[i:], ']') >= 0 {
		return hostPort, ""
	}
	return hostPort[:i], hostPort[i+1:]
}

func appendPort(text []byte, scheme, port string) ([]byte, *Reject) {
	number, err := strconv.ParseUint(port, 10, 16)
	if err != nil {
		return nil, rejectf(CodeNotURL, "%s is not a port", quote(port))
	}
	if usual, ok := defaultPorts[scheme]; ok && uint64(usual) == number {
		return text, nil
	}
	return strconv.AppendUint(append(text, ':'), number, 10), nil
}

// appendHost takes an address in brackets, an IPv4 address, or a name.
func (o Options) appendHost(text []byte, host string) ([]byte, Notes, *Reject) {
	if isPlainName(host) {
		return append(text, host...), 0, nil
	}
	if inner, ok := bracketed(host); ok {
		c, reject := o.addressInBrackets(inner)
		return appendAddressHost(text, c.Key.Value), c.Notes, reject
	}
	name, reject := plainHost(host)
	if reject != nil {
		return nil, 0, reject
	}
	if endsInNumber(name) {
		c, reject := o.hostAddress(name)
		return append(text, c.Key.Value...), c.Notes, reject
	}
	return append(text, name...), 0, checkName(name)
}

// plainHost undoes percent-encoding, which RFC 3986, section 3.2.2, allows in a
// name, and maps the name.
func plainHost(host string) (string, *Reject) {
	if strings.IndexByte(host, '%') < 0 {
		return mapName(host)
	}
	decoded, err := url.PathUnescape(host)
	if err != nil {
		return "", rejectf(CodeNotURL, "the host %s is not percent-encoded rightly", quote(host))
	}
	if reject := checkText(decoded); reject != nil {
		return "", reject
	}
	return mapName(decoded)
}

func appendAddressHost(text []byte, address string) []byte {
	if strings.IndexByte(address, ':') < 0 {
		return append(text, address...)
	}
	return append(append(append(text, '['), address...), ']')
}

// hostAddress takes one IPv4 address and nothing more: one of IPv6 stands in
// brackets in a URL, even where it ends as one of IPv4 does.
func (o Options) hostAddress(text string) (Canonical, *Reject) {
	a, err := netip.ParseAddr(text)
	if err != nil || !a.Is4() {
		return Canonical{}, notAddress(text)
	}
	return o.addressKey(a, text)
}

// appendTail writes the path and the query. An empty path becomes "/".
func appendTail(text []byte, tail string) []byte {
	path, query, hasQuery := strings.Cut(tail, "?")
	start := len(text)
	if path == "" {
		text = append(text, '/')
	}
	text = appendEscaped(text, path)
	text = text[:start+removeDotSegments(text[start:])]
	if hasQuery {
		text = appendEscaped(append(text, '?'), query)
	}
	return text
}

const (
	unreserved = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~"
	upperHex   = "0123456789ABCDEF"
)

// plainByte holds the bytes that need no percent-encoding in a path or a query
// (RFC 3986, section 3.3 and 3.4). Brackets do by the letter, but everybody
// sends them as they are.
var (
	unreservedByte = byteSet(unreserved)
	plainByte      = byteSet(unreserved + "!$&'()*+,;=:@/?[]")
)

// appendEscaped writes one spelling of many: unreserved characters plain, every
// other escape with upper-case digits, and escapes for what has no right to
// stand there, among it a percent sign that begins no escape.
func appendEscaped(text []byte, part string) []byte {
	for i := 0; i < len(part); i++ {
		b, escaped := part[i], false
		if b == '%' && i+2 < len(part) && isHex(part[i+1]) && isHex(part[i+2]) {
			b, escaped = unhex(part[i+1])<<4|unhex(part[i+2]), true
			i += 2
		}
		if unreservedByte[b] || plainByte[b] && !escaped {
			text = append(text, b)
		} else {
			text = append(text, '%', upperHex[b>>4], upperHex[b&15])
		}
	}
	return text
}

func isHex(b byte) bool {
	return '0' <= b && b <= '9' || 'a' <= b|0x20 && b|0x20 <= 'f'
}

func unhex(b byte) byte {
	if b <= '9' {
		return b - '0'
	}
	return b | 0x20 - 'a' + 10
}

// removeDotSegments resolves "." and ".." in a path that begins with a slash, as
// RFC 3986, section 5.2.4, says. It works in place and returns the new length.
func removeDotSegments(path []byte) int {
	end := 0
	for next := 0; next < len(path); {
		start := next
		next = segmentEnd(path, start+1)
		dots := 0
		switch string(path[start+1 : next]) {
		case ".":
			dots = 1
		case "..":
			dots = 2
			end = max(0, lastSlash(path[:end]))
		}
		if dots == 0 {
			end += copy(path[end:], path[start:next])
		} else if next == len(path) {
			path[end] = '/'
			end++
		}
	}
	return end
}

func segmentEnd(path []byte, from int) int {
	for from < len(path) && path[from] != '/' {
		from++
	}
	return from
}

func lastSlash(path []byte) int {
	i := len(path) - 1
	for i >= 0 && path[i] != '/' {
		i--
	}
	return i
}
