package ecs

import (
	"bytes"
	"encoding/json"
	"flag"
	"net/netip"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/indicatord/indicatord/internal/indicator"
)

var update = flag.Bool("update", false, "write the golden files anew")

var now = time.Date(2026, 6, 1, 12, 0, 0, 0, time.UTC)

// entry returns an entry as a single hub describes it.
func entry(kind indicator.Kind, value string) *indicator.Entry {
	return &indicator.Entry{
		Key:       indicator.Key{Kind: kind, Value: value},
		Sequence:  4711,
		FirstSeen: now.Add(-48 * time.Hour),
		Assertions: []indicator.Assertion{{
			Source:     "sector-hub",
			Version:    time.Date(2026, 5, 30, 8, 15, 0, 0, time.UTC),
			ValidFrom:  time.Date(2026, 5, 20, 0, 0, 0, 0, time.UTC),
			ValidUntil: time.Date(2026, 8, 20, 0, 0, 0, 0, time.UTC),
			End:        indicator.EndHub,
			Confidence: 85,
			TLP:        indicator.TLPAmberStrict,
			Direction:  indicator.DirectionTo,
			Object: &indicator.Object{
				ID:          "indicator--b7f5a0c8-6a5e-4e0e-8d5e-3f6a0f7f1b11",
				Name:        "Wiper command and control",
				Description: "Contacted by the wiper before it erased the operator stations.",
				Labels:      []string{"sector:energy", "campaign:example"},
				Types:       []string{"malicious-activity"},
				Threats:     []indicator.Threat{{Name: "Example Wiper", Type: "malware"}},
				References:  []indicator.Reference{{Source: "Example Research", URL: "https://research.example/42"}, {Source: "internal"}},
			},
		}},
	}
}

// several returns an entry that two hubs describe, one of which gives no end and
// no text.
func several() *indicator.Entry {
	e := entry(indicator.Domain, "update.grid-portal.co.uk")
	second := e.Assertions[0]
	second.Source = "national-cert"
	second.Version = second.Version.Add(24 * time.Hour)
	second.ValidFrom = second.ValidFrom.Add(-24 * time.Hour)
	second.ValidUntil, second.End = time.Time{}, indicator.EndNone
	second.Confidence = indicator.Unstated
	second.TLP = indicator.TLPGreen
	second.Direction = indicator.DirectionFrom
	second.Scope = indicator.ScopeSubdomains
	second.Object = &indicator.Object{
		ID: "indicator--0c1d2e3f-0000-4000-8000-000000000001", Labels: []string{"sector:water"}, Remainder: []string{"like"},
	}
	e.Assertions = append(e.Assertions, second)
	return e
}

// TestProtected: a document tells of something that would not be enforced.
func TestProtected(t *testing.T) {
	e := entry(indicator.Domain, "hub.example")
	if doc := Document("plant-07", e, e.Changed); doc.Indicatord.Protected != "" || slices.Contains(doc.Tags, "never-block") {
		t.Errorf("unprotected: %q, tags %q", doc.Indicatord.Protected, doc.Tags)
	}
	e.Protected = "hub.example is protected"
	doc := Document("plant-07", e, e.Changed)
	if doc.Indicatord.Protected != e.Protected || !slices.Contains(doc.Tags, "never-block") {
		t.Errorf("protected: %q, tags %q", doc.Indicatord.Protected, doc.Tags)
	}
}

// TestDocument compares documents with the files of testdata, one for each kind
// of key.
func TestDocument(t *testing.T) {
	bare := entry(indicator.SHA256, strings.Repeat("0a1b2c3d", 8))
	bare.Assertions[0] = indicator.Assertion{Source: "sector-hub", Confidence: indicator.Unstated}
	rule := entry(indicator.Rule, "yara:"+strings.Repeat("0a1b2c3d", 8))
	rule.Assertions[0].Exactness = indicator.Compound
	rule.Assertions[0].Object.Pattern = "rule wiper {\n  condition: true\n}\n"
	rule.Assertions[0].Object.PatternType = "yara"
	tests := []struct {
		file  string
		entry *indicator.Entry
	}{
		{"ip-address", entry(indicator.IP, "45.155.7.9")},
		{"ip-prefix", entry(indicator.IP, "45.155.64.0/18")},
		{"ip-address-v6", entry(indicator.IP, "2a0e:b107::9")},
		{"ip-prefix-v6", entry(indicator.IP, "2a0e:b107:40::/48")},
		{"domain", entry(indicator.Domain, "update.grid-portal.net")},
		{"domain-of-several-sources", several()},
		{"url", entry(indicator.URL, "https://cdn.grid-portal.net:8443/load/a%20b?id=7&x=<y>")},
		{"url-without-scheme", entry(indicator.URL, "grid-portal.net/load")},
		{"url-of-address", entry(indicator.URL, "http://45.155.7.9/load")},
		{"url-of-address-v6", entry(indicator.URL, "http://[2a0e:b107::9]:8080/")},
		{"email", entry(indicator.Email, "billing@grid-portal.net")},
		{"md5", entry(indicator.MD5, strings.Repeat("0a1b2c3d", 4))},
		{"sha1", entry(indicator.SHA1, strings.Repeat("0a1b2c3d", 5))},
		{"sha256", entry(indicator.SHA256, strings.Repeat("0a1b2c3d", 8))},
		{"sha512", entry(indicator.SHA512, strings.Repeat("0a1b2c3d", 16))},
		{"file-name", entry(indicator.FileName, "haslo.dat")},
		{"process", entry(indicator.Process, `C:\Windows\svchost.exe -k netsvcs`)},
		{"registry-key", entry(indicator.RegistryKey, `HKEY_LOCAL_MACHINE\System\Services\drv`)},
		{"certificate", entry(indicator.Certificate, "36:f7:d4:32:f4:ab")},
		{"mutex", entry(indicator.Mutex, `Global\{4b6b4f0e}`)},
		{"user-agent", entry(indicator.UserAgent, "Mozilla/5.0 (compatible; MSIE 7.0)")},
		{"mac", entry(indicator.MAC, "00:0c:29:5e:2f:11")},
		{"rule", rule},
		{"other", entry(indicator.Other, "autonomous-system:number=64496")},
		{"nothing-stated", bare},
		{"key-alone", &indicator.Entry{Key: indicator.Key{Kind: indicator.IP, Value: "45.155.7.9"}, Sequence: 4712}},
	}
	for _, test := range tests {
		t.Run(test.file, func(t *testing.T) {
			got := indented(t, Document("plant-07", test.entry, now))
			path := filepath.Join("testdata", test.file+".json")
			if *update {
				if err := os.WriteFile(path, got, 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), string(got)); diff != "" {
				t.Errorf("%s (-want +got):\n%s", path, diff)
			}
		})
	}
}

func indented(t *testing.T, doc *Doc) []byte {
	t.Helper()
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(doc); err != nil {
		t.Fatal(err)
	}
	return text.Bytes()
}

// TestPrefixIsNeverAnAddress is why the document has a field of its own for
// prefixes: Elasticsearch refuses a document with a prefix in an ip field.
func TestPrefixIsNeverAnAddress(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		prefix := drawPrefix(t)
		value := prefix.String()
		if prefix.IsSingleIP() {
			value = prefix.Addr().String()
		}
		doc := Document("plant-07", entry(indicator.IP, value), now)
		address, wide := doc.Threat.Indicator.IP, doc.Indicatord.Range
		if prefix.IsSingleIP() && (address != prefix.Addr() || wide != "") {
			t.Errorf("%s: ip %v, range %q", value, address, wide)
		}
		if !prefix.IsSingleIP() && (address.IsValid() || wide != value) {
			t.Errorf("%s: ip %v, range %q", value, address, wide)
		}
	})
}

func drawPrefix(t *rapid.T) netip.Prefix {
	length := rapid.SampledFrom([]int{4, 16}).Draw(t, "length")
	octets := rapid.SliceOfN(rapid.Byte(), length, length).Draw(t, "octets")
	address, _ := netip.AddrFromSlice(octets)
	address = address.Unmap()
	bits := rapid.IntRange(1, address.BitLen()).Draw(t, "bits")
	return netip.PrefixFrom(address, bits).Masked()
}

// TestEveryTextGivesADocument feeds what a hub may send into every field.
func TestEveryTextGivesADocument(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := string(rapid.SliceOf(rapid.Byte()).Draw(t, "text"))
		kind := rapid.SampledFrom(indicator.Kinds()).Draw(t, "kind")
		e := entry(kind, text)
		e.Assertions[0].Source = text
		e.Assertions[0].ValidUntil = time.Unix(rapid.Int64().Draw(t, "until"), 0)
		e.Assertions[0].Object = &indicator.Object{
			ID: text, Name: text, Description: text,
			Labels: []string{text}, Types: []string{text}, Threats: []indicator.Threat{{Name: text}},
			References: []indicator.Reference{{URL: text}}, Pattern: text,
		}
		encoded, err := json.Marshal(Document("plant-07", e, now))
		if err != nil {
			t.Fatal(err)
		}
		if bytes.ContainsAny(encoded, "\n\r") {
			t.Errorf("the document has more than one line: %s", encoded)
		}
		var back Doc
		if err := json.Unmarshal(encoded, &back); err != nil {
			t.Fatalf("%v: %s", err, encoded)
		}
		if want := strings.ToValidUTF8(text, "\ufffd"); len(back.Tags) == 1 && strings.Count(back.Tags[0], "\ufffd") == 0 && back.Tags[0] != want {
			t.Errorf("label %q came back as %q", want, back.Tags[0])
		}
	})
}

// TestDocumentLeavesTheEntryAlone matters because entries share their objects.
func TestDocumentLeavesTheEntryAlone(t *testing.T) {
	e, same := several(), several()
	Document("plant-07", e, now)
	if diff := cmp.Diff(same, e); diff != "" {
		t.Errorf("the entry changed (-want +got):\n%s", diff)
	}
}

// TestElasticRules checks what every prebuilt indicator match rule asks for.
func TestElasticRules(t *testing.T) {
	doc := Document("plant-07", entry(indicator.IP, "45.155.7.9"), now)
	want := Event{
		Kind:     "enrichment",
		Category: []string{"threat"},
		Type:     []string{"indicator"},
		Module:   "ti_indicatord",
		Dataset:  "ti_indicatord.indicator",
	}
	if diff := cmp.Diff(want, doc.Event); diff != "" {
		t.Errorf("event (-want +got):\n%s", diff)
	}
	if doc.Timestamp != InstantOf(now) {
		t.Errorf("@timestamp is %s, want the time of the confirmation %v", doc.Timestamp, now)
	}
}

func TestMarking(t *testing.T) {
	tests := []struct {
		level indicator.TLP
		want  *Marking
	}{
		{indicator.TLPUnmarked, nil},
		{indicator.TLPClear, &Marking{"CLEAR", "2.0"}},
		{indicator.TLPGreen, &Marking{"GREEN", "2.0"}},
		{indicator.TLPAmber, &Marking{"AMBER", "2.0"}},
		{indicator.TLPAmberStrict, &Marking{"AMBER+STRICT", "2.0"}},
		{indicator.TLPRed, &Marking{"RED", "2.0"}},
	}
	for _, test := range tests {
		t.Run(test.level.String(), func(t *testing.T) {
			if got := marking(test.level); !reflect.DeepEqual(got, test.want) {
				t.Errorf("marking = %v, want %v", got, test.want)
			}
		})
	}
}

func TestDocumentID(t *testing.T) {
	key := indicator.Key{Kind: indicator.IP, Value: "45.155.7.9"}
	id := DocumentID("plant-07", key)
	// The ids of documents that exist must never change.
	if want := "LZCZGOOSXDIRCUK7UU4D4T4KTJXHZFDI5F4WR7MEFLMQS3NIKDCA"; id != want {
		t.Errorf("DocumentID = %q, want %q", id, want)
	}
	if strings.Trim(id, "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567") != "" {
		t.Errorf("%q needs escaping in a URL", id)
	}
	others := map[string]string{
		"another site":  DocumentID("plant-08", key),
		"another kind":  DocumentID("plant-07", indicator.Key{Kind: indicator.Domain, Value: key.Value}),
		"another value": DocumentID("plant-07", indicator.Key{Kind: indicator.IP, Value: "45.155.7.90"}),
	}
	for what, other := range others {
		if other == id {
			t.Errorf("%s has the same id", what)
		}
	}
}

func BenchmarkDocument(b *testing.B) {
	e := entry(indicator.Domain, "update.grid-portal.net")
	b.ReportAllocs()
	for b.Loop() {
		doc := Document("plant-07", e, now)
		if _, err := json.Marshal(doc); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "docs/s")
}

func BenchmarkDocumentID(b *testing.B) {
	key := indicator.Key{Kind: indicator.Domain, Value: "update.grid-portal.net"}
	b.ReportAllocs()
	for b.Loop() {
		DocumentID("plant-07", key)
	}
}
