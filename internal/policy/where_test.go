package policy

import (
	"fmt"
	"strings"
	"testing"

	"github.com/indicatord/indicatord/internal/indicator"
)

func where(text string) Where {
	w, err := ParseWhere(text)
	if err != nil {
		panic(err)
	}
	return w
}

func TestWhere(t *testing.T) {
	object := &indicator.Object{
		ID: "indicator--1", Name: "Loader C2", Labels: []string{"energy", "ics"}, Types: []string{"malicious-activity"},
		Threats: []indicator.Threat{{Name: "Sandworm"}},
	}
	entry := indicator.Entry{Key: indicator.Key{Kind: indicator.Domain, Value: "c2.a.example"}, Assertions: []indicator.Assertion{
		{Source: "hub", Confidence: 70, TLP: indicator.TLPGreen, Direction: indicator.DirectionTo, Object: object},
		{Source: "misp", Confidence: indicator.Unstated, TLP: indicator.TLPAmber, Object: &indicator.Object{ID: "indicator--2"}},
	}}
	for text, want := range map[string]bool{
		"": true,
		`kind == "domain" and value endsWith ".example"`: true,
		`kind in ["ip", "url"]`:                          false,
		`confidence >= 70`:                               true,
		`tlp == "amber"`:                                 true,
		`direction == "to" && scope == "exact" && exactness == "exact"`: true,
		`"hub" in sources and len(sources) > 1`:                         true,
		`"ics" in labels`:                                               true,
		`any(labels, # startsWith "en")`:                                true,
		`"Sandworm" in threats`:                                         true,
		`any(names, lower(#) contains "c2")`:                            true,
		`"indicator--2" in objects`:                                     true,
		`value matches "^c[0-9]"`:                                       true,
		`not ("malicious-activity" in types)`:                           false,
		`labels[7] == "no such label"`:                                  false,
	} {
		w := where(text)
		if got := w.holds(&entry); got != want {
			t.Errorf("%s: %t, want %t", text, got, want)
		}
	}
}

func TestWhereSeesOnlyTheView(t *testing.T) {
	red := assertion(func(a *indicator.Assertion) {
		a.TLP, a.Confidence, a.Object = indicator.TLPRed, 100, &indicator.Object{Labels: []string{"secret"}}
	})
	p := Policy{Connectors: []string{"hub"}, Select: Select{MaxTLP: indicator.TLPGreen, Where: where(`"secret" in labels or confidence == 100 or tlp == "red"`)}}
	if _, visible := p.View(entryOf(assertion(nil), red), noon); visible {
		t.Error("the condition has seen what the output may not see")
	}
}

// TestWhereErrorsHaveAPlace in the expression.
func TestWhereErrorsHaveAPlace(t *testing.T) {
	for text, want := range map[string]string{
		`confidence > `:                "column 13 of the expression: ",
		`confidnce > 5`:                "column 1 of the expression: unknown name confidnce",
		`confidence > "high"`:          "column 12 of the expression: invalid operation",
		`confidence`:                   "bool",
		"kind == \"ip\" and\n tlp = 5": "line 2, column 6 of the expression: ",
		`now().Year() > 2020`:          "unknown name now",
		`value matches "("`:            "column 7 of the expression: ",
		strings.Repeat("confidence > 1 and ", 300) + "true": "exceeds maximum allowed nodes",
	} {
		_, err := ParseWhere(text)
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%.40s: %q, want %q in one line", text, err, want)
		}
	}
}

func TestWhereSaysWhatItNeeds(t *testing.T) {
	for text, words := range map[string]bool{"": false, `confidence > 5 and kind == "ip" and value != ""`: false, `"x" in labels`: true, `len(names) > 0`: true, `any(sources, # == "x" and len(threats) > 0)`: true} {
		p := Policy{Select: Select{Where: where(text)}}
		if got := p.NeedsText(); got != words {
			t.Errorf("%s: needs texts: %t", text, got)
		}
	}
}

// TestWhereIsBounded: nothing that a hub sends makes an expression run on.
func TestWhereIsBounded(t *testing.T) {
	w := where(`any(1..1000000000, # == 7 and false)`)
	if w.holds(entryOf(assertion(nil))) {
		t.Error("an endless condition is met")
	}
}

func BenchmarkWhere(b *testing.B) {
	w := where(`confidence >= 50 and (kind == "ip" or value endsWith ".example")`)
	e := entryOf(assertion(nil))
	for b.Loop() {
		if !w.holds(e) {
			b.Fatal(fmt.Errorf("%v does not hold", e))
		}
	}
}
