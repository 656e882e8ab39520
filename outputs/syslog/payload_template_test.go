package syslog

import (
	"os"
	"strings"
	"testing"

	"github.com/indicatord/indicatord/internal/indicator"
	"github.com/indicatord/indicatord/outputs"
)

// line fills in a template for a change.
func line(t *testing.T, template string, c outputs.Change) (string, string) {
	t.Helper()
	n := notation{name: "template", set: func(s *Settings) { s.Payload, s.Template = Template, template }}
	text, unsaid := n.formatter(t, 8096).append(nil, now, &c)
	if unsaid != "" {
		return "", unsaid
	}
	payload, err := n.payload(string(text))
	if err != nil {
		t.Fatal(err)
	}
	return payload, ""
}

func TestTemplateFunctions(t *testing.T) {
	a := assertion()
	a.Object = &indicator.Object{ID: "x", Name: `a "b" \c|d=e^f,g]` + "\n\u202e工"}
	c := change(outputs.Add, indicator.URL, "http://c2.example/?a=b c", a)
	for template, want := range map[string]string{
		`{{.Value}}`:        "http://c2.example/?a%3Db%20c",
		`{{text .Value}}`:   "http://c2.example/?a=b c",
		`{{.Value | text}}`: "http://c2.example/?a=b c",
		`{{.Name}}`:         `a%20%22b%22%20%5Cc%7Cd%3De%5Ef%2Cg%5D` + "\uFFFD\uFFFD工",
		`{{json .Name}}`:    `"a \"b\" \\c|d=e^f,g]` + "\uFFFD\uFFFD" + `工"`,
		`{{kv .Name}}`:      `"a \"b\" \\c|d=e^f,g]` + "\uFFFD\uFFFD" + `工"`,
		`{{cef .Name}}`:     `a "b" \\c|d\=e^f,g]` + "\uFFFD\uFFFD工",
		`{{cefheader .Name}}`: `a "b" \\c\|d=e^f,g]` +
			"\uFFFD\uFFFD工",
		`{{leef "^" .Name}}`:        `a "b" \c|d=e` + "\uFFFD" + `f,g]` + "\uFFFD\uFFFD工",
		`{{sd .Name}}`:              `"a \"b\" \\c|d=e^f,g\]` + "\uFFFD\uFFFD" + `工"`,
		`{{csv .Name}}`:             `"a ""b"" \c|d=e^f,g]` + "\uFFFD\uFFFD" + `工"`,
		`{{csv .Kind}}`:             `url`,
		`{{hex .Action}}`:           "616464",
		`{{base64 .Action}}`:        "YWRk",
		`{{url .Value}}`:            "http%3A%2F%2Fc2.example%2F%3Fa%3Db+c",
		`{{printf "%s" .Value}}`:    "http://c2.example/?a%3Db%20c",
		`{{html .Value}}`:           "http://c2.example/?a%3Db%20c",
		`{{.Time}}`:                 "2026-03-14T07:09:26.535Z",
		`{{epoch .Time}}`:           "1773472166",
		`{{epoch .Since}}x`:         "x",
		`{{date "02.01.06" .Time}}`: "14.03.26",
		`{{if eq .Action "add"}}新增{{else}}其他{{end}}|{{.Confidence}}`: "新增|85",
		"a\tb\n": "a\tb",
	} {
		if got, unsaid := line(t, template, c); got != want || unsaid != "" {
			t.Errorf("%s gives %q, %q, want %q", template, got, unsaid, want)
		}
	}
}

func TestTemplateThatWritesNothingLeavesTheEventOut(t *testing.T) {
	removed := change(outputs.Remove, indicator.IP, "192.0.2.7")
	if got, unsaid := line(t, `{{if eq .Action "add"}}{{.Value}}{{end}}`, removed); unsaid != noWords {
		t.Errorf("%q, %q", got, unsaid)
	}
	removed.Reason = "no"
	if got, unsaid := line(t, `{{.Value}}{{if eq .Reason "no"}}{{slice .Reason 3}}{{end}}`, removed); unsaid != misfit {
		t.Errorf("%q, %q, want %q", got, unsaid, misfit)
	}
}

func TestALongTemplateIsMadeShorterByItsText(t *testing.T) {
	a := assertion()
	a.Object = &indicator.Object{ID: "x", Name: strings.Repeat(`工"`, 5000)}
	got, unsaid := line(t, `{{kv .Value}} {{kv .Name}} {{.Truncated}}`, change(outputs.Add, indicator.Domain, "c2.example", a))
	if unsaid != "" || !strings.HasPrefix(got, `"c2.example" "工\"`) || !strings.HasSuffix(got, `" true`) || len(got) < 200 {
		t.Errorf("%q, %q", got, unsaid)
	}
	if _, unsaid = line(t, `{{.Value}}`, change(outputs.Add, indicator.URL, "http://a/"+strings.Repeat("a", 9000))); unsaid != tooLong {
		t.Errorf("a value that does not fit: %q", unsaid)
	}
}

func TestValidatePayload(t *testing.T) {
	filled := func(text string) func(*Settings) {
		return func(s *Settings) { s.Payload, s.Template = Template, text }
	}
	for _, tt := range []struct {
		name   string
		change func(*Settings)
		want   string // "" is valid
	}{
		{"no such payload", func(s *Settings) { s.Payload = "xml" }, `payload: "xml" is not a payload: want one of sd, cef`},
		{"no template", filled(""), "template: is required"},
		{"a template for nothing", func(s *Settings) { s.Template = "x" }, "template: is for payload: template, and the payload is sd"},
		{"a template that is cut", filled("{{.Value"), "template: is not a template"},
		{"a word that is not there", filled("{{.Valeu}}"), `no entry for key "Valeu"`},
		{"a word that is not there for some events", filled(`{{if eq .Action "heartbeat"}}{{.Beat}}{{end}}`), `no entry for key "Beat"`},
		{"a function that is not there", filled("{{shout .Value}}"), `"shout" not defined`},
		{"several lines", filled("{{.Value}}\n{{.Kind}}"), "makes several lines"},
		{"several lines that make one", filled("{{.Value}} {{- /**/ -}}\n  {{.Kind}}\n"), ""},
		{"a date", filled(`{{date "2006" .ValidUntil}}`), ""},
		{"no such encoding", func(s *Settings) { s.Encoding = "big5" }, `encoding: "big5" is not supported: want utf-8 or gbk`},
		{"structured data in GBK", func(s *Settings) { s.Encoding = GBK }, "encoding: structured data is always in utf-8"},
		{"JSON in GBK", func(s *Settings) { s.Payload, s.Encoding = JSON, GBK }, ""},
		{"a letter for a delimiter", func(s *Settings) { s.Delimiter = "a" }, "delimiter: "},
		{"an equals sign for a delimiter", func(s *Settings) { s.Delimiter = "=" }, "delimiter: "},
		{"a tab", func(s *Settings) { s.Delimiter = "x09" }, ""},
		{"a caret by its number", func(s *Settings) { s.Delimiter = "0x5E" }, ""},
		{"a line feed by its number", func(s *Settings) { s.Delimiter = "x0a" }, "delimiter: "},
		{"two characters", func(s *Settings) { s.Delimiter = "^^" }, "delimiter: "},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := Defaults()
			s.Address = "siem.example:601"
			tt.change(s)
			err := s.Validate()
			if tt.want == "" && err != nil {
				t.Fatalf("Validate = %v, want nil", err)
			}
			if tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want)) {
				t.Fatalf("Validate = %v, want %q", err, tt.want)
			}
		})
	}
}

// TestTemplatesKnowEveryField: what a record may hold has a word, and the README
// names each word and each function.
func TestTemplatesKnowEveryField(t *testing.T) {
	readme, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range append(told(), everyKind()...) {
		var r record
		r.fill(&origin{site: "plant-07", output: "siem"}, &e)
		for _, f := range r.fields {
			if wordNames[f.name] == "" {
				t.Errorf("the field %s has no word", f.name)
			}
		}
	}
	for _, word := range wordNames {
		if !strings.Contains(string(readme), "`."+word+"`") {
			t.Errorf("the README does not name .%s", word)
		}
	}
	for function := range lineFunctions {
		if !strings.Contains(string(readme), "`"+function) {
			t.Errorf("the README does not name the function %s", function)
		}
	}
}
