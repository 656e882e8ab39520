package gbt36643

import (
	"fmt"
	"net/netip"
	"regexp"
	"slices"
	"strings"

	"github.com/indicatord/indicatord/internal/indicator"
	"github.com/indicatord/indicatord/internal/stix"
	"github.com/indicatord/indicatord/internal/stix/pattern"
)

// comparison says that a property equals a value.
type comparison struct {
	property string
	value    node
}

// test makes a term of a value of that type.
func (w *writer) test(value *node, name string) {
	of := w.m.table.Objects[name]
	var all []comparison
	read := map[string]bool{} // the keys whose values a test has taken
	word := w.text(value, of.By)
	for _, bound := range []bool{true, false} {
		for _, rule := range sorted(of.Tests) {
			if bound != (len(rule.For) > 0) || bound && !w.isAmong(word, rule.For) {
				continue
			}
			if key, found := w.take(value, rule.Keys, read); found.present() {
				read[key] = true
				all = append(all, comparison{rule.Is, found})
			}
		}
	}
	switch left := w.untaken(value, &of, read); {
	case left != "":
		w.record.reject(pattern.CodeExtraConstraint, "no test of the type "+name+" takes the key "+quoted(left), clip(left))
	case len(all) == 0:
		w.record.reject(CodeMissingValue, "a value of the type "+name+" holds nothing", "")
	default:
		w.compare(all)
	}
}

func (w *writer) isAmong(word string, words []string) bool {
	return slices.ContainsFunc(words, func(listed string) bool {
		return word == listed || w.loose() && fold(word) == fold(listed)
	})
}

// take returns the first value under one of the keys that no other test has
// taken.
func (w *writer) take(value *node, keys []string, read map[string]bool) (string, node) {
	for _, key := range keys {
		if found := value.find([]string{key}, w.loose()); found.present() && !read[key] {
			return key, found
		}
	}
	return "", node{}
}

// untaken returns a key of a test whose value no test has taken, although it is
// there. It could be a condition, so nothing else of the value counts alone.
// A type that a whole record has names one thing under several keys.
func (w *writer) untaken(value *node, of *objectType, read map[string]bool) string {
	if w.sort.Self != "" {
		return ""
	}
	for _, rule := range sorted(of.Tests) {
		for _, key := range rule.Keys {
			if found := value.find([]string{key}, w.loose()); found.present() && !read[key] && !w.isTaken(key, read) {
				return key
			}
		}
	}
	return ""
}

// isTaken reports whether a key that was taken is the same but for its case.
func (w *writer) isTaken(key string, read map[string]bool) bool {
	for taken := range read {
		if w.loose() && fold(taken) == fold(key) {
			return true
		}
	}
	return false
}

// compare adds the term that one object has all these properties. Values come
// into the pattern as they are: what they are worth is judged with the pattern.
func (w *writer) compare(all []comparison) {
	tests, direction := make([]string, len(all)), w.directionOf(all)
	for i := range all {
		c := &all[i]
		if c.value.kind == '{' || c.value.kind == '[' {
			w.record.reject(stix.CodeWrongType, "a value is no single text or number, for "+c.property, "")
			return
		}
		if c.value.kind == '"' {
			c.value.text = w.trim(c.value.text)
		}
		if c.value.text == "" {
			w.record.reject(CodeMissingValue, "a value is empty, for "+c.property, "")
			return
		}
		tests[i] = c.write(direction)
	}
	w.terms = append(w.terms, "["+strings.Join(tests, " AND ")+"]")
}

// directionOf returns which way the traffic goes that the comparisons are about.
// An address beside a port is the address that is connected to: without a
// direction the two would be properties of different objects.
func (w *writer) directionOf(all []comparison) indicator.Direction {
	traffic := slices.ContainsFunc(all, func(c comparison) bool { return strings.HasPrefix(c.property, "network-traffic:") })
	if traffic && w.direction == indicator.DirectionUnknown {
		return indicator.DirectionTo
	}
	return w.direction
}

// write writes a comparison in the pattern language.
func (c *comparison) write(direction indicator.Direction) string {
	property := c.property
	if property == byForm {
		property = propertyOf(c.value.text)
	}
	sides := sidesOf(property, c.value.text, direction)
	written := make([]string, len(sides))
	for i, side := range sides {
		written[i] = side + " = " + c.literal()
	}
	if len(written) > 1 {
		return "(" + strings.Join(written, " OR ") + ")"
	}
	return written[0]
}

// sidesOf returns the properties that say which way the traffic goes, or the
// property itself where that is not known or makes no sense.
func sidesOf(property, value string, direction indicator.Direction) []string {
	switch {
	case direction == indicator.DirectionUnknown:
		return []string{property}
	case property == "ipv4-addr:value", property == "ipv6-addr:value":
		if !isAddress(value) { // behind a reference its form would not say what it is
			return []string{property}
		}
	case property != "domain-name:value":
		return []string{property}
	}
	var sides []string
	if direction&indicator.DirectionTo != 0 {
		sides = append(sides, "network-traffic:dst_ref.value")
	}
	if direction&indicator.DirectionFrom != 0 {
		sides = append(sides, "network-traffic:src_ref.value")
	}
	return sides
}

// wholeNumber are the numbers that the pattern language writes as JSON does.
var wholeNumber = regexp.MustCompile(`^-?[0-9]{1,18}$`)

var escapes = strings.NewReplacer(`\`, `\\`, `'`, `\'`)

func (c *comparison) literal() string {
	if c.value.kind == '0' && wholeNumber.MatchString(c.value.text) {
		return c.value.text
	}
	return fmt.Sprintf("'%s'", escapes.Replace(c.value.text))
}

// hashProperties are the properties of hashes by their digits.
var hashProperties = map[int]string{
	32: "file:hashes.MD5", 40: "file:hashes.'SHA-1'", 64: "file:hashes.'SHA-256'", 128: "file:hashes.'SHA-512'",
}

var hexadecimal = regexp.MustCompile(`^[0-9A-Fa-f]+$`)

// propertyOf returns the property that the form of a value says.
func propertyOf(value string) string {
	switch {
	case (isAddress(value) || isRange(value)) && strings.Contains(value, ":"):
		return "ipv6-addr:value"
	case isAddress(value), isRange(value):
		return "ipv4-addr:value"
	case strings.Contains(value, "/"):
		return "url:value"
	case strings.Contains(value, "@"):
		return "email-addr:value"
	case hashProperties[len(value)] != "" && hexadecimal.MatchString(value):
		return hashProperties[len(value)]
	}
	return "domain-name:value"
}

// isRange reports whether a value is two addresses with a hyphen between them.
func isRange(value string) bool {
	first, last, found := strings.Cut(value, "-")
	return found && isAddress(strings.TrimSpace(first)) && isAddress(strings.TrimSpace(last))
}

// isAddress reports whether a value is an address or a prefix.
func isAddress(value string) bool {
	if _, err := netip.ParseAddr(value); err == nil {
		return true
	}
	_, err := netip.ParsePrefix(value)
	return err == nil
}
