package ecs

import (
	"net/netip"
	"net/url"
	"strconv"
	"strings"

	"golang.org/x/net/publicsuffix"

	"github.com/indicatord/indicatord/internal/indicator"
)

// setValue writes the key into the fields for its kind.
func setValue(doc *Doc, k indicator.Key) {
	to := &doc.Threat.Indicator
	to.Name = k.Value
	to.Type = observableTypes[k.Kind]
	switch k.Kind {
	case indicator.IP:
		setAddress(doc, k)
	case indicator.Domain:
		to.URL = &URL{}
		to.URL.setDomain(k.Value)
	case indicator.URL:
		to.URL = parseURL(k.Value)
	case indicator.Email:
		to.Email = &Email{Address: k.Value}
	case indicator.MD5, indicator.SHA1, indicator.SHA256, indicator.SHA512:
		to.File = &File{Hash: hash(k)}
	case indicator.FileName:
		to.File = &File{Name: k.Value}
	case indicator.RegistryKey:
		to.Registry = registry(k.Value)
	case indicator.Certificate:
		to.X509 = certificate(k.Value)
	case indicator.Rule:
		doc.Indicatord.Rule = &Rule{Language: indicator.RuleLanguage(k.Value)}
	case indicator.Other:
		setOther(to, k.Value)
	}
}

// observableTypes are the values of threat.indicator.type, which ECS takes from
// the STIX observables. It has none for a user agent: it is a piece of software
// that gives its name.
var observableTypes = map[indicator.Kind]string{
	indicator.Domain:      "domain-name",
	indicator.URL:         "url",
	indicator.Email:       "email-addr",
	indicator.MD5:         "file",
	indicator.SHA1:        "file",
	indicator.SHA256:      "file",
	indicator.SHA512:      "file",
	indicator.FileName:    "file",
	indicator.Process:     "process",
	indicator.RegistryKey: "windows-registry-key",
	indicator.Certificate: "x509-certificate",
	indicator.Mutex:       "mutex",
	indicator.UserAgent:   "software",
	indicator.MAC:         "mac-addr",
}

// setAddress writes an address where rules look for it, and a wider prefix where
// it does no harm.
func setAddress(doc *Doc, k indicator.Key) {
	p := k.Prefix()
	doc.Threat.Indicator.Type = "ipv6-addr"
	if p.Addr().Is4() {
		doc.Threat.Indicator.Type = "ipv4-addr"
	}
	if p.IsSingleIP() {
		doc.Threat.Indicator.IP = p.Addr()
	} else {
		doc.Indicatord.Range = k.Value
	}
}

// setDomain writes a host name and its parts by the public suffix list.
func (u *URL) setDomain(name string) {
	u.Domain = name
	registered, err := publicsuffix.EffectiveTLDPlusOne(name)
	if err != nil {
		return
	}
	u.RegisteredDomain = registered
	_, u.TopLevelDomain, _ = strings.Cut(registered, ".")
	u.Subdomain = strings.TrimSuffix(strings.TrimSuffix(name, registered), ".")
}

// parseURL takes a URL apart. A URL without a scheme has no full form: what it
// lacks is not known.
func parseURL(text string) *URL {
	u := &URL{Original: text}
	absolute := text
	if strings.Contains(text, "://") {
		u.Full = text
	} else {
		absolute = "//" + text
	}
	parsed, err := url.Parse(absolute)
	if err != nil {
		return u
	}
	u.Scheme = parsed.Scheme
	u.Path = parsed.EscapedPath()
	u.Query = parsed.RawQuery
	u.setHost(parsed)
	return u
}

// setHost writes the host and the port. ECS keeps the brackets of an IPv6
// address, and gives an address no registered domain.
func (u *URL) setHost(parsed *url.URL) {
	if port, err := strconv.ParseUint(parsed.Port(), 10, 16); err == nil {
		u.Port = int(port)
	}
	host := parsed.Hostname()
	switch address, err := netip.ParseAddr(host); {
	case err != nil:
		u.setDomain(host)
	case address.Is4():
		u.Domain = host
	default:
		u.Domain = "[" + host + "]"
	}
}

func hash(k indicator.Key) *Hash {
	switch k.Kind {
	case indicator.MD5:
		return &Hash{MD5: k.Value}
	case indicator.SHA1:
		return &Hash{SHA1: k.Value}
	case indicator.SHA256:
		return &Hash{SHA256: k.Value}
	}
	return &Hash{SHA512: k.Value}
}

var hives = map[string]string{
	"HKEY_CLASSES_ROOT":   "HKCR",
	"HKEY_CURRENT_CONFIG": "HKCC",
	"HKEY_CURRENT_USER":   "HKCU",
	"HKEY_LOCAL_MACHINE":  "HKLM",
	"HKEY_USERS":          "HKU",
}

// registry splits a registry key. STIX spells the hive in full, ECS in short.
func registry(value string) *Registry {
	hive, key, found := strings.Cut(value, `\`)
	if short, ok := hives[strings.ToUpper(hive)]; ok {
		hive = short
	}
	if !found {
		return &Registry{Path: hive}
	}
	return &Registry{Hive: hive, Key: key, Path: hive + `\` + key}
}

// certificate returns the serial number as ECS writes it, nil for a value that
// may as well be a fingerprint, for which ECS has no field.
func certificate(value string) *X509 {
	digits := strings.ReplaceAll(value, ":", "")
	switch len(value) {
	case 32, 40, 64, 128:
		return nil
	}
	if strings.Trim(digits, "0123456789abcdefABCDEF") != "" {
		return nil
	}
	return &X509{SerialNumber: strings.ToUpper(digits)}
}

// otherTypes are the observables that ECS names and this program has no kind
// for.
var otherTypes = map[string]bool{
	"artifact": true, "autonomous-system": true, "directory": true, "software": true, "user-account": true,
	"file": true, "process": true, "windows-registry-key": true, "x509-certificate": true, "email-addr": true,
}

// setOther writes what it can of an "object:path=literal".
func setOther(to *Indicator, value string) {
	object, _, _ := strings.Cut(value, ":")
	if otherTypes[object] {
		to.Type = object
	}
	if text, found := strings.CutPrefix(value, "autonomous-system:number="); found {
		if number, err := strconv.ParseUint(text, 10, 32); err == nil {
			to.AS = &AS{Number: uint32(number)}
		}
	}
}
