package pattern

import "testing"

func TestTimestampForm(t *testing.T) {
	tests := []struct {
		text string
		want bool
	}{
		{"2026-01-31T12:30:00Z", true},
		{"2026-01-31T12:30:00.0Z", true},
		{"2026-01-31T12:30:00.123456789012Z", true},
		{"2026-02-30T23:59:60Z", true}, // the grammar knows no calendar
		{"0000-01-01T00:00:00Z", true},
		{"", false},
		{"2026-01-31", false},
		{"2026-01-31T12:30Z", false},
		{"2026-01-31T12:30:00", false},
		{"2026-01-31T12:30:00z", false},
		{"2026-01-31t12:30:00Z", false},
		{"2026-01-31 12:30:00Z", false},
		{"2026-01-31T12:30:00+00:00", false},
		{"2026-01-31T12:30:00,5Z", false},
		{"2026-01-31T12:30:00.Z", false},
		{"2026-01-31T12:30:00.5xZ", false},
		{"2026-00-31T12:30:00Z", false},
		{"2026-13-31T12:30:00Z", false},
		{"2026-01-00T12:30:00Z", false},
		{"2026-01-32T12:30:00Z", false},
		{"2026-01-31T24:30:00Z", false},
		{"2026-01-31T12:60:00Z", false},
		{"2026-01-31T12:30:61Z", false},
		{"20260-1-31T12:30:00Z", false},
	}
	for _, tt := range tests {
		if got := isTimestamp(tt.text); got != tt.want {
			t.Errorf("%q: got %v, want %v", tt.text, got, tt.want)
		}
	}
}

func TestBase64Form(t *testing.T) {
	tests := []struct {
		text string
		want bool
	}{
		{"YWJj", true},
		{"YWI=", true},
		{"YQ==", true},
		{"+/+/YQ==", true},
		{"", false},
		{"YQ", false},
		{"YQ=", false},
		{"Y===", false},
		{"====", false},
		{"YQ==YQ==", false},
		{"YW-_", false},
	}
	for _, tt := range tests {
		if got := isBase64(tt.text); got != tt.want {
			t.Errorf("%q: got %v, want %v", tt.text, got, tt.want)
		}
	}
}

func TestEarlier(t *testing.T) {
	tests := []struct {
		a, b string
		want bool
	}{
		{"2026-01-01T00:00:00Z", "2026-01-01T00:00:01Z", true},
		{"2026-01-01T00:00:00Z", "2026-01-01T00:00:00.001Z", true},
		{"2026-01-01T00:00:00.5Z", "2026-01-01T00:00:01Z", true},
		{"2026-01-01T00:00:00.09Z", "2026-01-01T00:00:00.1Z", true},
		{"2026-01-01T00:00:00Z", "2026-01-01T00:00:00Z", false},
		{"2026-01-01T00:00:00Z", "2026-01-01T00:00:00.000Z", false},
		{"2026-01-01T00:00:00.5Z", "2026-01-01T00:00:00.50Z", false},
		{"2026-01-01T00:00:10Z", "2026-01-01T00:00:01Z", false},
		{"2027-01-01T00:00:00Z", "2026-12-31T23:59:59Z", false},
	}
	for _, tt := range tests {
		if got := earlier(tt.a, tt.b); got != tt.want {
			t.Errorf("%s before %s: got %v, want %v", tt.a, tt.b, got, tt.want)
		}
	}
}

func TestHashKeys(t *testing.T) {
	tests := []struct {
		written, standard string
		leniency          Leniencies
	}{
		{"MD5", "MD5", 0},
		{"SHA-1", "SHA-1", 0},
		{"SHA-256", "SHA-256", 0},
		{"SHA-512", "SHA-512", 0},
		{"SHA3-256", "SHA3-256", 0},
		{"TLSH", "TLSH", 0},
		{"md5", "MD5", LenientHashCase},
		{"sha-1", "SHA-1", LenientHashCase},
		{"Sha-256", "SHA-256", LenientHashCase},
		{"tlsh", "TLSH", LenientHashCase},
		{"SHA1", "SHA-1", LenientHashAlias},
		{"sha256", "SHA-256", LenientHashAlias},
		{"SHA_512", "SHA-512", LenientHashAlias},
		{"SHA3256", "SHA3-256", LenientHashAlias},
		{"IMPHASH", "IMPHASH", 0},
		{"vhash", "vhash", 0},
		{"", "", 0},
	}
	for _, tt := range tests {
		standard, leniency := standardHashKey(tt.written)
		if standard != tt.standard || leniency != tt.leniency {
			t.Errorf("%q: got %q, %v; want %q, %v", tt.written, standard, leniency, tt.standard, tt.leniency)
		}
	}
}

func TestTypeOfAddressByItsForm(t *testing.T) {
	tests := []struct{ value, want string }{
		{"45.9.1.2", "ipv4-addr"},
		{"45.9.1.0/24", "ipv4-addr"},
		{"2a00:1450::1", "ipv6-addr"},
		{"2a00:1450::/32", "ipv6-addr"},
		{"00:1b:21:3C:4d:5e", "mac-addr"},
		{"00-1b-21-3c-4d-5e", "domain-name"},
		{"00:1b:21:3c:4d:5g", "domain-name"},
		{"evil.org", "domain-name"},
		{"a@evil.org", "email-addr"},
		{"http://a@evil.org/", "url"},
		{"", "domain-name"},
	}
	for _, tt := range tests {
		if got := addressType(tt.value); got != tt.want {
			t.Errorf("%q: got %s, want %s", tt.value, got, tt.want)
		}
	}
}
