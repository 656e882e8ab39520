package indicator

import (
	"fmt"
	"net/netip"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// The tests of this file state what canonical forms are for: however a value is
// spelled, it becomes the same key.

// sameKey fails unless every spelling becomes the key of the first.
func sameKey(t *rapid.T, kind Kind, spellings ...string) {
	t.Helper()
	first, err := Canon(kind, spellings[0])
	if err != nil {
		t.Skipf("refused: %v", err)
	}
	for _, spelling := range spellings[1:] {
		c, err := Canon(kind, spelling)
		if err != nil || c.Key != first.Key || len(c.More) != 0 {
			t.Fatalf("Canon(%s, %q) = %s, want %s as for %q", kind, spelling, outcome(c, err), first.Key, spellings[0])
		}
	}
}

func TestSpellingsOfAnAddress(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		v4 := anyAddr(t, true)
		mapped := netip.AddrFrom16(v4.As16())
		sameKey(t, IP, v4.String(), v4.String()+"/32", mapped.String(), mapped.StringExpanded(),
			v4.String()+":80", v4.String()+" - "+v4.String())
		v6 := anyAddr(t, false)
		sameKey(t, IP, v6.String(), v6.StringExpanded(), strings.ToUpper(v6.String()), v6.String()+"/128",
			"["+v6.String()+"]", "["+v6.String()+"]:443")
	})
}

func TestSpellingsOfAPrefix(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := anyPrefix().Draw(t, "prefix")
		last := lastOf(p)
		sameKey(t, IP, p.String(), fmt.Sprintf("%s/%d", last, p.Bits()), fmt.Sprintf("%s-%s", p.Addr(), last))
	})
}

func TestSpellingsOfADomain(t *testing.T) {
	plain := rapid.StringMatching(`([a-z0-9]([a-z0-9_-]{0,6}[a-z0-9])?\.){1,3}(com|net|cn|ru)`)
	words := rapid.SampledFrom([]string{"bücher", "微步在线", "пример", "straße", "βόλος", "日本語"})
	rapid.Check(t, func(t *rapid.T) {
		name := plain.Draw(t, "name")
		if rapid.Bool().Draw(t, "internationalised") {
			name = words.Draw(t, "label") + "." + name
		}
		ascii, err := names.ToASCII(name)
		if err != nil {
			t.Skip(err)
		}
		sameKey(t, Domain, name, ascii, strings.ToUpper(ascii), name+".", strings.ReplaceAll(name, ".", "。"), DisplayDomain(ascii))
	})
}

func TestSpellingsOfAURL(t *testing.T) {
	segments := rapid.StringMatching(`[a-zA-Z0-9_~-]{1,6}`)
	rapid.Check(t, func(t *rapid.T) {
		a, b := segments.Draw(t, "a"), segments.Draw(t, "b")
		sameKey(t, URL,
			"http://www.example.com/"+a+"?"+b,
			"HTTP://WWW.example.COM:80/"+a+"?"+b,
			"http://www.example.com./"+a+"?"+b+"#"+a,
			"http://user:secret@www.example.com/./"+a+"?"+b,
			"http://www.example.com/"+b+"/../"+a+"?"+b,
			"http://www.example.com:/"+escapeAll(a)+"?"+escapeAll(b),
			"http://"+escapeAll("www")+".example.com/"+a+"?"+b,
		)
	})
}

// escapeAll percent-encodes every byte, in lower case.
func escapeAll(text string) string {
	var b strings.Builder
	for i := range len(text) {
		fmt.Fprintf(&b, "%%%02x", text[i])
	}
	return b.String()
}

func TestAURLNeverBecomesItsHost(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		kind := rapid.SampledFrom([]Kind{URL, Domain}).Draw(t, "field")
		value := "http://" + anyValue().Draw(t, "rest")
		if c, err := Canon(kind, value); err == nil && c.Key.Kind != URL {
			t.Fatalf("Canon(%s, %q) = %s, want a URL or a rejection", kind, value, c.Key)
		}
	})
}

func TestABetterFieldMakesTheSameKey(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		value := anyValue().Draw(t, "value")
		c, err := Canon(Domain, value)
		if err != nil || !c.Notes.Has(NoteRetyped) {
			return
		}
		direct, err := Canon(c.Key.Kind, value)
		if err != nil { // an address has no trailing dot, a name may
			direct, err = Canon(c.Key.Kind, strings.TrimSuffix(value, "."))
		}
		if err == nil && direct.Key != c.Key {
			t.Fatalf("%q is %s in a field for domains, and %s in its own", value, c.Key, direct.Key)
		}
	})
}

func TestDisplayedDomainIsTheSameDomain(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c, err := Canon(Domain, anyValue().Draw(t, "value"))
		if err != nil || c.Key.Kind != Domain {
			return
		}
		shown := DisplayDomain(c.Key.Value)
		if again, err := Canon(Domain, shown); err != nil || again.Key != c.Key {
			t.Fatalf("%s is shown as %q, which is %s", c.Key, shown, outcome(again, err))
		}
	})
}
