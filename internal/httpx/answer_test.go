package httpx

import (
	"net/http"
	"testing"
)

func TestCheckJSON(t *testing.T) {
	const page = "<!DOCTYPE html><html><head><title>\n Sign in </title></head></html>"
	tests := map[string]struct {
		contentType, body, want string
	}{
		"JSON":                       {"application/json", `{}`, ""},
		"TAXII":                      {"application/taxii+json; charset=utf-8; version=2.1", `{}`, ""},
		"STIX of 2.0":                {"application/vnd.oasis.stix+json; version=2.0", `{}`, ""},
		"no type, an object":         {"", ` {}`, ""},
		"no type, a list":            {"", `[]`, ""},
		"plain text, an object":      {"text/plain; charset=utf-8", `{}`, ""},
		"bytes, an object":           {"application/octet-stream", `{}`, ""},
		"a page":                     {"text/html", page, `HTML page, not JSON (titled "Sign in")`},
		"a page that says JSON":      {"application/json", page, "HTML page"},
		"a page without type":        {"", "  <html>", "HTML page"},
		"a page that looks JSON":     {"text/html", "{}", "HTML page"},
		"text":                       {"text/plain", "hello", `"text/plain", not JSON`},
		"another type":               {"application/zip", "PK", `"application/zip", not JSON`},
		"nothing":                    {"", "", "is empty"},
		"a type that cannot be read": {"a b c", "x", `"a b c", not JSON`},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			a := &Answer{URL: "https://hub.example/", Header: http.Header{"Content-Type": {tt.contentType}}, Body: []byte(tt.body)}
			err := a.CheckJSON()
			if tt.want == "" {
				if err != nil {
					t.Error(err)
				}
				return
			}
			wantError(t, err, "https://hub.example/: ", tt.want)
		})
	}
}

func TestTheServersWords(t *testing.T) {
	same := func(text string) string { return text }
	for body, want := range map[string]string{
		`{"title":"Not found","description":"No such collection."}`:  "Not found: No such collection.",
		`{"code":404,"name":"Missing","description":"Nothing here"}`: "Missing: Nothing here",
		`{"error":"unauthorized","message":"token expired"}`:         "unauthorized: token expired",
		`{"title":7,"description":"a\nb"}`:                           "a b",
		`{"error":{"type":"x"}}`:                                     "",
		`[]`:                                                         "",
		`oops`:                                                       "",
		``:                                                           "",
		`<html><title>502 Bad Gateway</title>`:                       `an HTML page (titled "502 Bad Gateway")`,
		`<html>`:                                                     "an HTML page",
	} {
		if got := detail(http.Header{}, []byte(body), same); got != want {
			t.Errorf("%s says %q, want %q", body, got, want)
		}
	}
}

func FuzzDetail(f *testing.F) {
	f.Add(`{"title":"a"}`)
	f.Add("<html><TITLE lang=en>İ</title>")
	f.Fuzz(func(t *testing.T, body string) {
		text := detail(http.Header{}, []byte(body), func(s string) string { return s })
		if len([]rune(text)) > 700 || text != oneLine(text) && len([]rune(text)) <= 300 {
			t.Errorf("%q says %q, want one short line", body, text)
		}
	})
}
