package policy

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/indicatord/indicatord/internal/indicator"
)

var noon = time.Date(2026, time.June, 1, 12, 0, 0, 0, time.UTC)

var key = indicator.Key{Kind: indicator.Domain, Value: "a.example"}

// assertion is one that every policy of these tests lets pass, unless it is
// changed.
func assertion(change func(*indicator.Assertion)) indicator.Assertion {
	a := indicator.Assertion{
		Source: "hub", Version: noon.Add(-time.Hour), ValidFrom: noon.Add(-time.Hour), ValidUntil: noon.Add(time.Hour), Confidence: 50,
		TLP: indicator.TLPGreen, Types: indicator.TypeMalicious, Direction: indicator.DirectionTo,
		Object: &indicator.Object{ID: "indicator--1", Labels: []string{"energy"}},
	}
	if change != nil {
		change(&a)
	}
	return a
}

func typeOf(word string) Type {
	var t Type
	if err := t.UnmarshalText([]byte(word)); err != nil {
		panic(err)
	}
	return t
}

// strict has every rule.
func strict() Policy {
	return Policy{
		Connectors: []string{"hub", "other hub"}, Enforcing: true,
		Select: Select{
			Kinds: []indicator.Kind{indicator.IP, indicator.Domain}, MinConfidence: 50, MaxTLP: indicator.TLPGreen,
			Labels: []string{"energy", "water"}, Sources: []string{"hub"}, Direction: indicator.DirectionTo,
			MaxAge: 30 * 24 * time.Hour, Types: []Type{typeOf("malicious-activity"), typeOf("unstated")},
			MinExactness: new(indicator.Compound), Scopes: []indicator.Scope{indicator.ScopeExact},
		},
	}
}

// breaker breaks one rule.
type breaker struct {
	verdict Verdict
	change  func(*indicator.Assertion)
}

// breakers are in the order in which the rules are asked.
var breakers = []breaker{
	{Revoked, func(a *indicator.Assertion) { a.State = indicator.Revoked }},
	{Withdrawn, func(a *indicator.Assertion) { a.State = indicator.Withdrawn }},
	{NotYetValid, func(a *indicator.Assertion) { a.ValidFrom = noon.Add(1) }},
	{Expired, func(a *indicator.Assertion) { a.ValidUntil = noon }},
	{NotConfigured, func(a *indicator.Assertion) { a.Source = "an old hub" }},
	{OtherSource, func(a *indicator.Assertion) { a.Source = "other hub" }},
	{TooStrictTLP, func(a *indicator.Assertion) { a.TLP = indicator.TLPAmber }},
	{LowConfidence, func(a *indicator.Assertion) { a.Confidence = 49 }},
	{TooOld, func(a *indicator.Assertion) { a.Version = noon.Add(-31 * 24 * time.Hour) }},
	{OtherDirection, func(a *indicator.Assertion) { a.Direction = indicator.DirectionFrom }},
	{OtherType, func(a *indicator.Assertion) { a.Types = a.Types&^indicator.TypeMalicious | indicator.TypeCompromised }},
	{OtherScope, func(a *indicator.Assertion) { a.Scope = indicator.ScopeSubdomains }},
	{OtherLabels, func(a *indicator.Assertion) { a.Object = &indicator.Object{Labels: []string{"transport"}} }},
	{Benign, func(a *indicator.Assertion) { a.Types |= indicator.TypeBenign }},
	{NotExact, func(a *indicator.Assertion) { a.Exactness = indicator.Compound }},
}

func TestEachRule(t *testing.T) {
	p := strict()
	for _, b := range breakers {
		a := assertion(b.change)
		if got := p.Judge(key, &a, noon); got != b.verdict {
			t.Errorf("judged %q, want %q", got, b.verdict)
		}
	}
	a := assertion(nil)
	if got := p.Judge(key, &a, noon); got != Passes {
		t.Errorf("judged %q, want that it passes", got)
	}
	if got := p.Judge(indicator.Key{Kind: indicator.URL, Value: "http://a.example/"}, &a, noon); got != OtherKind {
		t.Errorf("another kind is judged %q", got)
	}
}

// TestRulesAreAskedInOrder: of several rules that are broken the first is told.
// The states exclude each other, and so do the sources.
func TestRulesAreAskedInOrder(t *testing.T) {
	p := strict()
	for i, first := range breakers {
		for _, second := range breakers[i+1:] {
			a := assertion(second.change)
			first.change(&a)
			if got := p.Judge(key, &a, noon); got != first.verdict {
				t.Errorf("%q and %q are judged %q", first.verdict, second.verdict, got)
			}
		}
	}
	a := assertion(func(a *indicator.Assertion) { a.Confidence = 0 })
	other := indicator.Key{Kind: indicator.URL, Value: "http://a.example/"}
	if got := p.Judge(other, &a, noon); got != OtherKind {
		t.Errorf("another kind and a low confidence are judged %q", got)
	}
	a.TLP = indicator.TLPRed
	if got := p.Judge(other, &a, noon); got != TooStrictTLP {
		t.Errorf("another kind and a strict marking are judged %q", got)
	}
}

// TestZeroSelectTakesEverything that holds and is configured.
func TestZeroSelectTakesEverything(t *testing.T) {
	p := Policy{Connectors: []string{"hub", "other hub"}}
	for _, b := range breakers {
		a := assertion(b.change)
		want := b.verdict
		if slices.Index(order, want) > slices.Index(order, NotConfigured) {
			want = Passes
		}
		if got := p.Judge(key, &a, noon); got != want {
			t.Errorf("what a strict policy judges %q is judged %q, want %q", b.verdict, got, want)
		}
	}
}

func TestConfidence(t *testing.T) {
	counts := func(c indicator.Confidence) *indicator.Confidence { return &c }
	for _, c := range []struct {
		name     string
		least    indicator.Confidence
		unstated *indicator.Confidence
		states   indicator.Confidence
		want     Verdict
	}{
		{"no limit", 0, nil, indicator.Unstated, Passes},
		{"no limit, and none at all", 0, nil, 0, Passes},
		{"at the limit", 70, nil, 70, Passes},
		{"below", 70, nil, 69, LowConfidence},
		{"unstated is below any limit", 1, nil, indicator.Unstated, LowConfidence},
		{"unstated counts as enough", 70, counts(70), indicator.Unstated, Passes},
		{"unstated counts as too little", 70, counts(69), indicator.Unstated, LowConfidence},
		{"stated counts as stated", 70, counts(100), 10, LowConfidence},
	} {
		p := Policy{Connectors: []string{"hub"}, Select: Select{MinConfidence: c.least, UnstatedConfidence: c.unstated}}
		a := assertion(func(a *indicator.Assertion) { a.Confidence = c.states })
		if got := p.Judge(key, &a, noon); got != c.want {
			t.Errorf("%s: judged %q, want %q", c.name, got, c.want)
		}
	}
}

func TestDirection(t *testing.T) {
	unknown, to, from, both := indicator.DirectionUnknown, indicator.DirectionTo, indicator.DirectionFrom, indicator.DirectionBoth
	for want, passing := range map[indicator.Direction][]indicator.Direction{
		unknown: {unknown, to, from, both}, to: {unknown, to, both}, from: {unknown, from, both}, both: {unknown, to, from, both},
	} {
		p := Policy{Connectors: []string{"hub"}, Select: Select{Direction: want}}
		for _, have := range []indicator.Direction{unknown, to, from, both} {
			a := assertion(func(a *indicator.Assertion) { a.Direction = have })
			if got := p.Judge(key, &a, noon) == Passes; got != slices.Contains(passing, have) {
				t.Errorf("select %s: %s passes is %v", want, have, got)
			}
		}
	}
}

// TestTLP: a level is the strictest that may be seen, and no level sets no limit.
func TestTLP(t *testing.T) {
	levels := []indicator.TLP{indicator.TLPUnmarked, indicator.TLPClear, indicator.TLPGreen, indicator.TLPAmber, indicator.TLPAmberStrict, indicator.TLPRed}
	for _, most := range levels {
		p := Policy{Connectors: []string{"hub"}, Select: Select{MaxTLP: most}}
		for _, level := range levels {
			a := assertion(func(a *indicator.Assertion) { a.TLP = level })
			if got, want := p.Judge(key, &a, noon) == Passes, most == indicator.TLPUnmarked || level <= most; got != want {
				t.Errorf("max_tlp %q: %q passes is %v", most, level, got)
			}
		}
	}
}

func TestValidity(t *testing.T) {
	p := Policy{Connectors: []string{"hub"}}
	from, until := noon.Add(time.Hour), noon.Add(2*time.Hour)
	a := assertion(func(a *indicator.Assertion) { a.ValidFrom, a.ValidUntil = from, until })
	for at, want := range map[time.Time]Verdict{
		from.Add(-1): NotYetValid, from: Passes, until.Add(-1): Passes, until: Expired, until.AddDate(9, 0, 0): Expired,
	} {
		if got := p.Judge(key, &a, at); got != want {
			t.Errorf("at %s judged %q, want %q", at, got, want)
		}
	}
	a.ValidUntil = time.Time{}
	if got := p.Judge(key, &a, until.AddDate(90, 0, 0)); got != Passes {
		t.Errorf("without an end judged %q", got)
	}
}

func TestLabelsNeedText(t *testing.T) {
	p := strict()
	a := assertion(func(a *indicator.Assertion) { a.Object = nil })
	if got := p.Judge(key, &a, noon); got != OtherLabels || !p.NeedsText() {
		t.Errorf("without a text it is judged %q, and NeedsText is %v", got, p.NeedsText())
	}
	p.Select.Labels = nil
	if got := p.Judge(key, &a, noon); got != Passes || p.NeedsText() {
		t.Errorf("without labels to select it is judged %q, and NeedsText is %v", got, p.NeedsText())
	}
}

func drawAssertion(t *rapid.T) indicator.Assertion {
	a := assertion(nil)
	for range rapid.IntRange(0, 3).Draw(t, "changes") {
		breakers[rapid.IntRange(0, len(breakers)-1).Draw(t, "rule")].change(&a)
	}
	a.Revision = rapid.Uint64().Draw(t, "revision")
	return a
}

// TestViewKeepsWhatPasses, in its order, and leaves the entry as it was.
func TestViewKeepsWhatPasses(t *testing.T) {
	p := strict()
	rapid.Check(t, func(t *rapid.T) {
		e := indicator.Entry{Key: key, Sequence: 7, FirstSeen: noon, Changed: noon,
			Assertions: rapid.SliceOfN(rapid.Custom(drawAssertion), 0, 6).Draw(t, "assertions")}
		before := slices.Clone(e.Assertions)
		var want []indicator.Assertion
		for i := range e.Assertions {
			if p.JudgeIn(&e, &e.Assertions[i], noon) == Passes {
				want = append(want, e.Assertions[i])
			}
		}
		view, visible := p.View(&e, noon)
		if visible != (len(want) > 0) || view.Key != key || view.Sequence != 7 || !view.FirstSeen.Equal(noon) {
			t.Fatalf("the view is %+v, visible %v", view, visible)
		}
		if len(want)+len(view.Assertions) > 0 {
			if diff := cmp.Diff(want, view.Assertions); diff != "" {
				t.Fatalf("(-want +got):\n%s", diff)
			}
		}
		if diff := cmp.Diff(before, e.Assertions); diff != "" {
			t.Fatalf("the entry was changed (-before +after):\n%s", diff)
		}
	})
}

// TestRedBesideGreenNeverLeaks: what a view may not see leaves no trace in it,
// in no field of no merged answer.
func TestRedBesideGreenNeverLeaks(t *testing.T) {
	const secret = "SECRET"
	red := assertion(func(a *indicator.Assertion) {
		a.Source, a.TLP, a.Confidence = "hub "+secret, indicator.TLPRed, 99
		a.ValidFrom, a.ValidUntil = noon.AddDate(-9, 0, 0), noon.AddDate(9, 0, 0)
		a.Version = noon.AddDate(0, 0, 9)
		a.Scope, a.Direction, a.Types = indicator.ScopeSubdomains, indicator.DirectionBoth, indicator.TypeAttribution
		a.Object = &indicator.Object{
			ID: secret, Type: secret, Name: secret, Description: secret, CreatedBy: secret, Labels: []string{secret, "energy"},
			Types: []string{secret}, Markings: []string{secret}, KillChain: []string{secret}, Threats: []indicator.Threat{{Name: secret, Type: secret, TLP: indicator.TLPRed}},
			References: []indicator.Reference{{Source: secret, URL: secret, ExternalID: secret}}, Pattern: secret,
		}
	})
	green := assertion(nil)
	p := Policy{Connectors: []string{"hub", "hub " + secret}, Select: Select{MaxTLP: indicator.TLPGreen}}
	alone := indicator.Entry{Key: key, Assertions: []indicator.Assertion{green}}
	want := answers(t, &alone)
	for _, assertions := range [][]indicator.Assertion{{red, green}, {green, red}, {red, green, red}} {
		e := indicator.Entry{Key: key, Assertions: assertions}
		view, visible := p.View(&e, noon)
		if !visible {
			t.Fatal("the green assertion is not visible")
		}
		got := answers(t, &view)
		if diff := cmp.Diff(want, got); diff != "" || strings.Contains(got, secret) {
			t.Errorf("beside a red assertion (-alone +beside):\n%s", diff)
		}
	}
}

// answers is everything that can be learnt from an entry.
func answers(t *testing.T, e *indicator.Entry) string {
	t.Helper()
	until, end := e.ValidUntil()
	text, err := json.Marshal([]any{
		e, e.Confidence(), e.TLP(), e.Scope(), e.Direction(), e.Exactness(), e.ValidFrom(), until, end, e.Version(), e.Sources(),
		e.ObjectIDs(), e.Names(), e.Threats(), e.Labels(), e.IndicatorTypes(), e.References(),
	})
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestBecause(t *testing.T) {
	p := strict()
	for _, c := range []struct {
		name  string
		rules []Verdict
		want  string
	}{
		{"nothing is asserted", nil, "superseded"},
		{"one reason", []Verdict{Expired}, "expired"},
		{"the one that came furthest", []Verdict{Revoked, LowConfidence, Expired}, "confidence"},
		{"in any order", []Verdict{LowConfidence, Withdrawn}, "confidence"},
		{"twice the same", []Verdict{Withdrawn, Withdrawn}, "withdrawn"},
	} {
		e := indicator.Entry{Key: key}
		for _, rule := range c.rules {
			i := slices.IndexFunc(breakers, func(b breaker) bool { return b.verdict == rule })
			e.Assertions = append(e.Assertions, assertion(breakers[i].change))
		}
		if got := p.Because(&e, noon); got != c.want {
			t.Errorf("%s: because %q, want %q", c.name, got, c.want)
		}
	}
}

// TestVerdictsHaveSentences, each its own.
func TestVerdictsHaveSentences(t *testing.T) {
	seen := map[string]bool{}
	for _, v := range append([]Verdict{Passes}, order...) {
		sentence := v.Sentence()
		if sentence == string(v) || seen[sentence] {
			t.Errorf("%q means %q", v, sentence)
		}
		seen[sentence] = true
	}
	if got := Verdict("a word of a later version").Sentence(); got != "a word of a later version" {
		t.Errorf("an unknown verdict means %q", got)
	}
}

// TestFingerprintIsOfThePolicy: it changes with everything that a policy can
// say, and with nothing else.
func TestFingerprintIsOfThePolicy(t *testing.T) {
	zero := indicator.Confidence(0)
	changes := map[string]func(*Policy){
		"nothing":             func(*Policy) {},
		"kinds":               func(p *Policy) { p.Select.Kinds = []indicator.Kind{indicator.IP} },
		"no kinds":            func(p *Policy) { p.Select.Kinds = nil },
		"min_confidence":      func(p *Policy) { p.Select.MinConfidence++ },
		"unstated_confidence": func(p *Policy) { p.Select.UnstatedConfidence = &zero },
		"max_tlp":             func(p *Policy) { p.Select.MaxTLP = indicator.TLPAmber },
		"no max_tlp":          func(p *Policy) { p.Select.MaxTLP = indicator.TLPUnmarked },
		"labels":              func(p *Policy) { p.Select.Labels = []string{"energy"} },
		"label with a comma":  func(p *Policy) { p.Select.Labels = []string{"energy,water"} },
		"sources":             func(p *Policy) { p.Select.Sources = []string{"other hub"} },
		"max_age":             func(p *Policy) { p.Select.MaxAge++ },
		"types":               func(p *Policy) { p.Select.Types = p.Select.Types[:1] },
		"min_exactness":       func(p *Policy) { p.Select.MinExactness = new(indicator.Exact) },
		"no min_exactness":    func(p *Policy) { p.Select.MinExactness = nil },
		"scopes":              func(p *Policy) { p.Select.Scopes = []indicator.Scope{indicator.ScopeSubdomains} },
		"where":               func(p *Policy) { p.Select.Where = where("confidence > 1") },
		"direction":           func(p *Policy) { p.Select.Direction = indicator.DirectionBoth },
		"connectors":          func(p *Policy) { p.Connectors = []string{"hub"} },
		"enforcing":           func(p *Policy) { p.Enforcing = false },
	}
	seen := map[string]string{}
	for name, change := range changes {
		p, again := strict(), strict()
		change(&p)
		change(&again)
		fingerprint := p.Fingerprint(noon)
		if other, taken := seen[fingerprint]; taken || fingerprint == "" {
			t.Errorf("%s and %s have the same fingerprint", name, other)
		}
		seen[fingerprint] = name
		slices.Reverse(again.Connectors)
		slices.Reverse(again.Select.Kinds)
		slices.Reverse(again.Select.Labels)
		slices.Reverse(again.Select.Types)
		again.Select.Sources = append(again.Select.Sources, again.Select.Sources...)
		if again.Fingerprint(noon) != fingerprint {
			t.Errorf("%s: in another order the fingerprint is another", name)
		}
	}
	empty := Policy{Connectors: []string{}, Select: Select{Kinds: []indicator.Kind{}, Labels: []string{}, Sources: []string{}}}
	if empty.Fingerprint(noon) != (&Policy{}).Fingerprint(noon) {
		t.Error("empty lists and none have two fingerprints")
	}
}

// TestFingerprintLeavesThePolicyAlone: others may be using it.
func TestFingerprintLeavesThePolicyAlone(t *testing.T) {
	p := strict()
	slices.Reverse(p.Connectors)
	before := slices.Clone(p.Connectors)
	p.Fingerprint(noon)
	if diff := cmp.Diff(before, p.Connectors); diff != "" {
		t.Errorf("(-before +after):\n%s", diff)
	}
}
