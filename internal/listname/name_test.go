package listname_test

import (
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/indicatord/indicatord/internal/listname"
)

func TestCheck(t *testing.T) {
	long := strings.Repeat("a", 64)
	for _, name := range []string{"edge", "e", "Edge_1.txt", "{kind}", "{kind}-{family}-{part}.txt", "a{part}", long} {
		if err := listname.Check(name); err != nil {
			t.Errorf("%q: %v", name, err)
		}
	}
	for _, name := range []string{
		"", ".", "..", ".edge", "edge.", "-edge", "edge-", "a/b", `a\b`, "a b", "a\x00", "a\n", "edge-{x}", "{kind", "kind}", "größe", "a%2fb", long + "a",
	} {
		if err := listname.Check(name); err == nil || !strings.Contains(err.Error(), "is not the name of a served list") {
			t.Errorf("%q: %v", name, err)
		}
	}
}

func TestFiles(t *testing.T) {
	for _, test := range []struct {
		name, file string
		part       int
		found      bool
	}{
		{"edge", "edge", 0, true},
		{"edge", "edge2", 0, false},
		{"edge", "xedge", 0, false},
		{"edge.txt", "edgextxt", 0, false},
		{"edge", "edge\n", 0, false},
		{"edge-{part}", "edge-1", 1, true},
		{"edge-{part}", "edge-1000", 1000, true},
		{"edge-{part}", "edge-1001", 1001, false},
		{"edge-{part}", "edge-10000", 0, false},
		{"edge-{part}", "edge-0", 0, false},
		{"edge-{part}", "edge-01", 0, false},
		{"edge-{part}", "edge-", 0, false},
		{"edge-{family}", "edge-ip4", 0, true},
		{"edge-{family}", "edge-ip5", 0, false},
		{"{kind}.txt", "sha256.txt", 0, true},
		{"{kind}.txt", "file-name.txt", 0, true},
		{"{kind}.txt", "edge.txt", 0, false},
		{"{kind}-{family}-{part}", "ip-ip6-7", 7, true},
	} {
		part, found := listname.FilesOf(test.name).Have(test.file)
		if found != test.found || part != test.part && found {
			t.Errorf("%q has %q: part %d, %t", test.name, test.file, part, found)
		}
	}
}

func TestOverlap(t *testing.T) {
	for _, test := range []struct{ a, b, want string }{
		{"edge", "edge", "edge"},
		{"edge", "inner", ""},
		{"edge", "edge-{part}", ""},
		{"edge-2", "edge-{part}", "edge-2"},
		{"edge-1001", "edge-{part}", ""},
		{"edge-ip6", "edge-{family}", "edge-ip6"},
		{"edge-ipv6", "edge-{family}", ""},
		{"edge-{family}", "edge-{part}", ""},
		{"edge-ip4-{part}", "edge-{family}-3", "edge-ip4-3"},
		{"{kind}", "domain", "domain"},
		{"{kind}", "edge", ""},
		{"{kind}-{part}", "{kind}-7", "ip-7"},
		{"1{part}", "{part}1", "11"},
		{"a{part}", "b{part}", ""},
		{"{part}a", "{part}b", ""},
	} {
		for _, pair := range [][2]string{{test.a, test.b}, {test.b, test.a}} {
			file, found := listname.Overlap(pair[0], pair[1])
			if found != (test.want != "") {
				t.Errorf("%q and %q both have %q: %t", pair[0], pair[1], file, found)
			}
		}
		if file, _ := listname.Overlap(test.a, test.b); file != test.want {
			t.Errorf("%q and %q both have %q, want %q", test.a, test.b, file, test.want)
		}
	}
}

// TestOverlapIsSymmetrical: a shared file is one of both names, whichever comes
// first.
func TestOverlapIsSymmetrical(t *testing.T) {
	names := rapid.Custom(func(r *rapid.T) string {
		return strings.Join(rapid.SliceOfN(rapid.SampledFrom([]string{"a", "1", "-", "ip", "4", "{family}", "{part}"}), 1, 3).Draw(r, "pieces"), "")
	})
	rapid.Check(t, func(r *rapid.T) {
		a, b := names.Draw(r, "a"), names.Draw(r, "b")
		file, found := listname.Overlap(a, b)
		if _, other := listname.Overlap(b, a); strings.Count(a+b, "{part}") < 2 && other != found {
			r.Fatalf("%q and %q: %t one way, %t the other", a, b, found, other)
		}
		for _, name := range []string{a, b} {
			if _, one := listname.FilesOf(name).Have(file); found && !one {
				r.Fatalf("%q is no file of %q", file, name)
			}
		}
	})
}

// FuzzCheck: what may be a name is a plain file name, whatever its marks stand for.
func FuzzCheck(f *testing.F) {
	for _, seed := range []string{"edge", "edge-{part}", "{kind}.{family}", "..", "a/b", "{part}{part}", "{{part}}"} {
		f.Add(seed, "edge-1")
	}
	f.Fuzz(func(t *testing.T, name, file string) {
		if listname.Check(name) != nil {
			return
		}
		if _, found := listname.FilesOf(name).Have(file); found && (strings.ContainsAny(file, "/\\{}\x00\n") || file[0] == '.') {
			t.Errorf("the name %q has the file %q", name, file)
		}
	})
}
