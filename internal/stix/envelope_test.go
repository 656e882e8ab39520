package stix

import (
	"encoding/json"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"
)

func TestSplitEnvelope(t *testing.T) {
	tests := []struct {
		name, data string
		want       Envelope
	}{
		{"empty", "{}", Envelope{}},
		{"full", `{"more":true,"next":"p2","objects":[{"id":"a"},{"id":"b"}]}`,
			Envelope{More: true, Next: "p2", Objects: []json.RawMessage{json.RawMessage(`{"id":"a"}`), json.RawMessage(`{"id":"b"}`)}}},
		{"bundle", `{"type":"bundle","id":"bundle--1","spec_version":"2.0","objects":[ {"id": "a"} ]}`,
			Envelope{Objects: []json.RawMessage{json.RawMessage(`{"id": "a"}`)}}},
		{"bundle without objects", `{"type":"bundle","id":"bundle--1"}`, Envelope{}},
		{"nulls", `{"more":null,"next":null,"objects":null}`, Envelope{}},
		{"next as a number", `{"more":true,"next":20}`, Envelope{More: true, Next: "20"}},
		{"next in escapes", `{"next":"\u0041"}`, Envelope{Next: "A"}},
		{
			"objects that are none",
			`{"objects":[null,5,"x",[]]}`,
			Envelope{Objects: []json.RawMessage{json.RawMessage("null"), json.RawMessage("5"), json.RawMessage(`"x"`), json.RawMessage("[]")}},
		},
		{
			"trouble inside an object",
			"{\"objects\":[{\"a\":1,\"a\":\"\xff\"}]}",
			Envelope{Objects: []json.RawMessage{json.RawMessage("{\"a\":1,\"a\":\"\xff\"}")}},
		},
		{"further members", `{"x":{"objects":[1]},"objects":[]}`, Envelope{}},
		{"byte order mark", "\xef\xbb\xbf{\"objects\":[{}]}", Envelope{Objects: []json.RawMessage{json.RawMessage("{}")}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := SplitEnvelope([]byte(tt.data))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

var notEnvelopes = []struct{ name, data, message string }{
	{"nothing", "", "unexpected EOF"},
	{"HTML", "<html>", "invalid character"},
	{"a list", "[]", "neither a STIX bundle nor"},
	{"another resource", `{"title":"Root","versions":[]}`, "neither a STIX bundle nor"},
	{"a single object", `{"type":"indicator","id":"indicator--1"}`, "neither a STIX bundle nor"},
	{"half a page", `{"objects":[{"id":"a"},{"id":`, "unexpected EOF"},
	{"half a list", `{"objects":[{"id":"a"}`, "unexpected EOF"},
	{"a broken object", `{"objects":[{"id":}]}`, "invalid character"},
	{"a trailing comma", `{"objects":[{},]}`, "invalid character"},
	{"something after the end", `{"objects":[]}{}`, "more after the end"},
	{"objects that are no list", `{"objects":{}}`, "not a list"},
	{"objects twice", `{"objects":[],"objects":[]}`, "twice"},
	{"more in words", `{"more":"true"}`, "neither true nor false"},
	{"next as a list", `{"next":[]}`, "not a string"},
}

func TestSplitEnvelopeRefuses(t *testing.T) {
	for _, tt := range notEnvelopes {
		t.Run(tt.name, func(t *testing.T) {
			_, err := SplitEnvelope([]byte(tt.data))
			if err == nil || !strings.Contains(err.Error(), tt.message) {
				t.Errorf("got error %v, want one with %q", err, tt.message)
			}
		})
	}
}

func TestReadBundleRefuses(t *testing.T) {
	for _, tt := range notEnvelopes {
		t.Run(tt.name, func(t *testing.T) {
			var last error
			for _, err := range ReadBundle(strings.NewReader(tt.data), 0) {
				if last != nil {
					t.Error("the sequence went on after an error")
				}
				last = err
			}
			if last == nil || !strings.Contains(last.Error(), tt.message) {
				t.Errorf("got error %v, want one with %q", last, tt.message)
			}
		})
	}
}

// read returns what a bundle yields, an error as its text.
func read(r io.Reader, most int64) []string {
	var got []string
	for object, err := range ReadBundle(r, most) {
		if err != nil {
			got = append(got, "error: "+err.Error())
			continue
		}
		got = append(got, string(object))
	}
	return got
}

func TestReadBundle(t *testing.T) {
	data := "\xef\xbb\xbf" + `{"type":"bundle","objects":[{"id":"a"}, {"id":"b","b":1,"b":2} ,5],"id":"bundle--1"}`
	want := []string{`{"id":"a"}`, `{"id":"b","b":1,"b":2}`, "5"}
	for name, r := range map[string]io.Reader{
		"at once": strings.NewReader(data), "byte by byte": iotest.OneByteReader(strings.NewReader(data)),
		"with the end": iotest.DataErrReader(strings.NewReader(data)),
	} {
		if diff := cmp.Diff(want, read(r, 100)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func TestReadBundleYieldsMemoryOfTheCallersOwn(t *testing.T) {
	var kept []json.RawMessage
	for object, err := range ReadBundle(strings.NewReader(`{"objects":["`+strings.Repeat("a", 9000)+`","`+strings.Repeat("b", 9000)+`"]}`), 0) {
		if err != nil {
			t.Fatal(err)
		}
		kept = append(kept, object)
	}
	if kept[0][1] != 'a' || kept[1][1] != 'b' {
		t.Error("an object changed after it was yielded")
	}
}

func TestReadBundlePassesOverLargeObjects(t *testing.T) {
	long := strings.Repeat("x", 40)
	fields := strings.Repeat(`{"a":["`+long+`"]},`, 1000)
	tests := []struct {
		name, large string
		most        int64
		want        []string
	}{
		{
			"a little larger",
			`{"id":"` + long + `"}`,
			40,
			[]string{`{"id":"a"}`, "error: object 2: the object is too large: more than 40 bytes", `{"id":"b"}`},
		},
		{
			"much larger",
			`{"objects":[` + fields + `{}]}`,
			100,
			[]string{
				`{"id":"a"}`,
				"error: object 2: the object is too large: more than 100 bytes",
				`{"id":"b"}`,
			},
		},
		{"just as large", `{"i":"` + long[:10] + `"}`, 18, []string{`{"id":"a"}`, `{"i":"` + long[:10] + `"}`, `{"id":"b"}`}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			data := `{"objects":[{"id":"a"},` + tt.large + `,{"id":"b"}]}`
			for _, r := range []io.Reader{strings.NewReader(data), iotest.OneByteReader(strings.NewReader(data))} {
				if diff := cmp.Diff(tt.want, read(r, tt.most)); diff != "" {
					t.Errorf("(-want +got):\n%s", diff)
				}
			}
		})
	}
}

func TestReadBundleEndsAtAValueThatCannotBeHeld(t *testing.T) {
	data := `{"objects":[{"id":"` + strings.Repeat("x", 100_000) + `"},{"id":"b"}]}`
	got := read(strings.NewReader(data), 1000)
	if len(got) != 1 || !strings.Contains(got[0], "a single value of more than 1000 bytes") {
		t.Errorf("got %.200q, want one error", got)
	}
}

func TestReadBundleStopsWhenTold(t *testing.T) {
	count := 0
	for _, err := range ReadBundle(strings.NewReader(`{"objects":[1,2,3`), 0) {
		if err != nil {
			t.Fatal(err)
		}
		if count++; count == 2 {
			break
		}
	}
	if count != 2 {
		t.Errorf("got %d objects, want 2", count)
	}
}

func TestReadBundleTellsWhyReadingFailed(t *testing.T) {
	broken := errors.New("the disk is broken")
	r := io.MultiReader(strings.NewReader(`{"objects":[{"id":"a"},`), iotest.ErrReader(broken))
	var last error
	for _, err := range ReadBundle(r, 100) {
		last = err
	}
	if !errors.Is(last, broken) {
		t.Errorf("got %v, want %v", last, broken)
	}
}
