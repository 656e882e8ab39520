package pattern

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/indicatord/indicatord/internal/indicator"
)

const (
	md5A    = "79054025255fb1a26e4bc422aef54eb4"
	sha1A   = "cccccccccc0000000000aaaaaaaaaa1111111111"
	sha256A = "aec070645fe53ee3b3763059376134f058cc337247c978add178b6ccdfb0019f"
	sha256B = "bec070645fe53ee3b3763059376134f058cc337247c978add178b6ccdfb0019f"
)

// allShapes allows everything.
const allShapes = ShapeHashAndFile | ShapeAddressAndPort | ShapeDomainAndAddress | ShapeWeakHashes | ShapeParts

// line writes a key as the tables here do: kind, value, and what is not plain.
func (k KeyTerm) line() string {
	words := []string{k.Key.String()}
	if k.Exactness != indicator.Exact {
		words = append(words, k.Exactness.String())
	}
	if k.Direction != indicator.DirectionUnknown {
		words = append(words, k.Direction.String())
	}
	if k.Scope != indicator.ScopeExact {
		words = append(words, k.Scope.String())
	}
	if k.Port != 0 {
		words = append(words, fmt.Sprintf("port %d", k.Port))
	}
	if !k.Window.From.IsZero() {
		words = append(words, "from "+k.Window.From.Format(time.RFC3339))
	}
	if !k.Window.Until.IsZero() {
		words = append(words, "until "+k.Window.Until.Format(time.RFC3339))
	}
	return strings.Join(words, " ")
}

func (r *Reduced) lines() []string {
	var lines []string
	for _, k := range r.Keys {
		lines = append(lines, k.line())
	}
	for _, code := range r.Remainder {
		lines = append(lines, "left "+string(code))
	}
	for _, code := range r.Notes {
		lines = append(lines, "note "+string(code))
	}
	return lines
}

// reductions are the shapes of patterns and what becomes of them by default.
var reductions = []struct {
	name, text string
	want       []string
}{
	{"address", "[ipv4-addr:value = '45.9.1.2']", []string{"ip 45.9.1.2"}},
	{"IPv6 address", "[ipv6-addr:value = '2A00:1450::1']", []string{"ip 2a00:1450::1"}},
	{"domain", "[domain-name:value = 'Evil.Example.ORG']", []string{"domain evil.example.org"}},
	{"domain with its subdomains", "[domain-name:value = '*.evil.org']", []string{"domain evil.org subdomains"}},
	{"URL", "[url:value = 'http://evil.org/a']", []string{"url http://evil.org/a"}},
	{"e-mail address", "[email-addr:value = 'a@evil.org']", []string{"email a@evil.org"}},
	{"MAC address", "[mac-addr:value = '00:1B:21:3c:4d:5e']", []string{"mac 00:1b:21:3c:4d:5e"}},
	{"hash", "[file:hashes.MD5 = '" + md5A + "']", []string{"md5 " + md5A}},
	{"hash under a lenient key", "[file:hashes.sha256 = '" + sha256A + "']", []string{"sha256 " + sha256A}},
	{"destination", "[network-traffic:dst_ref.value = '45.9.1.2']", []string{"ip 45.9.1.2 to"}},
	{"source", "[network-traffic:src_ref.value = '45.9.1.2']", []string{"ip 45.9.1.2 from"}},
	{"destination by name", "[network-traffic:dst_ref.value = 'evil.org']", []string{"domain evil.org to"}},
	{
		"both directions",
		"[network-traffic:src_ref.value = '45.9.1.2' OR network-traffic:dst_ref.value = '45.9.1.2']",
		[]string{"ip 45.9.1.2 both"},
	},
	{"sender", "[email-message:sender_ref.value = 'a@evil.org']", []string{"email a@evil.org from"}},
	{"set", "[domain-name:value IN ('a.org', 'b.org', 'a.org')]", []string{"domain a.org", "domain b.org"}},
	{
		"OR inside",
		"[domain-name:value = 'a.org' OR url:value = 'http://b.org/x']",
		[]string{"domain a.org", "url http://b.org/x"},
	},
	{
		"OR outside",
		"[domain-name:value = 'a.org'] OR ([ipv4-addr:value = '45.9.1.2'])",
		[]string{"domain a.org", "ip 45.9.1.2"},
	},
	{"subset", "[ipv4-addr:value ISSUBSET '45.9.0.0/16']", []string{"ip 45.9.0.0/16"}},
	{"subset behind a reference", "[network-traffic:dst_ref.value ISSUBSET '45.9.0.0/16']", []string{"ip 45.9.0.0/16 to"}},
	{"prefix with =", "[ipv4-addr:value = '45.9.1.0/24']", []string{"ip 45.9.1.0/24", "note cidr-equality"}},
	{"seen once", "[ipv4-addr:value = '45.9.1.2'] REPEATS 1 TIMES", []string{"ip 45.9.1.2"}},

	{
		"implied type",
		"[network-traffic:dst_ref.type = 'ipv4-addr' AND network-traffic:dst_ref.value = '45.9.1.2']",
		[]string{"ip 45.9.1.2 to"},
	},
	{
		"implied type, other order",
		"[network-traffic:src_ref.value = 'evil.org' AND network-traffic:src_ref.type = 'domain-name']",
		[]string{"domain evil.org from"},
	},
	{
		"implied type of a set",
		"[network-traffic:dst_ref.type IN ('ipv4-addr', 'ipv6-addr') AND network-traffic:dst_ref.value IN ('45.9.1.2', '2a00:1450::1')]",
		[]string{"ip 45.9.1.2 to", "ip 2a00:1450::1 to"},
	},
	{
		"implied type of an OR",
		"[network-traffic:dst_ref.type = 'ipv4-addr' AND (network-traffic:dst_ref.value = '45.9.1.2' OR network-traffic:dst_ref.value ISSUBSET '46.0.0.0/16')]",
		[]string{"ip 45.9.1.2 to", "ip 46.0.0.0/16 to"},
	},
	{
		"implied type of the object itself",
		"[ipv4-addr:type = 'ipv4-addr' AND ipv4-addr:value = '45.9.1.2']",
		[]string{"ip 45.9.1.2"},
	},
	{
		"type that the value does not imply",
		"[network-traffic:dst_ref.type = 'domain-name' AND network-traffic:dst_ref.value = '45.9.1.2']",
		[]string{"left extra-constraint"},
	},
	{
		"type of the other end",
		"[network-traffic:src_ref.type = 'ipv4-addr' AND network-traffic:dst_ref.value = '45.9.1.2']",
		[]string{"left extra-constraint"},
	},
	{
		"type that is not",
		"[network-traffic:dst_ref.type != 'ipv6-addr' AND network-traffic:dst_ref.value = '45.9.1.2']",
		[]string{"left extra-constraint"},
	},

	{
		"strongest hash of a file",
		"[file:hashes.MD5 = '" + md5A + "' AND file:hashes.'SHA-256' = '" + sha256A + "' AND file:hashes.'SHA-1' = '" + sha1A + "']",
		[]string{"sha256 " + sha256A},
	},
	{
		"strong hash beside a fuzzy one",
		"[file:hashes.SSDEEP = '3:a:b' AND file:hashes.'SHA-256' = '" + sha256A + "']",
		[]string{"sha256 " + sha256A},
	},
	{
		"weak hashes only",
		"[file:hashes.MD5 = '" + md5A + "' AND file:hashes.'SHA-1' = '" + sha1A + "']",
		[]string{"left weak-hash"},
	},
	{
		"MD5 beside a fuzzy hash",
		"[file:hashes.SSDEEP = '3:a:b' AND file:hashes.MD5 = '" + md5A + "']",
		[]string{"left weak-hash"},
	},
	{
		"two values of one hash",
		"[file:hashes.'SHA-256' = '" + sha256A + "' AND file:hashes.'SHA-256' = '" + sha256B + "']",
		[]string{"left and-of-values"},
	},
	{"hash and name", "[file:hashes.'SHA-256' = '" + sha256A + "' AND file:name = 'a.exe']", []string{"left extra-constraint"}},
	{"hash and size", "[file:hashes.'SHA-256' = '" + sha256A + "' AND file:size = 7]", []string{"left extra-constraint"}},
	{
		"address and port",
		"[network-traffic:dst_ref.value = '45.9.1.2' AND network-traffic:dst_port = 443]",
		[]string{"left extra-constraint"},
	},
	{"address with a port in it", "[ipv4-addr:value = '45.9.1.2:443']", []string{"left extra-constraint"}},
	{
		"domain and what it resolves to",
		"[domain-name:value = 'a.org' AND domain-name:resolves_to_refs[*].value = '45.9.1.2']",
		[]string{"left extra-constraint"},
	},
	{
		"value and negation",
		"[domain-name:value = 'a.org' AND domain-name:value NOT LIKE 'b%']",
		[]string{"left extra-constraint"},
	},
	{
		"AND over OR",
		"[file:name = 'a.exe' AND (file:hashes.MD5 = '" + md5A + "' OR file:size = 7)]",
		[]string{"left extra-constraint"},
	},
	{
		"two values of one property",
		"[domain-name:value = 'a.org' AND domain-name:value = 'b.org']",
		[]string{"left and-of-values"},
	},
	{
		"two types of one object",
		"[domain-name:value = 'a.org' AND url:value = 'http://b.org/']",
		[]string{"left and-of-values"},
	},

	{"unequal", "[domain-name:value != 'a.org']", []string{"left negated"}},
	{"not equal", "[domain-name:value NOT = 'a.org']", []string{"left negated"}},
	{"not unequal", "[domain-name:value NOT != 'a.org']", []string{"left negated"}},
	{"not in", "[domain-name:value NOT IN ('a.org')]", []string{"left negated"}},
	{"no subset", "[ipv4-addr:value NOT ISSUBSET '45.9.0.0/16']", []string{"left negated"}},
	{"order", "[file:size > 5]", []string{"left comparison-operator"}},
	{"wildcards", "[domain-name:value LIKE '%.a.org']", []string{"left like"}},
	{"regular expression", "[domain-name:value MATCHES 'a.org']", []string{"left matches"}},
	{"superset", "[ipv4-addr:value ISSUPERSET '45.9.1.2/32']", []string{"left superset"}},
	{"subset of a name", "[domain-name:value ISSUBSET '45.9.0.0/16']", []string{"left subset"}},
	{"existence", "[EXISTS domain-name:value]", []string{"left exists"}},
	{"no existence", "[NOT EXISTS domain-name:value]", []string{"left negated"}},
	{"empty set", "[domain-name:value IN ()]", []string{"left empty-set"}},
	{"type alone", "[network-traffic:dst_ref.type = 'ipv4-addr']", []string{"left unknown-path"}},
	{"constant of another type", "[domain-name:value = 5]", []string{"left literal-type"}},
	{"AND without any value", "[file:name LIKE 'a%' AND file:size > 5]", []string{"left like"}},
	{"AND of carried values", "[process:name = 'a' AND process:command_line = 'b']", []string{"left extra-constraint"}},
	{
		"AND of observations",
		"[domain-name:value = 'a.org'] AND [domain-name:value = 'b.org']",
		[]string{"left and-of-observations"},
	},
	{"FOLLOWEDBY", "[domain-name:value = 'a.org'] FOLLOWEDBY [domain-name:value = 'b.org']", []string{"left followed-by"}},
	{"WITHIN", "[domain-name:value = 'a.org'] WITHIN 5 SECONDS", []string{"left within"}},
	{"REPEATS", "[domain-name:value = 'a.org'] REPEATS 2 TIMES", []string{"left repeats"}},

	{
		"OR with one branch that cannot be reduced",
		"[domain-name:value = 'a.org' OR (domain-name:value = 'b.org' AND domain-name:resolves_to_refs[*].value = '45.9.1.2') OR file:name LIKE 'x%']",
		[]string{"domain a.org", "left extra-constraint", "left like"},
	},
	{
		"OR of observations with such a branch",
		"[domain-name:value = 'a.org'] OR ([domain-name:value = 'b.org'] AND [domain-name:value = 'c.org'])",
		[]string{"domain a.org", "left and-of-observations"},
	},
	{
		"value that cannot be taken",
		"[ipv4-addr:value IN ('45.9.1.2', '10.0.0.1', '012.0.0.1')]",
		[]string{"ip 45.9.1.2", "left ambiguous-address", "left reserved-address"},
	},
	{"hash of the wrong length", "[file:hashes.MD5 = '" + sha1A + "']", []string{"left wrong-hash-length"}},

	{"file name", "[file:name = 'a.exe']", []string{"file-name a.exe"}},
	{"command line", `[process:command_line = 'a \\ b']`, []string{`process a \ b`}},
	{"registry key", `[windows-registry-key:key = 'HKEY_LOCAL_MACHINE\\a']`, []string{`registry-key HKEY_LOCAL_MACHINE\a`}},
	{"mutex", "[mutex:name = 'm']", []string{"mutex m"}},
	{"certificate", "[x509-certificate:serial_number = '02:08']", []string{"certificate 02:08"}},
	{"hash of a certificate", "[x509-certificate:hashes.'SHA-1' = '" + sha1A + "']", []string{"certificate " + sha1A}},
	{
		"user agent",
		"[network-traffic:extensions.'http-request-ext'.request_header.'User-Agent' = 'x/1']",
		[]string{"user-agent x/1"},
	},
	{
		"something else",
		"[app:id = 'com.x' OR android-property:'a.b' = 'y' OR autonomous-system:number = 64496]",
		[]string{
			"other app:id=com.x",
			"other android-property:'a.b'=y",
			"other autonomous-system:number=64496",
		},
	},
	{"fuzzy hash", "[file:hashes.SSDEEP = '3:a:b']", []string{"other file:hashes.SSDEEP=3:a:b"}},
}

func TestReduce(t *testing.T) {
	for _, tt := range reductions {
		t.Run(tt.name, func(t *testing.T) {
			r := mustParse(t, tt.text).Reduce(Reduction{})
			if diff := cmp.Diff(tt.want, r.lines()); diff != "" {
				t.Errorf("%s (-want +got):\n%s", tt.text, diff)
			}
		})
	}
}

// widenings are the shapes that say more than a key, with what is allowed.
var widenings = []struct {
	name, text string
	widen      Shapes
	want       []string
}{
	{
		"hash and name",
		"[file:hashes.'SHA-256' = '" + sha256A + "' AND file:name = 'a.exe']",
		ShapeHashAndFile,
		[]string{"sha256 " + sha256A + " widened"},
	},
	{
		"hashes and size",
		"[file:hashes.MD5 = '" + md5A + "' AND file:hashes.'SHA-256' = '" + sha256A + "' AND file:size = 7]",
		ShapeHashAndFile,
		[]string{"sha256 " + sha256A + " widened"},
	},
	{
		"address and port",
		"[network-traffic:dst_ref.type = 'ipv4-addr' AND network-traffic:dst_ref.value = '45.9.1.2' AND network-traffic:dst_port = 443 AND network-traffic:protocols[*] = 'tcp']",
		ShapeAddressAndPort,
		[]string{"ip 45.9.1.2 widened to port 443"},
	},
	{
		"address and the port of the other end",
		"[network-traffic:src_ref.value = '45.9.1.2' AND network-traffic:dst_port = 443]",
		ShapeAddressAndPort,
		[]string{"ip 45.9.1.2 widened from"},
	},
	{
		"two ports",
		"[network-traffic:dst_ref.value = '45.9.1.2' AND network-traffic:dst_port = 443] OR [network-traffic:dst_ref.value = '45.9.1.2' AND network-traffic:dst_port = 80]",
		ShapeAddressAndPort,
		[]string{"ip 45.9.1.2 widened to"},
	},
	{
		"address with a port in it",
		"[ipv4-addr:value = '45.9.1.2:443']",
		ShapeAddressAndPort,
		[]string{"ip 45.9.1.2 widened port 443"},
	},
	{
		"both ends",
		"[network-traffic:src_ref.value = '45.9.1.1' AND network-traffic:dst_ref.value = '45.9.1.2']",
		allShapes,
		[]string{"left extra-constraint"},
	},
	{
		"domain and address",
		"[domain-name:value = 'a.org' AND domain-name:resolves_to_refs[*].value = '45.9.1.2']",
		ShapeDomainAndAddress,
		[]string{"domain a.org widened"},
	},
	{
		"domain and something else",
		"[domain-name:value = 'a.org' AND domain-name:x_seen = 5]",
		allShapes,
		[]string{"left extra-constraint"},
	},
	{
		"weak hashes",
		"[file:hashes.MD5 = '" + md5A + "' AND file:hashes.'SHA-1' = '" + sha1A + "']",
		ShapeWeakHashes,
		[]string{"md5 " + md5A + " widened", "sha1 " + sha1A + " widened"},
	},
	{
		"the wrong shape",
		"[file:hashes.'SHA-256' = '" + sha256A + "' AND file:name = 'a.exe']",
		allShapes &^ ShapeHashAndFile,
		[]string{"left extra-constraint"},
	},
	{
		"parts",
		"([domain-name:value = 'a.org'] FOLLOWEDBY [domain-name:value = 'b.org']) WITHIN 5 SECONDS",
		ShapeParts,
		[]string{"domain a.org compound", "domain b.org compound", "left within"},
	},
	{
		"parts of one observation",
		"[domain-name:value = 'a.org'] REPEATS 5 TIMES",
		ShapeParts,
		[]string{"domain a.org compound", "left repeats"},
	},
	{
		"exact wins over compound",
		"[domain-name:value = 'a.org'] OR [domain-name:value = 'a.org'] REPEATS 5 TIMES",
		ShapeParts,
		[]string{"domain a.org", "left repeats"},
	},
	{
		"what is exact lends nothing to what is not",
		"[network-traffic:src_ref.value = '45.9.1.2' AND network-traffic:src_port = 443] OR [network-traffic:dst_ref.value = '45.9.1.2']",
		ShapeAddressAndPort,
		[]string{"ip 45.9.1.2 to"},
	},
	{
		"exact wins over widened",
		"[ipv4-addr:value = '45.9.1.2' OR ipv4-addr:value = '45.9.1.2:443']",
		ShapeAddressAndPort,
		[]string{"ip 45.9.1.2"},
	},
}

func TestReduceWidened(t *testing.T) {
	for _, tt := range widenings {
		t.Run(tt.name, func(t *testing.T) {
			r := mustParse(t, tt.text).Reduce(Reduction{Widen: tt.widen})
			if diff := cmp.Diff(tt.want, r.lines()); diff != "" {
				t.Errorf("%s (-want +got):\n%s", tt.text, diff)
			}
		})
	}
}

func TestReduceNotesAValueInTheWrongField(t *testing.T) {
	tests := []struct {
		text string
		want indicator.Notes
	}{
		{"[ipv4-addr:value = '45.9.1.2']", 0},
		{"[ipv6-addr:value ISSUBSET '2a00:1450::/32']", 0},
		{"[ipv4-addr:value = '2a00:1450::1']", indicator.NoteRetyped},
		{"[ipv6-addr:value = '45.9.1.2']", indicator.NoteRetyped},
		{"[domain-name:value = '45.9.1.2']", indicator.NoteRetyped},
		{"[network-traffic:dst_ref.value = '2a00:1450::1']", 0},
	}
	for _, tt := range tests {
		r := mustParse(t, tt.text).Reduce(Reduction{})
		if got := r.Keys[0].Notes; got != tt.want {
			t.Errorf("%s: got notes %q, want %q", tt.text, got, tt.want)
		}
	}
}

func TestReduceMayRefuseCIDREquality(t *testing.T) {
	p := mustParse(t, "[ipv4-addr:value IN ('45.9.1.0/24', '45.9.1.2')]")
	r := p.Reduce(Reduction{RefuseCIDREquality: true})
	if diff := cmp.Diff([]string{"ip 45.9.1.2", "left cidr-equality"}, r.lines()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestReduceTakesTheSitesOwnOptions(t *testing.T) {
	p := mustParse(t, "[domain-name:value = 'evil[.]org' OR ipv4-addr:value = '10.0.0.1']")
	r := p.Reduce(Reduction{Canon: indicator.Options{Refang: true, AllowReserved: true}})
	if diff := cmp.Diff([]string{"domain evil.org", "ip 10.0.0.1"}, r.lines()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestExactnessOfTheWhole(t *testing.T) {
	tests := []struct {
		text string
		want indicator.Exactness
	}{
		{"[domain-name:value = 'a.org']", indicator.Exact},
		{"[domain-name:value = 'a.org' OR domain-name:value LIKE 'b%']", indicator.Exact},
		{"[domain-name:value = 'a.org' OR (file:hashes.MD5 = '" + md5A + "' AND file:size = 7)]", indicator.Widened},
		{"[domain-name:value LIKE 'b%']", indicator.Compound},
	}
	for _, tt := range tests {
		if got := mustParse(t, tt.text).Reduce(Reduction{Widen: ShapeHashAndFile}).Exactness; got != tt.want {
			t.Errorf("%s: got %v, want %v", tt.text, got, tt.want)
		}
	}
}

func TestRefusalsShowTheirPart(t *testing.T) {
	p := mustParse(t, "[a:b = 'x'] OR ( [a:b LIKE 'y%']  OR [domain-name:value='com'] )")
	r := p.Reduce(Reduction{})
	var got []string
	for _, refusal := range r.Refused {
		got = append(got, string(refusal.Code)+": "+refusal.Text)
	}
	if diff := cmp.Diff([]string{"like: a:b LIKE 'y%'", "not-a-domain: com"}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestReduceKeepsEachKeyOnce(t *testing.T) {
	text := orOf(100) + " OR " + orOf(50)
	if got := len(mustParse(t, text).Reduce(Reduction{}).Keys); got != 100 {
		t.Errorf("got %d keys, want 100", got)
	}
}

func TestShapeNames(t *testing.T) {
	for i, name := range shapeNames {
		shape, err := ParseShape(name)
		if err != nil || shape != 1<<i || shape.String() != name {
			t.Errorf("%s: got %v, %v", name, shape, err)
		}
	}
	if _, err := ParseShape("round"); err == nil || !strings.Contains(err.Error(), "hash-and-file") {
		t.Errorf("got error %v, want one that lists the shapes", err)
	}
	if got, want := (ShapeParts | ShapeHashAndFile).String(), "hash-and-file,parts"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
