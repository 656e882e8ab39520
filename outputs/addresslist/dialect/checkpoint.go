package dialect

import (
	"hash/fnv"
	"strconv"
	"strings"

	"github.com/indicatord/indicatord/internal/cidr"
	"github.com/indicatord/indicatord/internal/indicator"
)

var checkPoint = Dialect{
	Name:   "checkpoint",
	Reader: "Check Point, custom intelligence feed in CSV",
	Source: "Check Point sk132193",
	Note:   "A value with a comma is left out: the format has no quotes, and one bad record makes the gateway refuse the whole file.",
	Kinds: []indicator.Kind{
		indicator.IP, indicator.Domain, indicator.URL, indicator.Email, indicator.MD5, indicator.SHA1, indicator.SHA256,
	},
	Addresses: IPv4 | Prefixes,
	Options: []Option{
		{"product", "AV", "The blade that acts: `AV` (Anti-Virus) or `AB` (Anti-Bot).", oneOf("AV", "AB")},
		{"severity", "high", "The severity of all entries: `low`, `medium`, `high` or `critical`.", oneOf("low", "medium", "high", "critical")},
		{
			"email", "Mail-from", "Which part of a mail an address is looked for in: `Mail-from`, `Mail-to`, `Mail-cc` or `Mail-reply-to`.",
			oneOf("Mail-from", "Mail-to", "Mail-cc", "Mail-reply-to"),
		},
	},
	Header: func(*List) string { return "#UNIQ-NAME,VALUE,TYPE,CONFIDENCE,SEVERITY,PRODUCT,COMMENT\n" },
	Line:   checkPointRecord,
}

var checkPointTypes = map[indicator.Kind]string{
	indicator.IP: "IP", indicator.Domain: "Domain", indicator.URL: "URL",
	indicator.MD5: "MD5", indicator.SHA1: "SHA1", indicator.SHA256: "SHA256",
}

func checkPointRecord(line []byte, e *indicator.Entry, l *List) ([]byte, Unsaid) {
	if strings.Contains(e.Key.Value, ",") {
		return line, "a comma in the value"
	}
	line = append(append(line, "indicatord-"...), mark(e.Key)...)
	line = append(append(line, ','), checkPointValue(e.Key)...)
	line = append(append(line, ','), checkPointType(e.Key, l)...)
	line = append(append(line, ','), level(stated(e, 50))...)
	line = append(append(line, ','), l.Options["severity"]...)
	line = append(append(line, ','), l.Options["product"]...)
	return append(append(line, ','), l.Name...), ""
}

// checkPointValue writes a prefix as a range, which is what the gateway takes.
func checkPointValue(k indicator.Key) string {
	if k.Kind != indicator.IP || !strings.Contains(k.Value, "/") {
		return k.Value
	}
	prefix := k.Prefix()
	return prefix.Addr().String() + "-" + cidr.Last(prefix).String()
}

func checkPointType(k indicator.Key, l *List) string {
	switch {
	case k.Kind == indicator.Email:
		return l.Options["email"]
	case k.Kind == indicator.IP && strings.Contains(k.Value, "/"):
		return "IP Range"
	}
	return checkPointTypes[k.Kind]
}

// level is the word for a confidence, by the scale of three steps in appendix A
// of STIX 2.1.
func level(confidence int) string {
	switch {
	case confidence < 30:
		return "low"
	case confidence < 70:
		return "medium"
	}
	return "high"
}

// mark names a key in sixteen digits, the same ones each time.
func mark(k indicator.Key) string {
	sum := fnv.New64a()
	_, _ = sum.Write([]byte(k.String()))
	digits := strconv.FormatUint(sum.Sum64(), 16)
	return strings.Repeat("0", 16-len(digits)) + digits
}
