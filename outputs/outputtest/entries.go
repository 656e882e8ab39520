package outputtest

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"time"

	"github.com/indicatord/indicatord/internal/indicator"
)

// Now is the time at which the entries and deliveries of this package are made.
var Now = time.Date(2026, 6, 1, 12, 0, 0, 0, time.UTC)

// NewEntry returns an entry about the key with one assertion in which every
// field is filled, and the sequence 1.
func NewEntry(kind indicator.Kind, value string) indicator.Entry {
	id := fmt.Sprintf("indicator--%s--%s", kind, value)
	return indicator.Entry{
		Key:       indicator.Key{Kind: kind, Value: value},
		Sequence:  1,
		FirstSeen: Now.Add(-48 * time.Hour),
		Changed:   Now.Add(-time.Hour),
		Assertions: []indicator.Assertion{{
			Source:     "sector-hub",
			Version:    Now.Add(-2 * time.Hour),
			ValidFrom:  Now.Add(-72 * time.Hour),
			ValidUntil: Now.Add(30 * 24 * time.Hour),
			End:        indicator.EndHub,
			Confidence: 85,
			TLP:        indicator.TLPAmber,
			Types:      indicator.TypeMalicious,
			Direction:  indicator.DirectionTo,
			Scope:      indicator.ScopeExact,
			Exactness:  indicator.Exact,
			Revision:   1,
			Object: &indicator.Object{
				ID:          id,
				Type:        "indicator",
				Name:        "Command and control of a grid campaign",
				Description: "Seen in an intrusion at a substation operator.",
				CreatedBy:   "identity--7f1d2e5a-2b0c-4f5e-9a11-0d7c1f3a9b10",
				Labels:      []string{"campaign:example", "sector:energy"},
				Types:       []string{"malicious-activity"},
				Threats:     []indicator.Threat{{Name: "Example Implant", Type: "malware"}},
				References: []indicator.Reference{
					{Source: "Example Research", URL: "https://research.example/reports/42"},
				},
			},
		}},
	}
}

// EachShape returns one entry of every shape that a key can have: of each kind,
// and of addresses and URLs in every form.
func EachShape() []indicator.Entry {
	return []indicator.Entry{
		NewEntry(indicator.IP, "45.155.7.9"),
		NewEntry(indicator.IP, "45.155.64.0/18"),
		NewEntry(indicator.IP, "2a0e:b107::9"),
		NewEntry(indicator.IP, "2a0e:b107:40::/48"),
		NewEntry(indicator.Domain, "update.grid-portal.net"),
		NewEntry(indicator.Domain, "xn--fsqu00a.xn--fiqs8s"),
		NewEntry(indicator.URL, "http://grid-portal.net/load?id=7"),
		NewEntry(indicator.URL, "grid-portal.net/load"),
		NewEntry(indicator.Email, "billing@grid-portal.net"),
		NewEntry(indicator.MD5, strings.Repeat("0a1b2c3d", 4)),
		NewEntry(indicator.SHA1, strings.Repeat("0a1b2c3d", 5)),
		NewEntry(indicator.SHA256, strings.Repeat("0a1b2c3d", 8)),
		NewEntry(indicator.SHA512, strings.Repeat("0a1b2c3d", 16)),
		NewEntry(indicator.FileName, "haslo.dat"),
		NewEntry(indicator.Process, `C:\Windows\svchost.exe -k netsvcs`),
		NewEntry(indicator.RegistryKey, `HKEY_LOCAL_MACHINE\System\Services\drv`),
		NewEntry(indicator.Certificate, "36:f7:d4:32:f4:ab:70:ea:d3:ce:98:6e:ea:99:93:49"),
		NewEntry(indicator.Mutex, `Global\{4b6b4f0e}`),
		NewEntry(indicator.UserAgent, "Mozilla/5.0 (compatible; MSIE 7.0; Windows NT 6.0)"),
		NewEntry(indicator.MAC, "00:0c:29:5e:2f:11"),
		newRule("yara", "rule wiper {\n  condition: true\n}\n"),
		NewEntry(indicator.Other, "autonomous-system:number=64496"),
	}
}

// newRule returns the entry of a detection rule.
func newRule(language, text string) indicator.Entry {
	e := NewEntry(indicator.Rule, indicator.RuleValue(language, text))
	a := &e.Assertions[0]
	a.Exactness = indicator.Compound
	a.Object.Pattern, a.Object.PatternType = text, language
	return e
}

// Entries returns n different entries of the kinds that a tool can match, the
// same ones for the same seed.
func Entries(seed uint64, n int) []indicator.Entry {
	r := rand.New(rand.NewPCG(seed, 0x1d1ca70d))
	entries := make([]indicator.Entry, n)
	for i := range entries {
		entries[i] = NewEntry(randomKey(r, i))
	}
	return entries
}

// randomKey returns a key that holds i, so that no two are the same.
func randomKey(r *rand.Rand, i int) (indicator.Kind, string) {
	switch r.IntN(8) {
	case 0:
		return indicator.IP, fmt.Sprintf("2a0e:b107:%x:%x::%x", r.IntN(1<<16), i>>15+1, i&0x7fff+1)
	case 1:
		return indicator.Domain, fmt.Sprintf("h%d.%s.net", i, randomWord(r))
	case 2:
		return indicator.URL, fmt.Sprintf("https://%s.net/%s?id=%d", randomWord(r), randomWord(r), i)
	case 3:
		return indicator.SHA256, fmt.Sprintf("%016x%016x%016x%016x", r.Uint64(), r.Uint64(), r.Uint64(), i)
	case 4:
		return indicator.MD5, fmt.Sprintf("%016x%016x", r.Uint64(), i)
	case 5:
		return indicator.Email, fmt.Sprintf("%s.%d@%s.net", randomWord(r), i, randomWord(r))
	}
	return indicator.IP, numberedAddress(i)
}

// numberedAddress returns a public address for each number from 0, in order.
func numberedAddress(i int) string {
	return fmt.Sprintf("%d.%d.%d.%d", 64+i>>24, i>>16&0xff, i>>8&0xff, i&0xff)
}

func randomWord(r *rand.Rand) string {
	word := make([]byte, 4+r.IntN(8))
	for i := range word {
		word[i] = byte('a' + r.IntN(26))
	}
	return string(word)
}

// shape names what decides whether a tool can hold a key: its kind, and for
// addresses the family and whether there is more than one.
func shape(k indicator.Key) string {
	switch k.Kind {
	case indicator.IP:
		p := k.Prefix()
		return fmt.Sprintf("%s v4=%t single=%t", k.Kind, p.Addr().Is4(), p.IsSingleIP())
	case indicator.URL:
		return fmt.Sprintf("%s scheme=%t", k.Kind, strings.Contains(k.Value, "://"))
	}
	return k.Kind.String()
}
