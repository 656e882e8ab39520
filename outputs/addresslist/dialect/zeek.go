package dialect

import (
	"strings"
	"time"

	"github.com/indicatord/indicatord/internal/indicator"
)

var zeek = Dialect{
	Name:   "zeek",
	Reader: "Zeek, file of the intelligence framework",
	Source: "Zeek documentation, Intelligence Framework, and the policy script frameworks/intel/removal",
	Note: "Zeek keeps what it once read. Load `policy/frameworks/intel/removal`: a line whose `meta.remove` is T then takes an entry back, " +
		"and stays in the list for a week after the entry has left. Names are matched alone.",
	Kinds: []indicator.Kind{
		indicator.IP, indicator.Domain, indicator.URL, indicator.Email,
		indicator.MD5, indicator.SHA1, indicator.SHA256, indicator.SHA512, indicator.FileName,
	},
	Addresses: AnyAddress,
	Names:     Alone,
	Options: []Option{
		{"source", "indicatord", "What stands in `meta.source`.", word(63)},
		{"notice", "F", "Whether Zeek raises a notice (`meta.do_notice`): `T` or `F`.", oneOf("T", "F")},
	},
	Lossy: true,
	Header: func(*List) string {
		return "#fields\tindicator\tindicator_type\tmeta.source\tmeta.desc\tmeta.do_notice\tmeta.remove\n"
	},
	Line:     zeekLine,
	Farewell: &Farewell{Identity: zeekIdentity, Line: zeekRemoval},
}

var zeekTypes = map[indicator.Kind]string{
	indicator.Domain: "DOMAIN", indicator.URL: "URL", indicator.Email: "EMAIL", indicator.FileName: "FILE_NAME",
	indicator.MD5: "FILE_HASH", indicator.SHA1: "FILE_HASH", indicator.SHA256: "FILE_HASH", indicator.SHA512: "FILE_HASH",
}

// zeekLine writes a URL without its scheme, which Zeek does not compare.
func zeekLine(line []byte, e *indicator.Entry, l *List) ([]byte, Unsaid) {
	text, kind := e.Key.Value, zeekTypes[e.Key.Kind]
	switch e.Key.Kind {
	case indicator.URL:
		var unsaid Unsaid
		if text, unsaid = withoutScheme(text); unsaid != "" {
			return line, unsaid
		}
	case indicator.IP:
		kind = "ADDR"
		if strings.Contains(text, "/") {
			kind = "SUBNET"
		}
	}
	if text == "-" || text == "(empty)" || strings.Contains(text, `\x`) {
		return line, "a value that has a meaning of its own to the reader"
	}
	line = append(append(append(line, text...), "\tIntel::"...), kind...)
	line = append(append(line, '\t'), l.Options["source"]...)
	return append(append(append(line, "\t-\t"...), l.Options["notice"]...), "\tF"...), ""
}

// zeekFields are the columns of a line.
const zeekFields = 6

// zeekKept is how long a line stays that takes an entry back. Zeek has to read
// the list in that time.
const zeekKept = 7 * 24 * time.Hour

const zeekRemoved = "removed "

func zeekIdentity(line string) string {
	fields := strings.SplitN(line, "\t", zeekFields)
	if len(fields) < zeekFields || strings.HasPrefix(line, "#") {
		return ""
	}
	return fields[0] + "\t" + fields[1]
}

// zeekRemoval says since when in the description.
func zeekRemoval(old string, now time.Time) string {
	fields := strings.Split(old, "\t")
	if len(fields) != zeekFields {
		return ""
	}
	if fields[5] == "T" {
		since, err := time.Parse(time.RFC3339, strings.TrimPrefix(fields[3], zeekRemoved))
		if err != nil || now.Sub(since) > zeekKept {
			return ""
		}
		return old
	}
	fields[3], fields[5] = zeekRemoved+now.UTC().Format(time.RFC3339), "T"
	return strings.Join(fields, "\t")
}
