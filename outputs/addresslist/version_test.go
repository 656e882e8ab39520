package addresslist

import (
	"fmt"
	"math"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/indicatord/indicatord/internal/indicator"
	"github.com/indicatord/indicatord/internal/plugin"
	"github.com/indicatord/indicatord/outputs"
	"github.com/indicatord/indicatord/outputs/outputtest"
)

// at delivers entries at a time and returns the receipt.
func at(t *testing.T, output outputs.Output, now time.Time, entries ...indicator.Entry) outputs.Receipt {
	t.Helper()
	d := delivery(entries...)
	d.Now = now
	receipt, err := output.Deliver(t.Context(), d)
	if err != nil {
		t.Fatal(err)
	}
	return receipt
}

func opened(t *testing.T, settings *Settings) outputs.Output {
	t.Helper()
	output, err := settings.Open(plugin.Env{Name: "edge"})
	if err != nil {
		t.Fatal(err)
	}
	return output
}

func TestSerialRisesWithEveryChange(t *testing.T) {
	settings := inDialect(t, "rpz")
	output, now := opened(t, settings), outputtest.Now
	serialNow := func() uint64 {
		t.Helper()
		found := regexp.MustCompile(`hostmaster\.localhost\. (\d+) 3600`).FindStringSubmatch(read(t, settings.Path))
		if found == nil {
			t.Fatalf("no serial in %q", read(t, settings.Path))
		}
		n, _ := strconv.ParseUint(found[1], 10, 32)
		return n
	}
	a, b := entries(indicator.Domain, "a.net"), entries(indicator.Domain, "b.net")
	at(t, output, now, a...)
	first := serialNow()
	if first != uint64(now.Unix()) {
		t.Errorf("the first serial is %d, want the seconds since 1970", first)
	}
	if receipt := at(t, output, now.Add(time.Hour), a...); receipt.Written != 0 || serialNow() != first {
		t.Errorf("the same zone was written: %+v", receipt)
	}
	at(t, output, now, b...) // within the same second
	if got := serialNow(); got != first+1 {
		t.Errorf("the serial is %d, want %d", got, first+1)
	}
	at(t, output, now.Add(-48*time.Hour), a...) // the clock went back
	if got := serialNow(); got != first+2 {
		t.Errorf("the serial is %d, want %d", got, first+2)
	}
	at(t, output, now.Add(time.Hour), b...)
	if got := serialNow(); got != first+3600 {
		t.Errorf("the serial is %d, want that of the time", got)
	}
}

func TestZoneOfAnotherProgramIsReplaced(t *testing.T) {
	settings := inDialect(t, "rpz")
	if err := os.WriteFile(settings.Path, []byte("$TTL 60\n@ IN SOA a. b. 7 1 1 1 1\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	at(t, opened(t, settings), outputtest.Now, entries(indicator.Domain, "a.net")...)
	if text := read(t, settings.Path); !strings.Contains(text, fmt.Sprintf(" %d 3600", outputtest.Now.Unix())) {
		t.Errorf("the zone is %q", text)
	}
}

// TestLaterIsLater holds serials to RFC 1982: less than half of the circle ahead.
func TestLaterIsLater(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		old, wanted := rapid.Uint32().Draw(t, "old"), rapid.Uint32().Draw(t, "wanted")
		next := later(old, wanted)
		if ahead := next - old; ahead == 0 || ahead > math.MaxInt32 {
			t.Fatalf("%d does not come after %d", next, old)
		}
		if next != wanted && next != old+1 {
			t.Fatalf("%d is neither %d nor the next after %d", next, wanted, old)
		}
	})
}

// zeekReader is what Zeek knows after it has read lists: it keeps what a list does
// not take back.
type zeekReader map[string]bool

func (z zeekReader) read(t *testing.T, text string) {
	t.Helper()
	lines := strings.Split(strings.TrimSuffix(text, "\n"), "\n")
	fields := strings.Split(strings.TrimPrefix(lines[0], "#fields\t"), "\t")
	if diff := cmp.Diff([]string{"indicator", "indicator_type", "meta.source", "meta.desc", "meta.do_notice", "meta.remove"}, fields); diff != "" {
		t.Fatalf("the fields (-want +got):\n%s", diff)
	}
	for _, line := range lines[1:] {
		values := strings.Split(line, "\t")
		if len(values) != len(fields) || !strings.HasPrefix(values[1], "Intel::") || values[2] != "indicatord" {
			t.Fatalf("the line %q", line)
		}
		if values[5] == "T" {
			delete(z, values[0])
		} else {
			z[values[0]] = true
		}
	}
}

func TestZeekIsToldWhatHasLeft(t *testing.T) {
	settings := inDialect(t, "zeek")
	output, now := opened(t, settings), outputtest.Now
	zeek := zeekReader{}
	wants := func(values ...string) {
		t.Helper()
		zeek.read(t, read(t, settings.Path))
		want := zeekReader{}
		for _, v := range values {
			want[v] = true
		}
		if diff := cmp.Diff(want, zeek); diff != "" {
			t.Errorf("Zeek knows (-want +got):\n%s", diff)
		}
	}
	at(t, output, now, entries(indicator.Domain, "a.net", "b.net", "c.net")...)
	wants("a.net", "b.net", "c.net")
	at(t, output, now.Add(time.Hour), entries(indicator.Domain, "b.net", "c.net")...)
	// Zeek has not looked in the meantime.
	at(t, output, now.Add(2*time.Hour), entries(indicator.Domain, "c.net")...)
	wants("c.net")
	if receipt := at(t, output, now.Add(3*time.Hour), entries(indicator.Domain, "c.net")...); receipt.Written != 0 || receipt.Held != 1 {
		t.Errorf("the same list: %+v", receipt)
	}
	at(t, output, now.Add(4*time.Hour), entries(indicator.Domain, "a.net", "c.net")...)
	wants("a.net", "c.net")
	at(t, output, now.Add(9*24*time.Hour), entries(indicator.Domain, "a.net")...)
	wants("a.net")
	if text := read(t, settings.Path); strings.Contains(text, "b.net") || !strings.Contains(text, "removed 2026-06-10T12:00:00Z") {
		t.Errorf("what is taken back stays a week; the list is\n%s", text)
	}
}
