package pattern

import "testing"

// FuzzParse reads anything without a panic, and what it reads has a normal form
// that stands and reduces without a panic.
func FuzzParse(f *testing.F) {
	for _, seed := range []string{
		"[ipv4-addr:value = '198.51.100.7']",
		"[network-traffic:dst_ref.type = 'ipv4-addr' AND network-traffic:dst_ref.value = 'x']",
		"[file:hashes.MD5='a' AND file:hashes.'SHA-256'='b']",
		"[file:hashes.SHA-256 = 'a' OR file:hashes.sha256 IN ('b', h'00', b'YQ==', t'2026-01-31T00:00:00Z', -.5, true)]",
		"([a:b NOT LIKE 'x\\'%'] AND [NOT EXISTS a:b[*].'c-d']) WITHIN 5.5 SECONDS REPEATS 2 TIMES",
		"[a:b ISSUBSET 'x'] FOLLOWEDBY ([a:b <> 1] START t'2026-01-01T00:00:00Z' STOP t'2027-01-01T00:00:00Z')",
		"[a:b /* c */ == 'x'] // end",
		"(([a:b = 1] WITHIN 5 SECONDS) WITHIN 6 SECONDS)",
	} {
		f.Add(seed)
	}
	for _, tt := range malformed {
		f.Add(tt.text)
	}
	for _, tt := range reductions {
		f.Add(tt.text)
	}
	for _, tt := range widenings {
		f.Add(tt.text)
	}
	for _, tt := range windowed {
		f.Add(tt.text)
	}
	for _, tt := range lenientSpellings {
		f.Add(tt.text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		p, err := Parse(text, Options{STIX20: true})
		if err != nil {
			return
		}
		p.Reduce(Reduction{Widen: allShapes})
		normal := p.String()
		q, err := Parse(normal, Options{Refuse: AllLeniencies, MaxBytes: 1 << 21})
		if err != nil {
			t.Fatalf("%q has the normal form %q, which does not parse: %v", text, normal, err)
		}
		if again := q.String(); again != normal {
			t.Fatalf("the normal form %q becomes %q", normal, again)
		}
	})
}
