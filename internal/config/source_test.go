package config

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestExcerptPointsAtItsColumn(t *testing.T) {
	for _, tc := range []struct {
		name, line string
		column     int
		want       string
	}{
		{"plain text", "state: here", 8, "   1 | state: here\n     |        ^"},
		{"the first column", "state: here", 1, "   1 | state: here\n     | ^"},
		{"behind the end", "ab", 9, "   1 | ab\n     |   ^"},
		{"wide characters", "名单: x", 5, "   1 | 名单: x\n     |       ^"},
		{"tabs", "\ta: x", 5, "   1 | \ta: x\n     | \t   ^"},
		{"escape sequences", "a: \x1b[2J", 4, "   1 | a: \ufffd[2J\n     |    ^"},
		{"an empty line", "", 1, "   1 | \n     | ^"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got := newSource("indicatord.yaml", tc.line).excerpt(position{1, tc.column})
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestExcerptCutsALongLine(t *testing.T) {
	got := newSource("indicatord.yaml", strings.Repeat("词", 10_000)).excerpt(position{1, 1})
	if strings.Count(got, "词") != maxExcerpt || !strings.Contains(got, "…") {
		t.Errorf("it shows %d characters", strings.Count(got, "词"))
	}
}

func TestExcerptOfAPlaceThatIsNotInTheFile(t *testing.T) {
	s := newSource("indicatord.yaml", "a: b")
	for _, p := range []position{{}, {2, 1}, {-1, 1}} {
		if got := s.excerpt(p); got != "" {
			t.Errorf("%v gives %q", p, got)
		}
	}
}

func TestExcerptHidesWhatMayBeASecret(t *testing.T) {
	for line, want := range map[string]string{
		"password: hunter2":                    "password: [redacted]",
		`"api-key" : "hunter2"`:                `"api-key" : [redacted]`,
		"my_token: hunter2 # of the hub":       "my_token: [redacted]",
		"PASSPHRASE: hunter2":                  "PASSPHRASE: [redacted]",
		"url: https://me:hunter2@hub/x":        "url: https://[redacted]@hub/x",
		"password: {file: /etc/hub}":           "password: {file: /etc/hub}",
		"password: # below":                    "password: # below",
		"addresses: [https://a@b, https://c/]": "addresses: [https://[redacted]@b, https://c/]",
	} {
		got, _, _ := strings.Cut(newSource("indicatord.yaml", line).excerpt(position{1, 1}), "\n")
		if got != "   1 | "+want {
			t.Errorf("%q is shown as %q", line, got)
		}
	}
}

func TestExcerptHidesFromTheFirstHiddenColumn(t *testing.T) {
	s := newSource("indicatord.yaml", "a: {b: one, c: two}")
	s.hide(position{1, 16})
	s.hide(position{1, 8})
	s.hide(position{1, 12})
	if got := s.excerpt(position{1, 13}); got != "   1 | a: {b: [redacted]\n     |             ^" {
		t.Errorf("it shows\n%s", got)
	}
}
