package addresslist

import (
	"encoding/base64"
	"encoding/csv"
	"encoding/json"
	"net/netip"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"go4.org/netipx"

	"github.com/indicatord/indicatord/internal/indicator"
	"github.com/indicatord/indicatord/outputs/outputtest"
)

// readers read lists as the documents of their tools describe them, knowing
// nothing of how they are written. A reader returns the key of a line, or none for
// a line that holds no entry; anything else than such lines fails the test.
var readers = map[string]func(t *testing.T, line string) indicator.Key{
	"cidr":              withPattern(`^([^#]+)$`, prefixKey),
	"juniper":           withPattern(`^([0-9a-f.:]+/\d+)$`, prefixKey),
	"panos-ip":          withPattern(`^(\S+)$`, addressKey),
	"fortigate-address": withPattern(`^(\S+)$`, addressKey),
	"cisco-ip":          withPattern(`^(\S+)$`, addressKey),
	"pf":                withPattern(`^(\S+)$`, addressKey),
	"snort":             withPattern(`^(\S+)$`, addressKey),
	"panos-domain":      withPattern(`^([^*\s]+)$`, keyOf(indicator.Domain)),
	"fortigate-domain":  withPattern(`^([^*\s]+)$`, keyOf(indicator.Domain)),
	"hosts":             withPattern(`^0\.0\.0\.0 (\S+)$`, keyOf(indicator.Domain)),
	"dnsmasq":           withPattern(`^host-record=([^,]+),0\.0\.0\.0,::$`, keyOf(indicator.Domain)),
	"f5":                withPattern(`^([0-9a-f.:]+,\d+),bl,indicatord$`, func(text string) indicator.Key { return prefixKey(strings.Replace(text, ",", "/", 1)) }),
	"mikrotik": withPattern(`^:do { add list=indicatord address=([0-9a-f.:/]+) timeout=2d comment=indicatord } on-error={ set \[find list=indicatord address=[0-9a-f.:/]+\] timeout=2d }$`,
		prefixOrAddressKey),
	"huawei":         withPattern(`^firewall blacklist item destination-ip ([0-9.]+) timeout 2880$`, addressKey),
	"ipset":          withPattern(`^add indicatord[46]-new (\S+) -exist$`, addressKey),
	"nginx-geo":      withPattern(`^(\S+) 1;$`, addressKey),
	"nginx-deny":     withPattern(`^deny (\S+);$`, addressKey),
	"suricata-ip":    withPattern(`^(\S+)$`, addressKey),
	"suricata-iprep": withPattern(`^([^,]+),1,(?:[1-9]|[1-9]\d|1[01]\d|12[0-7])$`, addressKey),
	"suricata-md5":   withPattern(`^([0-9a-f]{32})$`, keyOf(indicator.MD5)),
	"suricata-string": withPattern(`^([A-Za-z0-9+/=]+)$`, func(text string) indicator.Key {
		value, err := base64.StdEncoding.DecodeString(text)
		if err != nil {
			return indicator.Key{}
		}
		return indicator.Key{Kind: guess(string(value)), Value: string(value)}
	}),
	"rpz":        withPattern(`^(\S+) CNAME \.$`, triggerKey),
	"checkpoint": checkPointKey,
	"zeek":       zeekKey,
	"csv":        csvKey,
	"json":       jsonKey,
}

// furniture are the lines that hold no entry, in any dialect.
var furniture = regexp.MustCompile(`^(#.*|;.*|\$TTL \d+|@ .*|\[|\]|kind,value,.*|/ip(v6)? firewall address-list|firewall blacklist enable|(create|flush|swap|destroy) .*)$`)

func withPattern(pattern string, key func(string) indicator.Key) func(*testing.T, string) indicator.Key {
	compiled := regexp.MustCompile(pattern)
	return func(t *testing.T, line string) indicator.Key {
		t.Helper()
		found := compiled.FindStringSubmatch(line)
		if found == nil {
			t.Fatalf("the reader does not understand %q", line)
		}
		return key(found[1])
	}
}

func keyOf(kind indicator.Kind) func(string) indicator.Key {
	return func(value string) indicator.Key { return indicator.Key{Kind: kind, Value: value} }
}

// addressKey takes what is an address or a prefix, and nothing else.
func addressKey(text string) indicator.Key {
	if _, err := netip.ParseAddr(text); err != nil {
		if prefix, err := netip.ParsePrefix(text); err != nil || prefix.Masked() != prefix {
			return indicator.Key{}
		}
	}
	return indicator.Key{Kind: indicator.IP, Value: text}
}

// prefixKey takes a prefix, which may be as long as an address.
func prefixKey(text string) indicator.Key {
	prefix, err := netip.ParsePrefix(text)
	if err != nil || prefix.Masked() != prefix {
		return indicator.Key{}
	}
	if prefix.IsSingleIP() {
		text = prefix.Addr().String()
	}
	return indicator.Key{Kind: indicator.IP, Value: text}
}

func prefixOrAddressKey(text string) indicator.Key {
	if k := prefixKey(text); k.Kind != 0 {
		return k
	}
	return addressKey(text)
}

// triggerKey reads the owner of a record in a policy zone.
func triggerKey(owner string) indicator.Key {
	parts, isAddress := strings.CutSuffix(owner, ".rpz-ip")
	if !isAddress {
		return indicator.Key{Kind: indicator.Domain, Value: owner}
	}
	length, reversed, _ := strings.Cut(parts, ".")
	straight := strings.Split(reversed, ".")
	slices.Reverse(straight)
	if len(straight) == 4 && !slices.Contains(straight, "zz") {
		return prefixKey(strings.Join(straight, ".") + "/" + length)
	}
	// "zz" stands for as many zeros as are missing.
	if at := slices.Index(straight, "zz"); at >= 0 {
		zeros := slices.Repeat([]string{"0"}, 9-len(straight))
		straight = slices.Concat(straight[:at], zeros, straight[at+1:])
	}
	prefix, err := netip.ParsePrefix(strings.Join(straight, ":") + "/" + length)
	if err != nil {
		return indicator.Key{}
	}
	return prefixKey(prefix.String())
}

func checkPointKey(t *testing.T, line string) indicator.Key {
	t.Helper()
	fields := strings.Split(line, ",")
	if len(fields) != 7 {
		t.Fatalf("the record %q has %d fields", line, len(fields))
	}
	kinds := map[string]indicator.Kind{
		"IP": indicator.IP, "Domain": indicator.Domain, "URL": indicator.URL, "Mail-from": indicator.Email,
		"MD5": indicator.MD5, "SHA1": indicator.SHA1, "SHA256": indicator.SHA256,
	}
	if fields[2] != "IP Range" {
		return indicator.Key{Kind: kinds[fields[2]], Value: fields[1]}
	}
	r, err := netipx.ParseIPRange(fields[1])
	prefix, whole := r.Prefix()
	if err != nil || !whole {
		t.Fatalf("%q is not the range of a prefix", fields[1])
	}
	return indicator.Key{Kind: indicator.IP, Value: prefix.String()}
}

func zeekKey(t *testing.T, line string) indicator.Key {
	t.Helper()
	fields := strings.Split(line, "\t")
	if len(fields) != 6 {
		t.Fatalf("the line %q has %d fields", line, len(fields))
	}
	kinds := map[string]indicator.Kind{
		"Intel::ADDR": indicator.IP, "Intel::SUBNET": indicator.IP, "Intel::DOMAIN": indicator.Domain, "Intel::URL": indicator.URL,
		"Intel::EMAIL": indicator.Email, "Intel::FILE_NAME": indicator.FileName, "Intel::FILE_HASH": guess(fields[0]),
	}
	if fields[5] == "T" {
		return indicator.Key{}
	}
	return indicator.Key{Kind: kinds[fields[1]], Value: fields[0]}
}

func csvKey(t *testing.T, line string) indicator.Key {
	t.Helper()
	fields, err := csv.NewReader(strings.NewReader(line)).Read()
	if err != nil || len(fields) != 9 {
		t.Fatalf("the record %q has %d fields (%v)", line, len(fields), err)
	}
	kind, err := indicator.ParseKind(fields[0])
	if err != nil {
		t.Fatal(err)
	}
	return indicator.Key{Kind: kind, Value: fields[1]}
}

func jsonKey(t *testing.T, line string) indicator.Key {
	t.Helper()
	var o struct {
		Kind  indicator.Kind
		Value string
	}
	if err := json.Unmarshal([]byte(strings.TrimSuffix(line, ",")), &o); err != nil {
		t.Fatalf("%q: %v", line, err)
	}
	return indicator.Key{Kind: o.Kind, Value: o.Value}
}

// TestReadersUnderstand reads back in every dialect what was listed: the view, but
// for what is left out.
func TestReadersUnderstand(t *testing.T) {
	view := slices.Concat(outputtest.EachShape(), outputtest.Entries(8, 500))
	for name, reader := range readers {
		t.Run(name, func(t *testing.T) {
			settings := inDialect(t, name)
			receipt := deliverTo(t, settings, view...)
			left := 0
			for _, n := range receipt.Skipped {
				left += n
			}
			listed := readLines(t, settings.Path, reader)
			if len(listed) == 0 || len(listed) != receipt.Held || len(listed)+left != len(view) {
				t.Errorf("of %d entries %d are listed, %d held and %d left out", len(view), len(listed), receipt.Held, left)
			}
			for _, k := range listed {
				if !slices.ContainsFunc(view, func(e indicator.Entry) bool { return sameKey(name, e.Key, k) }) {
					t.Errorf("nobody delivered %s", k)
				}
			}
		})
	}
}

// sameKey reports whether a key was read back. Zeek's URLs have no scheme.
func sameKey(dialect string, delivered, read indicator.Key) bool {
	if dialect == "zeek" && delivered.Kind == indicator.URL {
		_, rest, _ := strings.Cut(delivered.Value, "://")
		return read.Value == rest || read == delivered
	}
	return delivered == read
}

// TestDialectsConform runs the suite on some dialects that differ in their shape.
func TestDialectsConform(t *testing.T) {
	for _, name := range []string{"mikrotik", "ipset", "json"} {
		t.Run(name, func(t *testing.T) {
			outputtest.Run(t, outputtest.Suite{
				Spec: Spec(),
				New: func(t *testing.T) outputtest.Tool {
					dir := filepath.Join(t.TempDir(), "lists")
					if err := os.Mkdir(dir, 0o755); err != nil {
						t.Fatal(err)
					}
					settings := Spec().Settings().(*Settings)
					settings.Path, settings.Dialect = filepath.Join(dir, "list"), name
					return outputtest.Tool{
						Settings: settings,
						Read:     func(t *testing.T) []indicator.Key { return readLines(t, settings.Path, readers[name]) },
						Break:    func(t *testing.T) func() { return hide(t, dir) },
					}
				},
			})
		})
	}
}

func readLines(t *testing.T, path string, reader func(*testing.T, string) indicator.Key) []indicator.Key {
	t.Helper()
	text, err := os.ReadFile(path)
	if os.IsNotExist(err) {
		return nil
	}
	if err != nil {
		t.Fatal(err)
	}
	var keys []indicator.Key
	for line := range strings.Lines(string(text)) {
		line = strings.TrimSuffix(line, "\n")
		if furniture.MatchString(line) {
			continue
		}
		if k := reader(t, line); k.Kind != 0 {
			keys = append(keys, k)
		}
	}
	return keys
}

// TestEveryTriggerIsReadBack tries addresses with zeros in every place.
func TestEveryTriggerIsReadBack(t *testing.T) {
	settings := inDialect(t, "rpz")
	values := []string{
		"45.155.7.9", "45.0.0.0/8", "2a0e:b107::9", "2a0e:b107:40::/48", "2a00::/12", "2a0e:0:0:1::", "2a0e::1:0:0:1", "2a0e:1:2:3:4:5:6:7", "2a0e:1:2:3:4:5:0:7", "::9",
	}
	deliverTo(t, settings, entries(indicator.IP, values...)...)
	got := map[string]bool{}
	for _, k := range readLines(t, settings.Path, readers["rpz"]) {
		got[k.Value] = true
	}
	for _, value := range values {
		if !got[value] {
			t.Errorf("%s was not read back: %v\n%s", value, got, read(t, settings.Path))
		}
	}
}

// TestWazuhNetworksAreExact reads the dotted networks back: together they are the
// prefix.
func TestWazuhNetworksAreExact(t *testing.T) {
	for bits := 1; bits <= 32; bits++ {
		prefix := netip.PrefixFrom(netip.MustParseAddr("45.155.71.9"), bits).Masked()
		settings := inDialect(t, "wazuh")
		deliverTo(t, settings, entries(indicator.IP, prefix.String())...)
		var union netipx.IPSetBuilder
		for _, line := range linesIn(t, settings.Path) {
			network, found := strings.CutSuffix(line, ":indicatord")
			if !found {
				t.Fatalf("the line %q", line)
			}
			union.AddPrefix(dottedNetwork(t, network))
		}
		set, err := union.IPSet()
		if err != nil || !slices.Equal(set.Prefixes(), []netip.Prefix{prefix}) {
			t.Errorf("%s is listed as %v (%v)", prefix, set.Prefixes(), err)
		}
	}
}

// dottedNetwork reads "45.155." as the network of the bytes that are there.
func dottedNetwork(t *testing.T, text string) netip.Prefix {
	t.Helper()
	bytes := strings.Count(text, ".")
	if !strings.HasSuffix(text, ".") {
		bytes++
	}
	missing := []string{"0.0.0.0", "0.0.0", "0.0", "0", ""}[bytes]
	prefix, err := netip.ParsePrefix(text + missing + "/" + strconv.Itoa(8*bytes))
	if err != nil || prefix.Masked() != prefix {
		t.Fatalf("%q is no network: %v", text, err)
	}
	return prefix
}
