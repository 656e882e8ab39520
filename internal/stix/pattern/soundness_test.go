package pattern

import (
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/indicatord/indicatord/internal/indicator"
)

// addresses and the rest are few, so that generated branches meet.
var (
	addresses = rapid.SampledFrom([]string{"45.9.1.2", "45.9.1.3", "2a00:1450::1"})
	networks  = rapid.SampledFrom([]string{"45.9.1.0/24", "45.9.0.0/16", "2a00:1450::/32"})
	names     = rapid.SampledFrom([]string{"evil.org", "www.evil.org", "bad.example.org"})
)

func drawTest(t *rapid.T) string {
	negation := rapid.SampledFrom([]string{"", "", "", "", "NOT "}).Draw(t, "negation")
	path, values := drawPath(t)
	switch rapid.IntRange(0, 9).Draw(t, "operator") {
	case 0:
		return path + " != " + quote(values.Draw(t, "value"))
	case 1, 2:
		return path + " " + negation + "IN (" + quote(values.Draw(t, "value")) + ", " + quote(values.Draw(t, "value")) + ")"
	case 3:
		return path + " " + negation + "ISSUBSET " + quote(networks.Draw(t, "network"))
	case 4:
		return path + " " + negation + rapid.SampledFrom([]string{"LIKE", "MATCHES", "ISSUPERSET"}).Draw(t, "text operator") + " " + quote(values.Draw(t, "value"))
	case 5:
		return negation + "EXISTS " + path
	}
	return path + " " + negation + "= " + quote(values.Draw(t, "value"))
}

func drawPath(t *rapid.T) (string, *rapid.Generator[string]) {
	constant := func(values ...string) *rapid.Generator[string] { return rapid.SampledFrom(values) }
	paths := []struct {
		path   string
		values *rapid.Generator[string]
	}{
		{"ipv4-addr:value", constant("45.9.1.2", "45.9.1.3")},
		{"ipv4-addr:value", constant("45.9.1.0/24")},
		{"ipv6-addr:value", constant("2a00:1450::1")},
		{"domain-name:value", names},
		{"url:value", constant("http://evil.org/a", "http://evil.org/b")},
		{"email-addr:value", constant("a@evil.org")},
		{"email-message:from_ref.value", constant("a@evil.org")},
		{"network-traffic:dst_ref.value", rapid.OneOf(addresses, names)},
		{"network-traffic:src_ref.value", rapid.OneOf(addresses, networks)},
		{"network-traffic:dst_ref.type", constant("ipv4-addr", "ipv6-addr", "domain-name")},
		{"network-traffic:src_ref.type", constant("ipv4-addr", "ipv6-addr")},
		{"network-traffic:dst_port", constant("443")},
		{"file:hashes.MD5", constant(md5A)},
		{"file:hashes.'SHA-1'", constant(sha1A)},
		{"file:hashes.'SHA-256'", constant(sha256A, sha256B)},
		{"file:name", constant("a.exe")},
		{"app:id", constant("com.x")},
	}
	p := rapid.SampledFrom(paths).Draw(t, "path")
	return p.path, p.values
}

// drawComparison draws an expression for inside the brackets. An AND of what
// has little to do with each other never holds, so related tests come up often.
func drawComparison(t *rapid.T, depth int) string {
	if depth == 0 {
		return drawTest(t)
	}
	switch rapid.IntRange(0, 5).Draw(t, "comparison") {
	case 0:
		return "(" + drawComparison(t, depth-1) + " AND " + drawComparison(t, depth-1) + ")"
	case 1, 2:
		return "(" + drawComparison(t, depth-1) + " OR " + drawComparison(t, depth-1) + ")"
	case 3:
		end := rapid.SampledFrom([]string{"dst_ref", "src_ref"}).Draw(t, "end")
		kind := rapid.SampledFrom([]string{"ipv4-addr", "ipv6-addr", "domain-name"}).Draw(t, "type")
		value := rapid.OneOf(addresses, names).Draw(t, "value")
		return "network-traffic:" + end + ".type = " + quote(kind) + " AND network-traffic:" + end + ".value = " + quote(value)
	case 4:
		hashes := []string{"file:hashes.MD5 = '" + md5A + "'", "file:hashes.sha1 = '" + sha1A + "'", "file:hashes.SHA-256 = '" + sha256A + "'", "file:name = 'a.exe'"}
		return strings.Join(rapid.SliceOfNDistinct(rapid.SampledFrom(hashes), 1, 3, rapid.ID[string]).Draw(t, "hashes"), " AND ")
	}
	return drawTest(t)
}

func drawExpression(t *rapid.T, depth int) string {
	if depth == 0 {
		return "[" + drawComparison(t, 2) + "]"
	}
	operator := rapid.SampledFrom([]string{"", "OR", "OR", "OR", "AND", "FOLLOWEDBY"}).Draw(t, "operator")
	if operator == "" {
		return drawExpression(t, depth-1)
	}
	qualifier := rapid.SampledFrom([]string{"", "", "", " WITHIN 5 SECONDS", " REPEATS 1 TIMES", " REPEATS 2 TIMES", " START t'2026-01-01T00:00:00Z' STOP t'2026-07-01T00:00:00Z'", " START t'2026-06-01T00:00:00Z' STOP t'2027-01-01T00:00:00Z'"}).Draw(t, "qualifier")
	return "(" + drawExpression(t, depth-1) + " " + operator + " " + drawExpression(t, depth-1) + ")" + qualifier
}

// An observation made from an exact key alone matches the pattern, whatever
// else the settings allow. A value in a field for another kind matches nothing
// by the letter, and its key says so with a note.
func TestReduceIsSound(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := drawExpression(t, 2)
		p, err := Parse(text, Options{})
		if err != nil {
			t.Fatalf("%s\n%v", text, err)
		}
		widen := rapid.SampledFrom([]Shapes{0, allShapes}).Draw(t, "widen")
		for _, k := range p.Reduce(Reduction{Widen: widen}).Keys {
			if k.Exactness != indicator.Exact || k.Notes.Has(indicator.NoteRetyped) {
				continue
			}
			checkSound(t, p, &k)
		}
	})
}

// checkSound looks at the start of the key's window, in the middle of it and at
// its last moment.
func checkSound(t *rapid.T, p *Pattern, k *KeyTerm) {
	seen := []time.Time{midOf2026.AddDate(-5, 0, 0), midOf2026, midOf2026.AddDate(5, 0, 0)}
	seen = append(seen, k.Window.From, k.Window.Until.Add(-1))
	for _, at := range seen {
		if !k.Window.covers(Window{at, at.Add(1)}) {
			continue
		}
		for _, o := range observations(*k) {
			if !p.root.matches(o, at) {
				t.Fatalf("%s\ngives %s, but %v at %v does not match it", p.text, k.line(), o, at)
			}
		}
	}
}

var midOf2026 = time.Date(2026, 6, 15, 0, 0, 0, 0, time.UTC)

// By default every key is exact, and a pattern gives keys or the reasons why it
// gives none.
func TestReduceLosesNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := drawExpression(t, 2)
		p, err := Parse(text, Options{})
		if err != nil {
			t.Fatalf("%s\n%v", text, err)
		}
		r := p.Reduce(Reduction{})
		if len(r.Keys)+len(r.Refused) == 0 {
			t.Fatalf("%s\ngives neither keys nor reasons", text)
		}
		if len(r.Keys) > 0 && r.Exactness != indicator.Exact {
			t.Fatalf("%s\ngives %v", text, r.lines())
		}
	})
}

// Nothing of a pattern is dropped without a word: each test of it gave its
// values, or stands in a part that was refused, or says no more than a test
// beside it does.
func TestReduceAccountsForEveryTest(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p, err := Parse(drawExpression(t, 2), Options{})
		if err != nil {
			t.Fatal(err)
		}
		r := p.Reduce(Reduction{})
		for _, n := range p.root.tests(nil) {
			if !r.accountsFor(n, p.text[n.start:n.end]) {
				t.Fatalf("%s\nloses %s, and gives %v", p.text, p.text[n.start:n.end], r.lines())
			}
		}
	})
}

// tests returns every test of an expression.
func (n *node) tests(found []*node) []*node {
	if n.op == opTest {
		return append(found, n)
	}
	for i := range n.operands {
		found = n.operands[i].tests(found)
	}
	return found
}

func (r *Reduced) accountsFor(n *node, text string) bool {
	inRefused := slices.ContainsFunc(r.Refused, func(refusal Refusal) bool { return strings.Contains(refusal.Text, text) })
	strong := slices.ContainsFunc(r.Keys, func(k KeyTerm) bool { return k.Key.Kind >= indicator.SHA256 && k.Key.Kind.Hash() })
	if inRefused || n.isTypeTest() || n.isHash() && strong {
		return true
	}
	return !slices.ContainsFunc(n.test.literals(), func(l literal) bool { return !r.holds(n.test, l) })
}

// holds reports whether a key stands for the constant, or a reject names it.
func (r *Reduced) holds(t *test, l literal) bool {
	isKey := slices.ContainsFunc(r.Keys, func(k KeyTerm) bool {
		return k.Key.Value == l.text || k.Key.Value == t.path.String()+"="+l.text
	})
	return isKey || slices.ContainsFunc(r.Refused, func(refusal Refusal) bool { return refusal.Text == l.text })
}

// The normal form of a pattern means the same: it reduces to the same keys, and
// is its own normal form.
func TestNormalFormMeansTheSame(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p, err := Parse(drawExpression(t, 3), Options{})
		if err != nil {
			t.Fatal(err)
		}
		q, err := Parse(p.String(), Options{Refuse: AllLeniencies})
		if err != nil {
			t.Fatalf("%s\n%v", p, err)
		}
		was, is := p.Reduce(Reduction{Widen: allShapes}), q.Reduce(Reduction{Widen: allShapes})
		if p.String() != q.String() || strings.Join(was.lines(), "\n") != strings.Join(is.lines(), "\n") {
			t.Fatalf("%s\nbecame %s\n%v\n%v", p, q, was.lines(), is.lines())
		}
	})
}
