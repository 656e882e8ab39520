package httpx

import (
	"net/url"
	"strings"
)

// shown are the query parameters that an address may show in an error. They
// are TAXII's filters (TAXII 2.1, section 3.4) and never a secret.
var shown = map[string]bool{
	"added_after": true, "limit": true,
	"match[id]": true, "match[type]": true, "match[version]": true, "match[spec_version]": true,
}

// RedactURL writes an address for people: without credentials and fragment,
// and with "…" for the value of every query parameter that could be a secret.
func RedactURL(u *url.URL) string {
	shownURL := url.URL{Scheme: u.Scheme, Host: u.Host, Path: u.Path, RawPath: u.RawPath, Opaque: u.Opaque}
	text := shownURL.String()
	if u.RawQuery == "" {
		return text
	}
	return text + "?" + redactQuery(u.RawQuery)
}

func redactQuery(query string) string {
	params := strings.Split(query, "&")
	for i, param := range params {
		raw, value, _ := strings.Cut(param, "=")
		name, err := url.QueryUnescape(raw)
		if err != nil {
			name = "…"
		}
		if value, err = url.QueryUnescape(value); err != nil || !shown[name] {
			value = "…"
		}
		params[i] = name + "=" + value
	}
	return oneLine(strings.Join(params, "&"))
}

// oneLine makes one printable line of what may have come from a server.
func oneLine(text string) string {
	const longest = 300
	text = strings.ToValidUTF8(text, "�")
	fields := strings.FieldsFunc(text, func(r rune) bool { return r <= ' ' || (r >= 0x7f && r < 0xa0) || r == '\u2028' || r == '\u2029' })
	text = strings.Join(fields, " ")
	if runes := []rune(text); len(runes) > longest {
		return string(runes[:longest]) + "…"
	}
	return text
}
