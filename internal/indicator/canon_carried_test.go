package indicator

import (
	"strings"
	"testing"
)

func TestCanonKeepsCarriedValuesAsTheyAre(t *testing.T) {
	for kind, value := range map[Kind]string{
		FileName:    " Rechnung (2).PDF.exe ",
		Process:     `C:\Windows\System32\cmd.exe /c "start [.] hxxp://x"`,
		RegistryKey: `HKEY_LOCAL_MACHINE\Software\Ｍ`,
		Certificate: "CN=Evil, O=Evil Ltd",
		Mutex:       `Global\{8F6F0AC4-B9A1-45FD-A8CF-72F04E6BDE8F}`,
		UserAgent:   "Mozilla/5.0 (compatible; Evil/1.0)",
		Other:       "android-property:name=ro.evil",
	} {
		for _, o := range []Options{{}, {Refang: true}} {
			if got := outcome(o.Canon(kind, value)); got != kind.String()+" "+value {
				t.Errorf("Canon(%s, %q) = %s, want it unchanged", kind, value, got)
			}
		}
	}
}

func TestCanonRefusesBrokenCarriedValues(t *testing.T) {
	for _, kind := range Kinds() {
		if !kind.Carried() {
			continue
		}
		t.Run(kind.String(), func(t *testing.T) {
			testCanon(t, Options{}, kind, []canonCase{
				{"nothing", "", "reject empty"},
				{"only spaces", " \u3000", "reject empty"},
				{"a NUL", "a\x00b", "reject control-character"},
				{"a tab", "a\tb", "reject control-character"},
				{"DEL", "a\x7fb", "reject control-character"},
				{"bytes that are not UTF-8", "a\xc3(", "reject invalid-utf8"},
				{"more than 8 KiB", strings.Repeat("a", MaxValue+1), "reject too-long"},
			})
		})
	}
	if got := outcome(Canon(Process, strings.Repeat("a", MaxValue))); strings.HasPrefix(got, "reject") {
		t.Errorf("8 KiB: %s, want it taken", got)
	}
}

func TestCanonTakesTheReplacementCharacterAsACharacter(t *testing.T) {
	testCanon(t, Options{}, FileName, []canonCase{{"written as such", "a\ufffdb", "file-name a\ufffdb"}})
}

func TestCanonOfMAC(t *testing.T) {
	testCanon(t, Options{}, MAC, []canonCase{
		{"colons", "00:1a:2B:3C:4D:5E", "mac 00:1a:2b:3c:4d:5e"},
		{"hyphens", "00-1A-2B-3C-4D-5E", "mac 00:1a:2b:3c:4d:5e"},
		{"dots", "001A.2B3C.4D5E", "mac 00:1a:2b:3c:4d:5e"},
		{"64 bits", "00-1A-2B-FF-FE-3C-4D-5E", "mac 00:1a:2b:ff:fe:3c:4d:5e"},
		{"InfiniBand", strings.Repeat("00:", 19) + "01", "reject not-a-mac"},
		{"five octets", "00:1a:2b:3c:4d", "reject not-a-mac"},
		{"text", "router", "reject not-a-mac"},
	})
}
