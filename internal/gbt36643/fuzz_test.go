package gbt36643

import (
	"errors"
	"testing"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/indicatord/indicatord/internal/stix"
)

// FuzzRead takes anything without a panic. A file gives records or an error with
// a place in it, and each indicator gives values or rejects, or is revoked.
func FuzzRead(f *testing.F) {
	for _, s := range samples(f) {
		f.Add([]byte(s.input))
	}
	all := mappings(f)
	f.Fuzz(func(t *testing.T, data []byte) {
		_ = Recognise(data)
		for _, m := range all {
			reading, err := Read(data, m)
			if err != nil {
				checkError(t, data, err)
				continue
			}
			for i := range reading.Records {
				checkRecord(t, &reading.Records[i])
			}
		}
	})
}

func checkError(t *testing.T, data []byte, err error) {
	t.Helper()
	if _, refused := errors.AsType[*AnswerError](err); refused || errors.Is(err, errNothing) {
		return
	}
	syntax, ok := errors.AsType[*SyntaxError](err)
	if !ok || syntax.Line < 1 || syntax.Column < 1 || syntax.Column > len(data)+1 {
		t.Fatalf("%q: the error %v has no place in the file", data, err)
	}
}

func checkRecord(t *testing.T, r *Record) {
	t.Helper()
	d := r.Derive(stix.Options{})
	silent := len(d.Assertions)+len(d.Rejects) == 0 && !d.Header.Revoked
	if silent && (r.Indicator != nil || r.Sort == "") || r.Line < 1 || r.Column < 1 {
		t.Fatalf("%q at %d:%d gives neither values nor rejects", r.Raw, r.Line, r.Column)
	}
	for _, reject := range d.Rejects {
		if reject.Code == "" || reject.Code == "syntax-error" {
			t.Fatalf("%q has the reject %v", r.Raw, reject)
		}
	}
	if r.Indicator != nil && !jsontext.Value(r.Indicator).IsValid() {
		t.Fatalf("%q is said over again as %q", r.Raw, r.Indicator)
	}
}

// FuzzParseMapping takes any table without a panic. One that is right can be read
// with.
func FuzzParseMapping(f *testing.F) {
	for _, format := range Formats() {
		table, err := shipped.ReadFile("mappings/" + format + ".yaml")
		if err != nil {
			f.Fatal(err)
		}
		f.Add(table)
	}
	f.Add([]byte("mode: strict\nwords: {relationships: {any_of: or}}\n"))
	f.Add([]byte("records: {x: {role: indicator, ids: [a], fields: {id: [a.b]}}}\n"))
	f.Add([]byte("a: &a [*a]\n"))
	f.Fuzz(func(t *testing.T, table []byte) {
		m, err := ParseMapping(table)
		if (m == nil) != (err != nil) {
			t.Fatalf("the mapping is %v, the error %v", m, err)
		}
		if err != nil {
			return
		}
		for _, s := range []string{`[{"id":"indicator-1","observable":{"object":[{}]}}]`, `{"data":{"a":{}}}`} {
			if reading, err := Read([]byte(s), m); err == nil {
				for i := range reading.Records {
					reading.Records[i].Derive(stix.Options{})
				}
			}
		}
	})
}
