package addresslist

import (
	"cmp"
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/indicatord/indicatord/internal/indicator"
	"github.com/indicatord/indicatord/internal/plugin"
	"github.com/indicatord/indicatord/outputs/outputtest"
)

// trusted returns an entry with a confidence and an age in hours.
func trusted(kind indicator.Kind, value string, confidence indicator.Confidence, age int) indicator.Entry {
	e := outputtest.NewEntry(kind, value)
	e.Assertions[0].Confidence = confidence
	e.Assertions[0].Version = outputtest.Now.Add(-time.Duration(age) * time.Hour)
	return e
}

func linesIn(t testing.TB, path string) []string {
	t.Helper()
	return strings.FieldsFunc(read(t, path), func(r rune) bool { return r == '\n' })
}

func TestTooLongAListLosesWhatIsTrustedLeast(t *testing.T) {
	entries := []indicator.Entry{
		trusted(indicator.IP, "45.155.0.1", 20, 1),
		trusted(indicator.IP, "45.155.0.3", 90, 9),
		trusted(indicator.IP, "45.155.0.5", 90, 1),
		trusted(indicator.IP, "45.155.0.7", indicator.Unstated, 0),
		trusted(indicator.IP, "45.155.0.9", 20, 0),
		trusted(indicator.IP, "45.155.0.11", 90, 1),
		trusted(indicator.IP, "45.155.0.13", 0, 0),
	}
	tests := []struct {
		room Ceiling
		want string
	}{
		{1, "5"}, {2, "5 11"}, {3, "3 5 11"}, {4, "3 5 9 11"}, {5, "1 3 5 9 11"}, {6, "1 3 5 9 11 13"}, {7, "1 3 5 7 9 11 13"}, {8, "1 3 5 7 9 11 13"},
		{None, "1 3 5 7 9 11 13"},
	}
	for _, test := range tests {
		t.Run(test.room.String(), func(t *testing.T) {
			settings := inDialect(t, "plain")
			settings.MaxEntries = test.room
			receipt := deliverTo(t, settings, entries...)
			got := strings.ReplaceAll(strings.Join(linesIn(t, settings.Path), " "), "45.155.0.", "")
			if got != test.want {
				t.Errorf("the list has %s, want %s", got, test.want)
			}
			left := receipt.Skipped["beyond the limit of "+test.room.String()+" entries"]
			if want := len(entries) - receipt.Held; left != want || receipt.Held != len(strings.Fields(test.want)) {
				t.Errorf("%d held and %d left out of %d", receipt.Held, left, len(entries))
			}
		})
	}
}

func TestALimitOfBytesHolds(t *testing.T) {
	for _, name := range []string{"plain", "fortigate-address", "json", "nftables"} {
		for _, limit := range []int{600, 700, 1000, 3000} {
			t.Run(fmt.Sprint(name, limit), func(t *testing.T) {
				settings := inDialect(t, name)
				settings.MaxBytes = Ceiling(limit)
				var entries []indicator.Entry
				for i := range 300 {
					entries = append(entries, trusted(indicator.IP, fmt.Sprintf("45.155.%d.%d", i/100, i%100*2+1), 50, i))
				}
				receipt := deliverTo(t, settings, entries...)
				info, err := os.Stat(settings.Path)
				if err != nil || info.Size() > int64(limit) {
					t.Errorf("the list has %d bytes, more than %d (%v)", info.Size(), limit, err)
				}
				left := 0
				for reason, n := range receipt.Skipped {
					if strings.HasSuffix(reason, fmt.Sprintf("%d bytes", limit)) {
						left += n
					}
				}
				if receipt.Held == 0 || receipt.Held+left != len(entries) {
					t.Errorf("%d held and %d left out of %d", receipt.Held, left, len(entries))
				}
			})
		}
	}
}

func TestALineThatIsTooLongIsLeftOut(t *testing.T) {
	settings := inDialect(t, "panos-domain")
	settings.MaxLineBytes = 12
	receipt := deliverTo(t, settings, entries(indicator.Domain, "a-b.net", "abcdefgh.net", "abcdefghi.net")...)
	if got := receipt.Skipped["a line of more than 12 bytes"]; got != 1 || receipt.Held != 2 {
		t.Errorf("the receipt is %+v", receipt)
	}
}

// TestTwoThatReadAlikeMatterAsTheMoreImportant: of two URLs that differ in their
// scheme alone, the second is trusted more.
func TestTwoThatReadAlikeMatterAsTheMoreImportant(t *testing.T) {
	settings := inDialect(t, "panos-url")
	settings.MaxEntries = 1
	deliverTo(t, settings,
		trusted(indicator.URL, "http://a.net/", 10, 0), trusted(indicator.URL, "http://b.net/", 50, 0), trusted(indicator.URL, "https://a.net/", 90, 0))
	if got := read(t, settings.Path); got != "a.net/\n" {
		t.Errorf("the list is %q", got)
	}
}

func TestLeftOutIsNamed(t *testing.T) {
	settings, state := inDialect(t, "plain"), filepath.Join(t.TempDir(), "edge")
	settings.MaxEntries = 1
	output, err := settings.Open(plugin.Env{Name: "edge", State: state})
	if err != nil {
		t.Fatal(err)
	}
	deliver := func(entries ...indicator.Entry) {
		t.Helper()
		if _, err := output.Deliver(t.Context(), delivery(entries...)); err != nil {
			t.Fatal(err)
		}
	}
	deliver(
		trusted(indicator.IP, "45.155.7.9", 10, 0), trusted(indicator.IP, "45.155.7.11", 90, 0),
		outputtest.NewEntry(indicator.Mutex, "Global\\x"), outputtest.NewEntry(indicator.Domain, "forged.net\n45.155.66.66"),
	)
	want := "ip\t45.155.7.9\tbeyond the limit of 1 entries\n" +
		"domain\t\"forged.net\\n45.155.66.66\"\ta control character in the value\n" +
		"mutex\tGlobal\\x\tno place for the kind mutex\n"
	if diff := gocmp.Diff(want, read(t, filepath.Join(state, leftOutName))); diff != "" {
		t.Errorf("what is left out (-want +got):\n%s", diff)
	}
	deliver(trusted(indicator.IP, "45.155.7.9", 10, 0))
	if _, err := os.Stat(filepath.Join(state, leftOutName)); !os.IsNotExist(err) {
		t.Errorf("nothing is left out, and there is still a file: %v", err)
	}
}

func TestSplitByKindAndFamily(t *testing.T) {
	settings := inDialect(t, "plain")
	dir := filepath.Dir(settings.Path)
	settings.Path = filepath.Join(dir, "edge-{kind}{family}.txt")
	view := slices.Concat(entries(indicator.IP, "45.155.7.9", "2a0e:b107::9"), entries(indicator.Domain, "grid-portal.net"))
	deliverTo(t, settings, view...)
	want := map[string]string{"edge-ipip4.txt": "45.155.7.9\n", "edge-ipip6.txt": "2a0e:b107::9\n"}
	for name, text := range want {
		if got := read(t, filepath.Join(dir, name)); got != text {
			t.Errorf("%s holds %q, want %q", name, got, text)
		}
	}

	settings.Path = filepath.Join(dir, "{kind}.txt")
	receipt := deliverTo(t, settings, view...)
	for name, text := range map[string]string{"ip.txt": "45.155.7.9\n2a0e:b107::9\n", "domain.txt": "grid-portal.net\n", "md5.txt": ""} {
		if got := read(t, filepath.Join(dir, name)); got != text {
			t.Errorf("%s holds %q, want %q", name, got, text)
		}
	}
	if receipt.Held != 3 || receipt.Written != 3 || len(receipt.Skipped) != 0 {
		t.Errorf("the receipt is %+v", receipt)
	}
}

func TestParts(t *testing.T) {
	settings := inDialect(t, "plain")
	dir := filepath.Dir(settings.Path)
	settings.Path, settings.PartEntries = filepath.Join(dir, "edge-{part}"), 2
	five := entries(indicator.IP, "45.155.7.1", "45.155.7.3", "45.155.7.5", "45.155.7.7", "45.155.7.9")
	wantParts := func(want ...string) {
		t.Helper()
		var got []string
		for i := 1; ; i++ {
			text, err := os.ReadFile(filepath.Join(dir, "edge-"+strconv.Itoa(i)))
			if os.IsNotExist(err) {
				break
			}
			got = append(got, strings.ReplaceAll(string(text), "45.155.7.", ""))
		}
		if diff := gocmp.Diff(want, got); diff != "" {
			t.Errorf("the parts (-want +got):\n%s", diff)
		}
	}
	deliverTo(t, settings, five...)
	wantParts("1\n3\n", "5\n7\n", "9\n")
	deliverTo(t, settings, five[:2]...)
	wantParts("1\n3\n", "", "")
	settings.Parts = 2
	receipt := deliverTo(t, settings, five...)
	wantParts("1\n3\n", "5\n7\n", "")
	if got := receipt.Skipped["beyond the limit of 4 entries"]; got != 1 {
		t.Errorf("the receipt is %+v", receipt)
	}
}

// TestPartsHoldLines: a name with its subdomains takes two lines, and is never
// torn apart.
func TestPartsHoldLines(t *testing.T) {
	settings := inDialect(t, "panos-domain")
	dir := filepath.Dir(settings.Path)
	settings.Path, settings.PartEntries, settings.Parts = filepath.Join(dir, "edge-{part}"), 3, 2
	var wide []indicator.Entry
	for _, name := range []string{"a.net", "b.net", "c.net"} {
		wide = append(wide, about(indicator.Domain, name, indicator.ScopeSubdomains, indicator.DirectionTo))
	}
	receipt := deliverTo(t, settings, wide...)
	if got := read(t, filepath.Join(dir, "edge-1")) + read(t, filepath.Join(dir, "edge-2")); got != "a.net\n*.a.net\nb.net\n*.b.net\n" {
		t.Errorf("the parts are %q", got)
	}
	if receipt.Held != 2 || receipt.Skipped["beyond the limit of 6 entries"] != 1 {
		t.Errorf("the receipt is %+v", receipt)
	}
}

// addressNumber returns one of sixteen addresses of a family.
func addressNumber(family, i int) netip.Addr {
	if family == 4 {
		return netip.AddrFrom4([4]byte{45, 155, 7, byte(i)})
	}
	return netip.AddrFrom16([16]byte{0x2a, 0x0e, 0xb1, 0x07, 15: byte(i)})
}

// drawView makes a view of prefixes among thirty-two addresses.
func drawView(r *rapid.T) []indicator.Entry {
	byValue := map[string]indicator.Entry{}
	for range rapid.IntRange(0, 24).Draw(r, "entries") {
		family := rapid.SampledFrom([]int{4, 6}).Draw(r, "family")
		address := addressNumber(family, rapid.IntRange(0, 15).Draw(r, "address"))
		prefix := netip.PrefixFrom(address, address.BitLen()-rapid.IntRange(0, 3).Draw(r, "bits of the host")).Masked()
		value := prefix.String()
		if prefix.IsSingleIP() {
			value = prefix.Addr().String()
		}
		byValue[value] = trusted(indicator.IP, value, indicator.Confidence(rapid.IntRange(-1, 3).Draw(r, "confidence")), rapid.IntRange(0, 3).Draw(r, "age"))
	}
	var view []indicator.Entry
	for _, e := range byValue {
		view = append(view, e)
	}
	slices.SortFunc(view, func(a, b indicator.Entry) int { return indicator.Compare(a.Key, b.Key) })
	return view
}

// covers lists which of the thirty-two addresses some prefixes hold.
func covers(t interface{ Fatal(...any) }, values []string) string {
	set := make([]byte, 0, 32)
	for _, family := range []int{4, 6} {
		for i := range 16 {
			in := slices.ContainsFunc(values, func(value string) bool {
				prefix := indicator.Key{Kind: indicator.IP, Value: value}.Prefix()
				if !prefix.IsValid() {
					t.Fatal("not a prefix: ", value)
				}
				return prefix.Contains(addressNumber(family, i))
			})
			set = append(set, "01"[btoi(in)])
		}
	}
	return string(set)
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}

// TestShapesNeverChangeTheAddresses joins and splits random views in every way:
// the files hold the addresses of the view together, and each what belongs there.
func TestShapesNeverChangeTheAddresses(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		dir, err := os.MkdirTemp(t.TempDir(), "") //nolint:usetesting // Each view that is drawn has one.
		if err != nil {
			r.Fatal(err)
		}
		settings := Spec().Settings().(*Settings)
		settings.Aggregate = rapid.Bool().Draw(r, "aggregate")
		name := "list"
		if rapid.Bool().Draw(r, "by family") {
			name += "-{family}"
		}
		if rapid.Bool().Draw(r, "in parts") {
			name += "-{part}"
			settings.PartEntries = Ceiling(rapid.IntRange(1, 9).Draw(r, "part"))
		}
		settings.Path = filepath.Join(dir, name)
		view := drawView(r)
		deliverTo(t, settings, view...)

		var wanted, listed []string
		for _, e := range view {
			wanted = append(wanted, e.Key.Value)
		}
		files, _ := filepath.Glob(filepath.Join(dir, "list*"))
		for _, file := range files {
			lines := linesIn(t, file)
			listed = append(listed, lines...)
			if settings.PartEntries > 0 && len(lines) > int(settings.PartEntries) {
				r.Fatalf("%s has %d lines", file, len(lines))
			}
			strange := slices.ContainsFunc(lines, func(line string) bool { return strings.Contains(line, ":") != strings.Contains(file, familyIPv6) })
			if strings.Contains(name, familyMark) && strange {
				r.Fatalf("%s has %v", file, lines)
			}
		}
		if got, want := covers(r, listed), covers(r, wanted); got != want {
			r.Fatalf("listed %s, wanted %s", got, want)
		}
		if !settings.Aggregate && len(listed) != len(wanted) {
			r.Fatalf("%d entries listed of %d", len(listed), len(wanted))
		}
	})
}

// TestSplitOfEverySmallList puts each set of five addresses, of both families, into
// parts of each size: the parts in their order are the list, and only the last one
// that holds anything may be short.
func TestSplitOfEverySmallList(t *testing.T) {
	for chosen := range 1 << 5 {
		var view []indicator.Entry
		for i, value := range []string{"45.155.7.1", "45.155.7.2", "45.155.7.3", "2a0e:b107::1", "2a0e:b107::2"} {
			if chosen>>i&1 == 1 {
				view = append(view, entries(indicator.IP, value)...)
			}
		}
		for size := 1; size <= 6; size++ {
			checkSplit(t, view, size)
		}
	}
}

func checkSplit(t *testing.T, view []indicator.Entry, size int) {
	t.Helper()
	settings := inDialect(t, "plain")
	settings.Path, settings.PartEntries = settings.Path+"-{part}", Ceiling(size)
	deliverTo(t, settings, view...)
	parts := max(1, (len(view)+size-1)/size)
	for i := range parts {
		want := ""
		for _, e := range view[i*size : min(len(view), (i+1)*size)] {
			want += e.Key.Value + "\n"
		}
		if got := read(t, strings.ReplaceAll(settings.Path, partMark, strconv.Itoa(i+1))); got != want {
			t.Fatalf("part %d of %d entries in parts of %d is %q, want %q", i+1, len(view), size, got, want)
		}
	}
	if _, err := os.Stat(strings.ReplaceAll(settings.Path, partMark, strconv.Itoa(parts+1))); !os.IsNotExist(err) {
		t.Fatalf("%d entries in parts of %d have more than %d parts: %v", len(view), size, parts, err)
	}
}

// TestTrimMatchesSorting holds the two passes to the plain meaning: sort, and
// take the first.
func TestTrimMatchesSorting(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		view := drawView(r)
		room := rapid.IntRange(1, 20).Draw(r, "room")
		settings := Spec().Settings().(*Settings)
		dir, err := os.MkdirTemp(t.TempDir(), "") //nolint:usetesting // Each view that is drawn has one.
		if err != nil {
			r.Fatal(err)
		}
		settings.Path, settings.MaxEntries = filepath.Join(dir, "list"), Ceiling(room)
		deliverTo(t, settings, view...)

		byTrust := slices.Clone(view)
		slices.SortStableFunc(byTrust, func(a, b indicator.Entry) int {
			return cmp.Or(cmp.Compare(b.Confidence(), a.Confidence()), b.Version().Compare(a.Version()))
		})
		kept := byTrust[:min(room, len(byTrust))]
		slices.SortFunc(kept, func(a, b indicator.Entry) int { return indicator.Compare(a.Key, b.Key) })
		var want []string
		for _, e := range kept {
			want = append(want, e.Key.Value)
		}
		if got := linesIn(t, settings.Path); !slices.Equal(got, want) {
			r.Fatalf("listed %v, want %v", got, want)
		}
	})
}

// TestCutOfEverySmallList tries each list of five entries of three degrees of
// trust, of one line or two, in room for any number of lines: what stays fits, and
// whatever is left out is trusted less than what stays, or as much and comes later.
func TestCutOfEverySmallList(t *testing.T) {
	const n = 5
	for list := range 6 * 6 * 6 * 6 * 6 {
		var sizes []size
		for i, rest := 0, list; i < n; i, rest = i+1, rest/6 {
			sizes = append(sizes, size{priority: priority(rest % 3), lines: uint32(1 + rest%6/3), bytes: 10})
		}
		for room := 1; room <= 2*n; room++ {
			checkCut(t, sizes, room)
		}
	}
}

func checkCut(t *testing.T, sizes []size, entries int) {
	t.Helper()
	l := &list{o: &Output{room: room{entries: entries}}, sizes: slices.Clone(sizes)}
	c := l.trim()
	lines, lowestKept, highestLeft := 0, priority(9), -1
	for _, s := range sizes {
		if c.keeps(s.priority) && lines+int(s.lines) <= entries {
			lines += int(s.lines)
			lowestKept = min(lowestKept, s.priority)
		} else {
			highestLeft = max(highestLeft, int(s.priority))
		}
	}
	if highestLeft > int(lowestKept) {
		t.Fatalf("of %v in room for %d lines, one of trust %d is left out and one of %d stays", sizes, entries, highestLeft, lowestKept)
	}
	if highestLeft < 0 && lines > entries {
		t.Fatalf("of %v, %d lines stay in room for %d", sizes, lines, entries)
	}
}

func TestJoinedEntriesKeepTheirTrust(t *testing.T) {
	settings := inDialect(t, "csv")
	settings.Aggregate = true
	a, b := trusted(indicator.IP, "45.155.7.8", 20, 5), trusted(indicator.IP, "45.155.7.9", 70, 2)
	b.Assertions[0].Source = "other-hub"
	deliverTo(t, settings, a, b)
	lines := linesIn(t, settings.Path)
	if len(lines) != 2 || !strings.HasPrefix(lines[1], "ip,45.155.7.8/31,70,amber,to,exact,") || !strings.Contains(lines[1], "other-hub; sector-hub") {
		t.Errorf("the list is %v", lines)
	}
}

func TestWidenedNames(t *testing.T) {
	settings := inDialect(t, "cisco-domain")
	settings.Comment = false
	settings.Widen = true
	receipt := deliverTo(t, settings, blockedNames()...)
	if got := read(t, settings.Path); got != "grid-portal.org\nupdate.grid-portal.net\n" || len(receipt.Skipped) != 0 {
		t.Errorf("the list is %q, and left out is %v", got, receipt.Skipped)
	}
}

// blockedNames are a name alone and a name with its subdomains.
func blockedNames() []indicator.Entry {
	return []indicator.Entry{
		about(indicator.Domain, "update.grid-portal.net", indicator.ScopeExact, indicator.DirectionTo),
		about(indicator.Domain, "grid-portal.org", indicator.ScopeSubdomains, indicator.DirectionTo),
	}
}

// TestMinimalNames tries every set of five names below one another, each alone or
// with its subdomains: no name is listed below one with its subdomains, and the
// names that are meant stay the same.
func TestMinimalNames(t *testing.T) {
	names := []string{"a.b.net", "b.net", "x.a.b.net", "c.net", "bb.net"}
	probes := append(slices.Clone(names), "y.x.a.b.net", "z.c.net", "z.bb.net", "q.b.net")
	for set := range 243 {
		var view []indicator.Entry
		for i, n := 0, set; i < len(names); i, n = i+1, n/3 {
			if n%3 > 0 {
				view = append(view, about(indicator.Domain, names[i], []indicator.Scope{indicator.ScopeExact, indicator.ScopeSubdomains}[n%3-1], indicator.DirectionTo))
			}
		}
		var kept []indicator.Entry
		for e, err := range withoutCovered(t.Context(), outputtest.Sequence(view, nil)) {
			if err != nil {
				t.Fatal(err)
			}
			kept = append(kept, e)
		}
		for _, probe := range probes {
			if means(view, probe) != means(kept, probe) {
				t.Fatalf("set %d: %s is not what it was", set, probe)
			}
		}
		for i, e := range kept {
			if means(slices.Delete(slices.Clone(kept), i, i+1), e.Key.Value) {
				t.Fatalf("set %d: %s is listed twice", set, e.Key.Value)
			}
		}
	}
}

func means(view []indicator.Entry, name string) bool {
	return slices.ContainsFunc(view, func(e indicator.Entry) bool {
		return e.Key.Value == name || e.Scope() == indicator.ScopeSubdomains && strings.HasSuffix(name, "."+e.Key.Value)
	})
}
