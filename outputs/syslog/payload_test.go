package syslog

import (
	"bytes"
	"encoding/base64"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/simplifiedchinese"

	"github.com/indicatord/indicatord/internal/indicator"
	"github.com/indicatord/indicatord/internal/plugin"
	"github.com/indicatord/indicatord/outputs"
)

var update = flag.Bool("update", false, "write the golden files")

// The templates of the tests, each in a notation that an oracle reads.
const (
	templateJSON = `{"action":{{json .Action}},"kind":{{json .Kind}},"value":{{json .Value}},"value_base64":{{json .ValueBase64}},` +
		`"reason":{{json .Reason}},"name":{{json .Name}},"text":{{json .Text}},"source":{{json .Source}}}`
	templateKV = `action={{kv .Action}} kind={{kv .Kind}} value={{kv .Value}} value_base64={{kv .ValueBase64}} ` +
		`reason={{kv .Reason}} name={{kv .Name}} text={{kv .Text}} source={{kv .Source}}`
	templatePlain = `action="{{.Action}}" kind="{{.Kind}}" value="{{.Value}}" reason="{{.Reason}}" name="{{.Name}}" text="{{.Text}}" source="{{.Source}}"`
)

// notation is a payload with its oracle.
type notation struct {
	name  string
	set   func(*Settings)
	parse func(string) ([]pair, error)
	// value and base64 are the fields with the value of an indicator.
	value, base64 string
	// shows says how the payload writes a value, where that is not as [shown].
	shows func(string) string
	// decode turns the payload into UTF-8, where it is not.
	decode func(string) (string, error)
}

func notations() []notation {
	use := func(p Payload) func(*Settings) { return func(s *Settings) { s.Payload = p } }
	fill := func(line string) func(*Settings) {
		return func(s *Settings) { s.Payload, s.Template = Template, line }
	}
	without := func(delimiter string) func(string) string {
		return func(text string) string { return strings.ReplaceAll(shown(text), delimiter, "\uFFFD") }
	}
	all := []notation{
		{name: "sd", set: use(SD), parse: parseSD, value: "value", base64: "value_base64"},
		{name: "cef", set: use(CEF), parse: parseCEF, value: "cs1", base64: "cs6"},
		{name: "leef1", set: use(LEEF1), parse: parseLEEF, value: "value", base64: "value_base64"},
		{name: "leef2", set: use(LEEF2), parse: parseLEEF, value: "value", base64: "value_base64", shows: without("^")},
		{name: "leef2-comma", set: func(s *Settings) { s.Payload, s.Delimiter = LEEF2, "," }, parse: parseLEEF, value: "value", base64: "value_base64", shows: without(",")},
		{name: "json", set: use(JSON), parse: parseJSON, value: "threat.indicator.name", base64: "indicatord.value_base64", shows: valid},
		{name: "kv", set: use(KV), parse: parseKV, value: "value", base64: "value_base64"},
		{name: "template-json", set: fill(templateJSON), parse: parseJSON, value: "value", base64: "value_base64"},
		{name: "template-kv", set: fill(templateKV), parse: parseKV, value: "value", base64: "value_base64"},
		{name: "template-plain", set: fill(templatePlain), parse: parseKV, value: "value", shows: percented},
	}
	for i := range all {
		if all[i].shows == nil {
			all[i].shows = shown
		}
	}
	return all
}

// inGBK are the notations that are also written in GBK.
func inGBK() []notation {
	var all []notation
	for _, n := range notations() {
		if n.name == "sd" {
			continue
		}
		set, shows := n.set, n.shows
		n.name += "-gbk"
		n.set = func(s *Settings) { set(s); s.Encoding = GBK }
		if n.name != "json-gbk" {
			n.shows = func(text string) string { return questioned(shows(text)) }
			n.decode = simplifiedchinese.GBK.NewDecoder().String
		}
		all = append(all, n)
	}
	return all
}

// valid is the text with U+FFFD for each byte that is not UTF-8.
func valid(text string) string { return string([]rune(text)) }

// percented is what a template prints without a function.
func percented(text string) string {
	return strings.NewReplacer(" ", "%20", `"`, "%22", "'", "%27", "`", "%60", `\`, "%5C", "|", "%7C", "=", "%3D", ",", "%2C", ";", "%3B",
		"^", "%5E", "<", "%3C", ">", "%3E", "[", "%5B", "]", "%5D", "{", "%7B", "}", "%7D", "%", "%25").Replace(shown(text))
}

// questioned is the text as GBK has it: a question mark for each character that
// it does not have, or that ends in the byte of a punctuation mark.
func questioned(text string) string {
	var b strings.Builder
	for _, r := range text {
		encoded, err := simplifiedchinese.GBK.NewEncoder().String(string(r))
		if err != nil || len(encoded) == 2 && strings.Contains("@[\\]^_`{|}~", encoded[1:]) {
			r = '?'
		}
		b.WriteRune(r)
	}
	return b.String()
}

// formatter makes the formatter of a notation.
func (n *notation) formatter(t testing.TB, limit int) *formatter {
	t.Helper()
	s := Defaults()
	s.Address, s.Hostname = "siem.example:601", "gate"
	n.set(s)
	if err := s.Validate(); err != nil {
		t.Fatal(err)
	}
	f, err := newFormatter(s, plugin.Env{Site: "plant-07", Name: "siem", Agent: "indicatord/1.2.0"})
	if err != nil {
		t.Fatal(err)
	}
	f.max = limit
	return &f
}

// read takes one event apart: its fields by their names.
func (n *notation) read(event string) (map[string]string, error) {
	payload, err := n.payload(event)
	if err != nil {
		return nil, err
	}
	if n.decode != nil {
		return n.readDecoded(payload)
	}
	fields, err := n.parse(payload)
	byName, twice := pairsOf(fields)
	return byName, errors.Join(err, twice, oneLine(payload))
}

// readDecoded reads a payload in GBK twice: whether a receiver takes a line apart
// before it decodes or after, it has to find the same fields.
func (n *notation) readDecoded(payload string) (map[string]string, error) {
	decoded, err := n.decode(payload)
	if err != nil {
		return nil, err
	}
	fields, err := n.parse(decoded)
	if err != nil {
		return nil, err
	}
	raw, err := n.parse(must(charmap.ISO8859_1.NewDecoder().String(payload)))
	if err != nil {
		return nil, fmt.Errorf("without decoding: %w", err)
	}
	for i := range raw {
		if raw[i].Value, err = charmap.ISO8859_1.NewEncoder().String(raw[i].Value); err != nil {
			return nil, err
		}
		raw[i].Value = must(n.decode(raw[i].Value))
	}
	if diff := cmp.Diff(fields, raw); diff != "" {
		return nil, fmt.Errorf("decoding at the end gives other fields (-first +last):\n%s", diff)
	}
	byName, twice := pairsOf(fields)
	return byName, errors.Join(twice, oneLine(decoded))
}

// payload is what follows the header.
func (n *notation) payload(event string) (string, error) {
	payload := event[len(headerForm.FindString(event)):]
	if n.name == "sd" {
		return payload, nil
	}
	payload, found := strings.CutPrefix(payload, "- ")
	if !found || len(payload) == len(event) {
		return "", errors.New("no header without structured data")
	}
	return payload, nil
}

// told is one event of each sort, the first of them about indicators of many
// kinds.
func told() []event {
	removed := change(outputs.Remove, indicator.Domain, "c2.example")
	removed.Reason = "expired"
	from, both := assertion(), assertion()
	from.Direction, both.Direction = indicator.DirectionFrom, indicator.DirectionBoth
	unstated := indicator.Assertion{Source: "sector-hub", Confidence: indicator.Unstated}
	named := assertion()
	named.Object = &indicator.Object{ID: `indicator--"]|=\^`, Name: "两个 \"名字\" | a=b ^ \\ \n<134>1 - forged 🔌\u202e", Description: "line one\nline two"}
	changes := []outputs.Change{
		change(outputs.Add, indicator.IP, "192.0.2.7", assertion()),
		change(outputs.Add, indicator.IP, "198.51.100.0/24", from),
		change(outputs.Add, indicator.IP, "203.0.113.9", from),
		change(outputs.Add, indicator.IP, "2001:db8::7", both),
		change(outputs.Update, indicator.Domain, "c2.example", named),
		change(outputs.Add, indicator.URL, "http://c2.example/a|b^c?d=e&f=%22]", unstated),
		change(outputs.Add, indicator.Email, "billing@c2.example", assertion()),
		change(outputs.Add, indicator.SHA256, strings.Repeat("0a1b2c3d", 8), assertion()),
		change(outputs.Add, indicator.FileName, "发票=2026 \u202exslx.exe", assertion()),
		change(outputs.Add, indicator.Process, `C:\Windows\svchost.exe -k "netsvcs"`, assertion()),
		change(outputs.Add, indicator.RegistryKey, `HKEY_LOCAL_MACHINE\System\drv`, assertion()),
		change(outputs.Add, indicator.UserAgent, "Mozilla/5.0\tforged=1", assertion()),
		change(outputs.Add, indicator.MAC, "00:0c:29:5e:2f:11", assertion()),
		change(outputs.Add, indicator.Mutex, `Global\{4b6b4f0e}`, assertion()),
		removed,
	}
	var events []event
	for i := range changes {
		events = append(events, ofChange("plant-07", now, &changes[i]))
	}
	return append(events, toldWithoutEntry(&changes[0].Entry)...)
}

// toldWithoutEntry is a refresh of one entry, and word of the agent.
func toldWithoutEntry(entry *indicator.Entry) []event {
	r := refresh{site: "plant-07", at: now, part: part{ID: "0123456789abcdef0123456789abcdef", Total: 1}}
	at := event{at: now, id: "11111111111111111111111111111111", action: present, entry: entry, refresh: part{ID: r.part.ID, Number: 1, Total: 1}}
	stand := outputs.Stand{Delivered: 4711, LastDelivery: now.Add(-time.Minute), Alarms: 1, Version: "1.2.0"}
	alarm := outputs.Alarm{Name: "held", Subject: "output/edge", Since: now.Add(-time.Hour), Text: "a change of 40% is held: \"release\" it\n<0>1 forged | act=add"}
	events := []event{r.frame(refreshBegin, 1), at, r.frame(refreshEnd, 1)}
	for _, n := range []outputs.Notice{
		{At: now, News: outputs.Heartbeat, Stand: stand},
		{At: now, News: outputs.AlarmRaised, Stand: stand, Alarm: alarm},
		{At: now, News: outputs.AlarmCleared, Stand: stand, Alarm: alarm},
	} {
		events = append(events, event{at: now, id: idOf(string(n.News)), action: string(n.News), notice: &n})
	}
	return events
}

// TestPayloadsAreWrittenAsReviewed: the golden files show every sort of event in
// every payload. Those in GBK are decoded.
func TestPayloadsAreWrittenAsReviewed(t *testing.T) {
	for _, n := range append(notations(), inGBK()...) {
		t.Run(n.name, func(t *testing.T) {
			f := n.formatter(t, Defaults().MaxSize)
			var lines bytes.Buffer
			for _, e := range told() {
				line, unsaid := f.appendEvent(nil, &e)
				if unsaid != "" {
					t.Fatalf("%s: %s", e.appendSentence(nil), unsaid)
				}
				if _, err := n.read(string(line)); err != nil {
					t.Errorf("%v\n%s", err, line)
				}
				if n.decode != nil {
					line = []byte(must(n.decode(string(line))))
				}
				lines.Write(append(line, '\n'))
			}
			golden(t, n.name, lines.Bytes())
		})
	}
}

func must(text string, err error) string {
	if err != nil {
		panic(err)
	}
	return text
}

func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", "golden", name+".txt")
	if *update {
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o755), os.WriteFile(path, got, 0o644)); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("%s (-golden +written):\n%s", path, diff)
	}
}

// namesOf are the names that a notation may use: those of the events of told,
// with the two that only some events have.
func (n *notation) namesOf(t testing.TB) map[string]bool {
	names := map[string]bool{"truncated": true, "indicatordTruncated": true, "indicatord.truncated": true, "indicatord.value_base64": true}
	f := n.formatter(t, 1<<20)
	for _, e := range append(told(), everyKind()...) {
		line, _ := f.appendEvent(nil, &e)
		fields, err := n.read(string(line))
		if err != nil {
			t.Fatalf("%v\n%s", err, line)
		}
		for name := range fields {
			names[withoutNumber(name)] = true
		}
	}
	return names
}

// everyKind are events with all that an entry can have, of every kind.
func everyKind() []event {
	a := assertion()
	a.Object = &indicator.Object{
		ID: "x", Name: "x", Description: "x", Labels: []string{"x"}, Types: []string{"x"}, Threats: []indicator.Threat{{Name: "x"}},
		References: []indicator.Reference{{URL: "x"}}, Pattern: "x", Remainder: []string{"x"},
	}
	var events []event
	for _, kind := range indicator.Kinds() {
		for _, value := range []string{"1", "https://a.b.example.co.uk:1/c?d", `HKEY_CLASSES_ROOT\a`, "autonomous-system:number=1", "yara:1"} {
			c := change(outputs.Add, kind, value, a)
			c.Entry.Protected, c.Entry.FirstSeen, c.Reason = "x", now, "x"
			events = append(events, ofChange("plant-07", now, &c))
		}
	}
	return events
}

// withoutNumber is the path of a list for that of one of its elements.
func withoutNumber(path string) string {
	if i := strings.LastIndexByte(path, '.'); i > 0 && strings.Trim(path[i+1:], "0123456789") == "" {
		return path[:i]
	}
	return path
}

// FuzzPayload puts hostile text into every field of every sort of event in every
// payload. The oracle has to find one line with exactly the fields that belong
// there, and the value as the payload shows it.
func FuzzPayload(f *testing.F) {
	all := append(notations(), inGBK()...)
	names := map[string]map[string]bool{}
	for i := range all {
		names[all[i].name] = all[i].namesOf(f)
	}
	for i := range all {
		for j, text := range []string{
			"192.0.2.7", `"] [forged@1 x="y"] z`, "a\n<134>1 - forged", "act=remove cs1=x |\\|\\=", "x^action=remove\taction=remove",
			`","action":"remove","x":"`, "\xff\u202e\u2028\u0085\x1b[2J", "誠許\\功能🔌工控", "{{.Value}} %22 ${x}", strings.Repeat(`\"工`, 800), "",
		} {
			f.Add(text, text, "source", text, uint8(i), uint8(j), uint8(j*5), 8096)
		}
	}
	f.Fuzz(func(t *testing.T, value, text, source, reason string, which, sort, kind uint8, limit int) {
		n := all[int(which)%len(all)]
		e := hostile(value, text, source, reason, sort, kind)
		format := n.formatter(t, min(max(limit, 64), 1<<16))
		line, unsaid := format.appendEvent(nil, &e)
		if unsaid != "" {
			return
		}
		fields, err := n.read(string(line))
		if err != nil {
			t.Fatalf("%s: %v\n%q", n.name, err, line)
		}
		if len(line) > format.max {
			t.Fatalf("%d bytes, longest %d", len(line), format.max)
		}
		for name := range fields {
			if !names[n.name][withoutNumber(name)] {
				t.Fatalf("a field %q of nobody's\n%q", name, line)
			}
		}
		n.checkValue(t, &e, fields)
	})
}

// hostile is an event of one of the sorts, with the texts wherever a hub, a tool
// or a person can put them.
func hostile(value, text, source, reason string, sort, kind uint8) event {
	c := change(outputs.Add, indicator.Kind(kind), value, indicator.Assertion{Source: source, Object: &indicator.Object{
		ID: text, Name: text + value, Description: text, Types: []string{text}, Labels: []string{source}, Threats: []indicator.Threat{{Name: text}, {Name: source}},
		References: []indicator.Reference{{URL: text}}, Pattern: value, Remainder: []string{text},
	}})
	c.Entry.Protected, c.Reason = text, reason
	e := ofChange("plant-07", now, &c)
	switch sort % 5 {
	case 1:
		e.action, c.Entry.Assertions = "remove", nil
	case 2:
		e.action, e.refresh = present, part{ID: "0123", Number: 7, Total: 9}
	case 3:
		e.action, e.entry, e.reason = refreshEnd, nil, ""
		e.refresh = part{ID: "0123", Total: 9}
	case 4:
		e.action, e.entry, e.reason = string(outputs.AlarmRaised), nil, ""
		e.notice = &outputs.Notice{At: now, News: outputs.AlarmRaised, Alarm: outputs.Alarm{Name: text, Subject: source, Text: value, Since: now}, Stand: outputs.Stand{Version: reason}}
	}
	return e
}

// checkValue compares what the oracle has found with what the event is about.
func (n *notation) checkValue(t *testing.T, e *event, fields map[string]string) {
	t.Helper()
	action := fields["action"] + fields["act"] + fields["event.action"]
	if action != e.action {
		t.Fatalf("%s: action = %q, want %q", n.name, action, e.action)
	}
	if e.entry == nil {
		return
	}
	value := e.entry.Key.Value
	if got := fields[n.value]; got != n.shows(value) {
		t.Fatalf("%s: value = %q, want %q", n.name, got, n.shows(value))
	}
	if n.base64 == "" {
		return
	}
	if encoded := fields[n.base64]; encoded != "" || n.shows(value) != value {
		got, err := base64.StdEncoding.DecodeString(encoded)
		if err != nil || string(got) != value {
			t.Fatalf("%s: the exact value is %q, want %q", n.name, got, value)
		}
	}
}

// TestPayloadsAtEveryLength: an event parses at every length that it may have,
// names its value in full, and owns up to what it leaves out.
func TestPayloadsAtEveryLength(t *testing.T) {
	a := assertion()
	a.Object = &indicator.Object{
		ID: `indicator--"]\`, Name: `工"]\|=^` + "\n🔌", Description: strings.Repeat("工\n", 10), Types: []string{"a"},
		Threats: []indicator.Threat{{Name: "b"}}, References: []indicator.Reference{{URL: "c"}},
	}
	c := change(outputs.Update, indicator.UserAgent, `工"]\|=^x`+"\t", a)
	e := ofChange("plant-07", now, &c)
	for _, n := range append(notations(), inGBK()...) {
		t.Run(n.name, func(t *testing.T) {
			f := n.formatter(t, 1<<20)
			whole, _ := f.appendEvent(nil, &e)
			written := 0
			for f.max = range len(whole) + 200 {
				line, unsaid := f.appendEvent(nil, &e)
				if unsaid != "" {
					continue
				}
				written++
				fields, err := n.read(string(line))
				if err != nil || len(line) > f.max {
					t.Fatalf("max %d: %d bytes, %v\n%s", f.max, len(line), err, line)
				}
				n.checkValue(t, &e, fields)
			}
			if written < 200 {
				t.Errorf("only %d lengths gave an event", written)
			}
		})
	}
}

// TestOfALongEventTheLeastUsefulIsLeftOut: the value and the end stay.
func TestOfALongEventTheLeastUsefulIsLeftOut(t *testing.T) {
	a := assertion()
	long := strings.Repeat(`工"\=|^`, 2000)
	a.Object = &indicator.Object{ID: "indicator--1", Name: long, Description: long, Labels: []string{long}, Threats: []indicator.Threat{{Name: long}}}
	c := change(outputs.Add, indicator.Domain, "c2.example", a)
	for _, n := range append(notations(), inGBK()...) {
		if strings.HasPrefix(n.name, "template") {
			continue
		}
		t.Run(n.name, func(t *testing.T) {
			f := n.formatter(t, 2048)
			line, unsaid := f.append(nil, now, &c)
			if unsaid != "" || !utf8.Valid(line) && n.decode == nil {
				t.Fatalf("%s, %q", unsaid, line)
			}
			fields, err := n.read(string(line))
			if err != nil {
				t.Fatal(err)
			}
			if fields["truncated"]+fields["indicatordTruncated"]+fields["indicatord.truncated"] != "true" {
				t.Errorf("the event does not say that it is truncated: %v", fields)
			}
			if end := fields["valid_until"] + fields["deviceCustomDate1"] + fields["indicatord.valid_until"]; end != "2026-04-01T00:00:00Z" && end != "1775001600000" {
				t.Errorf("valid until %q", end)
			}
		})
	}
}
