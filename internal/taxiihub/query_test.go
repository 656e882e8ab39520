package taxiihub

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// FuzzParseRequest: whatever a client writes is either refused or read to a
// request that can be written and read again without a difference.
func FuzzParseRequest(f *testing.F) {
	for _, seed := range []string{
		"", "limit=10", "limit=-1", "added_after=2026-11-01T00:00:00.000000Z", "next=AAA%3D",
		"match[id]=indicator--a,indicator--b", "match%5Bversion%5D=first,2026-11-01T00:00:00.1Z,last",
		"match[version]=all", "match[type]=a,,b", "limit=1&limit=2", "a;b", "%zz", "match[spec_version]=2.0,2.1",
		"added_after=2026-11-01T00:00:00,000000Z",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		first, err := parseRequest(raw)
		if err != nil {
			return
		}
		again, err := parseRequest(first.encode())
		if err != nil {
			t.Fatalf("%q was written as %q, which is refused: %v", raw, first.encode(), err)
		}
		if diff := cmp.Diff(first, again, cmpopts.EquateEmpty()); diff != "" {
			t.Fatalf("%q, written as %q, reads otherwise: %s", raw, first.encode(), diff)
		}
	})
}

// FuzzToken: no text that the hub did not write is a token.
func FuzzToken(f *testing.F) {
	tokens := newTokens()
	f.Add(tokens.write(7, "other"), "grid?")
	f.Add("", "")
	f.Fuzz(func(t *testing.T, token, query string) {
		position, err := tokens.read(token, query)
		if err == nil && tokens.write(position, query) != token {
			t.Fatalf("%q was taken for a token of %q", token, query)
		}
	})
}
