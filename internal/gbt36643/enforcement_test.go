package gbt36643

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/indicatord/indicatord/internal/indicator"
	"github.com/indicatord/indicatord/internal/policy"
	"github.com/indicatord/indicatord/internal/stix"
)

// enforced reports whether an output that blocks would take the value of one
// reputation.
func enforced(t *testing.T, said map[string]any) bool {
	t.Helper()
	m, err := Shipped(FormatThreatBook)
	if err != nil {
		t.Fatal(err)
	}
	answer, err := json.Marshal(map[string]any{"response_code": 0, "data": map[string]any{"5.149.248.77": said}})
	if err != nil {
		t.Fatal(err)
	}
	reading, err := Read(answer, m)
	if err != nil || len(reading.Records) != 1 {
		t.Fatalf("%d records, %v", len(reading.Records), err)
	}
	p := policy.Policy{Enforcing: true, Connectors: []string{""}}
	d := reading.Records[0].Derive(stix.Options{UnmarkedTLP: indicator.TLPAmber})
	if len(d.Assertions)+len(d.Rejects) == 0 {
		t.Fatalf("%s gives neither a value nor a reject", answer)
	}
	for _, a := range d.Assertions {
		if p.Judge(a.Key, &a.Assertion, time.Now()) == policy.Passes {
			return true
		}
	}
	return false
}

// TestJudgmentsThatMustNotBlock: no output that enforces takes what is called
// harmless, or what nothing but a description is known of.
func TestJudgmentsThatMustNotBlock(t *testing.T) {
	harmless := []any{
		[]string{"Whitelist"}, []string{"白名单"}, []string{"Info"}, []string{"基础信息"}, []string{"IDC"}, []string{"IDC服务器"},
		[]string{"Proxy"}, []string{"代理"}, []string{"IDC", "Info", "Proxy"}, []string{"C2", "Whitelist"}, "whitelist",
	}
	for _, judgments := range harmless {
		for _, malicious := range []any{nil, true, false, "是", "否"} {
			if enforced(t, map[string]any{"judgments": judgments, "is_malicious": malicious}) {
				t.Errorf("%v with is_malicious %v is enforced", judgments, malicious)
			}
		}
	}
	for _, judgments := range []any{[]string{"C2"}, []string{"Scanner", "Spam"}, []string{"Unheard"}, []string{}, nil} {
		if enforced(t, map[string]any{"judgments": judgments, "is_malicious": false}) {
			t.Errorf("%v is enforced although it is not malicious", judgments)
		}
	}
	for _, judgments := range []any{[]string{"Unheard"}, []string{}, nil, 17, map[string]any{"a": "Whitelist"}} {
		if enforced(t, map[string]any{"judgments": judgments}) {
			t.Errorf("%v is enforced although nothing says that it is malicious", judgments)
		}
	}
}

func TestJudgmentsThatBlock(t *testing.T) {
	for _, judgments := range []any{[]string{"C2"}, []string{"C2", "IDC"}, []string{"远控"}, []string{"Scanner"}, []string{" c2 "}} {
		if !enforced(t, map[string]any{"judgments": judgments}) {
			t.Errorf("%v is not enforced", judgments)
		}
	}
	if !enforced(t, map[string]any{"is_malicious": true}) {
		t.Error("what is malicious is not enforced")
	}
}

// TestDirections: what attacks the site is not what the site must not reach.
func TestDirections(t *testing.T) {
	m, err := Shipped(FormatThreatBook)
	if err != nil {
		t.Fatal(err)
	}
	for word, want := range map[string]indicator.Direction{
		"C2": indicator.DirectionTo, "MiningPool": indicator.DirectionTo, "CoinMiner": indicator.DirectionTo, "Phishing": indicator.DirectionTo,
		"Scanner": indicator.DirectionFrom, "Brute Force": indicator.DirectionFrom, "Spam": indicator.DirectionFrom, "Zombie": indicator.DirectionFrom,
		"Botnet": indicator.DirectionUnknown, "IDC": indicator.DirectionUnknown,
	} {
		reading, err := Read(fmt.Appendf(nil, `{"data":{"5.149.248.77":{"judgments":[%q]}}}`, word), m)
		if err != nil {
			t.Fatal(err)
		}
		for _, a := range reading.Records[0].Derive(stix.Options{}).Assertions {
			if a.Assertion.Direction != want {
				t.Errorf("%s is about traffic %v, want %v", word, a.Assertion.Direction, want)
			}
		}
	}
}
