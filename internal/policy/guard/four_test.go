package guard

import (
	"net/netip"
	"testing"

	"pgregory.net/rapid"
)

// TestFourOf: it reads what the parser of the standard library reads as IPv4, as
// the same address, and nothing else.
func TestFourOf(t *testing.T) {
	for _, text := range []string{
		"", ".", "1", "1.2.3", "1.2.3.", ".1.2.3", "1..2.3", "1.2.3.4.", "1.2.3.4.5", "01.2.3.4", "1.2.3.00", "1.2.3.256", "1.2.3.4/32", "::1",
		"1.2.3.99999999999999999999", "0.0.0.0", "255.255.255.255", "1.2.3.0", "10.0.0.10", " 1.2.3.4", "1.2.3.4 ", "1.2.3.-4", "1.2.3.4\x00",
	} {
		checkFour(t, text)
	}
	rapid.Check(t, func(t *rapid.T) {
		checkFour(t, rapid.StringMatching(`[0-9]{0,4}(\.[0-9]{0,4}){0,4}`).Draw(t, "text"))
		checkFour(t, netip.AddrFrom4([4]byte(rapid.SliceOfN(rapid.Byte(), 4, 4).Draw(t, "octets"))).String())
	})
}

type reporter interface{ Errorf(string, ...any) }

func checkFour(t reporter, text string) {
	parsed, err := netip.ParseAddr(text)
	want := err == nil && parsed.Is4()
	got, ok := fourOf(text)
	if ok != want || ok && got != addressOf(parsed) {
		t.Errorf("%q gives %v, %t; the standard library says %v, %v", text, got, ok, parsed, err)
	}
}
