package syslog

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

// forgeries are texts that try for a field or a line of their own.
func forgeries() []string {
	var all []string
	for _, before := range []string{
		"", `\`, `\\`, `"`, `\"`, `]`, `|`, `}`, "^", ",", "\t", "\r\n", "\n<134>1 - - - - - ", "\u2028", "\x00", "\x1b[2K",
		"\u202e", "\xff", "\xe5\xb7", "\x81", "€", "€\"", "誠", "誠\"", "%0a",
	} {
		for _, field := range []string{"", ` tlp="red"`, ` indicatordScope=x cs4=red`, "^tlp=red", "\ttlp=red", `","tlp":"red","x":"`, `[forged@1 tlp="red"] `} {
			all = append(all, "x"+before+field)
		}
	}
	return all
}

// TestNoTextAddsAField: an event with hostile texts has exactly the fields that it
// has with harmless ones, even where the texts try for a field that other events
// have.
func TestNoTextAddsAField(t *testing.T) {
	for _, n := range append(notations(), inGBK()...) {
		f := n.formatter(t, 1<<20)
		for sort := range uint8(5) {
			want := n.namesWith(t, f, "x", sort)
			for _, text := range forgeries() {
				if diff := cmp.Diff(want, n.namesWith(t, f, text, sort)); diff != "" {
					t.Errorf("%s: fields of an event with %q (-harmless +hostile):\n%s", n.name, text, diff)
				}
			}
		}
	}
}

// namesWith are the fields of an event of a sort with the text wherever it can
// stand, but for those that tell an exact value only where it needs them.
func (n *notation) namesWith(t *testing.T, f *formatter, text string, sort uint8) map[string]bool {
	t.Helper()
	e := hostile(text, text, "hub", text, sort, 0)
	line, unsaid := f.appendEvent(nil, &e)
	fields, err := n.read(string(line))
	if err != nil || unsaid != "" {
		t.Fatalf("%s: %q: %v, %s\n%q", n.name, text, err, unsaid, line)
	}
	names := map[string]bool{}
	for name := range fields {
		names[name] = true
	}
	for _, exact := range []string{"value_base64", "cs6", "cs6Label", "indicatord.value_base64"} {
		delete(names, exact)
	}
	return names
}
