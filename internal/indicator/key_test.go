package indicator

import (
	"net/netip"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func TestKeyString(t *testing.T) {
	if got := (Key{SHA256, "ab12"}).String(); got != "sha256 ab12" {
		t.Errorf("the key is written %q", got)
	}
}

func TestKeyPrefix(t *testing.T) {
	for _, c := range []struct {
		key  Key
		want netip.Prefix
	}{
		{Key{IP, "8.8.8.8"}, netip.MustParsePrefix("8.8.8.8/32")},
		{Key{IP, "8.8.8.0/24"}, netip.MustParsePrefix("8.8.8.0/24")},
		{Key{IP, "2a00::1"}, netip.MustParsePrefix("2a00::1/128")},
		{Key{IP, "2a00::/32"}, netip.MustParsePrefix("2a00::/32")},
		{Key{IP, "not an address"}, netip.Prefix{}},
		{Key{IP, "8.8.8.0/99"}, netip.Prefix{}},
		{Key{Domain, "8.8.8.8"}, netip.Prefix{}},
	} {
		if got := c.key.Prefix(); got != c.want {
			t.Errorf("the prefix of %s is %s, want %s", c.key, got, c.want)
		}
	}
}

func TestCompareOrdersKeysAsListsAreWritten(t *testing.T) {
	want := []Key{
		{IP, "8.0.0.0/8"},
		{IP, "8.0.0.0/24"},
		{IP, "8.0.0.0"},
		{IP, "8.8.8.8"},
		{IP, "9.0.0.1"},
		{IP, "10.0.0.1"},
		{IP, "100.1.1.1"},
		{IP, "1::"},
		{IP, "2a00::/32"},
		{IP, "2a00::"},
		{IP, "2a00::9"},
		{IP, "2a00::10"},
		{Domain, "a.example.com"},
		{Domain, "a10.example.com"},
		{Domain, "a9.example.com"},
		{URL, "http://a.example.com/"},
		{MD5, "00"},
		{Other, "x"},
	}
	got := slices.Clone(want)
	slices.Reverse(got)
	slices.SortFunc(got, Compare)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("the order differs (-want +got):\n%s", diff)
	}
}

func TestCompareIsAnOrder(t *testing.T) {
	keys := rapid.Custom(func(t *rapid.T) Key {
		if rapid.Bool().Draw(t, "an address") {
			return prefixKey(anyPrefix().Draw(t, "prefix"), "")
		}
		return Key{rapid.SampledFrom(Kinds()[1:]).Draw(t, "kind"), rapid.StringN(0, 3, -1).Draw(t, "value")}
	})
	rapid.Check(t, func(t *rapid.T) {
		a, b, c := keys.Draw(t, "a"), keys.Draw(t, "b"), keys.Draw(t, "c")
		if Compare(a, b) != -Compare(b, a) {
			t.Fatalf("%s and %s compare differently in the other order", a, b)
		}
		if (Compare(a, b) == 0) != (a == b) {
			t.Fatalf("%s and %s: equal is not the same as compared equal", a, b)
		}
		if Compare(a, b) <= 0 && Compare(b, c) <= 0 && Compare(a, c) > 0 {
			t.Fatalf("%s, %s, %s are in no order", a, b, c)
		}
	})
}

func TestKindNames(t *testing.T) {
	for _, kind := range Kinds() {
		name := kind.String()
		if strings.Contains(name, "(") {
			t.Errorf("kind %d has no name", kind)
		}
		if parsed, err := ParseKind(name); err != nil || parsed != kind {
			t.Errorf("ParseKind(%q) = %s, %v", name, parsed, err)
		}
	}
	if len(Kinds()) != len(kindNames) || !slices.IsSorted(Kinds()) {
		t.Errorf("Kinds lists %v, want every kind in ascending order", Kinds())
	}
	if got := Kind(99).String(); got != "kind(99)" {
		t.Errorf("an unknown kind is written %q", got)
	}
	for _, name := range []string{"", "IP", "kind(99)", "ipv4"} {
		if _, err := ParseKind(name); err == nil {
			t.Errorf("ParseKind(%q) gives no error", name)
		}
	}
}

// TestKindNumbersAreStored holds the numbers that are in every store.
func TestKindNumbersAreStored(t *testing.T) {
	want := []Kind{1, 2, 3, 4, 5, 6, 7, 8, 32, 33, 34, 35, 36, 37, 38, 63}
	got := []Kind{
		IP, Domain, URL, Email, MD5, SHA1, SHA256, SHA512,
		FileName, Process, RegistryKey, Certificate, Mutex, UserAgent, MAC, Other,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("the stored numbers changed (-want +got):\n%s", diff)
	}
}

func TestKindGroups(t *testing.T) {
	for _, kind := range Kinds() {
		hash := kind == MD5 || kind == SHA1 || kind == SHA256 || kind == SHA512
		if kind.Hash() != hash || kind.Carried() != (kind >= FileName) || kind.Hash() && kind.Carried() {
			t.Errorf("%s: hash %v, carried %v", kind, kind.Hash(), kind.Carried())
		}
	}
}
