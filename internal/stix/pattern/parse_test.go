package pattern

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/indicatord/indicatord/internal/indicator"
)

func TestParseNormalForm(t *testing.T) {
	tests := []struct {
		name, text, want string // an empty want is the text itself
	}{
		{"equality", "[ipv4-addr:value = '198.51.100.7']", ""},
		{"space is free", "\t[ipv4-addr : value='a']\r\n", "[ipv4-addr:value = 'a']"},
		{"wide spaces", "\u00a0[a:b\u3000=\u2003'x'\u2028]", "[a:b = 'x']"},
		{"block comment", "[a:b /* [ ' */ = 'x']", "[a:b = 'x']"},
		{"line comment", "// first\n[a:b = 'x'] // last", "[a:b = 'x']"},
		{"comment signs in a string", "[url:value = 'http://a/*b*/']", ""},
		{"double equals sign", "[a:b == 'x']", "[a:b = 'x']"},
		{"other spelling of unequal", "[a:b <> 'x']", "[a:b != 'x']"},
		{"order", "[a:b < 1 OR a:b <= 1 OR a:b > 1 OR a:b >= 1]", ""},
		{"set", "[a:b IN ('x','y', 3)]", "[a:b IN ('x', 'y', 3)]"},
		{"empty set", "[a:b IN ( )]", "[a:b IN ()]"},
		{"text operators", "[a:b LIKE 'x%' OR a:b MATCHES '^x' OR a:b ISSUBSET 'x' OR a:b ISSUPERSET 'x']", ""},
		{"existence", "[EXISTS a:b AND NOT EXISTS a:c]", ""},
		{"negation follows the path", "[a:b NOT = 'x' OR a:b NOT IN ('x') OR a:b NOT LIKE 'x']", ""},
		{"escapes", `[a:b = 'it\'s \\ here']`, ""},
		{"numbers", "[a:b = 0 OR a:b = -12 OR a:b = +3 OR a:b = .5 OR a:b = -00.25]", ""},
		{"booleans", "[a:b = true OR a:b = false]", ""},
		{"hexadecimal", "[a:b = h'' OR a:b = h'00fF']", ""},
		{"base64", "[a:b = b'YQ==' OR a:b = b'YWI=' OR a:b = b'YWJj']", ""},
		{"timestamp", "[a:b = t'2026-02-30T23:59:60Z' OR a:b = t'2026-01-31T00:00:00.123456789Z']", ""},
		{"quoted property", "[file:hashes.'SHA-256' = 'x']", ""},
		{"needless quotes", "[file:'name' = 'x']", "[file:name = 'x']"},
		{"quoted first property", "[a:'b-c'.d = 'x']", ""},
		{"quoted keyword", "[a:'AND'.'true' = 'x']", ""},
		{"names of literals", "[h:b.t = 'x']", ""},
		{"list indexes", "[a:b[0].c[*].d = 'x']", ""},
		{"negative list index", "[a:b[-1] = 'x']", ""},
		{"hyphen in a type", "[x-custom--type:b = 'x']", ""},
		{"reference step", "[network-traffic:dst_ref.value = 'x']", ""},
		{"AND binds tighter than OR", "[a:b = 1 OR (a:c = 2 AND a:d = 3)]", "[a:b = 1 OR a:c = 2 AND a:d = 3]"},
		{"parentheses that matter stay", "[(a:b = 1 OR a:c = 2) AND a:d = 3]", ""},
		{"AND and OR are associative", "[(a:b = 1 OR a:c = 2) OR a:d = 3]", "[a:b = 1 OR a:c = 2 OR a:d = 3]"},
		{
			"FOLLOWEDBY binds loosest",
			"[a:b = 1] FOLLOWEDBY ([a:b = 2] OR ([a:b = 3] AND [a:b = 4]))",
			"[a:b = 1] FOLLOWEDBY [a:b = 2] OR [a:b = 3] AND [a:b = 4]",
		},
		{"FOLLOWEDBY keeps its groups", "[a:b = 1] FOLLOWEDBY ([a:b = 2] FOLLOWEDBY [a:b = 3])", ""},
		{"qualifiers bind to the left", "[a:b = 1] AND [a:b = 2] WITHIN 5 SECONDS", ""},
		{"qualifiers of a group", "([a:b = 1] AND [a:b = 2]) WITHIN 5.5 SECONDS REPEATS 3 TIMES", ""},
		{"START and STOP", "[a:b = 1] START t'2026-01-01T00:00:00Z' STOP t'2026-01-01T00:00:00.5Z'", ""},
		{"one of each on every level", "([a:b = 1] WITHIN 5 SECONDS) WITHIN 6 SECONDS", ""},
		{"a group of one", "(([a:b = 1]))", "[a:b = 1]"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			want := tt.want
			if want == "" {
				want = tt.text
			}
			if got := mustParse(t, tt.text).String(); got != want {
				t.Errorf("got  %s\nwant %s", got, want)
			}
			if got := mustParse(t, want).String(); got != want {
				t.Errorf("the normal form does not stand: %s became %s", want, got)
			}
		})
	}
}

// malformed are texts that leave the language, each at its offset.
var malformed = []struct {
	name, text string
	offset     int
	message    string // a part of it
}{
	{"nothing", "", 0, "expected '[' or '('"},
	{"no brackets", "ipv4-addr:value = 'x'", 0, "found ipv4-addr"},
	{"no end", "[a:b = 'x'", 10, "expected AND, OR or ']', found the end"},
	{"something after the end", "[a:b = 'x'] ]", 12, "the end of the pattern, found ]"},
	{"empty brackets", "[]", 1, "expected an object path"},
	{"no property", "[a: = 'x']", 4, "a property name"},
	{"no type", "[value = 'x']", 7, "':' after the type"},
	{"no operator", "[a:b 'x']", 5, "a comparison operator"},
	{"no constant", "[a:b = ]", 7, "a constant"},
	{"a path to the right", "[a:b = c:d]", 7, "a constant"},
	{"lower-case keyword", "[a:b = 'x' or a:c = 'y']", 11, "AND, OR or ']', found or"},
	{"negation of a group", "[NOT (a:b = 'x')]", 5, "NOT stands after the object path"},
	{"negation in front", "[NOT a:b = 'x']", 5, "NOT stands after the object path"},
	{"a keyword as property", "[a:AND = 'x']", 3, "a property name"},
	{"a keyword as type", "[IN:b = 'x']", 1, "an object path"},
	{"unquoted hyphen", "[a:b-c = 'x']", 3, "must be quoted: 'b-c'"},
	{"double quotes", `[a:b = "x"]`, 7, `the character '"'`},
	{"typographic quotes", "[a:b = ‘x’]", 7, "the character '‘'"},
	{"open string", "[a:b = 'x]", 7, "never closed"},
	{"lone backslash", `[a:b = 'C:\Temp']`, 10, "a backslash"},
	{"backslash at the end", `[a:b = '\`, 8, "a backslash"},
	{"odd hexadecimal", "[a:b = h'abc']", 9, "pairs of hexadecimal digits"},
	{"hexadecimal letters", "[a:b = h'xx']", 9, "pairs of hexadecimal digits"},
	{"base64 without padding", "[a:b = b'YQ']", 9, "base64"},
	{"empty base64", "[a:b = b'']", 9, "base64"},
	{"base64 of too much padding", "[a:b = b'Y===']", 9, "base64"},
	{"timestamp without zone", "[a:b = t'2026-01-01T00:00:00']", 9, "a timestamp"},
	{"timestamp in month 13", "[a:b = t'2026-13-01T00:00:00Z']", 9, "a timestamp"},
	{"timestamp at hour 24", "[a:b = t'2026-01-01T24:00:00Z']", 9, "a timestamp"},
	{"timestamp with a bare dot", "[a:b = t'2026-01-01T00:00:00.Z']", 9, "a timestamp"},
	{"needless zero", "[a:b = 007]", 7, "needless zero"},
	{"sign alone", "[a:b = -]", 7, "a digit after the sign"},
	{"exponent", "[a:b = 1e5]", 8, "found e5"},
	{"LIKE takes a string", "[a:b LIKE 5]", 10, "a string"},
	{"ISSUBSET takes a string", "[a:b ISSUBSET h'00']", 14, "a string"},
	{"booleans have no order", "[a:b < true]", 7, "an order"},
	{"set without parentheses", "[a:b IN 'x']", 8, "'(' and the constants"},
	{"set with a trailing comma", "[a:b IN ('x',)]", 13, "a constant"},
	{"set not closed", "[a:b IN ('x' 'y')]", 13, "',' or ')'"},
	{"index of a name", "[a:b[c] = 'x']", 5, "a list index or '*'"},
	{"index not closed", "[a:b[0 = 'x']", 7, "']' after the list index"},
	{"mixed levels", "[a:b = 'x'] AND a:c = 'y'", 16, "'[' or '('"},
	{"qualifier inside", "[a:b = 'x' WITHIN 5 SECONDS]", 11, "AND, OR or ']'"},
	{"unit", "[a:b = 'x'] WITHIN 5 MINUTES", 21, "SECONDS"},
	{"no time at all", "[a:b = 'x'] WITHIN 0 SECONDS", 19, "a positive number"},
	{"negative time", "[a:b = 'x'] WITHIN -5 SECONDS", 19, "a positive number"},
	{"repeats of a fraction", "[a:b = 'x'] REPEATS 1.5 TIMES", 20, "a positive integer"},
	{"no repeats", "[a:b = 'x'] REPEATS 0 TIMES", 20, "a positive integer"},
	{"START alone", "[a:b = 'x'] START t'2026-01-01T00:00:00Z'", 41, "STOP"},
	{"START of a string", "[a:b = 'x'] START '2026-01-01T00:00:00Z' STOP '2027-01-01T00:00:00Z'", 18, "a timestamp"},
	{"STOP before START", "[a:b = 'x'] START t'2026-01-01T00:00:01Z' STOP t'2026-01-01T00:00:01.0Z'", 12, "earlier"},
	{"two of one qualifier", "[a:b = 'x'] WITHIN 5 SECONDS REPEATS 2 TIMES WITHIN 6 SECONDS", 45, "a second WITHIN"},
	{"open comment", "[a:b = 'x'] /* so", 12, "never closed"},
	{"slash", "[a:b = 'x'] / 2", 12, "'/'"},
	{"group not closed", "([a:b = 'x']", 12, "')'"},
	{"reserved word", "[LAST:b = 'x']", 1, "an object path"},
	{"not UTF-8", "[a:b = '\xff']", 8, "UTF-8"},
	{"long literal in the message", "[a:b '" + strings.Repeat("x", 100) + "']", 5, "found a long literal"},
}

func TestParseRefuses(t *testing.T) {
	for _, tt := range malformed {
		t.Run(tt.name, func(t *testing.T) {
			_, err := Parse(tt.text, Options{})
			var syntax *SyntaxError
			if !errors.As(err, &syntax) {
				t.Fatalf("got error %v, want a *SyntaxError", err)
			}
			if syntax.Code != CodeSyntax || syntax.Offset != tt.offset || !strings.Contains(syntax.Message, tt.message) {
				t.Errorf("got %s at %d: %q\nwant %s at %d with %q",
					syntax.Code, syntax.Offset, syntax.Message, CodeSyntax, tt.offset, tt.message)
			}
		})
	}
}

func TestSyntaxErrorTellsThePlace(t *testing.T) {
	_, err := Parse("[a:b ? 'x']", Options{})
	if got, want := err.Error(), "at byte 5: the character '?' has no place here"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestParseLimits(t *testing.T) {
	deep := func(n int) string { return strings.Repeat("(", n) + "[a:b = 'x']" + strings.Repeat(")", n) }
	tests := []struct {
		name, text string
		opts       Options
		ok         bool
	}{
		{"64 parentheses", deep(64), Options{}, true},
		{"65 parentheses", deep(65), Options{}, false},
		{"a million parentheses", deep(500_000), Options{}, false},
		{"inside and outside count together", "([(a:b = 'x')])", Options{MaxDepth: 1}, false},
		{"parentheses side by side do not nest", "([a:b = 'x']) OR ([(a:b = 'x')])", Options{MaxDepth: 2}, true},
		{"20,000 terms", orOf(20_000), Options{}, true},
		{"20,001 terms", orOf(20_001), Options{}, false},
		{"constants of a set count", "[a:b IN (1, 2, 3)]", Options{MaxTerms: 2}, false},
		{"EXISTS counts", "[EXISTS a:b AND EXISTS a:c]", Options{MaxTerms: 1}, false},
		{"as many bytes as allowed", "[a:b = 'x']", Options{MaxBytes: 11}, true},
		{"one byte more", "[a:b = 'x'] ", Options{MaxBytes: 11}, false},
		{"more than a mebibyte", "[a:b = '" + strings.Repeat("x", 1<<20) + "']", Options{}, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := Parse(tt.text, tt.opts)
			var syntax *SyntaxError
			if tt.ok != (err == nil) || errors.As(err, &syntax) && syntax.Code != CodeLimit {
				t.Errorf("got error %v; want it within the limits: %v", err, tt.ok)
			}
		})
	}
}

func TestParseSTIX20(t *testing.T) {
	text := "[a:b = 'x'] START '2016-06-01T00:00:00Z' STOP '2016-07-01T00:00:00Z'"
	p, err := Parse(text, Options{STIX20: true})
	if err != nil {
		t.Fatal(err)
	}
	want := "[a:b = 'x'] START t'2016-06-01T00:00:00Z' STOP t'2016-07-01T00:00:00Z'"
	if got := p.String(); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	p, err = Parse("[file:hashes.ssdeep = 'x']", Options{STIX20: true, Refuse: AllLeniencies})
	if err != nil || p.String() != "[file:hashes.SSDEEP = 'x']" || p.Leniencies != 0 {
		t.Errorf("got %v, %v; the vocabulary of STIX 2.0 has ssdeep in small letters", p, err)
	}
	if _, err := Parse("[a:b = 'x'] START 'June' STOP 'July'", Options{STIX20: true}); err == nil {
		t.Error("strings that are no timestamps were read")
	}
}

func mustParse(t testing.TB, text string) *Pattern {
	t.Helper()
	p, err := Parse(text, Options{})
	if err != nil {
		t.Fatalf("%s\n%v", text, err)
	}
	return p
}

// orOf returns a pattern of n addresses, one observation each.
func orOf(n int) string {
	var b strings.Builder
	for i := range n {
		if i > 0 {
			b.WriteString(" OR ")
		}
		fmt.Fprintf(&b, "[ipv4-addr:value = '45.%d.%d.%d']", i>>16&255, i>>8&255, i&255)
	}
	return b.String()
}

// inOneObservation returns a pattern of n addresses in one pair of brackets.
func inOneObservation(n int) string {
	return "[" + strings.NewReplacer("[", "", "]", "").Replace(orOf(n)) + "]"
}

func TestEveryCodeIsDocumented(t *testing.T) {
	seen := map[indicator.Code]bool{}
	for _, info := range Codes() {
		if seen[info.Code] || !strings.HasSuffix(info.Meaning, ".") {
			t.Errorf("%s is there twice or has no sentence", info.Code)
		}
		seen[info.Code] = true
	}
}
