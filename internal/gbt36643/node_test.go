package gbt36643

import "testing"

func TestFind(t *testing.T) {
	n, err := parseNode([]byte(`{"a": {"b": "deep", "c": null}, "empty": "", "Case": 1, " blank ": true, "list": [1, "two"], "n": 1.50, "e": "\u0041"}`))
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		paths []string
		loose bool
		want  string
	}{
		{[]string{"a.b"}, false, "deep"},
		{[]string{"a.c", "a.b"}, false, "deep"}, // null is not there
		{[]string{"empty", "n"}, false, "1.50"}, // and neither is an empty text
		{[]string{"case"}, false, ""},
		{[]string{"case"}, true, "1"},
		{[]string{"BLANK"}, true, "true"},
		{[]string{"a.b.c"}, true, ""},
		{[]string{"list.0"}, true, ""},
		{[]string{"e"}, false, "A"},
		{nil, true, ""},
	} {
		found := n.find(tt.paths, tt.loose)
		if found.text != tt.want || found.present() != (tt.want != "") {
			t.Errorf("%v, loose %t: %q", tt.paths, tt.loose, found.text)
		}
	}
}

func TestExactNameComesFirst(t *testing.T) {
	n, err := parseNode([]byte(`{"ID": "folded", "id": "exact"}`))
	if err != nil {
		t.Fatal(err)
	}
	if found := n.find([]string{"id"}, true); found.text != "exact" {
		t.Errorf("found %q", found.text)
	}
}

func TestList(t *testing.T) {
	for text, want := range map[string]int{`[1, 2]`: 2, `[]`: 0, `{"a": 1}`: 1, `"x"`: 1, `""`: 0, `null`: 0, `false`: 1} {
		n, err := parseNode([]byte(text))
		if err != nil {
			t.Fatal(err)
		}
		if got := len(n.list()); got != want {
			t.Errorf("%s has %d elements, want %d", text, got, want)
		}
	}
}

func TestNodesAreStrict(t *testing.T) {
	for _, text := range []string{`{"a": 1, "a": 2}`, "\"\xff\"", `{"a": }`, `[1`, ``} {
		if _, err := parseNode([]byte(text)); err == nil {
			t.Errorf("%q is taken", text)
		}
	}
}
