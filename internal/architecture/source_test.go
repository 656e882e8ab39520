package architecture

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"strconv"
	"strings"
	"sync"
	"testing"
)

// module is the path of the module, with the slash after it.
const module = "github.com/indicatord/indicatord/"

// root is the repository.
var root = os.DirFS("../..")

// files holds the positions of all parsed files.
var files = token.NewFileSet()

// goFile is one Go file of the repository, whatever its build constraints.
type goFile struct {
	path   string // below the root, with slashes
	folder string
	syntax *ast.File
	// imports are the imported packages; those of this module are written as
	// their folders.
	imports []string
}

func (f *goFile) isTest() bool { return strings.HasSuffix(f.path, "_test.go") }

// lines returns the number of lines of the file.
func (f *goFile) lines() int { return files.File(f.syntax.Package).LineCount() }

// goFiles parses every Go file of the repository, once.
func goFiles(t *testing.T) []*goFile {
	t.Helper()
	found, err := parseAll()
	if err != nil {
		t.Fatal(err)
	}
	return found
}

var parseAll = sync.OnceValues(func() ([]*goFile, error) {
	var found []*goFile
	err := walk(".go", func(name string, text []byte) error {
		syntax, err := parser.ParseFile(files, name, text, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		found = append(found, &goFile{name, path.Dir(name), syntax, importsOf(syntax)})
		return nil
	})
	return found, err
})

// walk reads the files of the repository whose names end so. It leaves out what
// the go command leaves out: names that begin with a dot or an underscore, and
// testdata.
func walk(suffix string, read func(name string, text []byte) error) error {
	return fs.WalkDir(root, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		base := entry.Name()
		hidden := name != "." && (base[0] == '.' || base[0] == '_')
		switch {
		case entry.IsDir() && (hidden || base == "testdata"):
			return fs.SkipDir
		case entry.IsDir() || hidden || !strings.HasSuffix(base, suffix):
			return nil
		}
		text, err := fs.ReadFile(root, name)
		if err != nil {
			return err
		}
		return read(name, text)
	})
}

func importsOf(syntax *ast.File) []string {
	var imports []string
	for _, spec := range syntax.Imports {
		// The parser has checked that it is a string.
		imported, _ := strconv.Unquote(spec.Path.Value)
		imports = append(imports, strings.TrimPrefix(imported, module))
	}
	return imports
}

// isOurs reports whether an import is a package of this module.
func isOurs(imported string) bool {
	first, _, _ := strings.Cut(imported, "/")
	return first == "cmd" || first == "connectors" || first == "outputs" || first == "internal" || first == "configs" || first == "packaging"
}

// isBelow reports whether a path is the folder or lies in it.
func isBelow(name, folder string) bool {
	return name == folder || strings.HasPrefix(name, folder+"/")
}
