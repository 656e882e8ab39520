package dialect

import (
	"strconv"
	"strings"

	"github.com/indicatord/indicatord/internal/indicator"
)

var commaSeparated = Dialect{
	Name:      "csv",
	Reader:    "anything that reads CSV",
	Source:    "RFC 4180, with a header, and with newlines in place of CRLF",
	Note:      "A time is in UTC by RFC 3339. Several sources or names stand in one column, with a semicolon and a blank between them.",
	Kinds:     indicator.Kinds(),
	Addresses: AnyAddress,
	Names:     ByScope,
	InFull:    true,
	Header: func(*List) string {
		return "kind,value,confidence,tlp,direction,scope,valid_until,sources,names\n"
	},
	Line: func(line []byte, e *indicator.Entry, _ *List) ([]byte, Unsaid) {
		for i, field := range recordOf(e) {
			if i > 0 {
				line = append(line, ',')
			}
			line = appendField(line, field)
		}
		return line, ""
	},
}

func recordOf(e *indicator.Entry) []string {
	confidence := ""
	if c := e.Confidence(); c != indicator.Unstated {
		confidence = strconv.Itoa(int(c))
	}
	return []string{
		e.Key.Kind.String(), e.Key.Value, confidence, e.TLP().String(), e.Direction().String(), e.Scope().String(), until(e),
		prose(e.Sources()), prose(e.Names()),
	}
}

func until(e *indicator.Entry) string {
	end, _ := e.ValidUntil()
	if end.IsZero() {
		return ""
	}
	return end.UTC().Format("2006-01-02T15:04:05Z")
}

// prose joins texts of a hub on one line that no spreadsheet takes for a formula.
func prose(texts []string) string {
	text := inline(strings.Join(texts, "; "))
	if text != "" && strings.IndexByte("=+-@", text[0]) >= 0 {
		return "'" + text
	}
	return text
}

// appendField quotes what needs quotes.
func appendField(line []byte, field string) []byte {
	if !strings.ContainsAny(field, "\",") && strings.TrimSpace(field) == field {
		return append(line, field...)
	}
	return append(append(append(line, '"'), strings.ReplaceAll(field, `"`, `""`)...), '"')
}
