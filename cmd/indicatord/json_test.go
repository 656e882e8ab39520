package main

import (
	"strings"
	"testing"
)

func TestJSONKeepsURLsReadable(t *testing.T) {
	var out strings.Builder
	if err := newEncoder(&out).Encode("http://bad.example/?a=1&b=<2>"); err != nil {
		t.Fatal(err)
	}
	if want := "\"http://bad.example/?a=1&b=<2>\"\n"; out.String() != want {
		t.Errorf("written as %q, want %q", out.String(), want)
	}
}

func TestDocumentsAreSetIn(t *testing.T) {
	var out strings.Builder
	if err := printJSON(&out, map[string]int{"objects": 2}); err != nil {
		t.Fatal(err)
	}
	if want := "{\n  \"objects\": 2\n}\n"; out.String() != want {
		t.Errorf("written as %q, want %q", out.String(), want)
	}
}
