package dialect

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/indicatord/indicatord/internal/indicator"
)

// list returns a list with the defaults of a dialect.
func list(d *Dialect) *List {
	l := &List{Name: "edge", Serial: 1780315200, Options: map[string]string{}}
	for _, option := range d.Options {
		l.Options[option.Name] = option.Default
	}
	return l
}

func TestDialectsAreWhole(t *testing.T) {
	seen := map[string]bool{TemplateName: true}
	for _, d := range All() {
		if seen[d.Name] || !regexp.MustCompile(`^[a-z0-9-]+$`).MatchString(d.Name) {
			t.Errorf("the name %q is taken, or not made of small letters, digits and hyphens", d.Name)
		}
		seen[d.Name] = true
		if d.Reader == "" || d.Source == "" || d.Line == nil || len(d.Kinds) == 0 {
			t.Errorf("%s lacks its reader, its source, its kinds or its lines", d.Name)
		}
		if d.Note != "" && !strings.HasSuffix(d.Note, ".") {
			t.Errorf("%s: the note is no sentence: %s", d.Name, d.Note)
		}
		if d.Has(indicator.IP) != (d.Addresses&(IPv4|IPv6) != 0) {
			t.Errorf("%s: it has words for addresses of no family, or the other way round", d.Name)
		}
		for _, option := range d.Options {
			if err := option.Check(option.Default); err != nil {
				t.Errorf("%s: the default of %s is not right: %v", d.Name, option.Name, err)
			}
			for _, bad := range []string{"a\nb", "a b;", "\x00"} {
				if option.Check(bad) == nil {
					t.Errorf("%s: the option %s takes %q", d.Name, option.Name, bad)
				}
			}
		}
		if found, ok := Find(d.Name); !ok || found.Name != d.Name {
			t.Errorf("%s is not found by its name", d.Name)
		}
	}
	if _, ok := Find("cobol"); ok {
		t.Error("a dialect is found that there is not")
	}
}

// values are patterns of canonical values.
var values = map[indicator.Kind]string{
	indicator.Domain: `[a-z_][a-z0-9-]{0,20}\.(com|net|xn--fiqs8s)`,
	indicator.URL:    `(https?://|ftp://|)[a-z]{1,9}\.net/[!-~]{0,20}`, indicator.Email: `[a-z'+.]{1,9}@[a-z]{1,9}\.net`,
	indicator.MD5: `[0-9a-f]{32}`, indicator.SHA1: `[0-9a-f]{40}`, indicator.SHA256: `[0-9a-f]{64}`, indicator.SHA512: `[0-9a-f]{128}`,
	indicator.FileName: `[ -~一-三]{1,20}`,
}

// addresses are such patterns by what has words for them.
var addresses = map[Addresses]string{
	IPv4: `[1-9]\d?\.[1-9]\d?\.[1-9]\d?\.[1-9]\d?`, IPv6: `2a0e:[1-9a-f]{1,4}::[1-9a-f]{1,4}`,
	IPv4 | Prefixes: `4[0-8]\.[1-9]\d?\.0\.0/1[6-9]`, IPv6 | Prefixes: `2a0e:[1-9a-f]{1,4}::/4[0-8]`,
}

// drawEntry makes an entry that a dialect may have words for.
func drawEntry(t *rapid.T, d *Dialect) *indicator.Entry {
	var patterns []string
	for form, pattern := range addresses {
		if d.Addresses&form == form {
			patterns = append(patterns, pattern)
		}
	}
	slices.Sort(patterns)
	kind := rapid.SampledFrom(d.Kinds).Draw(t, "kind")
	switch pattern, known := values[kind]; {
	case known:
		patterns = []string{pattern}
	case kind != indicator.IP:
		patterns = []string{`[ -~]{1,20}`}
	}
	value := rapid.StringMatching(rapid.SampledFrom(patterns).Draw(t, "pattern")).Draw(t, "value")
	return &indicator.Entry{
		Key: indicator.Key{Kind: kind, Value: value},
		Assertions: []indicator.Assertion{{
			Source: "hub", Confidence: indicator.Confidence(rapid.IntRange(-1, 100).Draw(t, "confidence")),
			Direction: rapid.SampledFrom([]indicator.Direction{indicator.DirectionUnknown, indicator.DirectionFrom, indicator.DirectionTo, indicator.DirectionBoth}).Draw(t, "direction"),
			Scope:     rapid.SampledFrom([]indicator.Scope{indicator.ScopeExact, indicator.ScopeSubdomains}).Draw(t, "scope"),
			Object:    &indicator.Object{Name: rapid.StringN(0, 20, -1).Draw(t, "name")},
		}},
	}
}

// TestLinesHoldNoControlCharacters: whatever the value and the words of the hub,
// a line is one line, or as many as the dialect means. It goes on after what is
// there already, and changes nothing of it.
func TestLinesHoldNoControlCharacters(t *testing.T) {
	for _, d := range All() {
		t.Run(d.Name, func(t *testing.T) {
			l := list(&d)
			rapid.Check(t, func(t *rapid.T) {
				e := drawEntry(t, &d)
				line, unsaid := d.Line([]byte("before "), e, l)
				text, found := strings.CutPrefix(string(line), "before ")
				if !found || (text == "") != (unsaid != "") {
					t.Fatalf("%s is written %q, unsaid %q", e.Key, line, unsaid)
				}
				allowed := strings.NewReplacer("\n", "", "\t", "").Replace(text)
				if strings.ContainsFunc(allowed, func(r rune) bool { return r < ' ' || r == 0x7f }) {
					t.Fatalf("%s is written %q", e.Key, text)
				}
				if slices.Contains(strings.Split(text, "\n"), "") && unsaid == "" {
					t.Fatalf("%s makes an empty line: %q", e.Key, text)
				}
			})
		})
	}
}

func TestCheckPointRefusesNoFile(t *testing.T) {
	l := list(&checkPoint)
	rapid.Check(t, func(t *rapid.T) {
		line, unsaid := checkPoint.Line(nil, drawEntry(t, &checkPoint), l)
		fields := strings.Split(string(line), ",")
		if unsaid == "" && (len(fields) != 7 || slices.Contains(fields[:6], "")) {
			t.Fatalf("the record %q would make the gateway refuse the file", line)
		}
	})
}

func TestTemplateErrorsSayWhatIsWrong(t *testing.T) {
	for text, want := range map[string]string{
		"": "is required", "{{": "is not a template", "{{.None}}": "an entry has .Kind, .Value, .Address", "{{nothing .Value}}": "is not a template",
	} {
		template := DefaultTemplate()
		template.Line = text
		if _, err := template.Dialect(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", text, err, want)
		}
	}
}

// TestNoEntryMeansMoreToTheReader: a hub cannot write a value that its reader takes
// for something wider than it is, past what must not be blocked.
func TestNoEntryMeansMoreToTheReader(t *testing.T) {
	for _, tc := range []struct {
		dialect *Dialect
		kind    indicator.Kind
		value   string
		left    bool
	}{
		{&rpz, indicator.Domain, "32.8.8.8.8.rpz-ip", true},
		{&rpz, indicator.Domain, "8.0.0.0.10.rpz-client-ip", true},
		{&rpz, indicator.Domain, "32.1.1.1.1.rpz-nsip", true},
		{&rpz, indicator.Domain, "example.rpz-nsdname", true},
		{&rpz, indicator.Domain, "rpz-ip.example", false},
		{&panOSURLs, indicator.URL, "https://example.com/*", true},
		{&panOSURLs, indicator.URL, "https://example.com/^", true},
		{&fortiGateURLs, indicator.URL, "https://example.com/*", true},
		{&fortiGateURLs, indicator.URL, "example.com/*/", true},
		{&fortiGateURLs, indicator.URL, "https://example.com/%2A", false},
		{&ciscoURLs, indicator.URL, "https://example.com/*", true},
		{&ciscoURLs, indicator.URL, "https://example.com/a", false},
	} {
		line, unsaid := tc.dialect.Line(nil, &indicator.Entry{Key: indicator.Key{Kind: tc.kind, Value: tc.value}}, list(tc.dialect))
		if left := unsaid != ""; left != tc.left || left != (len(line) == 0) {
			t.Errorf("%s: %s is written %q (%s)", tc.dialect.Name, tc.value, line, unsaid)
		}
	}
}

func TestTemplateKnowsEveryWord(t *testing.T) {
	template := DefaultTemplate()
	template.Line = `{{.Kind}} {{.Value}} {{.Address}} {{.Bits}} {{.IPv6}} {{.Subdomains}} {{.Confidence}} {{.TLP}} {{.Direction}} {{.ValidUntil}} ` +
		`{{join "," .Sources}} {{json .Names}} {{base64 .Value}} {{cut .Value "."}}`
	d, err := template.Dialect()
	if err != nil {
		t.Fatal(err)
	}
	line, unsaid := d.Line(nil, &indicator.Entry{
		Key: indicator.Key{Kind: indicator.IP, Value: "45.155.0.0/16"},
		Assertions: []indicator.Assertion{{
			Source: "hub", Confidence: 85, TLP: indicator.TLPGreen, Direction: indicator.DirectionTo,
			ValidUntil: time.Date(2026, 7, 1, 0, 0, 0, 0, time.UTC), Object: &indicator.Object{Name: "two\nlines"},
		}},
	}, list(&d))
	want := `ip 45.155.0.0/16 45.155.0.0 16 false false 85 green to 2026-07-01T00:00:00Z hub ["two lines"] NDUuMTU1LjAuMC8xNg== 4515500/16`
	if string(line) != want || unsaid != "" {
		t.Errorf("the line is\n%s (%s), want\n%s", line, unsaid, want)
	}
}

func TestAddressesUnsaid(t *testing.T) {
	tests := []struct {
		takes Addresses
		value string
		want  bool
	}{
		{AnyAddress, "45.155.0.0/16", true}, {AnyAddress, "2a0e::/32", true},
		{IPv4, "45.155.7.9", true}, {IPv4, "45.155.0.0/16", false}, {IPv4 | Prefixes, "2a0e::", false}, {IPv6, "45.155.7.9", false}, {IPv6, "2a0e::", true},
	}
	for _, test := range tests {
		if got := test.takes.Unsaid(test.value) == ""; got != test.want {
			t.Errorf("%08b takes %s: %t", test.takes, test.value, got)
		}
	}
}

func TestLevels(t *testing.T) {
	var got []string
	for _, confidence := range []int{0, 29, 30, 69, 70, 100} {
		got = append(got, fmt.Sprint(confidence, level(confidence)))
	}
	if want := []string{"0low", "29low", "30medium", "69medium", "70high", "100high"}; !slices.Equal(got, want) {
		t.Errorf("the levels are %v", got)
	}
}
