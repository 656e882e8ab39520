package list_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/indicatord/indicatord/internal/neverblock/list"
	"github.com/indicatord/indicatord/internal/policy/guard"
)

// warninglistOf writes a file with one entry on each line after the second.
func warninglistOf(kind, attributes string, entries ...string) string {
	return `{"description": "why", "type": "` + kind + `", "matching_attributes": [` + attributes + `],` + "\n\"list\": [\n\"" +
		strings.Join(entries, "\",\n\"") + `"],` + "\n" + `"name": "A list", "version": 20260811}` + "\n"
}

func TestReadWarninglist(t *testing.T) {
	for _, tc := range []struct {
		name, text    string
		want, refused []string
	}{
		{
			"addresses",
			warninglistOf("cidr", `"ip-src", "domain|ip"`, "FE80::/10", "8.8.8.8", "example.org", "10.0.0.0/33"),
			[]string{"ip fe80::/10 # A list", "ip 8.8.8.8 # A list"},
			[]string{
				`1 entries are not used, the first in line 5 ("example.org"): a list of the type cidr holds addresses`,
				`1 entries are not used, the first in line 6 ("10.0.0.0/33"): this cannot be protected (not-an-address)`,
			},
		},
		{
			"strings",
			warninglistOf("string", `"hostname", "domain"`, "example.org", ".example.net", "8.8.8.8"),
			[]string{"domain example.org # A list"},
			[]string{
				`1 entries are not used, the first in line 4 (".example.net"): MISP compares strings as they are, so a name that begins with a dot matches nothing`,
				`1 entries are not used, the first in line 5 ("8.8.8.8"): its kind is not among the matching attributes of the list`,
			},
		},
		{
			"host names",
			warninglistOf("hostname", `"hostname", "url"`, "example.org", ".example.net", "*.example.com"),
			[]string{"domain .example.org # A list", "domain .example.net # A list", "domain .example.com # A list"},
			nil,
		},
		{
			"hashes",
			warninglistOf("string", `"md5", "filename|sha1"`, "D41D8CD98F00B204E9800998ECF8427E", "3::", strings.Repeat("a", 64)),
			[]string{"md5 d41d8cd98f00b204e9800998ecf8427e # A list"},
			[]string{`2 entries are not used, the first in line 4 ("3::"): its kind is not among the matching attributes of the list`},
		},
		{"parts of names", warninglistOf("substring", `"domain"`, "a", "b"), nil, []string{
			`2 entries are not used, the first in line 3 ("a"): lists of the type "substring" cannot be decided exactly`,
		}},
		{"expressions", warninglistOf("regex", `"domain"`, "^a"), nil, []string{
			`1 entries are not used, the first in line 3 ("^a"): lists of the type "regex" cannot be decided exactly`,
		}},
		{"no attributes", `{"type": "string", "list": ["8.8.8.8", "example.org"], "more": {"x": [1]}}`, []string{"ip 8.8.8.8 # ", "domain example.org # "}, nil},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got, err := list.ReadWarninglist("lists/some/list.json", []byte(tc.text))
			if err != nil {
				t.Fatal(err)
			}
			var refused []string
			for _, r := range got.Refused {
				refused = append(refused, r.String())
			}
			if diff := cmp.Diff(tc.want, lines(got.Rules)) + cmp.Diff(tc.refused, refused); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestReadWarninglistDescribesIt(t *testing.T) {
	got, err := list.ReadWarninglist("lists/public-dns/list.json", []byte(warninglistOf("cidr", `"ip-src"`, "8.8.8.8")))
	want := guard.List{Name: "public-dns", Version: "20260811", Source: "MISP/misp-warninglists", Licence: "CC0", Purpose: "why"}
	if diff := cmp.Diff(want, *got.List); err != nil || diff != "" {
		t.Errorf("%v\n%s", err, diff)
	}
}

func TestReadWarninglistTellsTheLine(t *testing.T) {
	for text, want := range map[string]string{
		"":                                     "x.json:1: this is not a warninglist of MISP: the file ends too early",
		"<html>\n":                             "x.json:1: ",
		"[\"8.8.8.8\"]":                        "x.json:1: this is not a warninglist of MISP: [ stands where { belongs",
		"{\"type\": \"cidr\",\n\n\"list\": [1": "x.json:3: ",
		"{\n\"list\": {}}":                     "x.json:2: this is not a warninglist of MISP: { stands where [ belongs",
		"{\n\n\"name\": 3}":                    "x.json:3: ",
		"{\"list\": [\"a\",\n\"b\n\"]}":        "x.json:2: ",
	} {
		_, err := list.ReadWarninglist("x.json", []byte(text))
		if at, ok := errors.AsType[*list.LineError](err); !ok || !strings.HasPrefix(at.Error(), want) {
			t.Errorf("%q gives %v, want %s", text, err, want)
		}
	}
}

// TestWarninglistsOfTheCorpus reads real files, in the folder warninglists of
// the one that INDICATORD_CORPUS names.
func TestWarninglistsOfTheCorpus(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(os.Getenv("INDICATORD_CORPUS"), "warninglists", "*.json"))
	if err != nil || len(files) == 0 {
		t.Skip("INDICATORD_CORPUS names no folder with warninglists/*.json")
	}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		got, err := list.ReadWarninglist(file, data)
		if err != nil || len(got.Rules) == 0 || got.List.Version == "" {
			t.Errorf("%s: %d rules, version %q: %v", file, len(got.Rules), got.List.Version, err)
		}
		t.Logf("%6d %s, without %v", len(got.Rules), got.List.Name, got.Refused)
	}
}

func FuzzReadWarninglist(f *testing.F) {
	f.Add(warninglistOf("hostname", `"hostname"`, "example.org", "*.x"))
	f.Add(warninglistOf("cidr", `"ip-src"`, "10.0.0.0/8", "x"))
	f.Add(`{"list": [`)
	f.Fuzz(func(t *testing.T, text string) {
		got, err := list.ReadWarninglist("x.json", []byte(text))
		if at, ok := errors.AsType[*list.LineError](err); err != nil && (!ok || at.Line < 1 || at.Line > 1+strings.Count(text, "\n")) {
			t.Fatalf("the error is %v", err)
		}
		for _, r := range got.Rules {
			if again, err := list.Read("x", []byte(r.String())); err != nil || len(again) != 1 || again[0].Key != r.Key {
				t.Fatalf("%q becomes %v (%v)", r.String(), lines(again), err)
			}
		}
	})
}
