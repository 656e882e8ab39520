package shipped_test

import (
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/hex"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/indicatord/indicatord/internal/indicator"
	"github.com/indicatord/indicatord/internal/neverblock/shipped"
	"github.com/indicatord/indicatord/internal/policy/guard"
)

func setNamed(t *testing.T, name string) shipped.Set {
	t.Helper()
	i := slices.Index(shipped.Names(), name)
	if i < 0 {
		t.Fatalf("there is no set %s", name)
	}
	return shipped.Sets()[i]
}

// TestEverySetSaysWhatItIs: it is described, and every entry has its reason and
// stands once.
func TestEverySetSaysWhatItIs(t *testing.T) {
	for i, set := range shipped.Sets() {
		if name := shipped.Names()[i]; set.List.Name != name {
			t.Errorf("%s calls itself %s", name, set.List.Name)
		}
		if l := set.List; l.Version == "" || l.Source == "" || l.Licence == "" || l.Purpose == "" {
			t.Errorf("the set %s lacks a part of its description: %+v", l.Name, *l)
		}
		seen := map[string]bool{}
		for _, r := range set.Rules {
			if r.Reason == "" || seen[r.String()] {
				t.Errorf("%s: %s has no reason or stands twice", set.List.Name, r.String())
			}
			seen[r.String()] = true
		}
	}
}

func TestEveryEntryIsProtected(t *testing.T) {
	for _, set := range shipped.Sets() {
		t.Run(set.List.Name, func(t *testing.T) {
			compiled := guard.Compile(slices.Values(set.Rules), guard.Options{})
			for _, r := range set.Rules {
				if found := compiled.Check(r.Key, r.Scope); !found.Held() {
					t.Errorf("%s is %s", r.String(), found.Verdict)
				}
			}
		})
	}
}

// TestSetsKnow names for each set what belongs in it and what looks alike and
// does not.
func TestSetsKnow(t *testing.T) {
	for _, tc := range []struct {
		set, value string
		want       guard.Verdict
	}{
		{"reserved", "192.168.1.1", guard.Protected},
		{"reserved", "64:ff9b::a00:1", guard.Protected},
		{"reserved", "192.169.1.1", guard.Clear},
		{"reserved-names", "8.8.8.8.in-addr.arpa", guard.Protected},
		{"reserved-names", "localhost.localdomain", guard.Protected},
		{"reserved-names", ".plant.local", guard.Protected},
		{"reserved-names", "local.example.org", guard.Clear},
		{"public-resolvers", "114.114.114.114", guard.Protected},
		{"public-resolvers", "8.8.8.0/24", guard.Split},
		{"public-resolvers", "8.8.8.9", guard.Clear},
		{"root-servers", "2801:1b8:10::b", guard.Protected},
		{"root-servers", "a.root-servers.net", guard.Protected},
		{"time-servers", "2.cn.pool.ntp.org", guard.Protected},
		{"time-servers", "ntp.ntsc.ac.cn", guard.Protected},
		{"time-servers", "ntp.example.org", guard.Clear},
		{"certificate-revocation", "r10.o.lencr.org", guard.Protected},
		{"certificate-revocation", "ocsp.digicert.com", guard.Protected},
		{"certificate-revocation", "digicert.example.org", guard.Clear},
		{"captive-portals", "captive.apple.com", guard.Protected},
		{"shared-hosting", "3322.org", guard.Protected},
		{"shared-hosting", ".myqcloud.com", guard.Protected},
		{"shared-hosting", "evil.3322.org", guard.Clear},
		{"shared-hosting", ".evil.3322.org", guard.Clear},
		{"top-domains", "baidu.com", guard.Protected},
		{"top-domains", "evil.github.io", guard.Clear},
		{"empty-files", "d41d8cd98f00b204e9800998ecf8427e", guard.Protected},
		{"empty-files", "00000000000000000000000000000000", guard.Clear},
	} {
		c, err := indicator.CanonProtected(tc.value)
		if err != nil {
			t.Fatal(err)
		}
		set := guard.Compile(slices.Values(setNamed(t, tc.set).Rules), guard.Options{})
		if found := set.Check(c.Key, c.Scope); found.Verdict != tc.want {
			t.Errorf("%s says of %s %s (%s), want %s", tc.set, tc.value, found.Verdict, found.Reason(), tc.want)
		}
	}
}

// TestReservedIsWhatConnectorsRefuse: the two tables are one. The prefixes that
// embed IPv4 addresses are left to the guard, which protects them by itself.
func TestReservedIsWhatConnectorsRefuse(t *testing.T) {
	set := guard.Compile(slices.Values(setNamed(t, "reserved").Rules), guard.Options{})
	var all []string
	for p, use := range indicator.Reserved() {
		all = append(all, p.String()+" # "+use)
		if found := set.Check(indicator.Key{Kind: indicator.IP, Value: p.String()}, indicator.ScopeExact); found.Verdict != guard.Protected {
			t.Errorf("%s is %s", p, found.Verdict)
		}
	}
	for _, r := range setNamed(t, "reserved").Rules {
		if line := r.String() + " # " + r.Reason; !slices.Contains(all, line) {
			t.Errorf("no connector refuses %s", line)
		}
	}
}

func TestEmptyFilesAreThoseOfNoBytes(t *testing.T) {
	m, s1, s256, s512 := md5.Sum(nil), sha1.Sum(nil), sha256.Sum256(nil), sha512.Sum512(nil)
	var want, got []string
	for _, sum := range [][]byte{m[:], s1[:], s256[:], s512[:]} {
		want = append(want, hex.EncodeToString(sum))
	}
	for _, r := range setNamed(t, "empty-files").Rules {
		got = append(got, r.Key.Value)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// TestNamesOfOthersAreExact: what is below a great site or a provider is often
// somebody else's, and may well be evil.
func TestNamesOfOthersAreExact(t *testing.T) {
	for _, r := range slices.Concat(setNamed(t, "top-domains").Rules, setNamed(t, "shared-hosting").Rules) {
		if r.Key.Kind != indicator.Domain || r.Scope != indicator.ScopeExact {
			t.Errorf("%s is not a name alone", r.String())
		}
	}
}
