package policy

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/indicatord/indicatord/internal/indicator"
)

// TestAgeingViewsChangeByTheHour, and no others.
func TestAgeingViewsChangeByTheHour(t *testing.T) {
	ageing, lasting := Policy{Select: Select{MaxAge: time.Hour}}, Policy{}
	later, soon := noon.Add(time.Hour), noon.Add(59*time.Minute)
	if ageing.Fingerprint(noon) != ageing.Fingerprint(soon) || ageing.Fingerprint(noon) == ageing.Fingerprint(later) {
		t.Error("a view with max_age does not age by the hour")
	}
	if lasting.Fingerprint(noon) != lasting.Fingerprint(later) {
		t.Error("a view without max_age ages")
	}
}

func TestAge(t *testing.T) {
	p := Policy{Connectors: []string{"hub"}, Select: Select{MaxAge: 24 * time.Hour}}
	for _, c := range []struct {
		name           string
		version, valid time.Time
		want           Verdict
	}{
		{"modified a day ago", noon.Add(-24 * time.Hour), noon.Add(-time.Hour), Passes},
		{"modified longer ago", noon.Add(-24*time.Hour - 1), noon.Add(-time.Hour), TooOld},
		{"never modified, and valid since long", time.Time{}, noon.Add(-25 * time.Hour), TooOld},
		{"of no time at all", time.Time{}, time.Time{}, Passes},
		{"modified tomorrow", noon.Add(24 * time.Hour), noon.Add(-time.Hour), Passes},
	} {
		a := assertion(func(a *indicator.Assertion) { a.Version, a.ValidFrom = c.version, c.valid })
		if got := p.Judge(key, &a, noon); got != c.want {
			t.Errorf("%s: judged %q, want %q", c.name, got, c.want)
		}
	}
}

func TestTypes(t *testing.T) {
	malicious, weak := indicator.TypeMalicious, indicator.TypeAnonymized|indicator.TypeUnknown
	for _, c := range []struct {
		name      string
		chosen    []Type
		enforcing bool
		types     indicator.TypeSet
		want      Verdict
	}{
		{"weak ones are not enforced", nil, true, weak, WeakType},
		{"but shown", nil, false, weak, Passes},
		{"and enforced where the operator asks for them", []Type{typeOf("anonymization")}, true, weak, Passes},
		{"weak beside strong is strong", nil, true, weak | malicious, Passes},
		{"unstated is not weak", nil, true, 0, Passes},
		{"a word of the hub's own is not weak", nil, true, indicator.TypeOther, Passes},
		{"benign is never enforced, chosen or not", []Type{typeOf("benign")}, true, indicator.TypeBenign, Benign},
		{"one of the chosen", []Type{typeOf("compromised"), typeOf("malicious-activity")}, true, malicious, Passes},
		{"none of the chosen", []Type{typeOf("compromised")}, false, malicious, OtherType},
		{"unstated is none of the chosen", []Type{typeOf("compromised")}, false, 0, OtherType},
		{"unless it is chosen", []Type{typeOf("unstated")}, true, 0, Passes},
		{"and then it is nothing else", []Type{typeOf("unstated")}, true, malicious, OtherType},
	} {
		p := Policy{Connectors: []string{"hub"}, Enforcing: c.enforcing, Select: Select{Types: c.chosen}}
		a := assertion(func(a *indicator.Assertion) { a.Types = c.types })
		if got := p.Judge(key, &a, noon); got != c.want {
			t.Errorf("%s: judged %q, want %q", c.name, got, c.want)
		}
	}
	var unknown Type
	if err := unknown.UnmarshalText([]byte("evil")); err == nil {
		t.Error("an unknown type is accepted")
	}
}

func TestExactnessAndScope(t *testing.T) {
	for have := indicator.Exact; have <= indicator.Compound; have++ {
		for least := indicator.Exact; least <= indicator.Compound; least++ {
			p := Policy{Connectors: []string{"hub"}, Select: Select{MinExactness: &least}}
			a := assertion(func(a *indicator.Assertion) { a.Exactness = have })
			if got := p.Judge(key, &a, noon); (got == Passes) != (have <= least) {
				t.Errorf("min_exactness %s: %s is judged %q", least, have, got)
			}
		}
	}
	p := Policy{Connectors: []string{"hub"}, Select: Select{Scopes: []indicator.Scope{indicator.ScopeSubdomains}}}
	a := assertion(nil)
	if got := p.Judge(key, &a, noon); got != OtherScope {
		t.Errorf("a name alone is judged %q", got)
	}
	if got := p.Judge(indicator.Key{Kind: indicator.IP, Value: "45.9.1.2"}, &a, noon); got != Passes {
		t.Errorf("an address, which has no scope, is judged %q", got)
	}
}

// own is what the site itself says.
func own(types indicator.TypeSet) indicator.Assertion {
	return indicator.Assertion{Source: indicator.OwnSource, ValidFrom: noon.Add(-time.Hour), Types: types, TLP: indicator.TLPRed, Confidence: 100}
}

// TestTheSiteHasTheLastWord in every view, enforcing or not.
func TestTheSiteHasTheLastWord(t *testing.T) {
	allow, deny := own(indicator.TypeBenign), own(indicator.TypeMalicious)
	expired := allow
	expired.ValidUntil = noon
	bad, weak := assertion(nil), assertion(func(a *indicator.Assertion) { a.Confidence = 1 })
	for _, c := range []struct {
		name       string
		assertions []indicator.Assertion
		where      string
		want       []Verdict
	}{
		{"allowed", []indicator.Assertion{bad, allow}, "", []Verdict{Allowed, Allowed}},
		{"allowed, and nobody else knows it", []indicator.Assertion{allow}, "", []Verdict{Allowed}},
		{"no longer allowed", []indicator.Assertion{bad, expired}, "", []Verdict{Passes, Expired}},
		{"denied", []indicator.Assertion{deny}, "", []Verdict{Passes}},
		{"denied beside a source's word", []indicator.Assertion{bad, deny}, "", []Verdict{Passes, Passes}},
		{"denied beside what does not pass", []indicator.Assertion{weak, deny}, "", []Verdict{LowConfidence, Passes}},
		{"denied, whatever the condition", []indicator.Assertion{deny}, "false", []Verdict{Passes}},
		{"not denied, and the condition", []indicator.Assertion{bad}, "false", []Verdict{Elsewhere}},
	} {
		for _, enforcing := range []bool{true, false} {
			p := strict()
			p.Enforcing, p.Select.Where = enforcing, where(c.where)
			e := entryOf(c.assertions...)
			if diff := cmp.Diff(c.want, p.Verdicts(e, noon)); diff != "" {
				t.Errorf("%s, enforcing %t (-want +got):\n%s", c.name, enforcing, diff)
			}
			if _, visible := p.View(e, noon); visible != slices.Contains(c.want, Passes) {
				t.Errorf("%s, enforcing %t: in the view: %t", c.name, enforcing, visible)
			}
		}
	}
	p := strict()
	p.Select.Kinds = []indicator.Kind{indicator.IP}
	if got := p.Judge(key, &deny, noon); got != OtherKind {
		t.Errorf("what the site denies of a kind that the output does not take is judged %q", got)
	}
}

// TestStrictNamesAreHidden: an open indicator does not give away the name that
// another object gives it.
func TestStrictNamesAreHidden(t *testing.T) {
	object := &indicator.Object{ID: "indicator--1", Labels: []string{"energy"}, Threats: []indicator.Threat{
		{Name: "open", TLP: indicator.TLPGreen}, {Name: "SECRET", TLP: indicator.TLPAmber},
	}}
	p := strict()
	e := entryOf(assertion(func(a *indicator.Assertion) { a.Object = object }))
	view, visible := p.View(e, noon)
	if diff := cmp.Diff([]string{"open"}, view.Threats()); diff != "" || !visible || view.TLP() != indicator.TLPGreen {
		t.Errorf("visible %t at %s, the threats (-want +got):\n%s", visible, view.TLP(), diff)
	}
	if len(object.Threats) != 2 {
		t.Error("the object itself was changed")
	}
	p.Select.MaxTLP = indicator.TLPUnmarked
	if view, _ := p.View(e, noon); len(view.Threats()) != 2 || view.TLP() != indicator.TLPAmber {
		t.Errorf("without a limit the threats are %q at %s", view.Threats(), view.TLP())
	}
}
