package addresslist

import (
	"strings"
	"testing"

	"github.com/indicatord/indicatord/outputs/addresslist/dialect"
	"github.com/indicatord/indicatord/outputs/outputtest"
)

// FuzzFarewell reads any file as the old list: what is taken back is whole lines,
// each once.
func FuzzFarewell(f *testing.F) {
	f.Add("#fields\tindicator\na.net\tIntel::DOMAIN\tindicatord\t-\tF\tF\nb.net\tIntel::DOMAIN\tindicatord\tremoved 2026-06-01T12:00:00Z\tF\tT\n")
	f.Add("\t\t\t\t\t\n\r\n\x00")
	zeek, _ := dialect.Find("zeek")
	f.Fuzz(func(t *testing.T, text string) {
		old, err := readFarewell(zeek.Farewell, strings.NewReader(text))
		if err != nil {
			t.Skip(err)
		}
		seen := map[string]bool{}
		for _, line := range old.lines(outputtest.Now) {
			if strings.Contains(line, "\n") || strings.Count(line, "\t") != 5 || !strings.HasSuffix(line, "\tT") {
				t.Errorf("the line %q", line)
			}
			if identity := zeek.Farewell.Identity(line); seen[identity] {
				t.Errorf("%q is taken back twice", identity)
			} else {
				seen[identity] = true
			}
		}
	})
}

// FuzzSerial reads any file as the old zone: the next serial comes after it.
func FuzzSerial(f *testing.F) {
	f.Add("$TTL 300\n@ SOA localhost. hostmaster.localhost. 1780315200 3600 600 604800 300\n")
	f.Add("@ SOA a. b. 9999999999 1")
	f.Fuzz(func(t *testing.T, text string) {
		s, err := serialAfter([]byte(text), uint32(outputtest.Now.Unix()))
		if ahead := s.next - s.old; err == nil && ahead > 1<<31 {
			t.Errorf("%d does not come after %d", s.next, s.old)
		}
	})
}

// FuzzCeiling: what is read is written as it was.
func FuzzCeiling(f *testing.F) {
	for _, text := range []string{"default", "none", "50000", "0", "-1", "1e3"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		var c, again Ceiling
		if c.UnmarshalText([]byte(text)) != nil {
			return
		}
		if err := again.UnmarshalText([]byte(c.String())); err != nil || again != c {
			t.Errorf("%q is read as %v and then as %v (%v)", text, c, again, err)
		}
	})
}
