package dialect

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/indicatord/indicatord/internal/indicator"
)

// matchable are the kinds that tools can match; the others are carried for a
// SIEM.
var matchable = slices.DeleteFunc(indicator.Kinds(), indicator.Kind.Carried)

var (
	onlyIP     = []indicator.Kind{indicator.IP}
	onlyDomain = []indicator.Kind{indicator.Domain}
	onlyURL    = []indicator.Kind{indicator.URL}
)

// value writes the canonical value and nothing else.
func value(line []byte, e *indicator.Entry, _ *List) ([]byte, Unsaid) {
	return append(line, e.Key.Value...), ""
}

// wildcard is why a reader that knows wildcards is not told of a value that holds
// one: the star of https://example.com/* is a character of the URL, and to the
// reader it would be every page of the host.
const wildcard Unsaid = "a character that is a wildcard to the reader"

// withoutStar writes the canonical value for a reader to which a star is a wildcard.
func withoutStar(line []byte, e *indicator.Entry, _ *List) ([]byte, Unsaid) {
	if strings.Contains(e.Key.Value, "*") {
		return line, wildcard
	}
	return append(line, e.Key.Value...), ""
}

// withLength writes a prefix with its length, though it be a single address.
func withLength(line []byte, e *indicator.Entry, _ *List) ([]byte, Unsaid) {
	return appendPrefix(line, e.Key.Value), ""
}

// appendPrefix appends an address or a prefix with its length.
func appendPrefix(line []byte, address string) []byte {
	line = append(line, address...)
	switch {
	case strings.IndexByte(address, '/') >= 0:
		return line
	case isIPv6(address):
		return append(line, "/128"...)
	}
	return append(line, "/32"...)
}

func isIPv6(address string) bool { return strings.IndexByte(address, ':') >= 0 }

// wide reports whether a name stands for its subdomains too.
func wide(e *indicator.Entry) bool { return e.Scope() == indicator.ScopeSubdomains }

// withoutScheme cuts off the scheme of a URL of the web. A URL of another scheme
// is not about the web: without the scheme it would mean another one.
func withoutScheme(url string) (string, Unsaid) {
	scheme, rest, found := strings.Cut(url, "://")
	switch {
	case !found:
		return url, ""
	case scheme == "http" || scheme == "https":
		return rest, ""
	}
	return "", "a scheme other than http and https"
}

// stated returns the confidence, or what counts where none is stated.
func stated(e *indicator.Entry, unstated int) int {
	if c := e.Confidence(); c != indicator.Unstated {
		return int(c)
	}
	return unstated
}

// inline makes one line of a text from a hub.
func inline(text string) string {
	return strings.Join(strings.FieldsFunc(text, func(r rune) bool { return r < ' ' || r == 0x7f }), " ")
}

// inlined keeps texts of a hub from beginning lines of their own.
func inlined(texts []string) []string {
	lines := make([]string, len(texts))
	for i, text := range texts {
		lines[i] = inline(text)
	}
	return lines
}

// word accepts the names that tools give to sets and lists.
func word(longest int) func(string) error {
	pattern := regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_.-]*$`)
	return func(text string) error {
		if !pattern.MatchString(text) || len(text) > longest {
			return fmt.Errorf("%q is not a name of letters, digits, hyphens, dots and underscores that begins with a letter and has at most %d characters", text, longest)
		}
		return nil
	}
}

// number accepts whole numbers.
func number(lowest, highest int) func(string) error {
	return func(text string) error {
		if n, err := strconv.Atoi(text); err != nil || n < lowest || n > highest {
			return fmt.Errorf("%q is not a whole number from %d to %d", text, lowest, highest)
		}
		return nil
	}
}

// oneOf accepts some words.
func oneOf(words ...string) func(string) error {
	return func(text string) error {
		if !slices.Contains(words, text) {
			return fmt.Errorf("%q is none of %s", text, strings.Join(words, ", "))
		}
		return nil
	}
}

// orEmpty accepts "" beside what check accepts.
func orEmpty(check func(string) error) func(string) error {
	return func(text string) error {
		if text == "" {
			return nil
		}
		return check(text)
	}
}

// plainWord accepts letters, digits and underscores.
func plainWord(text string) error {
	if text == "" || strings.Trim(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_") != "" {
		return fmt.Errorf("%q is not a word of letters, digits and underscores", text)
	}
	return nil
}
