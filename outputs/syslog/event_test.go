package syslog

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/indicatord/indicatord/internal/indicator"
	"github.com/indicatord/indicatord/outputs"
)

var now = time.Date(2026, 3, 14, 15, 9, 26, 535_897_932, time.FixedZone("CST", 8*3600))

func testFormatter() *formatter {
	return &formatter{
		header:  header{pri: priority(Local0, Informational), host: "gate", app: "indicatord"},
		payload: &structuredData{origin: origin{site: "plant-07", output: "siem"}, id: "indicatord@32473"},
		site:    "plant-07", max: Defaults().MaxSize,
	}
}

// assertion is one with everything in it.
func assertion() indicator.Assertion {
	return indicator.Assertion{
		Source:     "sector-hub",
		Version:    time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC),
		ValidFrom:  time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC),
		ValidUntil: time.Date(2026, 4, 1, 0, 0, 0, 0, time.UTC),
		End:        indicator.EndHub,
		Confidence: 85,
		TLP:        indicator.TLPAmber,
		Direction:  indicator.DirectionTo,
		Scope:      indicator.ScopeSubdomains,
		Object: &indicator.Object{
			ID: "indicator--5a1c0f2e-6a62-4f0c-8e36-70c1c2a9a1d5", Name: "Control server",
			Types: []string{"malicious-activity"}, Threats: []indicator.Threat{{Name: "Industroyer"}},
		},
	}
}

func change(op outputs.Op, kind indicator.Kind, value string, assertions ...indicator.Assertion) outputs.Change {
	return outputs.Change{Op: op, Entry: indicator.Entry{
		Key: indicator.Key{Kind: kind, Value: value}, Sequence: 42, Assertions: assertions,
	}}
}

func TestEventText(t *testing.T) {
	plain := indicator.Assertion{Source: "sector-hub", Confidence: indicator.Unstated}
	removed := change(outputs.Remove, indicator.URL, "http://c2.example/a]b")
	removed.Reason = "expired"
	for _, tt := range []struct {
		name   string
		change outputs.Change
		want   string
	}{
		{
			"an address of which little is known",
			change(outputs.Add, indicator.IP, "192.0.2.7", plain),
			`<134>1 2026-03-14T07:09:26.535Z gate indicatord - indicator-add ` +
				`[indicatord@32473 id="d2207ccd2ce013d3405972342e02d35d" action="add" kind="ip" value="192.0.2.7" sequence="42" site="plant-07"` +
				` exactness="exact" source="sector-hub"] add ip 192.0.2.7`,
		},
		{
			"a domain of which everything is known",
			change(outputs.Update, indicator.Domain, "c2.example", assertion()),
			`<134>1 2026-03-14T07:09:26.535Z gate indicatord - indicator-update ` +
				`[indicatord@32473 id="" action="update" kind="domain" value="c2.example" sequence="42" site="plant-07"` +
				` valid_until="2026-04-01T00:00:00Z" confidence="85" tlp="amber" direction="to" scope="subdomains" exactness="exact"` +
				` source="sector-hub" object="indicator--5a1c0f2e-6a62-4f0c-8e36-70c1c2a9a1d5" type="malicious-activity"` +
				` threat="Industroyer" name="Control server"] update domain c2.example`,
		},
		{
			"a removal says why and no more",
			removed,
			`<134>1 2026-03-14T07:09:26.535Z gate indicatord - indicator-remove ` +
				`[indicatord@32473 id="" action="remove" kind="url" value="http://c2.example/a\]b" reason="expired" sequence="42" site="plant-07"` +
				`] remove url http://c2.example/a]b: expired`,
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, unsaid := testFormatter().append(nil, now, &tt.change)
			if unsaid != "" {
				t.Fatal("the event is", unsaid)
			}
			want := strings.Replace(tt.want, `id=""`, `id="`+eventID("plant-07", &tt.change)+`"`, 1)
			if diff := cmp.Diff(want, string(got)); diff != "" {
				t.Errorf("event (-want +got):\n%s", diff)
			}
		})
	}
}

func TestEventIDTellsChangesApart(t *testing.T) {
	base := change(outputs.Add, indicator.IP, "192.0.2.7")
	if eventID("plant-07", &base) != eventID("plant-07", &base) {
		t.Error("the same change has two ids")
	}
	seen := map[string]string{eventID("plant-07", &base): "base"}
	later := base
	later.Entry.Sequence++
	removed := base
	removed.Op = outputs.Remove
	value, kind := change(outputs.Add, indicator.IP, "192.0.2.8"), change(outputs.Add, indicator.Other, "192.0.2.7")
	for name, id := range map[string]string{
		"another site":     eventID("plant-08", &base),
		"another sequence": eventID("plant-07", &later),
		"another action":   eventID("plant-07", &removed),
		"another value":    eventID("plant-07", &value),
		"another kind":     eventID("plant-07", &kind),
	} {
		if twin, ok := seen[id]; ok {
			t.Errorf("%s has the id of %s", name, twin)
		}
		seen[id] = name
	}
}

// What a hub writes can be shown, but can neither end a line, nor add a field,
// nor act on the terminal of the person who reads it.
func TestEventNeutralisesHostileText(t *testing.T) {
	for _, tt := range []struct{ name, text, want string }{
		{"a second line", "a\r\n<134>1 - forged", "a��<134>1 - forged"},
		{"the end of the element", `"] [forged@1 x="y"] z`, `"] [forged@1 x="y"] z`},
		{"a backslash before the quote", `\" forged="`, `\" forged="`},
		{"a backslash at the end", `C:\dir\`, `C:\dir\`},
		{"a terminal's escape", "\x1b[2Ja\x00b", "�[2Ja�b"},
		{"C1 control characters", "a\u0085b\u009bc", "a�b�c"},
		{"text turned around", "abc\u202etxt.exe", "abc�txt.exe"},
		{"separators of Unicode", "a\u2028b\u2029c", "a�b�c"},
		{"bytes that are not UTF-8", "a\xff\xfeb", "a��b"},
		{"other languages", "工控 ёж 🔥", "工控 ёж 🔥"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			a := assertion()
			a.Object = &indicator.Object{ID: "x", Name: tt.text}
			c := change(outputs.Add, indicator.Process, tt.text, a)
			event, _ := testFormatter().append(nil, now, &c)
			got, err := parse(string(event))
			if err != nil {
				t.Fatalf("%v\n%s", err, event)
			}
			if err := checkText(got.Text); err != nil {
				t.Errorf("MSG holds %v", err)
			}
			for _, field := range []string{"value", "name"} {
				if got.value(field) != tt.want {
					t.Errorf("%s = %q, want %q", field, got.value(field), tt.want)
				}
			}
			if key := got.key(t); key.Value != tt.text {
				t.Errorf("the event is about %q, want %q", key.Value, tt.text)
			}
			if allowed := got.names(); !slices.Equal(allowed, slices.Compact(slices.Clone(allowed))) || slices.Contains(allowed, "forged") {
				t.Errorf("parameters: %v", allowed)
			}
		})
	}
}

func TestEventKeepsItsValueAndDropsDetails(t *testing.T) {
	f := testFormatter()
	f.max = 1024
	a := assertion()
	a.Object = &indicator.Object{ID: "indicator--1", Name: strings.Repeat(`工"`, 2000)}
	value := "http://c2.example/" + strings.Repeat("a", 300)
	c := change(outputs.Add, indicator.URL, value, a)
	event, unsaid := f.append(nil, now, &c)
	if unsaid != "" {
		t.Fatal("the event is", unsaid)
	}
	if len(event) > f.max || len(event) < f.max-4 {
		t.Errorf("the event has %d bytes, want just under %d", len(event), f.max)
	}
	got, err := parse(string(event))
	if err != nil {
		t.Fatal(err)
	}
	if got.value("value") != value || got.value("tlp") != "amber" || got.value("truncated") != "true" {
		t.Errorf("parameters: %v", got.Params)
	}
	if name := got.value("name"); name == "" || !strings.HasPrefix(a.Object.Name, name) {
		t.Errorf("name = %q, want a part from the start", name)
	}
	if !strings.HasSuffix(got.Text, "…") || len(got.Text) > maxText {
		t.Errorf("text = %q (%d bytes)", got.Text, len(got.Text))
	}
}

func TestEventThatCannotHoldItsValueIsNotWritten(t *testing.T) {
	c := change(outputs.Add, indicator.URL, "http://c2.example/"+strings.Repeat("a", 9000))
	before := []byte("what was there")
	got, unsaid := testFormatter().append(before, now, &c)
	if unsaid != tooLong || string(got) != string(before) {
		t.Errorf("append = %q, %q", got, unsaid)
	}
}

// At every length that an event may have, it parses, and what it leaves out it
// owns up to.
func TestEventAtEveryLength(t *testing.T) {
	a := assertion()
	a.Object = &indicator.Object{ID: `indicator--"]\`, Name: `工"]\` + "\n", Types: []string{"a"}, Threats: []indicator.Threat{{Name: "b"}}}
	c := change(outputs.Update, indicator.Domain, "c2.example", a)
	f := testFormatter()
	whole, _ := f.append(nil, now, &c)
	for f.max = range len(whole) + 2 {
		event, unsaid := f.append(nil, now, &c)
		if unsaid != "" {
			continue
		}
		got, err := parse(string(event))
		switch {
		case err != nil:
			t.Fatalf("max %d: %v\n%s", f.max, err, event)
		case len(event) > f.max:
			t.Fatalf("max %d: the event has %d bytes", f.max, len(event))
		case got.value("value") != "c2.example":
			t.Fatalf("max %d: value = %q", f.max, got.value("value"))
		case (len(event) < len(whole)) != (got.value("truncated") == "true") && len(got.Params) > 6:
			t.Fatalf("max %d: truncated = %q\n%s", f.max, got.value("truncated"), event)
		}
	}
}

func FuzzEvent(f *testing.F) {
	f.Add("192.0.2.7", "a name", "source", "expired", uint8(1), 8192)
	f.Add(`"]\`, "a\nb", "\xff", "\u202e", uint8(33), 1024)
	f.Add(strings.Repeat("工", 700), strings.Repeat(`\`, 900), "]", "", uint8(3), 2048)
	f.Fuzz(func(t *testing.T, value, text, source, reason string, kind uint8, limit int) {
		format := testFormatter()
		format.max = min(max(limit, 64), 1<<16)
		c := change(outputs.Add, indicator.Kind(kind), value, indicator.Assertion{
			Source: source, Object: &indicator.Object{ID: text, Name: text + value, Threats: []indicator.Threat{{Name: text}, {Name: source}}},
		})
		c.Reason = reason
		event, unsaid := format.append(nil, now, &c)
		if unsaid != "" {
			return
		}
		got, err := parse(string(event))
		if err != nil {
			t.Fatalf("%v\n%q", err, event)
		}
		if err := checkText(got.Text); err != nil {
			t.Fatalf("MSG holds %v", err)
		}
		if len(event) > format.max {
			t.Fatalf("%d bytes, longest %d", len(event), format.max)
		}
		if key := got.key(t); key.Value != value {
			t.Fatalf("the event is about %q, want %q", key.Value, value)
		}
		if want := shown(value); got.value("value") != want || got.value("site") != "plant-07" || got.value("action") != "add" {
			t.Fatalf("value = %q, want %q; all: %v", got.value("value"), want, got.Params)
		}
	})
}

// shown is the text with every character that acts replaced, by a rule of its
// own.
func shown(text string) string {
	var b strings.Builder
	for _, r := range text {
		if checkText(string(r)) != nil {
			r = '\uFFFD'
		}
		b.WriteRune(r)
	}
	return b.String()
}

func BenchmarkEvent(b *testing.B) {
	f := testFormatter()
	c := change(outputs.Add, indicator.IP, "192.0.2.7", assertion())
	var event []byte
	for b.Loop() {
		event, _ = f.append(event[:0], now, &c)
	}
	b.SetBytes(int64(len(event)))
}
