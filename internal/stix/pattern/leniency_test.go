package pattern

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
)

// lenientSpellings are the rules beyond the language, each with what it reads
// and what becomes of that where the rule is switched off: "" for a pattern that
// is refused.
var lenientSpellings = []struct {
	text, want string
	leniencies Leniencies
	strictly   string
}{
	{"[file:hashes.'SHA-256' = 'x']", "[file:hashes.'SHA-256' = 'x']", 0, "[file:hashes.'SHA-256' = 'x']"},
	{"[file:hashes.SHA-256 = 'x']", "[file:hashes.'SHA-256' = 'x']", LenientUnquotedHashKey, ""},
	{"[file:hashes.sha-256 = 'x']", "[file:hashes.'SHA-256' = 'x']", LenientHashCase | LenientUnquotedHashKey, ""},
	{"[file:hashes.SHA256 = 'x']", "[file:hashes.'SHA-256' = 'x']", LenientHashAlias, "[file:hashes.SHA256 = 'x']"},
	{
		"[file:hashes.sha256 = 'x' OR file:hashes.sha1 = 'y']",
		"[file:hashes.'SHA-256' = 'x' OR file:hashes.'SHA-1' = 'y']",
		LenientHashAlias, "[file:hashes.sha256 = 'x' OR file:hashes.sha1 = 'y']",
	},
	{"[file:hashes.SHA_512 = 'x']", "[file:hashes.'SHA-512' = 'x']", LenientHashAlias, "[file:hashes.SHA_512 = 'x']"},
	{"[file:hashes.md5 = 'x']", "[file:hashes.MD5 = 'x']", LenientHashCase, "[file:hashes.md5 = 'x']"},
	{"[file:hashes.'ssdeep' = 'x']", "[file:hashes.SSDEEP = 'x']", LenientHashCase, "[file:hashes.ssdeep = 'x']"},
	{"[file:hashes.IMPHASH = 'x']", "[file:hashes.IMPHASH = 'x']", 0, "[file:hashes.IMPHASH = 'x']"},
}

func TestParseLeniencies(t *testing.T) {
	for _, tt := range lenientSpellings {
		t.Run(tt.text, func(t *testing.T) {
			p := mustParse(t, tt.text)
			if got := p.String(); got != tt.want || p.Leniencies != tt.leniencies {
				t.Errorf("got %s with %q, want %s with %q", got, p.Leniencies, tt.want, tt.leniencies)
			}
		})
	}
}

// Each rule is switched off by itself: the spellings of the others stay.
func TestEachLeniencyCanBeSwitchedOff(t *testing.T) {
	for i := range leniencies {
		rule := Leniencies(1 << i)
		for _, tt := range lenientSpellings {
			p, err := Parse(tt.text, Options{Refuse: rule})
			switch {
			case !tt.leniencies.Has(rule):
				if err != nil || p.String() != tt.want {
					t.Errorf("%s without %s: got %v, %v", tt.text, rule, p, err)
				}
			case err == nil && (p.Leniencies.Has(rule) || p.String() == tt.want):
				t.Errorf("%s without %s was read as %s", tt.text, rule, p)
			}
		}
	}
}

func TestRefusingAllLeniencies(t *testing.T) {
	for _, tt := range lenientSpellings {
		p, err := Parse(tt.text, Options{Refuse: AllLeniencies})
		var syntax *SyntaxError
		if tt.strictly == "" {
			if !errors.As(err, &syntax) || syntax.Code != CodeSyntax {
				t.Errorf("%s: got error %v, want a syntax error", tt.text, err)
			}
			continue
		}
		if err != nil || p.String() != tt.strictly || p.Leniencies != 0 {
			t.Errorf("%s: got %v, %v, want %s", tt.text, p, err, tt.strictly)
		}
	}
}

// A key that is no word of the vocabulary names a hash that nobody knows: the
// value is carried, and no tool takes it for a SHA-256.
func TestAHashUnderAnUnknownKeyIsNoHash(t *testing.T) {
	p, err := Parse("[file:hashes.sha256 = '"+sha256A+"']", Options{Refuse: LenientHashAlias})
	if err != nil {
		t.Fatal(err)
	}
	r := p.Reduce(Reduction{})
	if got, want := strings.Join(r.lines(), "; "), "other file:hashes.sha256="+sha256A; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestLeniencyNames(t *testing.T) {
	for i, known := range leniencies {
		l, err := ParseLeniency(known.name)
		if err != nil || l != 1<<i || l.String() != known.name || !strings.HasSuffix(known.meaning, ".") {
			t.Errorf("%s: got %v, %v", known.name, l, err)
		}
	}
	if _, err := ParseLeniency("lax"); err == nil || !strings.Contains(err.Error(), "hash-key-case") {
		t.Errorf("got error %v, want one that lists the leniencies", err)
	}
	if got, want := AllLeniencies.String(), strings.Join(LeniencyNames(), ","); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got := len((LenientHashCase | LenientHashAlias).Meanings()); got != 2 {
		t.Errorf("got %d sentences, want 2", got)
	}
}

func TestLeniencyCounts(t *testing.T) {
	var c LeniencyCounts
	c.Add(LenientHashCase)
	c.Add(LenientHashCase | LenientHashAlias)
	c.Add(0)
	text, err := json.Marshal(c)
	if want := `{"hash-key-alias":1,"hash-key-case":2}`; err != nil || string(text) != want {
		t.Errorf("got %s, %v, want %s", text, err, want)
	}
}
