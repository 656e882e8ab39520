package gbt36643

import (
	"errors"
	"strings"
	"testing"
)

// TestBrokenFiles: an error says where it is, and what was expected there.
func TestBrokenFiles(t *testing.T) {
	for _, tt := range []struct {
		name, file   string
		line, column int
		want         string
	}{
		{"a name without its closing quote", "{\n  \"标题:\"恶意\"\n}", 2, 8, "expecting ':'"},
		{"a comma too many", "[{\"id\": \"x\"},\n]", 2, 1, "at start of value"},
		{"a comma too few", "[{\"id\": \"x\"}\n {}]", 2, 2, "expecting ',' or ']'"},
		{"an end too early", "[{\"id\": \"x\"}", 1, 13, "ends in the middle"},
		{"no quotes", "{id: 1}", 1, 2, `expecting '"'`},
		{"a line end in a text", "{\"id\": \"x\n\"}", 1, 10, "non-control character"},
		{"more after the end", "[\n]]", 2, 2, "invalid character ']'"},
		{"HTML", "\n<html>", 2, 1, "invalid character '<'"},
	} {
		_, err := Read([]byte(tt.file), &Mapping{})
		syntax, ok := errors.AsType[*SyntaxError](err)
		if !ok {
			t.Errorf("%s: the error is %v", tt.name, err)
			continue
		}
		if syntax.Line != tt.line || syntax.Column != tt.column || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: the error is %v, want line %d, column %d and %q", tt.name, err, tt.line, tt.column, tt.want)
		}
	}
}

// TestOtherEncodings: a file in GBK is told as what it is, and one such record is
// no trouble of the others.
func TestOtherEncodings(t *testing.T) {
	_, err := Read([]byte("[{\"\xb1\xea\xcc\xe2:\"x\"}]"), &Mapping{})
	if err == nil || !strings.Contains(err.Error(), "GBK") {
		t.Errorf("the error is %v", err)
	}
	reading, err := Read([]byte("[{\"id\":\"indicator-1\",\"title\":\"\xb1\xea\xcc\xe2\"},{\"id\":\"indicator-2\"}]"), mappings(t)[0])
	if err != nil {
		t.Fatal(err)
	}
	if r := reading.Records[0].Rejects; len(r) != 1 || r[0].Code != "invalid-json" || !strings.Contains(r[0].Detail, "GBK") {
		t.Errorf("the record has the rejects %v", r)
	}
	if r := reading.Records[1].Rejects; len(r) != 1 || r[0].Code != CodeMissingObservable {
		t.Errorf("the record after it has the rejects %v", r)
	}
}

func TestEmptyFile(t *testing.T) {
	for _, file := range []string{"", " \n", "\ufeff"} {
		if _, err := Read([]byte(file), &Mapping{}); !errors.Is(err, errNothing) {
			t.Errorf("%q: the error is %v", file, err)
		}
	}
}
