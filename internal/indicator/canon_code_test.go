package indicator

import (
	"go/ast"
	"go/parser"
	"go/token"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
)

func TestEveryCodeHasASentence(t *testing.T) {
	word := regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)
	var listed []Code
	for _, info := range Codes() {
		listed = append(listed, info.Code)
		if !word.MatchString(string(info.Code)) {
			t.Errorf("the code %q is not words in lower case with hyphens", info.Code)
		}
		if !strings.HasSuffix(info.Meaning, ".") || len(info.Meaning) < 20 {
			t.Errorf("the code %s has no sentence: %q", info.Code, info.Meaning)
		}
	}
	if diff := cmp.Diff(declaredCodes(t), listed); diff != "" {
		t.Errorf("Codes differs from the constants (-declared +listed):\n%s", diff)
	}
}

// declaredCodes reads the constants of type Code from the source, in order.
func declaredCodes(t *testing.T) []Code {
	file, err := parser.ParseFile(token.NewFileSet(), "canon_code.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	var codes []Code
	ast.Inspect(file, func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if !ok {
			return true
		}
		if name, ok := spec.Type.(*ast.Ident); ok && name.Name == "Code" {
			text, err := strconv.Unquote(spec.Values[0].(*ast.BasicLit).Value)
			if err != nil {
				t.Fatal(err)
			}
			codes = append(codes, Code(text))
		}
		return true
	})
	return codes
}

func TestRejectSaysCodeThenDetail(t *testing.T) {
	_, err := Canon(Domain, "localhost")
	want := `not-a-domain: "localhost" is a single label; a domain name has at least two`
	if err == nil || err.Error() != want {
		t.Errorf("the error is %v, want %s", err, want)
	}
}

func TestDetailRepeatsOnlyTheBeginningOfAValue(t *testing.T) {
	_, err := Canon(IP, strings.Repeat("é", 4000))
	if err == nil || len(err.Error()) > 300 || !utf8.ValidString(err.Error()) || !strings.Contains(err.Error(), `é"…`) {
		t.Errorf("the error is %v, want a short one that says that it was cut", err)
	}
}

func TestNotes(t *testing.T) {
	if got := Notes(0).String(); got != "" {
		t.Errorf("no notes are written %q, want nothing", got)
	}
	all := Notes(1<<len(noteNames) - 1)
	want := []string{"trimmed", "refanged", "retyped", "unmapped", "host-bits", "range", "port", "userinfo", "fragment"}
	if diff := cmp.Diff(want, all.Words()); diff != "" {
		t.Errorf("the words of all notes differ (-want +got):\n%s", diff)
	}
	if n := NotePort | NoteRange; !n.Has(NotePort) || !n.Has(n) || n.Has(NotePort|NoteTrimmed) {
		t.Errorf("Has of %q is wrong", n)
	}
}
