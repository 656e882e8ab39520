package admin

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/indicatord/indicatord/internal/indicator"
	"github.com/indicatord/indicatord/internal/policy"
	"github.com/indicatord/indicatord/outputs"
)

// brief writes the entries of an explanation: each with what its objects' states
// are, and what the output siem makes of it.
func brief(x *Explanation) string {
	var lines []string
	for _, e := range x.Entries {
		line := fmt.Sprintf("%s %s", e.Kind, e.Value)
		if e.Covers {
			line += " covers"
		}
		for i, a := range e.Assertions {
			line += fmt.Sprintf(" | %s %s", a.State, orPasses(e.Outputs[0].Verdicts[i]))
		}
		lines = append(lines, line)
	}
	return strings.Join(lines, "\n")
}

func orPasses(v policy.Verdict) policy.Verdict {
	if v == policy.Passes {
		return "passes"
	}
	return v
}

func TestWhyFindsAValueHoweverItIsWritten(t *testing.T) {
	s := newStand(t, twoOutputs)
	s.pull(
		indicatorOf(1, "[domain-name:value = 'evil.example.com']", nil),
		indicatorOf(2, "[url:value = 'http://evil.example.com/Path?Q=1']", nil),
		indicatorOf(3, "[email-addr:value = 'Mallory@evil.example.com']", nil),
		indicatorOf(4, "[file:hashes.MD5 = 'D41D8CD98F00B204E9800998ECF84270']", nil),
		indicatorOf(5, "[ipv6-addr:value = '2a00:1450::1']", nil),
		indicatorOf(7, "[email-addr:value = 'eve@evil.example.com']", nil),
		indicatorOf(6, "[domain-name:value = 'bücher.example.com']", nil),
	)
	for value, want := range map[string]string{
		"evil.example.com":                    "domain evil.example.com",
		"EVIL.Example.COM.":                   "domain evil.example.com",
		"evil[.]example[.]com":                "domain evil.example.com",
		"HTTP://EVIL.example.com:80/Path?Q=1": "url http://evil.example.com/Path?Q=1",
		"hxxp://evil[.]example.com/Path?Q=1":  "url http://evil.example.com/Path?Q=1",
		"http://evil.example.com/path?q=1":    "",
		"Mallory@EVIL.example.com":            "email Mallory@evil.example.com",
		"Eve@evil.example.com":                "email eve@evil.example.com",
		"d41d8cd98f00b204e9800998ecf84270":    "md5 d41d8cd98f00b204e9800998ecf84270",
		"D41D8CD98F00B204E9800998ECF84270":    "md5 d41d8cd98f00b204e9800998ecf84270",
		"2A00:1450:0:0::0001":                 "ip 2a00:1450::1",
		"BÜCHER.example.com":                  "domain xn--bcher-kva.example.com",
		"xn--bcher-kva.example.com":           "domain xn--bcher-kva.example.com",
		"other.example.com":                   "",
		"":                                    "",
		"not a value":                         "",
	} {
		x := s.why(value)
		got := strings.TrimSuffix(brief(&x), " | live passes")
		if got != want {
			t.Errorf("why %q finds %q, want %q", value, got, want)
		}
	}
}

func TestWhyFindsWhatCovers(t *testing.T) {
	s := newStand(t, twoOutputs)
	s.pull(
		indicatorOf(1, "[ipv4-addr:value = '5.6.0.0/16']", nil),
		indicatorOf(2, "[ipv4-addr:value = '5.6.7.0/24']", nil),
		indicatorOf(3, "[ipv4-addr:value = '5.6.7.8']", nil),
		indicatorOf(4, "[ipv4-addr:value = '5.7.0.0/16']", nil),
		indicatorOf(5, "[domain-name:value = '*.example.com']", nil),
		indicatorOf(6, "[domain-name:value = 'sub.example.org']", nil),
	)
	for value, want := range map[string]string{
		"5.6.7.8":             "ip 5.6.7.8 | live passes\nip 5.6.7.0/24 covers | live passes\nip 5.6.0.0/16 covers | live passes",
		"5.6.7.9":             "ip 5.6.7.0/24 covers | live passes\nip 5.6.0.0/16 covers | live passes",
		"5.6.7.0/25":          "ip 5.6.7.0/24 covers | live passes\nip 5.6.0.0/16 covers | live passes",
		"5.6.0.0/16":          "ip 5.6.0.0/16 | live passes",
		"5.8.0.1":             "",
		"a.b.sub.example.org": "",
	} {
		x := s.why(value)
		if got := brief(&x); got != want {
			t.Errorf("why %q finds\n%s\nwant\n%s", value, got, want)
		}
	}
}

func TestWhyExplainsADomainThatStandsForItsSubdomains(t *testing.T) {
	entry := indicator.Entry{Key: indicator.Key{Kind: indicator.Domain, Value: "example.com"}, Assertions: []indicator.Assertion{{}}}
	if covered(&entry) {
		t.Error("a name that stands for itself alone covers names below it")
	}
	entry.Assertions[0].Scope = indicator.ScopeSubdomains
	if !covered(&entry) {
		t.Error("a name that stands for its subdomains does not cover them")
	}
	var parents []string
	for _, k := range parentDomains("a.b.example.com") {
		parents = append(parents, k.Value)
	}
	if got := strings.Join(parents, " "); got != "b.example.com example.com" {
		t.Errorf("the names above are %q", got)
	}
}

func TestWhyExplainsWhatIsOver(t *testing.T) {
	s := newStand(t, twoOutputs)
	s.pull(
		indicatorOf(1, "[ipv4-addr:value = '5.0.0.1']", nil),
		indicatorOf(2, "[ipv4-addr:value = '5.0.0.2']", nil),
		indicatorOf(3, "[ipv4-addr:value = '5.0.0.3']", map[string]any{"valid_until": "2026-05-01T00:00:00Z"}),
		indicatorOf(4, "[ipv4-addr:value = '5.0.0.4']", map[string]any{"valid_from": "2026-07-01T00:00:00Z"}),
		indicatorOf(5, "[ipv4-addr:value = '5.0.0.5']", map[string]any{"object_marking_refs": []string{"marking-definition--5e57c739-391a-4eb3-b6be-7d15ca92d5ed"}}),
	)
	s.source.Withdraw(idOf(2))
	s.pull(indicatorOf(1, "[ipv4-addr:value = '5.0.0.1']", map[string]any{"revoked": true, "modified": "2026-02-01T00:00:00.000Z"}))
	for value, want := range map[string]string{
		"5.0.0.1": "ip 5.0.0.1 | revoked revoked",
		"5.0.0.2": "ip 5.0.0.2 | withdrawn withdrawn",
		"5.0.0.3": "ip 5.0.0.3 | live expired",
		"5.0.0.4": "ip 5.0.0.4 | live not-yet-valid",
		"5.0.0.5": "ip 5.0.0.5 | live tlp",
	} {
		x := s.why(value)
		if got := brief(&x); got != want {
			t.Errorf("why %s finds %q, want %q", value, got, want)
		}
	}
}

func TestWhyExplainsWhatWasRejected(t *testing.T) {
	s := newStand(t, twoOutputs)
	s.pull(
		indicatorOf(1, "[ipv4-addr:value = '10.0.0.1']", nil),
		indicatorOf(2, "[domain-name:value = 'EVIL']", nil),
		indicatorOf(3, "[domain-name:value LIKE '%.example.com']", nil),
	)
	for value, want := range map[string]string{
		"10.0.0.1":    "reserved-address",
		"10.0.0.1/32": "reserved-address",
		"EVIL":        "not-a-domain",
		idOf(3):       "like",
	} {
		x := s.why(value)
		if len(x.Entries) != 0 || len(x.Rejects) != 1 || string(x.Rejects[0].Code) != want {
			t.Errorf("why %s finds the rejects %+v and the entries %q, want %s", value, x.Rejects, brief(&x), want)
		}
	}
}

func TestWhySaysWhyAValueCanBeNoEntry(t *testing.T) {
	s := newStand(t, twoOutputs)
	for value, want := range map[string]string{
		"10.0.0.1":       "reserved-address",
		"010.1.1.1":      "ambiguous-address",
		"0.0.0.0/0":      "too-wide",
		"com":            "not-a-domain",
		"5.6.7.8":        "",
		"example.com":    "",
		"http://a.com/":  "",
		"a\x1b[31mb.com": "control-character",
	} {
		if got := s.why(value).Unusable; !strings.HasPrefix(got, want) || want == "" && got != "" {
			t.Errorf("why %q says %q, want %q", value, got, want)
		}
	}
}

func TestWhySaysWhatEachOutputHas(t *testing.T) {
	s := newStand(t, twoOutputs)
	s.pull(indicatorOf(1, "[ipv4-addr:value = '5.0.0.1']", nil), indicatorOf(2, "[ipv4-addr:value = '5.0.0.2']", nil))
	x := s.why("5.0.0.1")
	if o := x.Entries[0].Outputs; !o[0].InView || o[0].Holding != nil || o[1].InView {
		t.Errorf("before the delivery: %+v", o)
	}
	s.tool.Refuse(func(e indicator.Entry) *outputs.Refusal {
		if e.Key.Value != "5.0.0.2" {
			return nil
		}
		return &outputs.Refusal{Reason: "the field is too long", Final: true}
	})
	if err := s.deliver("siem"); err != nil {
		t.Fatal(err)
	}
	x = s.why("5.0.0.1")
	if h := x.Entries[0].Outputs[0].Holding; h == nil || !h.Since.Equal(noon) || h.Refused != "" {
		t.Errorf("after the delivery the tool has %+v", h)
	}
	x = s.why("5.0.0.2")
	if h := x.Entries[0].Outputs[0].Holding; h == nil || h.Refused != "the field is too long" {
		t.Errorf("of what the tool refused: %+v", h)
	}
	s.source.Withdraw(idOf(1))
	s.pull()
	x = s.why("5.0.0.1")
	if o := x.Entries[0].Outputs[0]; o.InView || o.Holding == nil {
		t.Errorf("what the tool should no longer have: %+v", o)
	}
}

func TestExportOfNoSuchOutput(t *testing.T) {
	_, err := newStand(t, twoOutputs).Export(t.Context(), "sime")
	var unknown *UnknownNameError
	if !errors.As(err, &unknown) || unknown.Name != "sime" {
		t.Errorf("Export: %v", err)
	}
}
