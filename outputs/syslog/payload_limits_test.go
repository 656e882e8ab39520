package syslog

import (
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/indicatord/indicatord/internal/ecs"
	"github.com/indicatord/indicatord/internal/indicator"
	"github.com/indicatord/indicatord/outputs"
	"github.com/indicatord/indicatord/outputs/outputtest"
)

// dictionary holds the longest text of each field in ArcSight's documents of the
// format.
var dictionary = map[string]int{
	"Vendor": 63, "Product": 63, "Version": 31, "ClassID": 1023, "Name": 512, "Severity": 10,
	"act": 63, "cat": 1023, "reason": 1023, "request": 1023, "requestClientApplication": 1023, "msg": 1023,
	"cs1": 4000, "cs2": 4000, "cs3": 4000, "cs4": 4000, "cs5": 4000, "cs6": 4000,
	"cs1Label": 1023, "cs2Label": 1023, "cs3Label": 1023, "cs4Label": 1023, "cs5Label": 1023, "cs6Label": 1023,
	"destinationDnsDomain": 255, "deviceExternalId": 255, "externalId": 40, "fileHash": 255, "filePath": 1023, "fname": 1023, "dproc": 1023,
	"flexString1": 1023, "flexString2": 1023, "flexString1Label": 128, "flexString2Label": 128, "flexNumber1Label": 128, "suser": 1023,
}

// TestCEFKeepsToTheLengthsOfItsDictionary for all that a hub can write.
func TestCEFKeepsToTheLengthsOfItsDictionary(t *testing.T) {
	n := notations()[1]
	f := n.formatter(t, 1<<20)
	rapid.Check(t, func(t *rapid.T) {
		text := strings.Repeat(rapid.StringN(1, 20, -1).Draw(t, "text"), rapid.IntRange(0, 800).Draw(t, "times"))
		e := hostile(text, text, text, text, rapid.Byte().Draw(t, "sort"), rapid.SampledFrom([]uint8{1, 2, 3, 8, 32, 33, 34, 37, 63}).Draw(t, "kind"))
		line, unsaid := f.appendEvent(nil, &e)
		if unsaid != "" {
			return
		}
		fields, err := n.read(string(line))
		if err != nil {
			t.Fatal(err)
		}
		for name, value := range fields {
			if limit, ok := dictionary[name]; ok && utf8.RuneCountInString(value) > limit {
				t.Fatalf("%s has %d characters, and the dictionary %d", name, utf8.RuneCountInString(value), limit)
			}
			if !utf8.ValidString(value) {
				t.Fatalf("%s is cut within a character: %q", name, value)
			}
		}
	})
}

// TestCEFRefusesAValueThatNoFieldHolds rather than to shorten it.
func TestCEFRefusesAValueThatNoFieldHolds(t *testing.T) {
	n := notations()[1]
	for length, want := range map[int]string{1000: "", 1100: "", 4000: "", 4001: longForCEF} {
		value := "http://c2.example/" + strings.Repeat("a", length-18)
		c := change(outputs.Add, indicator.URL, value, assertion())
		line, unsaid := n.formatter(t, 1<<20).append(nil, now, &c)
		if unsaid != want {
			t.Errorf("%d characters: %q, want %q", length, unsaid, want)
		}
		if want != "" {
			continue
		}
		fields, err := n.read(string(line))
		if err != nil || fields["cs1"] != value || (fields["request"] == value) != (length <= 1023) {
			t.Errorf("%d characters: %v, %d in cs1, %d in request", length, err, len(fields["cs1"]), len(fields["request"]))
		}
	}
}

func TestClipNeverCutsACharacter(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.String().Draw(t, "text") + string(rapid.SliceOf(rapid.Byte()).Draw(t, "bytes"))
		limit := rapid.IntRange(0, 100).Draw(t, "limit")
		short, whole := clip(text, limit)
		if !strings.HasPrefix(text, short) || whole != (short == text) {
			t.Fatalf("clip = %q, %t", short, whole)
		}
		if len(neutral(short)) > limit {
			t.Fatalf("%d bytes, want at most %d", len(neutral(short)), limit)
		}
		if strings.HasPrefix(neutral(text), neutral(short)) == false {
			t.Fatalf("%q is not a start of %q", neutral(short), neutral(text))
		}
	})
}

// TestJSONIsTheDocumentOfTheElasticsearchOutput with what tells one event from
// another.
func TestJSONIsTheDocumentOfTheElasticsearchOutput(t *testing.T) {
	n := notations()[5]
	for _, e := range outputtest.EachShape() {
		c := outputs.Change{Op: outputs.Update, Entry: e}
		line, unsaid := n.formatter(t, 1<<20).append(nil, now, &c)
		if unsaid != "" {
			t.Fatal(unsaid)
		}
		payload, err := n.payload(string(line))
		if err != nil {
			t.Fatal(err)
		}
		got := object(t, []byte(payload))
		own := got["event"].(map[string]any)
		if own["action"] != "update" || own["id"] != eventID("plant-07", &c) {
			t.Errorf("event = %v", own)
		}
		delete(own, "action")
		delete(own, "id")
		text, err := json.Marshal(ecs.Document("plant-07", &e, now))
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(object(t, text), got); diff != "" {
			t.Errorf("%s (-elasticsearch +syslog):\n%s", e.Key, diff)
		}
	}
}

func object(t *testing.T, text []byte) map[string]any {
	t.Helper()
	var o map[string]any
	if err := json.Unmarshal(text, &o); err != nil {
		t.Fatal(err)
	}
	return o
}
