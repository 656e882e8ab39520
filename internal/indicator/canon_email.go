package indicator

import "strings"

// maxLocalPart is the longest local part of an address (RFC 5321, section
// 4.5.3.1.1).
const maxLocalPart = 64

// canonEmail takes an address as RFC 5321 writes it, without a display name. The
// local part keeps its letter case, which only its own server may ignore.
func canonEmail(value string) (Canonical, *Reject) {
	at := strings.LastIndexByte(value, '@')
	if at < 0 {
		return Canonical{}, rejectf(CodeNotEmail, "%s has no @", quote(value))
	}
	local, domain := value[:at], value[at+1:]
	if !isLocalPart(local) {
		return Canonical{}, rejectf(CodeNotEmail, "%s has no valid mailbox before the @", quote(value))
	}
	name, reject := hostName(domain)
	if reject != nil {
		return Canonical{}, reject.as(CodeNotEmail)
	}
	if name != domain {
		value = local + "@" + name
	}
	return Canonical{Key: Key{Email, value}}, nil
}

// hostName takes a name that something else stands on, so that a public suffix
// is as good as any: github.io serves pages of its own.
func hostName(text string) (string, *Reject) {
	if isPlainName(text) {
		return text, nil
	}
	name, reject := mapName(text)
	if reject == nil {
		reject = checkName(name)
	}
	return name, reject
}

// as gives the code of the whole value to a rejection of its name.
func (r *Reject) as(code Code) *Reject {
	if r.Code == CodeNotDomain {
		return &Reject{Code: code, Detail: r.Detail}
	}
	return r
}

// isLocalPart takes a quoted string, or anything without spaces and the special
// characters of RFC 5322. Mail systems are lax about dots, and so is this.
func isLocalPart(local string) bool {
	if len(local) > maxLocalPart {
		return false
	}
	if len(local) > 2 && local[0] == '"' && local[len(local)-1] == '"' {
		return !strings.Contains(local[1:len(local)-1], `"`)
	}
	return local != "" && !strings.ContainsAny(local, ` ()<>[]:;@\,"`)
}
