package httpx

import (
	"net/url"
	"strings"
	"testing"
	"unicode"
)

func TestRedactURL(t *testing.T) {
	for address, want := range map[string]string{
		"https://hub.example/api/":               "https://hub.example/api/",
		"https://u:p@hub.example/api/":           "https://hub.example/api/",
		"https://hub.example/?key=s3cret":        "https://hub.example/?key=…",
		"https://hub.example/?next=abc&limit=10": "https://hub.example/?next=…&limit=10",
		"https://hub.example/?added_after=2026-01-01T00%3A00%3A00Z&match%5Btype%5D=indicator": "https://hub.example/?added_after=2026-01-01T00:00:00Z&match[type]=indicator",
		"https://hub.example/?s3cret":          "https://hub.example/?s3cret=…",
		"https://hub.example/?limit=%zz&%zz=1": "https://hub.example/?limit=…&…=…",
		"https://hub.example/?limit=1%0A2":     "https://hub.example/?limit=1 2",
		"https://hub.example/#fragment":        "https://hub.example/",
		"https://hub.example/a%2Fb/":           "https://hub.example/a%2Fb/",
	} {
		u, err := url.Parse(address)
		if err != nil {
			t.Fatal(err)
		}
		if got := RedactURL(u); got != want {
			t.Errorf("%s is shown as %s, want %s", address, got, want)
		}
	}
}

func TestOneLine(t *testing.T) {
	for text, want := range map[string]string{
		"  a\r\n\tb\x00c ":       "a b c",
		"a\u0085b\u2028c\u2029d": "a b c d",
		"caf\xe9":                "caf�",
		strings.Repeat("é", 400): strings.Repeat("é", 300) + "…",
		"威胁情报 hub":               "威胁情报 hub",
		"\x1b[31mred\x1b[0m":     "[31mred [0m",
	} {
		if got := oneLine(text); got != want {
			t.Errorf("%q becomes %q, want %q", text, got, want)
		}
	}
}

func FuzzRedactURL(f *testing.F) {
	for _, seed := range []string{"limit=1&key=s", "match%5Btype%5D=a", "%", "=&=", "a;b=c", "next=%0a"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, query string) {
		shown := RedactURL(&url.URL{Scheme: "https", Host: "h", Path: "/", RawQuery: query + "&token=hunter2secret", User: url.UserPassword("u", "hunter2secret")})
		if strings.Contains(shown, "hunter2secret") && !strings.Contains(query, "hunter2secret") {
			t.Errorf("the query %q shows the secret: %s", query, shown)
		}
		if strings.ContainsFunc(shown, unicode.IsControl) {
			t.Errorf("the query %q leaves control characters: %q", query, shown)
		}
	})
}

func FuzzRetryAfter(f *testing.F) {
	for _, seed := range []string{"120", "-1", "99999999999999999999", "Fri, 31 Dec 1999 23:59:59 GMT", "Sun, 06 Nov 2094 08:49:37 GMT", "soon"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		wait, ok := retryAfter(map[string][]string{"Retry-After": {text}}, noon)
		if wait < 0 || wait > farthest || (!ok && wait != 0) {
			t.Errorf("%q asks to wait %s (%t)", text, wait, ok)
		}
	})
}
