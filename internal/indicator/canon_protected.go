package indicator

import "strings"

// CanonProtected returns the canonical form of what must not be blocked, as a
// list of such things names it: an address, a prefix or a range, a domain name,
// or a hash of a file. The kind is seen from the value. Other than [Canon] it
// takes what a hub may not send and a site may well protect: reserved addresses,
// prefixes of any width but the whole space, public suffixes, names of a single
// label, and the hashes of empty files. A name in the notation of subdomains
// ("*.example.com" or ".example.com") has [ScopeSubdomains]. The error is a
// [*Reject].
func CanonProtected(value string) (Canonical, error) {
	if len(value) > MaxValue {
		return Canonical{}, tooLong(value)
	}
	text, notes := Options{}.clean(value)
	if reject := checkText(text); reject != nil {
		return Canonical{}, reject
	}
	c, reject := canonProtected(text)
	if reject != nil {
		return Canonical{}, reject
	}
	c.Notes |= notes
	return c, nil
}

func canonProtected(text string) (Canonical, *Reject) {
	if kind, ok := hashKind(text); ok {
		return Canonical{Key: Key{kind, strings.ToLower(text)}}, nil
	}
	options := Options{AllowReserved: true, WidestIPv4: 1, WidestIPv6: 1}
	c, notAddress := options.canonAddress(text)
	if notAddress == nil && c.Port == 0 {
		return c, nil
	}
	if strings.ContainsAny(text, ":/") || notAddress != nil && notAddress.Code != CodeNotAddress {
		return Canonical{}, withPort(notAddress, text)
	}
	return canonProtectedName(text)
}

// withPort says what is wrong with a value that looks like an address.
func withPort(reject *Reject, text string) *Reject {
	if reject != nil {
		return reject
	}
	return rejectf(CodeNotAddress, "%s has a port, and what is protected is protected on every port", quote(text))
}

// hashKind tells the kind of a file's hash by its digits.
func hashKind(text string) (Kind, bool) {
	for kind, digits := range hashDigits {
		if len(text) == digits && isHexadecimal(text) {
			return kind, true
		}
	}
	return 0, false
}

// canonProtectedName takes what [checkName] takes, and single labels.
func canonProtectedName(text string) (Canonical, *Reject) {
	name, scope := cutWildcard(text)
	name, reject := mapName(name)
	if reject != nil {
		return Canonical{}, reject
	}
	if scope == ScopeExact && name != text && !strings.HasSuffix(name, ".") {
		// What a value is shows in its canonical spelling alone.
		return canonProtected(name)
	}
	if strings.Contains(name, ".") {
		reject = checkName(name)
	} else if reject = checkLabel(name, name); reject == nil && endsInNumber(name) {
		reject = rejectf(CodeNotDomain, "%s is a number, and no name is", quote(name))
	}
	if reject != nil {
		return Canonical{}, reject
	}
	return Canonical{Key: Key{Domain, name}, Scope: scope}, nil
}
