package addresslist

import (
	"github.com/indicatord/indicatord/internal/indicator"
)

// dialect is the language that the reader of a list understands.
type dialect struct {
	// header is written before the first entry: whole lines or nothing.
	header string
	// appendLine appends the line of an entry without its newline. Where the
	// language has no words for the entry, it returns why instead, in words that
	// do not depend on the value: they are counted.
	appendLine func(line []byte, e *indicator.Entry) (longer []byte, unsaid string)
}

// dialects are the languages by the names that the configuration gives them.
var dialects = map[string]dialect{
	"plain": {appendLine: appendPlain},
}

// appendPlain writes the value and nothing else. A domain is written alike
// whether or not it stands for its subdomains: that is for the reader to decide.
func appendPlain(line []byte, e *indicator.Entry) ([]byte, string) {
	if e.Key.Kind.Carried() {
		return line, unsaidKinds[e.Key.Kind]
	}
	if breaksLine(e.Key.Value) {
		return line, "a control character in the value"
	}
	return append(line, e.Key.Value...), ""
}

// unsaidKinds are the reasons for which carried kinds are not written, made once
// for lists with very many of them.
var unsaidKinds = func() map[indicator.Kind]string {
	reasons := map[indicator.Kind]string{}
	for _, k := range indicator.Kinds() {
		if k.Carried() {
			reasons[k] = "no place for the kind " + k.String()
		}
	}
	return reasons
}()

// breaksLine reports whether a value has a character that could end the line or
// be hidden in it. Canonical values have none; the list must not depend on that.
func breaksLine(value string) bool {
	for i := range len(value) {
		if value[i] < ' ' || value[i] == 0x7f {
			return true
		}
	}
	return false
}
